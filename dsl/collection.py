"""Lists, maps, ranges and comprehensions."""

from konductor.dsl import expression as tree
from konductor.dsl.diagnostics import error
from konductor.dsl.evaluation import Evaluation, a_type, duplicate, evaluate, truth
from konductor.dsl.scope import Binding, Scope, What
from konductor.dsl.source import Span
from konductor.dsl.types import Kind, Type
from konductor.dsl.values import MapValue, Unknown, Value, type_of


def list_of(node: tree.List, scope: Scope, evaluation: Evaluation) -> Value:
    """Return a list of the values of its elements."""
    return tuple(evaluate(item, scope, evaluation) for item in node.items)


def map_of(node: tree.Map, scope: Scope, evaluation: Evaluation) -> Value:
    """Return a map; of a key that is there twice the first value counts."""
    pairs: dict[str, Value] = {}
    places: dict[str, Span] = {}
    for pair in node.pairs:
        key = pair.key.text
        value = evaluate(pair.value, scope, evaluation)
        if key in pairs:
            evaluation.report(duplicate(f"`{key}`", pair.key.span, places[key]))
            continue
        pairs[key], places[key] = value, pair.key.span
    return MapValue(tuple(pairs.items()))


def range_of(node: tree.Range, scope: Scope, evaluation: Evaluation) -> Value:
    """Return ``low..high``; nothing if high is below low."""
    low = evaluate(node.low, scope, evaluation)
    high = evaluate(node.high, scope, evaluation)
    for end, part in ((low, node.low), (high, node.high)):
        if type_of(end).kind not in (Kind.INT, Kind.ANY):
            message = f"a range goes from one int to another, this is {a_type(type_of(end))}"
            return evaluation.wrong(error("K0201", part.span, message))
    if isinstance(low, int) and isinstance(high, int):
        return range(low, max(high + 1, low))
    return Unknown(Type(Kind.LIST, (Type(Kind.INT),)))


def comprehension(node: tree.Comprehension, scope: Scope, evaluation: Evaluation) -> Value:
    """Return one element a round in which the condition holds."""
    values = evaluate(node.values, scope, evaluation)
    for name in node.names:
        taken = scope.find(name.text)
        if taken is not None:
            evaluation.report(duplicate(f"`{name.text}`", name.span, taken.span))
    entries = _entries(values)
    if entries is not None:
        return tuple(_elements(entries, node, scope, evaluation))
    if type_of(values).kind not in (Kind.LIST, Kind.MAP, Kind.ANY):
        message = f"`for` goes through a list or a map, this is {a_type(type_of(values))}"
        return evaluation.wrong(error("K0201", node.values.span, message))
    element = type_of(values).element
    inner = _bound(node, (Unknown(), Unknown(element)), scope)
    if node.condition is not None:
        truth(node.condition, inner, evaluation, "the condition")
    return Unknown(Type(Kind.LIST, (type_of(evaluate(node.element, inner, evaluation)),)))


def _entries(values: Value) -> "tuple[tuple[Value, Value], ...] | enumerate[Value] | None":
    if isinstance(values, MapValue):
        return values.pairs
    return enumerate(values) if isinstance(values, tuple | range) else None


def _elements(
    entries: "tuple[tuple[Value, Value], ...] | enumerate[Value]",
    node: tree.Comprehension,
    scope: Scope,
    evaluation: Evaluation,
) -> list[Value]:
    found = []
    for entry in entries:
        inner = _bound(node, entry, scope)
        if node.condition is None or truth(node.condition, inner, evaluation, "the condition"):
            found.append(evaluate(node.element, inner, evaluation))
    return found


def _bound(node: tree.Comprehension, entry: "tuple[Value, Value]", scope: Scope) -> Scope:
    """Return the scope of one round: two names are index (or key) and element."""
    values = entry if len(node.names) > 1 else entry[1:]
    return scope.child(
        *(
            Binding(name.text, What.VARIABLE, name.span, value, type_of(value))
            for name, value in zip(node.names, values, strict=True)
        )
    )
