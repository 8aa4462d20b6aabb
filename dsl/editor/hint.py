"""What the checker has found out, shown in the line where it belongs."""

from collections.abc import Iterator
from dataclasses import dataclass

from konductor.dsl import syntax
from konductor.dsl.editor.describe import reckoning, type_of_let
from konductor.dsl.editor.snapshot import Snapshot
from konductor.dsl.pipeline import Checked


@dataclass(frozen=True, slots=True)
class Hint:
    """A few words at an offset that are not part of the program."""

    offset: int
    text: str
    is_type: bool = False


def hints(snapshot: Snapshot, start: int, end: int) -> tuple[Hint, ...]:
    """Return the hints between two offsets: what stages wait for, and what type lets have."""
    found = [*_stages(snapshot), *_lets(snapshot)]
    return tuple(one for one in found if start <= one.offset <= end)


def _stages(snapshot: Snapshot) -> Iterator[Hint]:
    for one in snapshot.checked.values():
        text = reckoning(one, snapshot)
        if text:
            yield Hint(_end_of_header(one), text)


def _end_of_header(one: Checked) -> int:
    """Return the offset before the brace, or behind the whole where there is none."""
    node = one.node
    if node.block is None:
        return node.span.end
    text = node.span.source.text
    end = node.block.span.start
    while end > node.name.span.end and text[end - 1] in " \t":
        end -= 1
    return end


def _lets(snapshot: Snapshot) -> Iterator[Hint]:
    for use in snapshot.index.uses:
        node = use.symbol.node
        if use.declares and isinstance(node, syntax.Let) and node.type is None:
            kind = type_of_let(use.symbol, snapshot)
            if kind:
                yield Hint(use.span.end, f": {kind}", is_type=True)
