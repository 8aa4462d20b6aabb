"""What an editor can do about a finding at once."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from konductor.dsl.diagnostics import Diagnostic
from konductor.dsl.editor.rename import Edit
from konductor.dsl.editor.snapshot import Snapshot

_WRITE = re.compile(r'write `("?[A-Za-z_][A-Za-z0-9_-]*"?)`')
_WORD = re.compile(r'"?[A-Za-z_][A-Za-z0-9_-]*"?')
_SET = re.compile(r"(?:write|set) `([a-z_]+) = ([^`]+)`(?: or (?:more|less))?")


@dataclass(frozen=True, slots=True)
class Action:
    """One remedy of a finding."""

    title: str
    diagnostic: Diagnostic
    edits: tuple[Edit, ...]
    is_sure: bool = True
    """Whether it is surely what was meant, so that it may be made without looking."""


def actions(snapshot: Snapshot, start: int, end: int) -> tuple[Action, ...]:
    """Return the remedies of what is wrong between two offsets."""
    return tuple(
        action
        for one in snapshot.diagnostics
        if one.span.source is snapshot.source and one.span.start <= end and start <= one.span.end
        for action in _remedies(one)
    )


def _remedies(one: Diagnostic) -> Iterator[Action]:
    """Yield the finding's own fix, else what its helps say word for word."""
    if one.fix is not None:
        title = one.helps[0] if one.helps else f"write `{one.fix.replacement}`"
        yield Action(title, one, (Edit(one.fix.span, one.fix.replacement),))
        return
    for text in one.helps:
        word, value = _WRITE.fullmatch(text), _SET.fullmatch(text)
        if word is not None and _WORD.fullmatch(one.span.text):
            yield Action(text, one, (Edit(one.span, word[1]),))
        elif value is not None and _is_value_of(value[1], one):
            yield Action(text, one, (Edit(one.span, value[2]),), is_sure=False)


def _is_value_of(key: str, one: Diagnostic) -> bool:
    """Tell whether a finding is about the value that an attribute is given."""
    line, column = one.span.source.position(one.span.start)
    before = one.span.source.line(line)[: column - 1]
    return re.search(rf"(?<![\w-]){key}\s*=\s*\Z", before) is not None
