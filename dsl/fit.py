"""Whether a value is what an attribute takes, and what to write if it is not."""

from decimal import Decimal

from konductor.dsl import expression as tree
from konductor.dsl.attributes import Attribute, Shape
from konductor.dsl.diagnostics import error, instead
from konductor.dsl.evaluation import Evaluation, a_type
from konductor.dsl.plan import Text
from konductor.dsl.spelling import nearest
from konductor.dsl.types import Kind
from konductor.dsl.values import WRONG, Unknown, Value, describe, plain_decimal, type_of

PER_ITEM = frozenset({"env", "command", "args"})
"""The attributes that may differ by the element of a map."""
_WRITTEN_BARE = frozenset(
    {Kind.INT, Kind.FLOAT, Kind.BOOL, Kind.DURATION, Kind.QUANTITY, Kind.PERCENT}
)


def fit_member(
    one: Attribute, of: str, value: Value, node: tree.Expr, evaluation: Evaluation
) -> Value:
    """Return a member's value if the attribute `of` takes it there."""
    return fit(one, value, node, evaluation, f"{of}.{one.name}")


def fit(
    attribute: Attribute,
    value: Value,
    node: tree.Expr,
    evaluation: Evaluation,
    name: str = "",
) -> Value:
    """Return the value if the attribute takes it."""
    if attribute.shape is Shape.LIST:
        return _fit_list(attribute, value, node, evaluation)
    if isinstance(value, Text) and (name or attribute.name).partition(".")[0] not in PER_ITEM:
        message = f"`{node.span.text}` is known only in the pod, `{attribute.name}` before it"
        return evaluation.wrong(error("K0208", node.span, message))
    if isinstance(value, Unknown):
        if value.type.kind in attribute.kinds or not value.type.is_known:
            return value
        return mismatch(attribute, value, node, evaluation, name)
    if type_of(value).kind not in attribute.kinds:
        return mismatch(attribute, value, node, evaluation, name)
    if attribute.choices and value not in attribute.choices:
        similar = nearest(str(value), attribute.choices)
        remedy = instead(node.span, f'"{similar}"' if similar else None)
        message = f"`{attribute.name}` is {attribute.wants}, {describe(value)} is not"
        return evaluation.wrong(error("K0204", node.span, message, **remedy))
    return value


def _fit_list(attribute: Attribute, value: Value, node: tree.Expr, evaluation: Evaluation) -> Value:
    if isinstance(value, Unknown):
        return (
            value
            if value.type.kind in (Kind.LIST, Kind.ANY)
            else mismatch(attribute, value, node, evaluation)
        )
    if not isinstance(value, tuple | range):
        return mismatch(attribute, value, node, evaluation)
    nodes = node.items if isinstance(node, tree.List) else (node,) * len(value)
    element = Attribute(attribute.name, attribute.kinds)
    checked = [
        fit(element, one, at, evaluation, f"{attribute.name}.element")
        for one, at in zip(value, nodes, strict=True)
    ]
    return WRONG if WRONG in checked else tuple(checked)


def mismatch(
    attribute: Attribute,
    value: Value,
    node: tree.Expr,
    evaluation: Evaluation,
    name: str = "",
) -> Value:
    """Report a value of another type than the attribute takes; return what stands for it."""
    shown = name.removesuffix(".element") or attribute.name
    kind = type_of(value)
    if kind.kind is Kind.SECRET:
        message = f"`{shown}` would show a secret"
        helps = ('give it to the program by name: `env = { TOKEN = secret("name", "key") }`',)
        return evaluation.wrong(error("K0703", node.span, message, "a secret", helps=helps))
    if attribute.name == "cpu" and kind.kind is Kind.DURATION and isinstance(node, tree.Duration):
        millicores = node.value.total_seconds() / 60  # the unit of whose name `m` is, elsewhere
        amount = plain_decimal(Decimal(str(millicores / 1000)))
        message = f"`cpu = {node.span.text}` is a duration"
        return evaluation.wrong(
            error("K0205", node.span, message, **instead(node.span, amount, f"cpu = {amount}"))
        )
    message = f"`{shown}` is {attribute.wants}, this is {a_type(kind)}"
    meant = _meant(attribute, value, node)
    return evaluation.wrong(error("K0204", node.span, message, str(kind), helps=meant))


def _meant(attribute: Attribute, value: Value, node: tree.Expr) -> tuple[str, ...]:
    """Return what a value of another type was likely meant to be."""
    name, written = attribute.name, node.span.text
    if attribute.shape is Shape.MAP and isinstance(value, tuple):
        return (f"write `{name} = {{ NAME = value }}`",)
    if attribute.shape is Shape.LIST and isinstance(value, str):
        return (f"write `{name} = [{written}]`",)
    if name == "cpu" and isinstance(value, str) and value[:-1].isdecimal() and value[-1] == "m":
        return (f"write it in cores: `cpu = {plain_decimal(Decimal(value[:-1]) / 1000)}`",)
    if isinstance(value, str) and attribute.kinds & _WRITTEN_BARE:
        return (f"write it without quotes: `{name} = {value}`",)
    if Kind.DURATION in attribute.kinds and isinstance(value, int) and not isinstance(value, bool):
        return (f"write its unit: `{name} = {written}s` or `{name} = {written}m`",)
    if Kind.QUANTITY in attribute.kinds and isinstance(value, int) and not isinstance(value, bool):
        return (f"write its unit: `{name} = {written}Mi` or `{name} = {written}Gi`",)
    return ()
