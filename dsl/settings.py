"""Attributes of a block: collected from their layers, then evaluated, checked and merged.

Layers are ``defaults`` and the stage's own block; the higher one replaces, maps merge by key
(language.md, 2.3, "Layers").
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from konductor.dsl import expression as tree
from konductor.dsl.attributes import EXCLUSIVE, STAGE, Attribute, Shape, find
from konductor.dsl.diagnostics import Label, error, instead
from konductor.dsl.evaluation import Evaluation, a_type, duplicate, evaluate
from konductor.dsl.fit import PER_ITEM, fit, fit_member, mismatch
from konductor.dsl.reference import map_of, named_objects
from konductor.dsl.scope import Binding, Scope, What
from konductor.dsl.source import Span
from konductor.dsl.spelling import nearest
from konductor.dsl.syntax import Attr, Block, Let, Nested
from konductor.dsl.typename import type_from, wrong_type
from konductor.dsl.types import Kind, accepts
from konductor.dsl.values import WRONG, MapValue, Unknown, Value, describe, type_of
from konductor.dsl.vocabulary import ATTRIBUTES


class Entry(NamedTuple):
    """An attribute as one layer writes it, not evaluated yet.

    A named tuple, as a setting is, because a program has very many.
    """

    attribute: Attribute
    key: Span
    value: "tree.Expr | Block"
    scope: Scope
    use: Label | None = None
    """The use of the template that it stands in, which knows nothing of the stage that uses it."""


Layer = dict[str, Entry]


class Setting(NamedTuple):
    """An attribute's value and where it was written."""

    value: Value
    key: Span
    span: Span
    members: "Mapping[str, Setting]" = MappingProxyType({})
    """Of a map or a block: each with its own place."""
    node: "tree.Expr | None" = None
    scope: Scope | None = None
    """Where its expression is read."""


Settings = Mapping[str, Setting]


def collect(
    statements: Iterable[Let | Attr | Nested],
    table: tuple[Attribute, ...],
    scope: Scope,
    evaluation: Evaluation,
    of: str,
) -> Layer:
    """Return the attributes that a block writes; its lets are declared in `scope`."""
    layer: Layer = {}
    for statement in statements:
        if isinstance(statement, Let):
            declare_let(statement, scope, evaluation)
            continue
        key = statement.key if isinstance(statement, Attr) else statement.name
        attribute = find(table, key.text)
        name = _name_of(statement, attribute)
        if attribute is None:
            is_block = isinstance(statement, Nested)
            _report_unknown(key, table, evaluation, of, is_block=is_block)
        elif name in layer:
            evaluation.report(duplicate(f"`{name}`", key.span, layer[name].key))
        else:
            entry = _entry(statement, key.span, attribute, scope, evaluation)
            if entry is not None:
                layer[name] = entry
    return layer


def _name_of(statement: Attr | Nested, attribute: Attribute | None) -> str:
    """Return what an attribute is called in its layer: ``probe api`` for a block with a name."""
    if isinstance(statement, Attr):
        return statement.key.text
    if attribute is None or attribute.shape is not Shape.NAMED or statement.label is None:
        return statement.name.text
    return f"{statement.name.text} {statement.label.text}"


def _entry(
    statement: Attr | Nested, key: Span, attribute: Attribute, scope: Scope, evaluation: Evaluation
) -> Entry | None:
    if not attribute.runs:
        evaluation.cannot_run(key, f"`{attribute.name}`")
    if isinstance(statement, Nested):
        if not _is_block(attribute, statement, evaluation):
            return None
        if attribute.shape is Shape.VALUE:
            return Entry(attribute, key, map_of(statement.block, evaluation), scope)
        return Entry(attribute, key, statement.block, scope)
    if attribute.shape is Shape.NAMED:
        message = f"`{attribute.name}` is a block with a name"
        helps = (f"write `{attribute.name} NAME {{ … }}`",)
        evaluation.report(error("K0306", key, message, helps=helps))
        return None
    return Entry(attribute, key, statement.value, scope)


