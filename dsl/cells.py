"""The cells of a matrix: the product of its axes, less what is left out, and what is added."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from math import prod

from konductor.dsl.diagnostics import Diagnostic, error, warning
from konductor.dsl.evaluation import Evaluation, duplicate, spend
from konductor.dsl.source import Span
from konductor.dsl.types import Type
from konductor.dsl.values import MapValue, Value

MOST_CELLS = 100_000


@dataclass(frozen=True, slots=True)
class Axis:
    """A name, and the values that it goes through."""

    name: str
    values: "Sequence[Value] | None"
    """None: nobody knows yet, or it is no list (reported)."""
    type: Type
    """Of a value."""


@dataclass(frozen=True, slots=True)
class Combination:
    """Values of axes, for which cells are left out or one is added."""

    values: MapValue
    span: Span


def cells_of(
    span: Span,
    axes: tuple[Axis, ...],
    left_out: tuple[Combination, ...] | None,
    added: tuple[Combination, ...] | None,
    evaluation: Evaluation,
) -> tuple[MapValue, ...]:
    """Return the cells of a matrix, none if nobody knows them or there are too many (reported).

    Raises:
        OutOfSteps: the program has used up its steps (K0418, reported).
    """
    ways = [axis.values for axis in axes if axis.values is not None]
    if left_out is None or added is None or len(ways) < len(axes):
        return ()
    count = prod(map(len, ways)) if ways else 0
    if _is_too_large(span, count + len(added), evaluation):
        return ()
    spend(count, span, evaluation)
    names = [axis.name for axis in axes]
    whole = product(*ways) if count else ()
    cells = {MapValue(tuple(zip(names, values, strict=True))): None for values in whole}
    for one in left_out:
        spend(len(cells), one.span, evaluation)
        _leave_out(one, cells, evaluation)
    for one in added:
        cell = _in_order(one.values, names)
        if cell in cells:
            evaluation.report(duplicate("this cell", one.span, None))
        cells[cell] = None
    if not cells:
        evaluation.report(_no_cell(span, axes))
    return tuple(cells)


def _is_too_large(span: Span, count: int, evaluation: Evaluation) -> bool:
    if count <= MOST_CELLS:
        return False
    message = f"the matrix has {count:,} cells, {MOST_CELLS:,} is the most"
    evaluation.report(error("K0418", span, message, helps=("use `map … over` for so many",)))
    return True


def _leave_out(one: Combination, cells: dict[MapValue, None], evaluation: Evaluation) -> None:
    wanted = dict(one.values.pairs)
    gone = [
        cell
        for cell in cells
        if all(value == wanted[name] for name, value in cell.pairs if name in wanted)
    ]
    for cell in gone:
        del cells[cell]
    if not gone:
        message = "`exclude` leaves out no cell"
        notes = ("no cell has these values, or an earlier `exclude` left it out",)
        evaluation.report(warning("K0408", one.span, message, "matches nothing", notes=notes))


def _in_order(values: MapValue, names: list[str]) -> MapValue:
    """Return the values of a cell: first those of the axes, in their order."""
    pairs = dict(values.pairs)
    ordered = {name: pairs[name] for name in names} | pairs
    return MapValue(tuple(ordered.items()))


def _no_cell(span: Span, axes: tuple[Axis, ...]) -> Diagnostic:
    empty = [axis.name for axis in axes if not axis.values]
    message = "the matrix has no cell left, so its barrier could never open"
    notes: tuple[str, ...] = ("`exclude` leaves out every cell",)
    if empty:
        notes = (f"axis `{empty[0]}` has no values",)
    elif not axes:
        notes = ("it has no axis",)
    return error("K0409", span, message, "no cell", notes=notes)
