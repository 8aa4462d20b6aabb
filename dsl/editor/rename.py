"""A name is changed everywhere at once, or not at all and it is said why."""

import re
from dataclasses import dataclass

from konductor.dsl.editor.index import Symbol, Use
from konductor.dsl.editor.navigate import occurrences, resolved
from konductor.dsl.editor.snapshot import Snapshot
from konductor.dsl.scope import OBJECTS
from konductor.dsl.source import Span
from konductor.dsl.tokens import KEYWORDS

_OBJECT = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")
"""RFC 1123, and a name of the language, which begins with a letter."""
_VALUE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_LONGEST = 63


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why something is not renamed."""

    message: str


@dataclass(frozen=True, slots=True)
class Edit:
    """A place, and what is to stand there."""

    span: Span
    text: str


def renamable(snapshot: Snapshot, offset: int) -> Span | Refusal:
    """Return the name at an offset if it can be changed."""
    use = snapshot.index.use_at(offset)
    if use is None:
        return Refusal("there is no name here that the program declares")
    if resolved(use, snapshot)[0] is None:
        return Refusal(f"the file that declares `{use.span.text}` cannot be read")
    return use.span


def rename(snapshot: Snapshot, offset: int, name: str) -> tuple[Edit, ...] | Refusal:
    """Return what to change so that the name at an offset is another."""
    place = renamable(snapshot, offset)
    use = snapshot.index.use_at(offset)
    if isinstance(place, Refusal) or use is None:
        return place if isinstance(place, Refusal) else Refusal("there is no name here")
    symbol, home = resolved(use, snapshot)
    assert symbol is not None  # noqa: S101  # `renamable` has seen to it
    if name == symbol.name:
        return ()
    uses = occurrences(symbol, home, snapshot)
    wrong = _wrong_form(symbol, name) or _taken(uses, home, name)
    if wrong:
        return Refusal(wrong)
    return tuple(Edit(one.span, name) for one in uses)


def _wrong_form(symbol: Symbol, name: str) -> str:
    if name in KEYWORDS:
        return f"`{name}` is a word of the language"
    if symbol.what in OBJECTS:
        if not _OBJECT.fullmatch(name) or len(name) > _LONGEST:
            return (
                f"`{name}` cannot name a {symbol.what}:"
                " Kubernetes takes lower case letters, digits and `-` between them"
            )
    elif not _VALUE.fullmatch(name):
        return f"`{name}` cannot name a {symbol.what}: write letters, digits and `_`"
    return ""


def _taken(uses: list[Use], home: Snapshot, name: str) -> str:
    """Return why a name cannot be had: it is known at some place where the other stands."""
    own = [use for use in uses if use.span.source is home.source]
    for area in home.index.areas:
        other = area.symbols.get(name)
        if other is not None and any(_meet(area.span, use.span, other.span, home) for use in own):
            line, _ = home.source.position(other.span.start)
            return f"`{name}` is a {other.what} already, declared in line {line}"
    return ""


def _meet(area: Span, use: Span, other: Span, home: Snapshot) -> bool:
    """Tell whether two names are known at one place: there is no shadowing."""
    if area.start <= use.start <= area.end:
        return True
    inside = [one.span for one in home.index.areas if one.span.start <= use.start <= one.span.end]
    return any(one.start <= other.start <= one.end for one in inside[2:])
