"""The types of the language, and which value may stand where which type is asked for."""

from dataclasses import dataclass, replace
from enum import StrEnum


class Kind(StrEnum):
    """The head of a type, as the language writes it."""

    INT = "int"
    FLOAT = "float"
    BOOL = "bool"
    STRING = "string"
    DURATION = "duration"
    QUANTITY = "quantity"
    PERCENT = "percent"
    LIST = "list"
    MAP = "map"
    ENUM = "enum"
    SECRET = "secret"  # noqa: S105  # a type's name
    VOLUME = "volume"
    FILES = "files"
    VARIABLES = "variables"
    NULL = "null"
    ANY = "any"


@dataclass(frozen=True, slots=True)
class Type:
    """A type; ``members`` are the strings of an enum."""

    kind: Kind
    arguments: "tuple[Type, ...]" = ()
    optional: bool = False
    members: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Return it as the language writes it."""
        text = str(self.kind)
        if self.members:
            text = " | ".join(f'"{member}"' for member in self.members)
        elif self.arguments and self.arguments != (ANY,):
            text = f"{text}({', '.join(map(str, self.arguments))})"
        return f"{text}?" if self.optional else text

    @property
    def is_known(self) -> bool:
        """Tell whether anything is known of it."""
        return self.kind is not Kind.ANY

    @property
    def element(self) -> "Type":
        """Return the type of the elements of a list or map."""
        return self.arguments[0] if self.arguments else ANY


ANY = Type(Kind.ANY)
SCALARS = frozenset(
    {
        Kind.INT,
        Kind.FLOAT,
        Kind.BOOL,
        Kind.STRING,
        Kind.ENUM,
        Kind.DURATION,
        Kind.QUANTITY,
        Kind.PERCENT,
    }
)
"""What has a text form."""
BASIC: dict[str, Kind] = {
    str(kind): kind for kind in (*(SCALARS - {Kind.ENUM}), Kind.LIST, Kind.MAP)
}
"""Types that a program may name."""


def accepts(wanted: Type, given: Type) -> bool:
    """Tell whether a value of one type may stand where another is asked for.

    Implicit are int to float, enum to string, T to T? and nothing else.
    """
    if not wanted.is_known or not given.is_known:
        return True
    if given.kind is Kind.NULL or given.optional:
        return wanted.optional and (given.kind is Kind.NULL or accepts(wanted, _plain(given)))
    if wanted.kind is Kind.ENUM:
        members = given.members or wanted.members
        return given.kind in (Kind.ENUM, Kind.STRING) and set(members) <= set(wanted.members)
    if wanted.kind is given.kind:
        return accepts(wanted.element, given.element)
    return (given.kind, wanted.kind) in _IMPLICIT


def _plain(one: Type) -> Type:
    return replace(one, optional=False)


_IMPLICIT = frozenset({(Kind.INT, Kind.FLOAT), (Kind.ENUM, Kind.STRING)})