def declare_let(let: Let, scope: Scope, evaluation: Evaluation) -> Value:
    """Evaluate a let, declare its name, and return its value."""
    value = evaluate(let.value, scope, evaluation)
    kind = type_of(value)
    if let.type is not None:
        kind = type_from(let.type)
        no_type = wrong_type(let.type)
        if no_type is not None:
            evaluation.report(no_type)
        elif not accepts(kind, type_of(value)):
            message = f"`{let.name.text}` is {a_type(kind)}, {describe(value)} is not"
            value = evaluation.wrong(error("K0204", let.value.span, message))
    binding = Binding(let.name.text, What.LET, let.name.span, value, kind)
    taken = scope.declare(binding)
    if taken is not None:
        evaluation.report(duplicate(f"`{let.name.text}`", let.name.span, taken.span))
    return value


def _report_unknown(
    key: tree.Name,
    table: tuple[Attribute, ...],
    evaluation: Evaluation,
    of: str,
    *,
    is_block: bool,
) -> None:
    similar = nearest(key.text, (one.name for one in table))
    foreign = ATTRIBUTES.get(key.text) if find(STAGE, "image") in table else None
    remedy = instead(key.span, similar)
    if foreign:
        remedy = {"helps": (f"write {foreign}",)}
    noun = "block" if is_block else "attribute"
    message = f"{of} has no {noun} `{key.text}`"
    evaluation.report(error("K0306", key.span, message, f"no such {noun}", **remedy))


def _is_block(attribute: Attribute, nested: Nested, evaluation: Evaluation) -> bool:
    if attribute.shape is Shape.NAMED:
        if nested.label is None:
            message = f"this `{attribute.name}` has no name"
            helps = (f"write `{attribute.name} NAME {{ … }}`",)
            evaluation.report(error("K0306", nested.name.span, message, helps=helps))
        return nested.label is not None
    may_be = attribute.shape in (Shape.MAP, Shape.FIELDS) or (
        attribute.shape is Shape.VALUE and Kind.MAP in attribute.kinds
    )
    if may_be and nested.label is None:
        return True
    message = f"`{attribute.name}` is no block"
    if nested.label is not None and may_be:
        message = f"`{attribute.name}` has no name"
    helps = (f"write `{attribute.name} = …`",)
    evaluation.report(error("K0306", (nested.label or nested.name).span, message, helps=helps))
    return False


def merge(layers: Iterable[Layer]) -> dict[str, tuple[Entry, ...]]:
    """Return what each attribute is made of, lowest layer first."""
    merged: dict[str, tuple[Entry, ...]] = {}
    for layer in layers:
        if not merged:  # nothing to merge with: most stages have one layer only
            merged = {name: (entry,) for name, entry in layer.items()}
            continue
        for mine, theirs in _REPLACES:
            if not mine.isdisjoint(layer):
                for name in theirs - layer.keys():
                    merged.pop(name, None)
        for name, entry in layer.items():
            below = merged.get(name, ()) if _merges(entry) else ()
            merged[name] = (*below, entry)
    return merged


_REPLACES = tuple(pair for one, other in EXCLUSIVE for pair in ((one, other), (other, one)))
"""What a layer says, and what that removes from the layers below."""


def _merges(entry: Entry) -> bool:
    is_removal = isinstance(entry.value, tree.Null)
    return entry.attribute.shape in (Shape.MAP, Shape.FIELDS) and not is_removal


def read(
    entries: Mapping[str, tuple[Entry, ...]],
    evaluation: Evaluation,
    item: Binding | None = None,
    only: frozenset[str] | None = None,
) -> dict[str, Setting]:
    """Return the values of attributes; what is removed with ``= null`` is not among them."""
    settings: dict[str, Setting] = {}
    for name, parts in entries.items():
        if only is not None and name not in only:
            continue
        binding = item if name in PER_ITEM else None
        found: list[Setting] = []
        for part in parts:
            if part.use is None:  # a context costs as much as all the rest
                setting = _read_entry(part, evaluation, binding)
            else:
                with evaluation.used(part.use):
                    setting = _read_entry(part, evaluation, binding)
            found = [] if setting is None else [*found, setting]
        if found:
            settings[name] = _joined(found)
    return settings


def _joined(parts: list[Setting]) -> Setting:
    top = parts[-1]
    if len(parts) == 1 and not top.members:
        return top
    members: dict[str, Setting] = {}
    for part in parts:
        members |= part.members
    kept = {name: member for name, member in members.items() if member.value is not None}
    value = top.value
    if not isinstance(value, Unknown):
        value = MapValue(tuple((name, member.value) for name, member in kept.items()))
    return Setting(value, top.key, top.span, kept, top.node)


