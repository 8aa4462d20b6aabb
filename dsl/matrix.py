"""``matrix { … }`` as written: its axes, what is left out and what is added (language.md, 2.3).

An axis that nobody knows yet leaves the cells unknown; `dsl/cells.py` makes them of what is read
here.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from konductor.dsl import expression as tree
from konductor.dsl.cells import Axis, Combination, cells_of
from konductor.dsl.diagnostics import Diagnostic, error
from konductor.dsl.evaluation import Evaluation, a_type, duplicate, evaluate
from konductor.dsl.scope import Scope
from konductor.dsl.settings import Entry, declare_let
from konductor.dsl.source import Span
from konductor.dsl.spelling import nearest
from konductor.dsl.syntax import Attr, Block, Let, Nested
from konductor.dsl.types import ANY, Kind, Type, accepts
from konductor.dsl.values import WRONG, MapValue, Missing, Unknown, Value, describe, type_of

_EXCLUDE, _INCLUDE = "exclude", "include"


@dataclass(frozen=True, slots=True)
class Matrix:
    """What a stage's ``matrix`` says."""

    span: Span
    """Of its name."""
    axes: tuple[str, ...] = ()
    cells: tuple[MapValue, ...] = ()
    """What ``matrix`` is in each; empty: nobody knows yet, or it is wrong (reported)."""
    sample: Value = WRONG
    """What ``matrix`` is as far as its type is known."""


@dataclass(frozen=True, slots=True)
class _Member:
    key: tree.Name
    value: Value
    span: Span
    places: Mapping[str, Span] = field(default_factory=dict)
    """Where the keys of an ``exclude`` or ``include`` stand."""


def read_matrix(parts: Iterable[Entry], evaluation: Evaluation) -> Matrix | None:
    """Return the matrix that a stage's layers write, lowest first; None: they remove it.

    Raises:
        OutOfSteps: the program has used up its steps (K0418, reported).
    """
    members: list[_Member] = []
    span: Span | None = None
    for part in parts:
        read = _members(part, evaluation)
        if read is None:
            continue
        span = part.key
        replaced = {one.key.text for one in read}
        members = [one for one in members if one.key.text not in replaced] + read
    return None if span is None else _matrix(span, members, evaluation)


def _matrix(span: Span, members: list[_Member], evaluation: Evaluation) -> Matrix:
    if any(one.key.text == "" for one in members):
        return Matrix(span)
    axes = tuple(
        _axis(one, evaluation) for one in members if one.key.text not in (_EXCLUDE, _INCLUDE)
    )
    types = {axis.name: axis.type for axis in axes}
    left_out = _combinations(_EXCLUDE, members, types, evaluation)
    added = _combinations(_INCLUDE, members, types, evaluation)
    kinds = types | _extras(added, types, evaluation)
    sample = MapValue(tuple((name, Unknown(kind)) for name, kind in kinds.items()))
    cells = cells_of(span, axes, left_out, added, evaluation)
    return Matrix(span, tuple(types), tuple(_filled(one, kinds) for one in cells), sample)


def _filled(cell: MapValue, names: Iterable[str]) -> MapValue:
    """Return a cell with null for what only others have."""
    values = ((name, cell.find(name)) for name in names)
    return MapValue(
        tuple((name, None if isinstance(found, Missing) else found) for name, found in values)
    )


# ---- its statements ----


def _members(part: Entry, evaluation: Evaluation) -> list[_Member] | None:
    """Return what a layer's matrix holds; a member without name: that is not known."""
    if isinstance(part.value, Block):
        return list(_statements(part.value, part.scope.child(), evaluation))
    value = evaluate(part.value, part.scope, evaluation)
    if value is None:
        return None
    if isinstance(value, MapValue):
        return list(_pairs(part.value, value))
    if type_of(value).kind not in (Kind.MAP, Kind.ANY):
        message = f"`matrix` is a block of axes, this is {a_type(type_of(value))}"
        evaluation.report(error("K0204", part.value.span, message))
    return [_Member(tree.Name("", part.value.span), value, part.value.span)]


def _pairs(node: tree.Expr, value: MapValue) -> Iterator[_Member]:
    """Yield the members of a matrix that is given as a map."""
    places = {pair.key.text: pair for pair in node.pairs} if isinstance(node, tree.Map) else {}
    for name, member in value.pairs:
        pair = places.get(name)
        key, at = (pair.key, pair.value) if pair else (tree.Name(name, node.span), node)
        yield from _assigned(key, at, member)


def _assigned(key: tree.Name, node: tree.Expr, value: Value) -> Iterator[_Member]:
    """Yield what ``key = value`` says: an axis, or one or several to exclude or include."""
    several = key.text in (_EXCLUDE, _INCLUDE) and isinstance(value, tuple)
    pairs = node.pairs if isinstance(node, tree.Map) else ()
    places = {one.key.text: one.key.span for one in pairs}
    for one in value if several and isinstance(value, tuple) else (value,):
        yield _Member(key, one, node.span, places)


def _statements(block: Block, scope: Scope, evaluation: Evaluation) -> Iterator[_Member]:
    seen: dict[str, Span] = {}
    for one in block.statements:
        if isinstance(one, Let):
            declare_let(one, scope, evaluation)
            continue
        key = one.key if isinstance(one, Attr) else one.name
        if key.text in seen and key.text not in (_EXCLUDE, _INCLUDE):
            evaluation.report(duplicate(f"axis `{key.text}`", key.span, seen[key.text]))
            continue
        seen[key.text] = key.span
        if isinstance(one, Nested):
            yield from _nested(one, scope, evaluation)
            continue
        yield from _assigned(key, one.value, evaluate(one.value, scope, evaluation))


