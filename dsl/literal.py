"""Numbers with and without a unit, from their text."""

import re
from datetime import timedelta
from decimal import Decimal
from functools import lru_cache

from konductor.dsl.expression import (
    Bool,
    Duration,
    Expr,
    Float,
    Int,
    Null,
    Percent,
    Quantity,
)
from konductor.dsl.source import Span
from konductor.dsl.values import LARGEST_INT
from konductor.duration import LONGEST

_LONGEST_TEXT = 30
"""In characters; a longer numeral is beyond every type anyway."""
_MILLISECONDS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
_PART = re.compile(r"([0-9.]+)(ms|s|m|h|d)")
_DECIMAL = {unit: Decimal(1000) ** power for power, unit in enumerate("kMGTPE", 1)}
_BINARY = {f"{unit}i": Decimal(1024) ** power for power, unit in enumerate("KMGTPE", 1)}
_UNITS = _DECIMAL | _BINARY


class OutOfRange(ValueError):
    """A literal is beyond what its type holds; the message says so."""


def read(kind: str, text: str, span: Span) -> Expr:
    """Return the literal that a token of the grammar stands for.

    Raises:
        OutOfRange: its value is beyond what the type holds.
    """
    if len(text) > _LONGEST_TEXT:
        raise OutOfRange(f"a number has at most {_LONGEST_TEXT} characters")
    match kind:
        case "INT":
            return Int(_whole(text), span)
        case "FLOAT":
            return Float(float(text), span)
        case "PERCENT":
            return Percent(Decimal(text[:-1]), span)
        case "DURATION":
            return Duration(duration(text), span)
        case "QUANTITY":
            return _quantity(text, span)
        case "NULL":
            return Null(span)
        case _:
            return Bool(kind == "TRUE", span)


@lru_cache(maxsize=1024)
def duration(text: str) -> timedelta:
    """Return the time span that a duration literal names.

    Raises:
        OutOfRange: it is longer than any timeout.

    >>> duration("1d2h")
    datetime.timedelta(days=1, seconds=7200)
    """
    parts = _PART.findall(text)
    milliseconds = sum(Decimal(number) * _MILLISECONDS[unit] for number, unit in parts)
    if milliseconds > LONGEST // timedelta(milliseconds=1):
        raise OutOfRange(f"`{text}` is longer than 87600h, the longest duration")
    return timedelta(microseconds=round(milliseconds * 1000))


def _whole(text: str) -> int:
    value = int(text.replace("_", ""))
    if value > LARGEST_INT:
        raise OutOfRange(f"`{text}` is beyond 64 bits")
    return value


def _quantity(text: str, span: Span) -> Quantity:
    number = text.rstrip("iKMGTPEk")
    unit = text[len(number) :]
    return Quantity(Decimal(number) * _UNITS[unit], unit.endswith("i"), span)
