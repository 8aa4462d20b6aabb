"""What an editor can do about a finding at once."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from konductor.dsl.diagnostics import Diagnostic
from konductor.dsl.editor.rename import Edit
from konductor.dsl.editor.snapshot import Snapshot

_WRITE = re.compile(r'write `("?[A-Za-z_][A-Za-z0-9_-]*"?)`')
_WORD = re.compile(r'"?[A-Za-z_][A-Za-z0-9_-]*"?')


@dataclass(frozen=True, slots=True)
class Action:
    """One remedy of a finding."""

    title: str
    diagnostic: Diagnostic
    edits: tuple[Edit, ...]


def actions(snapshot: Snapshot, start: int, end: int) -> tuple[Action, ...]:
    """Return the remedies of what is wrong between two offsets."""
    return tuple(
        action
        for one in snapshot.diagnostics
        if one.span.source is snapshot.source and one.span.start <= end and start <= one.span.end
        for action in _remedies(one)
    )


def _remedies(one: Diagnostic) -> Iterator[Action]:
    """Yield what the finding itself offers, else what its help says word for word."""
    for text in one.helps:
        word = _WRITE.fullmatch(text)
        if word is not None and _WORD.fullmatch(one.span.text):
            yield Action(text, one, (Edit(one.span, word[1]),))
