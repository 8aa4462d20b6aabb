"""Operators and conditions, with what is said where they do not fit their operands."""

from dataclasses import replace

from konductor.dsl import expression as tree
from konductor.dsl.diagnostics import Label, error
from konductor.dsl.evaluation import BOOL, Evaluation, a_type, evaluate, is_opaque, truth
from konductor.dsl.expression import Expr, Operator
from konductor.dsl.operators import arithmetic, compare, contains, negated
from konductor.dsl.scope import Scope
from konductor.dsl.source import Span
from konductor.dsl.types import Kind, Type, accepts
from konductor.dsl.values import WRONG, Unknown, Value, type_of


def binary(node: tree.Binary, scope: Scope, evaluation: Evaluation) -> Value:
    """Return ``left operator right``, arithmetic or logical."""
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
    message = f"`{node.operator}` does not go with {a_type(kinds[0])} and {a_type(kinds[1])}"
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


def unary(node: tree.Unary, scope: Scope, evaluation: Evaluation) -> Value:
    """Return ``not operand`` or ``-operand``."""
    if node.operator is Operator.NOT:
        value = truth(node.operand, scope, evaluation, "what stands after `not`")
        return Unknown(BOOL) if value is None else not value
    operand = evaluate(node.operand, scope, evaluation)
    if is_opaque(operand, node.operand.span, evaluation):
        return WRONG
    result = negated(operand)
    if result is None:
        message = f"{a_type(type_of(operand))} has no negative"
        return evaluation.wrong(error("K0201", node.span, message))
    return result


def comparison(node: tree.Compare, scope: Scope, evaluation: Evaluation) -> Value:
    """Return whether a comparison holds."""
    left = evaluate(node.left, scope, evaluation)
    right = evaluate(node.right, scope, evaluation)
    if is_opaque(left, node.left.span, evaluation) or is_opaque(right, node.right.span, evaluation):
        return WRONG
    result = compare(node.operator, left, right)
    if result is not None:
        return result
    kinds = (type_of(left), type_of(right))
    relation = "are never equal" if node.operator in ("==", "!=") else "have no order"
    message = f"{a_type(kinds[0])} and {a_type(kinds[1])} {relation}"
    sides = _sides(node.left.span, node.right.span, *kinds)
    return evaluation.wrong(error("K0202", node.span, message, secondary=sides))


def membership(node: tree.In, scope: Scope, evaluation: Evaluation) -> Value:
    """Return whether an item is in a list, or a key in a map."""
    item = evaluate(node.item, scope, evaluation)
    values = evaluate(node.values, scope, evaluation)
    if is_opaque(item, node.item.span, evaluation):
        return WRONG
    result = contains(values, item)
    if result is None:
        message = f"`in` looks into a list or a map's keys, this is {a_type(type_of(values))}"
        return evaluation.wrong(error("K0202", node.values.span, message))
    return result if isinstance(result, Unknown) else result != node.negated


def conditional(node: tree.Conditional, scope: Scope, evaluation: Evaluation) -> Value:
    """Return the branch that the condition chooses; nobody knows which: its type."""
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
