"""What the operators of the language do with two values; ``None`` as an answer: nothing.

An operator knows its answer's type even where an operand is unknown, so that ``koncli check`` can
go on with it.
"""

import math
import operator
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import TypeAlias

from konductor.dsl.types import ANY, Kind, Type
from konductor.dsl.values import (
    LARGEST_INT,
    MapValue,
    Percent,
    Quantity,
    Undefined,
    Unknown,
    Value,
    type_of,
)
from konductor.duration import LONGEST

Arithmetic: TypeAlias = Callable[..., "Value"]
_NUMBERS = (Kind.INT, Kind.FLOAT)
_LONGEST_LIST = 1_000_000
_LARGEST_AMOUNT = Decimal(10) ** 24
"""A million exabytes."""


def arithmetic(symbol: str, left: Value, right: Value) -> "Value | None":
    """Return ``left symbol right`` for ``+ - * /``, or None where the types do not go together.

    Raises:
        Undefined: the types fit, but there is no such value (division by zero, too large).
    """
    kinds = (type_of(left).kind, type_of(right).kind)
    if Kind.ANY in kinds:
        return Unknown(ANY)
    found = _RULES.get((symbol, *_widened(*kinds)))
    if found is None:
        return None
    kind, apply = found
    if isinstance(left, Unknown) or isinstance(right, Unknown):
        return Unknown(_result_type(kind, left))
    return _bounded(apply(left, right))


def compare(symbol: str, left: Value, right: Value) -> "Value | None":
    """Return a comparison's truth, or None where the two have nothing in common."""
    kinds = (type_of(left).kind, type_of(right).kind)
    if Kind.ANY not in kinds and not _comparable(symbol, *kinds, left, right):
        return None
    if isinstance(left, Unknown) or isinstance(right, Unknown):
        return Unknown(Type(Kind.BOOL))
    if symbol in ("==", "!="):
        return _equal(left, right) == (symbol == "==")
    return _ORDERS[symbol](_rank(left), _rank(right))


def negated(value: Value) -> "Value | None":
    """Return ``-value``, or None for what has no sign."""
    kind = type_of(value).kind
    if kind not in _SIGNED and kind is not Kind.ANY:
        return None
    if isinstance(value, Unknown):
        return value
    if isinstance(value, Quantity):
        return Quantity(-value.amount, value.binary)
    if isinstance(value, Percent):
        return Percent(-value.share)
    return -value if isinstance(value, int | float | timedelta) else None


def contains(whole: Value, part: Value) -> "Value | None":
    """Return ``part in whole`` for a list's elements or a map's keys, or None elsewhere."""
    kind = type_of(whole).kind
    if kind not in (Kind.LIST, Kind.MAP, Kind.ANY):
        return None
    if isinstance(whole, Unknown) or isinstance(part, Unknown):
        return Unknown(Type(Kind.BOOL))
    if isinstance(whole, MapValue):
        return any(key == part for key, _ in whole.pairs)
    return part in whole if isinstance(whole, tuple | range) else None


def _widened(left: Kind, right: Kind) -> tuple[Kind, Kind]:
    """Return kinds as the rules list them: an enum is a string, an int beside a float a float."""
    if left in _NUMBERS and right in _NUMBERS and left is not right:
        return Kind.FLOAT, Kind.FLOAT
    return left, right


def _result_type(kind: Kind, left: Value) -> Type:
    return type_of(left) if kind in (Kind.LIST, Kind.MAP) else Type(kind)


def _bounded(value: Value) -> Value:
    """Return the value, unless it left the range that later operators can reckon in."""
    if isinstance(value, int) and abs(value) > LARGEST_INT:
        raise Undefined("the result is beyond 64 bits")
    if isinstance(value, float) and not math.isfinite(value):
        raise Undefined("the result is beyond any float")
    if isinstance(value, Quantity | Percent) and abs(_size(value)) > _LARGEST_AMOUNT:
        raise Undefined("the result is beyond any amount")
    return value


def _size(value: Quantity | Percent) -> Decimal:
    return value.amount if isinstance(value, Quantity) else value.share


def _joined(left: "tuple[Value, ...] | range", right: "tuple[Value, ...] | range") -> Value:
    if len(left) + len(right) > _LONGEST_LIST:
        raise Undefined(f"a list is at most {_LONGEST_LIST:,} long")
    return (*left, *right)


def _divided(left: float, right: float) -> Value:
    if right == 0:
        raise Undefined("division by zero")
    return left / right


def _duration(apply: Callable[..., timedelta]) -> Arithmetic:
    def checked(left: object, right: object) -> Value:
        try:
            result = apply(left, right)
        except ZeroDivisionError as error:
            raise Undefined("division by zero") from error
        except OverflowError as error:
            raise Undefined("the result is longer than any duration") from error
        if abs(result) > LONGEST:
            raise Undefined("the result is longer than 87600h")
        return result

    return checked


