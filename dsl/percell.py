"""The attributes of a stage with a matrix: what names ``matrix`` is evaluated once a cell.

All else is evaluated once and shared, so that many cells cost no more than what differs in them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Protocol, TypeAlias

from konductor.dsl.diagnostics import error
from konductor.dsl.evaluation import Evaluation, spend
from konductor.dsl.expression import Var
from konductor.dsl.fit import PER_ITEM
from konductor.dsl.matrix import Matrix
from konductor.dsl.pipeline import Checked, CheckedCell, Element
from konductor.dsl.recursion import walk
from konductor.dsl.scope import Binding, Scope, What
from konductor.dsl.settings import Entry, Settings, declare_let
from konductor.dsl.size import expected_of, quorum_of
from konductor.dsl.source import Span
from konductor.dsl.syntax import Attr, Let, Nested
from konductor.dsl.values import MapValue, Value, type_of

MATRIX = "matrix"
MOST_JOBS = 1_000
"""What the status of a barrier has room for (crds/barrier.yaml)."""
Statement: TypeAlias = Let | Attr | Nested
Entries: TypeAlias = Mapping[str, tuple[Entry, ...]]


class Reader(Protocol):
    """Reads attributes, and those of a map's elements."""

    def __call__(
        self, entries: Entries, *, with_elements: bool
    ) -> tuple[Settings, tuple[Element, ...]]:
        """Return the settings, those of the first element among them, and the elements."""
        ...


@dataclass(frozen=True, slots=True)
class CellBlock:
    """A block of a stage with a matrix, split into what differs by cell and what does not."""

    scope: Scope
    """Of what does not."""
    shared: tuple[Statement, ...]
    lets: tuple[Let, ...] = ()
    """Those that differ by cell, in the order of the program."""

    @property
    def names(self) -> frozenset[str]:
        """Return the names that differ by cell."""
        return frozenset({MATRIX, *(one.name.text for one in self.lets)})

    def within(self, values: Value, span: Span, evaluation: Evaluation) -> Scope:
        """Return the scope of one cell."""
        scope = self.scope.child(Binding(MATRIX, What.MATRIX, span, values, type_of(values)))
        for one in self.lets:
            declare_let(one, scope, evaluation)
        return scope

    def settle(self, evaluation: Evaluation) -> None:
        """Declare what would differ by cell, of a stage that has no matrix after all."""
        for one in self.lets:
            declare_let(one, self.scope, evaluation)

    def varying(self, entry: Entry) -> Span | None:
        """Return where an attribute names what differs by cell; None: it does not."""
        return _named(entry.value, self.names) if entry.scope is self.scope else None


def split_block(
    statements: Iterable[Statement], scope: Scope, *, has_matrix: bool = False
) -> CellBlock:
    """Split a block; one without a matrix has nothing that differs by cell.

    Args:
        statements: Of the block.
        scope: Where they are read, for what does not differ.
        has_matrix: Whether a layer below the block gives the stage a matrix.
    """
    statements = tuple(statements)
    if not has_matrix and MATRIX not in map(_key, statements):
        return CellBlock(scope, statements)
    lets: list[Let] = []
    names = {MATRIX}
    for one in statements:
        if isinstance(one, Let) and _named(one.value, names):
            lets.append(one)
            names.add(one.name.text)
    shared = tuple(one for one in statements if one not in lets)
    return CellBlock(scope, shared, tuple(lets))


def _key(one: Statement) -> str:
    return (
        one.key.text if isinstance(one, Attr) else one.name.text if isinstance(one, Nested) else ""
    )


def _named(node: object, names: Iterable[str]) -> Span | None:
    found = (one for one in walk(node) if isinstance(one, Var) and one.name in names)
    return next((one.span for one in found), None)


@dataclass(frozen=True, slots=True)
class CellReader:
    """What the cells of one stage are read with."""

    matrix: Matrix
    blocks: tuple[CellBlock, ...]
    evaluation: Evaluation
    read: Reader

    def cells(self, entries: Entries) -> tuple[CheckedCell, ...]:
        """Return the cells; a single one of unknown values where nobody knows them yet.

        Raises:
            OutOfSteps: the program has used up its steps (K0418, reported).
        """
        if len(self.matrix.cells) > MOST_JOBS:
            self.evaluation.cannot_run(
                self.matrix.span, f"a matrix of more than {MOST_JOBS:,} cells"
            )
        varying = self._varying(entries)
        shared = {name: parts for name, parts in entries.items() if name not in varying}
        whole = self.read(shared, with_elements=True)
        settled = {name: parts for name, parts in varying.items() if parts}
        values = self.matrix.cells or (self.matrix.sample,)
        return tuple(self._cell(one, settled, *whole) for one in values)

    def _varying(self, entries: Entries) -> dict[str, tuple[Entry, ...]]:
        """Return the attributes that differ by cell, without a value those that may not."""
        varying: dict[str, tuple[Entry, ...]] = {}
        for name, parts in entries.items():
            found = [block.varying(part) for part in parts for block in self.blocks]
            places = [place for place in found if place is not None]
            if places:
                belongs = parts[-1].attribute.per_stage
                varying[name] = () if belongs else parts
            if places and belongs:
                self._report_per_stage(name, places[0])
        return varying

    def _report_per_stage(self, name: str, place: Span) -> None:
        message = f"`{name}` belongs to the stage, `{place.text}` to one of its cells"
        notes = ("all cells of a stage arrive at its one barrier",)
        self.evaluation.report(error("K0208", place, message, "differs by cell", notes=notes))

    def _cell(
        self, values: Value, varying: Entries, settings: Settings, elements: tuple[Element, ...]
    ) -> CheckedCell:
        spend(1, self.matrix.span, self.evaluation)
        scopes = {
            id(one.scope): one.within(values, self.matrix.span, self.evaluation)
            for one in self.blocks
        }
        within = {
            name: tuple(one._replace(scope=scopes.get(id(one.scope), one.scope)) for one in parts)
            for name, parts in varying.items()
        }
        own, own_elements = self.read(within, with_elements=not PER_ITEM.isdisjoint(within))
        if own_elements:
            elements = tuple(
                Element(one.value, {**one.settings, **other.settings})
                for one, other in zip(elements, own_elements, strict=True)
            )
        known = values if isinstance(values, MapValue) else MapValue()
        return CheckedCell(known, {**settings, **own}, elements)


def sized_by_cell(
    checked: Checked, matrix: Matrix, cells: tuple[CheckedCell, ...], over: Value
) -> Checked:
    """Return a stage of which the cells are counted, as far as anybody knows them."""
    sized = tuple(
        replace(one, axes=matrix.axes, replicas=expected_of(checked, one.settings, over))
        for one in cells
    )
    counts = [one.replicas for one in sized if one.replicas is not None]
    is_known = len(counts) == len(cells) and bool(matrix.cells)
    expected = sum(counts) if is_known else None
    settings = cells[0].settings
    return replace(
        checked,
        settings=settings,
        expected=expected,
        quorum=quorum_of(settings, expected),
        matrix=matrix,
        cells=sized if matrix.cells else (),
    )
