"""``each(a)``: which cells of a stage wait for which cells of another (language.md, 2.3).

Cells go together on the axes that both stages name; of two maps, on equal elements too. A map is
one Job an element there, so each element counts as a cell.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from konductor.dsl.pipeline import Checked
from konductor.dsl.scope import What
from konductor.dsl.values import Value, describe

ITEM = "item"
"""What the elements of a map are called among its axes."""


@dataclass(frozen=True, slots=True)
class Part:
    """A cell, or one element of a map in it."""

    key: "tuple[Value, ...]"
    """Its values of the axes in common."""
    name: str
    """For people: ``browser = "safari"``."""


@dataclass(frozen=True, slots=True)
class Join:
    """How the parts of two stages go together."""

    axes: tuple[str, ...] = ()
    """In common; empty: there are none, so nothing goes together."""
    pairs: tuple[tuple[int, int], ...] = ()
    """Places of an upstream and a downstream part that waits for it."""
    alone: tuple[str, ...] = ()
    """The downstream parts without a counterpart."""


def axes_of(one: Checked) -> tuple[str, ...]:
    """Return what tells apart the parts of a stage."""
    axes = one.matrix.axes if one.matrix else ()
    return (*axes, ITEM) if one.what is What.MAP else axes


def part_count(one: Checked) -> int | None:
    """Return how many parts a stage has; None: nobody knows yet."""
    if one.matrix is not None and not one.cells:
        return None
    return one.expected if one.what is What.MAP else max(len(one.cells), 1)


def join(upstream: Checked, downstream: Checked) -> Join | None:
    """Return how two stages go together; None: nobody knows the parts of one of them yet."""
    if part_count(upstream) is None or part_count(downstream) is None:
        return None
    axes = tuple(name for name in axes_of(downstream) if name in axes_of(upstream))
    if not axes:
        return Join()
    places: dict[tuple[Value, ...], list[int]] = {}
    for place, part in enumerate(_parts(upstream, axes)):
        places.setdefault(part.key, []).append(place)
    waiting = _parts(downstream, axes)
    pairs = [(up, down) for down, part in enumerate(waiting) for up in places.get(part.key, ())]
    alone = dict.fromkeys(part.name for part in waiting if part.key not in places)
    return Join(axes, tuple(pairs), tuple(alone))


def _parts(one: Checked, axes: tuple[str, ...]) -> list[Part]:
    cells = [dict(cell.values.pairs) for cell in one.cells] or [{}]
    items: Sequence[Value] = ()
    if one.what is What.MAP:
        count = (one.expected or 0) // len(cells)
        items = tuple(element.value for element in one.elements) or range(count)
    wholes = [{**cell, ITEM: item} for cell in cells for item in items] if items else cells
    return [_part(whole, axes) for whole in wholes]


def _part(whole: "dict[str, Value]", axes: tuple[str, ...]) -> Part:
    key = tuple(whole[name] for name in axes)
    named = zip(axes, key, strict=True)
    return Part(key, ", ".join(f"{name} = {describe(value)}" for name, value in named))
