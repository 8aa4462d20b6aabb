"""What an expression's value is. Total: it ends, and whatever is wrong is reported, not raised.

An expression that is wrong has the value `WRONG`, which every operator passes on, so that one
cause is one error. A parameter that ``koncli check`` has no value for is an `Unknown` of its type.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeAlias, cast

from konductor.dsl import expression as tree
from konductor.dsl.diagnostics import Diagnostic, Label, error
from konductor.dsl.expression import Expr, Operator
from konductor.dsl.operators import arithmetic, compare, contains, negated
from konductor.dsl.plan import Placeholder, SecretKey, Text
from konductor.dsl.scope import OBJECTS, Binding, Scope, What
from konductor.dsl.source import Span
from konductor.dsl.spelling import nearest
from konductor.dsl.types import Kind, Type, accepts
from konductor.dsl.values import (
    WRONG,
    MapValue,
    Missing,
    Percent,
    Quantity,
    Undefined,
    Unknown,
    Value,
    describe,
    text_of,
    type_of,
)

Loader: TypeAlias = Callable[[str], str]
"""Reads a text beside the program; raises OSError or ValueError."""
MOST_STEPS = 1_000_000
_DEEPEST = 120
BOOL = Type(Kind.BOOL)


class OutOfSteps(Exception):
    """The program computes for too long; it has been reported."""


@dataclass(slots=True)
class Evaluation:
    """What evaluating one program shares: its findings, its steps, its files."""

    loader: Loader | None = None
    broken: frozenset[str] = frozenset()
    """Names that statements with syntax errors would have declared."""
    diagnostics: list[Diagnostic] = field(default_factory=list)
    steps: int = 0
    depth: int = 0
    seen: set[tuple[str, int, int, int]] = field(default_factory=set)
    later: list[tuple[Span, str]] = field(default_factory=list)
    """What the language has and this version cannot run yet."""
    recursive: frozenset[str] = frozenset()

    def report(self, diagnostic: Diagnostic) -> None:
        """Collect a finding, once a place and code."""
        span = diagnostic.span
        key = (diagnostic.code, id(span.source), span.start, span.end)
        if key not in self.seen:
            self.seen.add(key)
            self.diagnostics.append(diagnostic)

    def wrong(self, diagnostic: Diagnostic) -> Unknown:
        """Collect a finding, and return the value of what it is about."""
        self.report(diagnostic)
        return WRONG

    def cannot_run(self, span: Span, what: str) -> None:
        """Note something that the language has and this version cannot run yet."""
        if all(other != span for other, _ in self.later):
            self.later.append((span, what))


def evaluate(node: Expr, scope: Scope, evaluation: Evaluation) -> Value:
    """Return the value of an expression.

    Raises:
        OutOfSteps: the program has used up its steps (K0418, reported).
    """
    evaluation.steps += 1
    if evaluation.steps > MOST_STEPS or evaluation.depth > _DEEPEST:
        raise _out_of_steps(node, evaluation)
    evaluation.depth += 1
    try:
        return _EVALUATORS[type(node)](node, scope, evaluation)
    except Undefined as reason:
        return evaluation.wrong(error("K0201", node.span, str(reason)))
    finally:
        evaluation.depth -= 1


def truth(node: Expr, scope: Scope, evaluation: Evaluation, of: str) -> bool | None:
    """Return whether a condition holds; None: nobody knows, or it is no condition (reported)."""
    value = evaluate(node, scope, evaluation)
    if isinstance(value, bool):
        return value
    if type_of(value).kind not in (Kind.BOOL, Kind.ANY):
        message = f"{of} is {_a(type_of(value))}, not true or false"
        evaluation.report(error("K0201", node.span, message, f"is {_a(type_of(value))}"))
    return None


def _out_of_steps(node: Expr, evaluation: Evaluation) -> OutOfSteps:
    message = f"the program takes more than {MOST_STEPS:,} steps to compute"
    if evaluation.depth > _DEEPEST:
        message = f"the expression is nested more than {_DEEPEST} deep"
    evaluation.report(
        error("K0418", node.span, message, "reached here", helps=("compute less at plan time",))
    )
    return OutOfSteps(message)


# ---- literals ----


def _literal(node: tree.Int | tree.Float | tree.Bool | tree.Duration, *_: object) -> Value:
    return node.value


def _percent(node: tree.Percent, *_: object) -> Value:
    return Percent(node.value)


def _quantity(node: tree.Quantity, *_: object) -> Value:
    return Quantity(node.value, node.binary)


def _null(*_: object) -> Value:
    return None


def _broken(*_: object) -> Value:
    return WRONG


def _text(node: tree.Text, scope: Scope, evaluation: Evaluation) -> Value:
    parts: list[str | Placeholder] = []
    is_known = True
    for part in node.parts:
        if isinstance(part, tree.Fragment):
            parts.append(part.text)
            continue
        value = evaluate(part.value, scope, evaluation)
        found = _interpolated(value, part, evaluation)
        is_known = is_known and found is not None
        parts += found or ()
    if not is_known:
        return Unknown(Type(Kind.STRING))
    if any(isinstance(part, Placeholder) for part in parts):
        return Text(tuple(parts))
    return "".join(parts)


def _interpolated(
    value: Value, part: tree.Interpolation, evaluation: Evaluation
) -> tuple[str | Placeholder, ...] | None:
    """Return the parts that a value adds to a text; None: nobody knows."""
    if isinstance(value, SecretKey):
        evaluation.report(_secret_in_text(part.span))
        return None
    if isinstance(value, Text):
        if value.placeholders == (Placeholder.ITEM,):
            return value.parts
        name = part.value.span.text
        message = f"`{name}` is known only when the run ends, so it cannot be part of a text"
        note = "it may be a whole value of `env` or a whole element of `command`"
        evaluation.report(error("K0208", part.span, message, notes=(note,)))
        return None
    text = text_of(value)
    if text is None and (not isinstance(value, Unknown) or value.type.kind in _NO_TEXT):
        message = f"{_a(type_of(value))} has no text form"
        evaluation.report(error("K0201", part.span, message, helps=_text_help(value)))
    return None if text is None else (text,)


_NO_TEXT = frozenset({Kind.LIST, Kind.MAP, Kind.NULL, Kind.SECRET, Kind.VOLUME})


def _text_help(value: Value) -> tuple[str, ...]:
    is_list = type_of(value).kind is Kind.LIST
    return ('write `${join(",", …)}` with the separator you want',) if is_list else ()


def _secret_in_text(span: Span) -> Diagnostic:
    return error(
        "K0703",
        span,
        "a secret cannot be part of a text",
        "its value never passes through koncli",
        helps=('give it to the program by name: `env = { TOKEN = secret("name", "key") }`',),
    )


# ---- names, members, elements ----


def _var(node: tree.Var, scope: Scope, evaluation: Evaluation) -> Value:
    binding = scope.find(node.name)
    if binding is None:
        if node.name in evaluation.broken:
            return WRONG
        return evaluation.wrong(unknown_name(node.name, node.span, scope))
    if binding.what in (What.FN, What.TEMPLATE, What.IMPORT) or binding.what in OBJECTS:
        message = f"`{node.name}` is a {binding.what}, not a value"
        return evaluation.wrong(error("K0201", node.span, message, f"a {binding.what}"))
    if binding.what is What.RUN:
        return evaluation.wrong(_whole_run(node.span))
    return binding.value


def _whole_run(span: Span) -> Diagnostic:
    return error(
        "K0201",
        span,
        "`run` is not a value",
        helps=("write `run.id`, `run.status` or `run.failed_stage`",),
    )


def unknown_name(name: str, span: Span, scope: Scope) -> Diagnostic:
    """Return the error for a name that stands for nothing here."""
    visible = {binding.name: binding for binding in scope.visible()}
    parts = name.split("-")
    if len(parts) > 1 and all(part in visible for part in parts):
        remedy = f"write `{' - '.join(parts)}` to subtract: a hyphen joins names"
        return error(
            "K0301", span, f"nothing is named `{name}`", "read as one name", helps=(remedy,)
        )
    if name in _ONLY_THERE:
        return error("K0208", span, f"`{name}` is not known here", notes=(_ONLY_THERE[name],))
    similar = nearest(name, visible)
    if similar is None:
        return error("K0301", span, f"nothing is named `{name}`", "not declared here")
    declared = visible[similar].span
    secondary = (Label(declared, "a similar name is declared here"),) if declared else ()
    return error(
        "K0301",
        span,
        f"nothing is named `{name}`",
        "not declared here",
        secondary=secondary,
        helps=(f"write `{similar}`",),
    )


_ONLY_THERE = {
    "item": "`item` is known only in `env`, `command` and `args` of a `map`",
    "matrix": "`matrix` is known only within a stage that has one",
    "run": "`run` is known only in `finally`",
}


def _member(node: tree.Member, scope: Scope, evaluation: Evaluation) -> Value:
    target = node.target
    if isinstance(target, tree.Var):
        binding = scope.find(target.name)
        if binding is not None and binding.what is What.RUN:
            return _run_member(node, evaluation)
    value = evaluate(target, scope, evaluation)
    if isinstance(value, Unknown):
        return Unknown(value.type.element) if value.type.kind is Kind.MAP else WRONG
    if not isinstance(value, MapValue):
        message = f"{_a(type_of(value))} has no field `{node.name.text}`"
        return evaluation.wrong(error("K0304", node.name.span, message))
    return _field(value, node.name.text, node.name.span, evaluation)


def _field(value: MapValue, name: str, span: Span, evaluation: Evaluation) -> Value:
    found = value.find(name)
    if not isinstance(found, Missing):
        return found
    keys = [key for key, _ in value.pairs]
    similar = nearest(name, keys)
    helps = (f"write `{similar}`",) if similar else ()
    notes = (f"it has {_listed(keys)}",) if keys else ("it is empty",)
    message = f"the map has no key `{name}`"
    return evaluation.wrong(error("K0304", span, message, notes=notes, helps=helps))


def _run_member(node: tree.Member, evaluation: Evaluation) -> Value:
    name = node.name.text
    if name in _RUN_MEMBERS:
        return Text((_RUN_MEMBERS[name],))
    similar = nearest(name, _RUN_MEMBERS)
    return evaluation.wrong(
        error(
            "K0304",
            node.name.span,
            f"`run` has no field `{name}`",
            notes=(f"it has {_listed(list(_RUN_MEMBERS))}",),
            helps=(f"write `run.{similar}`",) if similar else (),
        )
    )


_RUN_MEMBERS = {
    "id": Placeholder.RUN_ID,
    "status": Placeholder.RUN_STATUS,
    "failed_stage": Placeholder.FAILED_STAGE,
}


def _listed(names: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in names[:8]) + (" …" if len(names) > 8 else "")  # noqa: PLR2004  # enough to see


def _index(node: tree.Index, scope: Scope, evaluation: Evaluation) -> Value:
    value = evaluate(node.target, scope, evaluation)
    index = evaluate(node.index, scope, evaluation)
    if isinstance(value, Unknown) or isinstance(index, Unknown):
        return Unknown(type_of(value).element)
    if isinstance(value, MapValue) and isinstance(index, str):
        return _field(value, index, node.index.span, evaluation)
    if isinstance(value, tuple | range) and isinstance(index, int) and type(index) is int:
        if -len(value) <= index < len(value):
            return value[index]
        message = f"the list has {len(value)} elements, so no number {index}"
        return evaluation.wrong(
            error("K0304", node.index.span, message, notes=("the first one is number 0",))
        )
    message = f"{_a(type_of(value))} has no element {describe(index)}"
    return evaluation.wrong(error("K0201", node.span, message))


# ---- lists and maps ----


def _list(node: tree.List, scope: Scope, evaluation: Evaluation) -> Value:
    return tuple(evaluate(item, scope, evaluation) for item in node.items)


def _map(node: tree.Map, scope: Scope, evaluation: Evaluation) -> Value:
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


def duplicate(what: str, span: Span, first: Span | None) -> Diagnostic:
    """Return the error for something that is there twice; the first one counts."""
    secondary = (Label(first, "first declared here"),) if first else ()
    return error("K0302", span, f"{what} is declared twice", "again here", secondary=secondary)


def _range(node: tree.Range, scope: Scope, evaluation: Evaluation) -> Value:
    low = evaluate(node.low, scope, evaluation)
    high = evaluate(node.high, scope, evaluation)
    for end, part in ((low, node.low), (high, node.high)):
        if type_of(end).kind not in (Kind.INT, Kind.ANY):
            message = f"a range goes from one int to another, this is {_a(type_of(end))}"
            return evaluation.wrong(error("K0201", part.span, message))
    if isinstance(low, int) and isinstance(high, int):
        return range(low, max(high + 1, low))
    return Unknown(Type(Kind.LIST, (Type(Kind.INT),)))


def _comprehension(node: tree.Comprehension, scope: Scope, evaluation: Evaluation) -> Value:
    values = evaluate(node.values, scope, evaluation)
    for name in node.names:
        taken = scope.find(name.text)
        if taken is not None:
            evaluation.report(duplicate(f"`{name.text}`", name.span, taken.span))
    entries = _entries(values)
    if entries is not None:
        return tuple(_elements(entries, node, scope, evaluation))
    if type_of(values).kind not in (Kind.LIST, Kind.MAP, Kind.ANY):
        message = f"`for` goes through a list or a map, this is {_a(type_of(values))}"
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


# ---- operators ----


def _binary(node: tree.Binary, scope: Scope, evaluation: Evaluation) -> Value:
    if node.operator in (Operator.AND, Operator.OR):
        return _logical(node, scope, evaluation)
    left = evaluate(node.left, scope, evaluation)
    right = evaluate(node.right, scope, evaluation)
    if is_opaque(left, node.left.span, evaluation) or is_opaque(right, node.right.span, evaluation):
        return WRONG
    result = arithmetic(node.operator, left, right)
    if result is not None:
        return result
    kinds = (type_of(left), type_of(right))
    message = f"`{node.operator}` does not go with {_a(kinds[0])} and {_a(kinds[1])}"
    return evaluation.wrong(
        error(
            "K0201",
            node.span,
            message,
            secondary=_sides(node.left.span, node.right.span, *kinds),
            helps=_add_help(node, kinds),
        )
    )


def _add_help(node: tree.Binary, kinds: tuple[Type, Type]) -> tuple[str, ...]:
    texts = (Kind.STRING, Kind.ENUM)
    if node.operator is Operator.ADD and any(kind.kind in texts for kind in kinds):
        return ('write one text: `"${a}${b}"`',)
    return ()


def _sides(left: Span, right: Span, *kinds: Type) -> tuple[Label, ...]:
    return tuple(Label(span, str(kind)) for span, kind in zip((left, right), kinds, strict=True))


def is_opaque(value: Value, span: Span, evaluation: Evaluation) -> bool:
    """Tell whether only the pod knows a value, and report that it cannot be reckoned with."""
    if not isinstance(value, Text):
        return False
    message = f"`{span.text}` is known only in the pod, so nothing can be computed from it here"
    helps = ("compute with it in the script, or use `map … over LIST`",)
    evaluation.report(error("K0208", span, message, helps=helps))
    return True


def _logical(node: tree.Binary, scope: Scope, evaluation: Evaluation) -> Value:
    left = truth(node.left, scope, evaluation, f"what stands before `{node.operator}`")
    decided = node.operator is Operator.OR
    if left is decided:
        return decided
    inner = _narrowed(node.left, scope, holds=not decided) if left is None else scope
    right = truth(node.right, inner, evaluation, f"what stands after `{node.operator}`")
    if left is None:
        return decided if right is decided else Unknown(BOOL)
    return Unknown(BOOL) if right is None else right


def _unary(node: tree.Unary, scope: Scope, evaluation: Evaluation) -> Value:
    if node.operator is Operator.NOT:
        value = truth(node.operand, scope, evaluation, "what stands after `not`")
        return Unknown(BOOL) if value is None else not value
    operand = evaluate(node.operand, scope, evaluation)
    if is_opaque(operand, node.operand.span, evaluation):
        return WRONG
    result = negated(operand)
    if result is None:
        message = f"{_a(type_of(operand))} has no negative"
        return evaluation.wrong(error("K0201", node.span, message))
    return result


def _compare(node: tree.Compare, scope: Scope, evaluation: Evaluation) -> Value:
    left = evaluate(node.left, scope, evaluation)
    right = evaluate(node.right, scope, evaluation)
    if is_opaque(left, node.left.span, evaluation) or is_opaque(right, node.right.span, evaluation):
        return WRONG
    result = compare(node.operator, left, right)
    if result is not None:
        return result
    kinds = (type_of(left), type_of(right))
    relation = "are never equal" if node.operator in ("==", "!=") else "have no order"
    message = f"{_a(kinds[0])} and {_a(kinds[1])} {relation}"
    sides = _sides(node.left.span, node.right.span, *kinds)
    return evaluation.wrong(error("K0202", node.span, message, secondary=sides))


def _in(node: tree.In, scope: Scope, evaluation: Evaluation) -> Value:
    item = evaluate(node.item, scope, evaluation)
    values = evaluate(node.values, scope, evaluation)
    if is_opaque(item, node.item.span, evaluation):
        return WRONG
    result = contains(values, item)
    if result is None:
        message = f"`in` looks into a list or a map's keys, this is {_a(type_of(values))}"
        return evaluation.wrong(error("K0202", node.values.span, message))
    return result if isinstance(result, Unknown) else result != node.negated


def _conditional(node: tree.Conditional, scope: Scope, evaluation: Evaluation) -> Value:
    holds = truth(node.condition, scope, evaluation, "the condition")
    if holds is not None:
        branch = node.consequence if holds else node.alternative
        return evaluate(branch, scope, evaluation)
    then = evaluate(node.consequence, _narrowed(node.condition, scope, holds=True), evaluation)
    other = evaluate(node.alternative, _narrowed(node.condition, scope, holds=False), evaluation)
    kinds = (type_of(then), type_of(other))
    if accepts(*kinds):
        return Unknown(kinds[0])
    return Unknown(kinds[1]) if accepts(kinds[1], kinds[0]) else WRONG


def _narrowed(condition: Expr, scope: Scope, *, holds: bool) -> Scope:
    """Return the scope in which ``x == null`` is known to hold, or not to."""
    if not isinstance(condition, tree.Compare) or not isinstance(condition.right, tree.Null):
        return scope
    binding = scope.find(condition.left.name) if isinstance(condition.left, tree.Var) else None
    if binding is None or condition.operator not in (Operator.EQUAL, Operator.UNEQUAL):
        return scope
    is_null = holds == (condition.operator is Operator.EQUAL)
    value = None if is_null else Unknown(replace(binding.type, optional=False))
    return scope.child(replace(binding, value=value, type=type_of(value)))


def a_type(kind: Type) -> str:
    """Return a type with its article, as a sentence needs it."""
    text = "null" if kind.kind is Kind.NULL else str(kind)
    if kind.kind is Kind.NULL:
        return text
    return f"{'an' if text[0] in 'aei' else 'a'} {text}"


_a = a_type


def _call(node: tree.Call, scope: Scope, evaluation: Evaluation) -> Value:
    from konductor.dsl.call import call  # noqa: PLC0415  # calls evaluate their arguments

    return call(node, scope, evaluation)


_Evaluator: TypeAlias = Callable[[Expr, Scope, Evaluation], Value]
_EVALUATORS: Mapping[type, _Evaluator] = cast(
    "Mapping[type, _Evaluator]",
    {
        tree.Int: _literal,
        tree.Float: _literal,
        tree.Bool: _literal,
        tree.Duration: _literal,
        tree.Percent: _percent,
        tree.Quantity: _quantity,
        tree.Null: _null,
        tree.Broken: _broken,
        tree.Text: _text,
        tree.Var: _var,
        tree.Member: _member,
        tree.Index: _index,
        tree.Call: _call,
        tree.List: _list,
        tree.Map: _map,
        tree.Range: _range,
        tree.Comprehension: _comprehension,
        tree.Binary: _binary,
        tree.Unary: _unary,
        tree.Compare: _compare,
        tree.In: _in,
        tree.Conditional: _conditional,
    },
)
