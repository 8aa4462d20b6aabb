"""What is wrong with a program, as values: collected, all shown, never raised.

`konductor.dsl.render` shows them; `konductor.dsl.catalogue` explains each code at length.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypedDict, Unpack

from konductor.dsl.source import Span


class Severity(StrEnum):
    """How bad it is: a program with an error is not compiled."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Label:
    """A place and a few words about it."""

    span: Span
    text: str = ""


@dataclass(frozen=True, slots=True)
class Fix:
    """A change that surely is what was meant, so that an editor may offer to make it.

    Only where one of the helps says the very same; where a person has to choose, there is none.

    >>> from konductor.dsl.source import Source
    >>> source = Source("a.kon", "let a == 1")
    >>> Fix(source.span(6, 8), "=").applied(source.text)
    'let a = 1'
    """

    span: Span
    """What is replaced; of no width: where something is inserted."""
    replacement: str

    def applied(self, text: str) -> str:
        """Return a program's text with the change made."""
        return text[: self.span.start] + self.replacement + text[self.span.end :]


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding.

    The message stands alone: lower case, no full stop, names in backticks, and it says what is.
    """

    code: str
    severity: Severity
    message: str
    primary: Label
    """The tightest place that is to blame."""
    secondary: tuple[Label, ...] = ()
    """Other sites that belong to it, such as the first declaration."""
    notes: tuple[str, ...] = ()
    """Reasons."""
    helps: tuple[str, ...] = ()
    """Remedies, each a whole one."""
    fix: Fix | None = None
    """The one remedy that a program can make by itself; the language server offers it."""

    @property
    def span(self) -> Span:
        """Return the primary place."""
        return self.primary.span


class Details(TypedDict, total=False):
    """What a diagnostic may carry beside its message and its place."""

    secondary: tuple[Label, ...]
    notes: tuple[str, ...]
    helps: tuple[str, ...]
    fix: Fix | None


class Remedy(TypedDict, total=False):
    """What of a diagnostic tells how to mend it."""

    helps: tuple[str, ...]
    fix: Fix | None


def error(
    code: str, span: Span, message: str, label: str = "", **details: Unpack[Details]
) -> Diagnostic:
    """Return an error; `label` are the few words beside its place."""
    return Diagnostic(code, Severity.ERROR, message, Label(span, label), **details)


def warning(
    code: str, span: Span, message: str, label: str = "", **details: Unpack[Details]
) -> Diagnostic:
    """Return a warning; `label` are the few words beside its place."""
    return Diagnostic(code, Severity.WARNING, message, Label(span, label), **details)


def instead(span: Span, word: str | None, shown: str = "") -> Remedy:
    """Return the help and the fix that put another word in a place; nothing without a word.

    Args:
        span: What is wrong, and is replaced.
        word: What is to stand there.
        shown: What the help tells to write, if it shows more than the word.
    """
    if word is None:
        return {}
    return {"helps": (f"write `{shown or word}`",), "fix": Fix(span, word)}


def has_errors(diagnostics: Iterable[Diagnostic]) -> bool:
    """Tell whether any of them keeps the program from being compiled."""
    return any(one.severity is Severity.ERROR for one in diagnostics)
