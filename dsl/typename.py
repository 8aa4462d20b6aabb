"""Types as a program writes them."""

from konductor.dsl.diagnostics import Diagnostic, error, instead
from konductor.dsl.expression import EnumType, TypeExpr
from konductor.dsl.spelling import nearest
from konductor.dsl.types import ANY, BASIC, Kind, Type


def type_from(node: TypeExpr) -> Type:
    """Return the type that a program names; where it names none there is, `ANY`."""
    if isinstance(node, EnumType):
        return Type(Kind.ENUM, members=tuple(member.text for member in node.members))
    kind = BASIC.get(node.name.text)
    if kind is None:
        return ANY
    arguments = tuple(type_from(argument) for argument in node.arguments)
    return Type(kind, arguments, node.optional)


def wrong_type(node: TypeExpr) -> Diagnostic | None:
    """Return the error for a type that there is not, or that takes other types than it has."""
    if isinstance(node, EnumType):
        return None
    name = node.name.text
    if name not in BASIC:
        similar = nearest(name, BASIC)
        notes = (f"there are {', '.join(f'`{one}`' for one in sorted(BASIC))} and string enums",)
        message = f"no type is named `{name}`"
        return error(
            "K0301",
            node.name.span,
            message,
            "not a type",
            notes=notes,
            **instead(node.name.span, similar),
        )
    most = 1 if BASIC[name] in (Kind.LIST, Kind.MAP) else 0
    if len(node.arguments) != most:
        of = f"`{name}` takes one type: `{name}(string)`" if most else f"`{name}` takes no type"
        return error("K0203", node.span, of)
    return next(filter(None, map(wrong_type, node.arguments)), None)