def _nested(nested: Nested, scope: Scope, evaluation: Evaluation) -> Iterator[_Member]:
    name = nested.name
    if name.text not in (_EXCLUDE, _INCLUDE) or nested.label is not None:
        similar = nearest(name.text, (_EXCLUDE, _INCLUDE))
        remedy = similar or f"{name.text} = [ … ]"
        helps = (f"write `{remedy}`",)
        message = f"`matrix` has no block `{name.text}`"
        evaluation.report(error("K0306", name.span, message, "no such block", helps=helps))
        return
    inner = scope.child()
    values: dict[str, Value] = {}
    places: dict[str, Span] = {}
    for one in nested.block.statements:
        if isinstance(one, Let):
            declare_let(one, inner, evaluation)
        elif isinstance(one, Nested):
            message = f"`{name.text}` has no block `{one.name.text}`"
            evaluation.report(error("K0306", one.name.span, message, "no such block"))
            return
        elif one.key.text in values:
            first = places[one.key.text]
            evaluation.report(duplicate(f"`{one.key.text}`", one.key.span, first))
        else:
            values[one.key.text] = evaluate(one.value, inner, evaluation)
            places[one.key.text] = one.key.span
    yield _Member(name, MapValue(tuple(values.items())), name.span, places)


# ---- what they mean ----


def _axis(one: _Member, evaluation: Evaluation) -> Axis:
    kind = type_of(one.value)
    name = one.key.text
    if isinstance(one.value, tuple | range):
        _report_twins(one, one.value, evaluation)
        return Axis(name, one.value if _is_known(one.value) else None, kind.element)
    if kind.kind not in (Kind.LIST, Kind.ANY):
        message = f"axis `{name}` is a list, this is {a_type(kind)}"
        helps = (f"write `{name} = [{one.span.text}]`",)
        evaluation.report(error("K0206", one.span, message, str(kind), helps=helps))
        return Axis(name, None, ANY)
    return Axis(name, None, kind.element)


def _is_known(values: "Iterable[Value]") -> bool:
    return isinstance(values, range) or not any(isinstance(one, Unknown) for one in values)


def _report_twins(
    one: _Member, values: "tuple[Value, ...] | range", evaluation: Evaluation
) -> None:
    seen: set[Value] = set()
    for value in values if isinstance(values, tuple) else ():
        if value in seen and not isinstance(value, Unknown):
            message = f"axis `{one.key.text}` has {describe(value)} twice"
            notes = ("each value of an axis is a cell of its own",)
            evaluation.report(error("K0302", one.span, message, notes=notes))
            return
        seen.add(value)


def _combinations(
    of: str, members: list[_Member], types: Mapping[str, Type], evaluation: Evaluation
) -> tuple[Combination, ...] | None:
    """Return the excludes or includes of a matrix; None: nobody knows all of them."""
    found: list[Combination] = []
    is_known = True
    for one in (one for one in members if one.key.text == of):
        if not isinstance(one.value, MapValue):
            if type_of(one.value).kind not in (Kind.MAP, Kind.LIST, Kind.ANY):
                message = f"`{of}` names values of axes, this is {a_type(type_of(one.value))}"
                helps = (f"write `{of} {{ axis = value }}`",)
                evaluation.report(error("K0204", one.span, message, helps=helps))
            is_known = False
        elif _fits(of, one, one.value, types, evaluation):
            is_known = is_known and _is_known(value for _, value in one.value.pairs)
            found.append(Combination(one.value, one.span))
    return tuple(found) if is_known else None


def _fits(
    of: str, one: _Member, value: MapValue, types: Mapping[str, Type], evaluation: Evaluation
) -> bool:
    """Tell whether an exclude names axes only, an include all of them, each by its own type."""
    wrong = [
        *(_missing(one, value, types) if of == _INCLUDE else _unknown(one, value, types)),
        *_mistyped(one, value, types),
    ]
    for diagnostic in wrong:
        evaluation.report(diagnostic)
    return not wrong


def _missing(one: _Member, value: MapValue, types: Mapping[str, Type]) -> Iterator[Diagnostic]:
    for name in types:
        if isinstance(value.find(name), Missing):
            message = f"`include` adds a whole cell, this one has no `{name}`"
            helps = (f"write `{name} = …` too",)
            yield error("K0204", one.span, message, "lacks an axis", helps=helps)


def _unknown(one: _Member, value: MapValue, types: Mapping[str, Type]) -> Iterator[Diagnostic]:
    for name, _ in value.pairs:
        if name not in types:
            similar = nearest(name, types)
            helps = (f"write `{similar}`",) if similar else ()
            place = one.places.get(name, one.span)
            message = f"`matrix` has no axis `{name}`"
            yield error("K0304", place, message, "no such axis", helps=helps)


def _mistyped(one: _Member, value: MapValue, types: Mapping[str, Type]) -> Iterator[Diagnostic]:
    for name, found in value.pairs:
        if name in types and not accepts(types[name], type_of(found)):
            message = f"axis `{name}` is a list of {types[name]}, {describe(found)} is not"
            yield error("K0204", one.places.get(name, one.span), message)


def _extras(
    added: tuple[Combination, ...] | None, types: Mapping[str, Type], evaluation: Evaluation
) -> dict[str, Type]:
    """Return the keys that only cells of ``include`` have, each of a type that may be null."""
    extras: dict[str, Type] = {}
    for one in added or ():
        for name, value in one.values.pairs:
            if name in types:
                continue
            kind = replace(type_of(value), optional=True)
            if not accepts(extras.setdefault(name, kind), kind):
                message = f"`{name}` is {a_type(extras[name])}, {describe(value)} is not"
                evaluation.report(error("K0204", one.span, message))
    return extras
