"""Where each box stands and where each line runs, in cells of a character grid. Pure.

Layers from top to bottom, as in Sugiyama's method: a line over several layers passes through
points of its own in those between; each layer is ordered by where its neighbours are. Lines run
down and across only. Those of one source share their way; two sources never share a stretch:
a box is left at a column that is a multiple of 4, entered there or two beside it, and a line
passes a layer at an odd column.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from konductor.runner.graph.graph import Arrow, Graph

_GAP = 4
"""Cells between two boxes of a layer."""
_SWEEPS = 4
_STEP = 4
_BORDERS = 2


@dataclass(frozen=True, slots=True)
class Box:
    """A node's place."""

    name: str
    layer: int
    x: int
    y: int
    width: int
    height: int

    def overlaps(self, other: "Box") -> bool:
        """Tell whether two boxes have a cell in common."""
        return (
            self.x < other.x + other.width
            and other.x < self.x + self.width
            and self.y < other.y + other.height
            and other.y < self.y + self.height
        )


Point = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Route:
    """An arrow's way: corners, from its source's lower border to its target's upper one."""

    arrow: Arrow
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """The whole drawing."""

    boxes: Mapping[str, Box]
    routes: tuple[Route, ...]
    width: int
    height: int
    rule: int | None = None
    """The line above the ``finally`` stages; None: there are none."""


@dataclass(slots=True)
class _Slot:
    """A box, or the place where a line passes a layer."""

    key: str
    layer: int
    width: int
    height: int = 0
    passing: bool = False
    centre: int = 0
    entry: int = 0
    above: list[str] = field(default_factory=list)
    below: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Drawing:
    slots: dict[str, _Slot] = field(default_factory=dict)
    layers: list[list[str]] = field(default_factory=list)
    chains: list[tuple[Arrow, tuple[str, ...]]] = field(default_factory=list)


def lay_out(graph: Graph) -> Layout:
    """Return the places of a graph's boxes and lines."""
    drawing = _slots(graph)
    _order(drawing)
    _place(drawing)
    _enter(drawing)
    return _measure(drawing, len(graph.layers))


# ---- what stands in which layer ----


def _slots(graph: Graph) -> _Drawing:
    drawing = _Drawing()
    nodes = {one.name: one for one in graph.nodes}
    for number, names in enumerate((*graph.layers, graph.finals)):
        drawing.layers.append([f"={name}" for name in names])
        for name in names:
            lines = nodes[name].lines
            width = _rounded(max(map(len, lines)) + 2 * _BORDERS)
            drawing.slots[f"={name}"] = _Slot(f"={name}", number, width, len(lines) + _BORDERS)
    for arrow in graph.arrows:
        _chain(arrow, drawing)
    return drawing