def _read_entry(entry: Entry, evaluation: Evaluation, item: Binding | None) -> Setting | None:
    scope = entry.scope
    if item is not None and entry.use is None:
        scope = scope.child(item)
    if isinstance(entry.value, Block):
        return _read_block(entry, entry.value, scope, evaluation)
    if entry.attribute.shape is Shape.FIELDS and isinstance(entry.value, tree.Map):
        return _read_block(entry, _as_block(entry.value), scope, evaluation)
    if entry.attribute.of is not None and not isinstance(entry.value, tree.Null):
        return _read_objects(entry, entry.value, entry.attribute.of, evaluation)
    value = evaluate(entry.value, scope, evaluation)
    if value is None:
        return None
    if entry.attribute.shape is Shape.MAP:
        return _read_map(entry, entry.value, value, evaluation)
    if entry.attribute.shape is Shape.FIELDS:
        return _read_fields(entry, entry.value, value, evaluation)
    checked = fit(entry.attribute, value, entry.value, evaluation)
    return Setting(checked, entry.key, entry.value.span, node=entry.value, scope=scope)


def _read_objects(entry: Entry, node: tree.Expr, of: What, evaluation: Evaluation) -> Setting:
    places = named_objects(node, of, entry.attribute, entry.scope, evaluation)
    members = {name: Setting(name, place, place, node=node) for name, place in places.items()}
    return Setting(MapValue(), entry.key, node.span, members, node)


def _as_block(node: tree.Map) -> Block:
    attributes = tuple(Attr(pair.key, pair.value, pair.span) for pair in node.pairs)
    return Block(attributes, node.span)


def _read_block(entry: Entry, block: Block, scope: Scope, evaluation: Evaluation) -> Setting:
    """Read ``retry { … }`` by its fields, and ``env { … }`` by whatever keys it has."""
    attribute = entry.attribute
    table = attribute.fields
    if attribute.shape is Shape.MAP:
        keys = [
            one.key if isinstance(one, Attr) else one.name
            for one in block.statements
            if not isinstance(one, Let)
        ]
        table = tuple(Attribute(key.text, attribute.kinds) for key in keys)
    inner = collect(block.statements, table, scope.child(), evaluation, f"`{attribute.name}`")
    members: dict[str, Setting] = {}
    for name, one in inner.items():
        assert not isinstance(one.value, Block)  # noqa: S101  # no field is a block of its own
        value = evaluate(one.value, one.scope, evaluation)
        if value is not None:
            value = fit_member(one.attribute, attribute.name, value, one.value, evaluation)
        members[name] = Setting(value, one.key, one.value.span, node=one.value)
    return Setting(MapValue(), entry.key, block.span, members)


def _read_map(entry: Entry, node: tree.Expr, value: Value, evaluation: Evaluation) -> Setting:
    attribute = entry.attribute
    if not isinstance(value, MapValue):
        if type_of(value).kind not in (Kind.MAP, Kind.ANY):
            value = mismatch(attribute, value, node, evaluation)
        return Setting(Unknown() if value is WRONG else value, entry.key, node.span, node=node)
    places = {pair.key.text: pair for pair in node.pairs} if isinstance(node, tree.Map) else {}
    members: dict[str, Setting] = {}
    for name, member in value.pairs:
        pair = places.get(name)
        at = pair.value if pair else node
        one = Attribute(name, attribute.kinds)
        checked = (
            None if member is None else fit_member(one, attribute.name, member, at, evaluation)
        )
        members[name] = Setting(checked, pair.key.span if pair else entry.key, at.span, node=at)
    return Setting(value, entry.key, node.span, members, node)


def _read_fields(entry: Entry, node: tree.Expr, value: Value, evaluation: Evaluation) -> Setting:
    """Read a block that is given as a map's value, such as ``resources = large``."""
    attribute = entry.attribute
    members: dict[str, Setting] = {}
    if not isinstance(value, MapValue | Unknown):
        value = mismatch(attribute, value, node, evaluation)
    for name, member in value.pairs if isinstance(value, MapValue) else ():
        field_attribute = find(attribute.fields, name)
        key = tree.Name(name, node.span)
        if field_attribute is None:
            of = f"`{attribute.name}`"
            _report_unknown(key, attribute.fields, evaluation, of, is_block=False)
        else:
            checked = fit_member(field_attribute, attribute.name, member, node, evaluation)
            members[name] = Setting(checked, node.span, node.span, node=node)
    return Setting(MapValue(), entry.key, node.span, members, node)
