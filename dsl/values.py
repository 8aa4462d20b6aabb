"""The values of the language, and how each is written in text.

Whole numbers, booleans, strings, durations and null are Python's own; lists are tuples, or ranges
as long as nobody looks inside. What only a pod can know is a `Text` with placeholders, and what
``koncli check`` cannot know (a parameter without a value) is an `Unknown`, which propagates.
"""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import TypeAlias

from konductor.dsl.plan import ClaimedVolume, EmptyVolume, SecretKey, Text
from konductor.dsl.provision import Files, Variables
from konductor.dsl.types import ANY, Kind, Type
from konductor.duration import format_duration

_BINARY = (("Ei", 60), ("Pi", 50), ("Ti", 40), ("Gi", 30), ("Mi", 20), ("Ki", 10))
_DECIMAL = (("E", 18), ("P", 15), ("T", 12), ("G", 9), ("M", 6), ("k", 3))
_THOUSAND = 1000

LARGEST_INT = 2**63 - 1
"""A whole number has 64 bits, as the API server's have."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """An amount such as ``4Gi``; two are equal if their amounts are, whatever their unit."""

    amount: Decimal
    binary: bool = True

    def __str__(self) -> str:
        """Return it as kubectl prints it: the largest unit that leaves no fraction.

        >>> str(Quantity(Decimal(1536 * 2**20)))
        '1536Mi'
        >>> str(Quantity(Decimal("2500000"), binary=False))
        '2500k'
        """
        if self.amount != self.amount.to_integral_value():
            return f"{-int(-self.amount * _THOUSAND // 1)}m"
        whole = int(self.amount)
        units = [(unit, 2**power) for unit, power in _BINARY]
        if not self.binary:
            units = [(unit, 10**power) for unit, power in _DECIMAL]
        for unit, size in units:
            if whole and whole % size == 0:
                return f"{whole // size}{unit}"
        return str(whole)


@dataclass(frozen=True, slots=True)
class Percent:
    """A share such as ``90%``, exact."""

    share: Decimal

    def __str__(self) -> str:
        """Return it as the language writes it."""
        return f"{plain_decimal(self.share)}%"


@dataclass(frozen=True, slots=True)
class MapValue:
    """A map; the order is the program's."""

    pairs: "tuple[tuple[str, Value], ...]" = ()

    def find(self, key: str) -> "Value | Missing":
        """Return the value of a key, or `MISSING`."""
        return next((value for name, value in self.pairs if name == key), MISSING)

    def joined(self, other: "MapValue") -> "MapValue":
        """Return both maps in one; where both have a key, the other's value wins."""
        return MapValue(tuple((dict(self.pairs) | dict(other.pairs)).items()))


@dataclass(frozen=True, slots=True)
class Missing:
    """There is no such key."""


MISSING = Missing()


class Undefined(ValueError):
    """An operator or function has no answer for these values; the message says why."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """A value of this type that nobody knows yet; of type `ANY`: one that is wrong already."""

    type: Type = ANY


WRONG = Unknown()
"""Stands for an expression that has been reported, so that it is reported once."""

Value: TypeAlias = (
    "bool | int | float | str | timedelta | Quantity | Percent | tuple[Value, ...] | range"
    " | MapValue | Text | SecretKey | ClaimedVolume | EmptyVolume | Files | Variables"
    " | Unknown | None"
)


def plain_decimal(number: Decimal) -> str:
    """Return a decimal without exponent and trailing zeros.

    >>> plain_decimal(Decimal("90.50")), plain_decimal(Decimal("1E+2"))
    ('90.5', '100')
    """
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def type_of(value: "Value") -> Type:
    """Return the type of a value; a list or map has the type of its first element."""
    known = _TYPES.get(type(value))
    if known is not None:
        return known
    if isinstance(value, Unknown):
        return value.type
    if isinstance(value, range):
        return Type(Kind.LIST, (Type(Kind.INT),))
    if isinstance(value, tuple):
        return Type(Kind.LIST, (_element_type(value),))
    assert isinstance(value, MapValue)  # noqa: S101  # the only kind that is left
    return Type(Kind.MAP, (_element_type(tuple(one for _, one in value.pairs)),))


def _element_type(values: "tuple[Value, ...]") -> Type:
    kinds = {type_of(value) for value in values}
    if len(kinds) == 1:
        return kinds.pop()
    if {one.kind for one in kinds} == {Kind.INT, Kind.FLOAT}:
        return Type(Kind.FLOAT)
    return ANY


_KINDS: dict[type, Kind] = {
    bool: Kind.BOOL,
    int: Kind.INT,
    float: Kind.FLOAT,
    str: Kind.STRING,
    timedelta: Kind.DURATION,
    Quantity: Kind.QUANTITY,
    Percent: Kind.PERCENT,
    Text: Kind.STRING,
    SecretKey: Kind.SECRET,
    ClaimedVolume: Kind.VOLUME,
    EmptyVolume: Kind.VOLUME,
    Files: Kind.FILES,
    Variables: Kind.VARIABLES,
    type(None): Kind.NULL,
}
_TYPES = {one: Type(kind) for one, kind in _KINDS.items()}


def text_of(value: "Value") -> str | None:
    """Return a scalar as interpolation writes it; None for what has no text form."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, timedelta):
        return format_duration(value)
    if isinstance(value, str | int | Quantity | Percent):
        return str(value)
    return repr(value) if isinstance(value, float) else None


def describe(value: "Value") -> str:
    """Return a value as a person would write it in a program, shortened."""
    if value is None:
        return "null"
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, tuple | range):
        return f"a list of {len(value)}"
    if isinstance(value, MapValue):
        return f"a map of {len(value.pairs)}"
    return text_of(value) or f"a {type_of(value)}"


def json_of(value: "Value") -> object:
    """Return a parameter's value as JSON holds it; scalars without a JSON form are text."""
    if isinstance(value, tuple | range):
        return [json_of(one) for one in value]
    if isinstance(value, MapValue):
        return {key: json_of(one) for key, one in value.pairs}
    if value is None or isinstance(value, bool | int | float):
        return value
    return text_of(value)