def _rounded(width: int) -> int:
    """Return a width whose half is a multiple of 4, so that a centre can be one."""
    return -(-width // (2 * _STEP)) * 2 * _STEP + 1


def _chain(arrow: Arrow, drawing: _Drawing) -> None:
    """Lay an arrow's way through the layers between; arrows of one source share theirs."""
    slots = drawing.slots
    first, last = slots[f"={arrow.source}"], slots[f"={arrow.target}"]
    if first.layer >= last.layer:
        return  # of left-out stages that wait for each other
    chain = [first.key]
    for layer in range(first.layer + 1, last.layer):
        key = f"{int(arrow.dashed)}{layer}|{arrow.source}"
        if key not in slots:
            slots[key] = _Slot(key, layer, 1, passing=True)
            drawing.layers[layer].append(key)
        chain.append(key)
    chain.append(last.key)
    drawing.chains.append((arrow, tuple(chain)))
    for upper, lower in pairwise(chain):
        if lower not in slots[upper].below:
            slots[upper].below.append(lower)
            slots[lower].above.append(upper)


# ---- the order within a layer ----


def _order(drawing: _Drawing) -> None:
    """Order layers by the mean place of neighbours, down and up in turn."""
    for sweep in range(_SWEEPS):
        down = sweep % 2 == 0
        for names in drawing.layers if down else reversed(drawing.layers):
            place = {name: at for layer in drawing.layers for at, name in enumerate(layer)}
            weights = {
                name: _mean(
                    [place[one] for one in _neighbours(drawing.slots[name], down=down)],
                    place[name],
                )
                for name in names
            }
            names.sort(key=weights.__getitem__)


def _neighbours(slot: _Slot, *, down: bool) -> list[str]:
    return slot.above if down else slot.below


def _mean(values: Sequence[int], default: int) -> float:
    return sum(values) / len(values) if values else default


# ---- columns ----


def _place(drawing: _Drawing) -> None:
    """Give each slot its centre: near its neighbours', never over one beside it."""
    slots = drawing.slots
    for names in drawing.layers:
        _spread([slots[name] for name in names], [0.0] * len(names))
    for sweep in range(2 * _SWEEPS):
        down = sweep % 2 == 0
        for names in drawing.layers if down else reversed(drawing.layers):
            row = [slots[name] for name in names]
            wanted = [
                _mean([slots[one].centre for one in _neighbours(slot, down=down)], slot.centre)
                for slot in row
            ]
            _spread(row, wanted)
    left = min((slot.centre - slot.width // 2 for slot in slots.values()), default=0)
    shift = -(left // _STEP) * _STEP
    for slot in slots.values():
        slot.centre += shift


def _spread(row: Sequence[_Slot], wanted: Sequence[float]) -> None:
    """Put slots in a row as near to where they are wanted as their widths allow.

    Slots that would overlap stand side by side around the mean of their wishes.
    """
    groups: list[tuple[float, int]] = []  # the sum of wishes, and the number of slots
    offsets = _offsets(row)
    for slot_wish, offset in zip(wanted, offsets, strict=True):
        total, count = slot_wish - offset, 1
        while groups and groups[-1][0] / groups[-1][1] >= total / count:
            before, many = groups.pop()
            total, count = before + total, count + many
        groups.append((total, count))
    bases = [total / count for total, count in groups for _ in range(count)]
    for slot, base, offset in zip(row, bases, offsets, strict=True):
        slot.centre = round(base / _STEP) * _STEP + offset


def _offsets(row: Sequence[_Slot]) -> list[int]:
    """Return centres of slots that stand as close as they may, from 0 on."""
    offsets, end = [], -_GAP
    for slot in row:
        half = slot.width // 2
        centre = -(-(end + _GAP + half) // _STEP) * _STEP + int(slot.passing)
        offsets.append(centre)
        end = centre + half + 1
    return offsets


def _enter(drawing: _Drawing) -> None:
    """Choose where lines enter: beside the centre if another line comes down in that column."""
    slots = drawing.slots
    for slot in slots.values():
        taken = {
            slots[key].centre
            for key in (drawing.layers[slot.layer - 1] if slot.layer else ())
            if slots[key].below and (slots[key].below != [slot.key] or len(slot.above) > 1)
        }
        slot.entry = slot.centre
        if slot.above and slot.centre in taken:
            slot.entry += 2


# ---- rows ----


def _measure(drawing: _Drawing, normal: int) -> Layout:
    """Give each layer its rows, with as many between as its lines need to run across."""
    slots, boxes, y, rule = drawing.slots, dict[str, Box](), 0, None
    tops, tracks = [], []
    for number, names in enumerate(drawing.layers):
        found, count = _tracks([slots[name] for name in names], slots)
        if number == normal and names:
            rule, y = y + (1 if number else 0), y + (3 if number else 2)
        elif number and names:
            y += count + 2
        tops.append(y)
        tracks.append(found)
        height = max((slots[name].height for name in names), default=0)
        for slot in (slots[name] for name in names if not slots[name].passing):
            name, x = slot.key[1:], slot.centre - slot.width // 2
            boxes[name] = Box(name, number, x, y, slot.width, slot.height)
        y += height
    width = max((slot.centre + slot.width // 2 + 3 for slot in slots.values()), default=0)
    routes = tuple(
        Route(arrow, _points(chain, slots, tops, tracks)) for arrow, chain in drawing.chains
    )
    return Layout(boxes, routes, width, y, rule)


def _tracks(row: Sequence[_Slot], slots: Mapping[str, _Slot]) -> tuple[dict[str, int], int]:
    """Return the row, above this layer, on which the lines of each upper slot run across."""
    spans: dict[str, tuple[int, int]] = {}
    for slot in row:
        for key in slot.above:
            low, high = spans.get(key, (slots[key].centre, slots[key].centre))
            spans[key] = (min(low, slot.entry), max(high, slot.entry))
    ends: list[int] = []
    tracks = {}
    for key, (low, high) in sorted(spans.items(), key=lambda one: (one[1], one[0])):
        free = next((at for at, end in enumerate(ends) if end < low), len(ends))
        ends[free : free + 1] = [high]
        tracks[key] = free
    return tracks, len(ends)


def _points(
    chain: Sequence[str],
    slots: Mapping[str, _Slot],
    tops: Sequence[int],
    tracks: Sequence[Mapping[str, int]],
) -> tuple[Point, ...]:
    points: list[Point] = []
    for upper, lower in pairwise(chain):
        start, end = slots[upper], slots[lower]
        above, below = tops[start.layer] + start.height, tops[end.layer]
        across = below - 2 - tracks[end.layer][upper]
        points += [(start.centre, above), (start.centre, across), (end.entry, across)]
        points.append((end.entry, below - 1))
        if end.passing and end.entry != end.centre:
            points += [(end.entry, below), (end.centre, below)]
    return _corners(points)


def _corners(points: Sequence[Point]) -> tuple[Point, ...]:
    """Leave out points at which a line does not turn."""
    kept: list[Point] = []
    for point in points:
        if kept and kept[-1] == point:
            continue
        if len(kept) > 1 and (
            kept[-2][0] == kept[-1][0] == point[0] or kept[-2][1] == kept[-1][1] == point[1]
        ):
            kept.pop()
        kept.append(point)
    return tuple(kept)
