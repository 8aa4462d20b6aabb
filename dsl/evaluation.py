"""What evaluating one program shares, and how it ends whatever the program says.

An expression that is wrong has the value `WRONG`, which every operator passes on, so that one
cause is one error. A parameter that ``koncli check`` has no value for is an `Unknown` of its type.
"""

import posixpath
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from konductor.dsl.diagnostics import Diagnostic, Label, error
from konductor.dsl.expression import Expr
from konductor.dsl.parser import Parsed
from konductor.dsl.plan import Text
from konductor.dsl.scope import Scope
from konductor.dsl.source import Source, Span
from konductor.dsl.syntax import Import
from konductor.dsl.types import Kind, Type
from konductor.dsl.values import WRONG, Undefined, Unknown, Value, type_of

Loader: TypeAlias = Callable[[str], str]
"""Reads a text beside the program; raises OSError or ValueError, whose notes are remedies."""
MOST_STEPS = 1_000_000
_DEEPEST = 120
_MOST_USES = 3
"""Shown with a finding, the nearest first."""
BOOL = Type(Kind.BOOL)


class OutOfSteps(Exception):
    """The program computes for too long; it has been reported."""


@dataclass(frozen=True, slots=True)
class Module:
    """An imported file."""

    path: str
    """From the program's folder, or ``@root/…``."""
    parsed: Parsed
    scope: Scope
    """What it declares."""


@dataclass(slots=True)
class Evaluation:
    """What evaluating one program shares: its findings, its steps, its files."""

    evaluators: "Mapping[type, Evaluator]"
    """How the value of each kind of expression is found."""
    loader: Loader | None = None
    broken: frozenset[str] = frozenset()
    """Names that statements with syntax errors would have declared."""
    diagnostics: list[Diagnostic] = field(default_factory=list)
    allowed: list[Diagnostic] = field(default_factory=list)
    """The warnings that comments of the program allow."""
    steps: int = 0
    depth: int = 0
    seen: set[tuple[str, int, int, int]] = field(default_factory=set)
    later: list[tuple[Span, str]] = field(default_factory=list)
    """What the language has and this version cannot run yet."""
    recursive: set[Span] = field(default_factory=set)
    """Where the functions that call themselves are named."""
    program: Source | None = None
    """The file that is compiled; None: an expression on its own."""
    modules: dict[str, Module] = field(default_factory=dict)
    """The imported files, by their paths."""
    importing: tuple[tuple[str, Import | None], ...] = ()
    """The files that are being read, each with the import that asked for it; the program first."""
    read: dict[str, str] = field(default_factory=dict)
    """What was read beside the program, by path."""
    uses: tuple[Label, ...] = ()
    """The calls and uses of templates that are being evaluated, the outermost first."""

    def folder(self, source: Source) -> str:
        """Return the folder of a file, as paths in it are meant; the program's own is empty."""
        paths = (one.path for one in self.modules.values() if one.parsed.source is source)
        return posixpath.dirname(next(paths, ""))

    def report(self, diagnostic: Diagnostic) -> None:
        """Collect a finding, once a place and code."""
        span = diagnostic.span
        key = (diagnostic.code, id(span.source), span.start, span.end)
        if key not in self.seen:
            self.seen.add(key)
            uses = tuple(reversed(self.uses[-_MOST_USES:]))
            secondary = (*diagnostic.secondary, *uses)
            self.diagnostics.append(
                replace(diagnostic, secondary=secondary) if uses else diagnostic
            )

    @contextmanager
    def used(self, label: Label | None) -> Iterator[None]:
        """Say of what is found meanwhile that it follows from this use, if it is one."""
        before = self.uses
        self.uses = before if label is None else (*before, label)
        try:
            yield
        finally:
            self.uses = before

    def wrong(self, diagnostic: Diagnostic) -> Unknown:
        """Collect a finding, and return the value of what it is about."""
        self.report(diagnostic)
        return WRONG

    def cannot_run(self, span: Span, what: str) -> None:
        """Note something that the language has and this version cannot run yet."""
        if all(other != span for other, _ in self.later):
            self.later.append((span, what))


def evaluate(node: Expr, scope: Scope, evaluation: Evaluation) -> Value:
    """Return the value of an expression.

    Raises:
        OutOfSteps: the program has used up its steps (K0418, reported).
    """
    evaluation.steps += 1
    if evaluation.steps > MOST_STEPS or evaluation.depth > _DEEPEST:
        raise _out_of_steps(node.span, evaluation)
    evaluation.depth += 1
    try:
        return evaluation.evaluators[type(node)](node, scope, evaluation)
    except Undefined as reason:
        return evaluation.wrong(error("K0201", node.span, str(reason)))
    finally:
        evaluation.depth -= 1


def spend(steps: int, span: Span, evaluation: Evaluation) -> None:
    """Count steps that something beside an expression takes.

    Raises:
        OutOfSteps: the program has used up its steps (K0418, reported).
    """
    evaluation.steps += steps
    if evaluation.steps > MOST_STEPS:
        raise _out_of_steps(span, evaluation)


def truth(node: Expr, scope: Scope, evaluation: Evaluation, of: str) -> bool | None:
    """Return whether a condition holds; None: nobody knows, or it is no condition (reported)."""
    value = evaluate(node, scope, evaluation)
    if isinstance(value, bool):
        return value
    if type_of(value).kind not in (Kind.BOOL, Kind.ANY):
        message = f"{of} is {a_type(type_of(value))}, not true or false"
        evaluation.report(error("K0201", node.span, message, f"is {a_type(type_of(value))}"))
    return None


def _out_of_steps(span: Span, evaluation: Evaluation) -> OutOfSteps:
    message = f"the program takes more than {MOST_STEPS:,} steps to compute"
    if evaluation.depth > _DEEPEST:
        message = f"the expression is nested more than {_DEEPEST} deep"
    evaluation.report(
        error("K0418", span, message, "reached here", helps=("compute less at plan time",))
    )
    return OutOfSteps(message)


def duplicate(what: str, span: Span, first: Span | None) -> Diagnostic:
    """Return the error for something that is there twice; the first one counts."""
    secondary = (Label(first, "first declared here"),) if first else ()
    return error("K0302", span, f"{what} is declared twice", "again here", secondary=secondary)


def is_opaque(value: Value, span: Span, evaluation: Evaluation) -> bool:
    """Tell whether only the pod knows a value, and report that it cannot be reckoned with."""
    if not isinstance(value, Text):
        return False
    message = f"`{span.text}` is known only in the pod, so nothing can be computed from it here"
    helps = ("compute with it in the script, or use `map … over LIST`",)
    evaluation.report(error("K0208", span, message, helps=helps))
    return True


def a_type(kind: Type) -> str:
    """Return a type with its article, as a sentence needs it."""
    text = str(kind)
    if kind.kind in (Kind.NULL, Kind.FILES, Kind.VARIABLES):
        return text.removesuffix("?")
    return f"{'an' if text[0] in 'aei' else 'a'} {text}"


Evaluator: TypeAlias = Callable[[Expr, Scope, Evaluation], Value]
"""Finds the value of one kind of expression."""