def _quantity(apply: Callable[[Decimal, Decimal], Decimal]) -> Arithmetic:
    def checked(left: object, right: object) -> Value:
        binary = any(isinstance(one, Quantity) and one.binary for one in (left, right))
        amounts = (_amount(left), _amount(right))
        if apply is operator.truediv and amounts[1] == 0:
            raise Undefined("division by zero")
        return Quantity(apply(*amounts), binary)

    return checked


def _amount(value: object) -> Decimal:
    return value.amount if isinstance(value, Quantity) else Decimal(str(value))


def _percent(apply: Callable[[Decimal, Decimal], Decimal]) -> Arithmetic:
    def checked(left: object, right: object) -> Value:
        return Percent(apply(_share(left), _share(right)))

    return checked


def _share(value: object) -> Decimal:
    return value.share if isinstance(value, Percent) else Decimal(str(value))


def _ratio(left: Quantity, right: Quantity) -> Value:
    if right.amount == 0:
        raise Undefined("division by zero")
    return float(left.amount / right.amount)


def _time_ratio(left: timedelta, right: timedelta) -> Value:
    if not right:
        raise Undefined("division by zero")
    return left / right


def _rules() -> dict[tuple[str, Kind, Kind], tuple[Kind, Arithmetic]]:
    table: dict[tuple[str, Kind, Kind], tuple[Kind, Arithmetic]] = {
        ("+", Kind.LIST, Kind.LIST): (Kind.LIST, _joined),
        ("+", Kind.MAP, Kind.MAP): (Kind.MAP, MapValue.joined),
        ("/", Kind.INT, Kind.INT): (Kind.FLOAT, _divided),
        ("/", Kind.FLOAT, Kind.FLOAT): (Kind.FLOAT, _divided),
        ("/", Kind.DURATION, Kind.DURATION): (Kind.FLOAT, _time_ratio),
        ("/", Kind.QUANTITY, Kind.QUANTITY): (Kind.FLOAT, _ratio),
    }
    for symbol, apply in (("+", operator.add), ("-", operator.sub)):
        table[symbol, Kind.INT, Kind.INT] = (Kind.INT, apply)
        table[symbol, Kind.FLOAT, Kind.FLOAT] = (Kind.FLOAT, apply)
        table[symbol, Kind.DURATION, Kind.DURATION] = (Kind.DURATION, _duration(apply))
        table[symbol, Kind.QUANTITY, Kind.QUANTITY] = (Kind.QUANTITY, _quantity(apply))
        table[symbol, Kind.PERCENT, Kind.PERCENT] = (Kind.PERCENT, _percent(apply))
    table["*", Kind.INT, Kind.INT] = (Kind.INT, operator.mul)
    table["*", Kind.FLOAT, Kind.FLOAT] = (Kind.FLOAT, operator.mul)
    for number in _NUMBERS:
        for kind, scaled in (
            (Kind.DURATION, _duration),
            (Kind.QUANTITY, _quantity),
            (Kind.PERCENT, _percent),
        ):
            table["*", number, kind] = (kind, scaled(operator.mul))
            table["*", kind, number] = (kind, scaled(operator.mul))
        table["/", Kind.DURATION, number] = (Kind.DURATION, _duration(operator.truediv))
        table["/", Kind.QUANTITY, number] = (Kind.QUANTITY, _quantity(operator.truediv))
    return table


_RULES = _rules()
_SIGNED = (Kind.INT, Kind.FLOAT, Kind.DURATION, Kind.QUANTITY, Kind.PERCENT)
_ORDERS: dict[str, Callable[..., bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_TEXTS = (Kind.STRING, Kind.ENUM)


def _comparable(symbol: str, left: Kind, right: Kind, *operands: Value) -> bool:
    if symbol in ("==", "!="):
        return Kind.NULL in (left, right) or _same(left, right)
    optional = any(type_of(operand).optional for operand in operands)
    return _same(left, right) and (left in _SIGNED or left in _TEXTS) and not optional


def _same(left: Kind, right: Kind) -> bool:
    groups = (_NUMBERS, _TEXTS)
    return left is right or any(left in group and right in group for group in groups)


def _equal(left: Value, right: Value) -> bool:
    if isinstance(left, range | tuple) and isinstance(right, range | tuple):
        return len(left) == len(right) and (left == right or _listed(left) == _listed(right))
    return _rank(left) == _rank(right)


def _listed(value: "range | tuple[Value, ...]") -> "Value":
    """Return a list as a tuple if it is short enough to be a written one; else it equals none."""
    return tuple(value) if len(value) <= _LONGEST_LIST else value


def _rank(value: Value) -> "Value | Decimal":
    return _size(value) if isinstance(value, Quantity | Percent) else value
