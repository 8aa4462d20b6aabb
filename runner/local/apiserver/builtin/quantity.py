"""Quantities (``500m``, ``1Gi``) in the canonical form that the API server stores."""

import re
from decimal import ROUND_CEILING, Decimal

_QUANTITY = re.compile(
    r"([+-]?)((?:\d+(?:\.\d*)?|\.\d+))(n|u|m|k|Ki|M|Mi|G|Gi|T|Ti|P|Pi|E|Ei|[eE][+-]?\d+)?", re.ASCII
)
_DECIMAL = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_BINARY = {"Ki": 10, "Mi": 20, "Gi": 30, "Ti": 40, "Pi": 50, "Ei": 60}
_REFUSED = (
    "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
)
_NANO = Decimal("1e-9")
_CANNOT_BE_BINARY = 1024


def amount(text: str) -> Decimal:
    """Return a quantity as a number.

    Raises:
        ValueError: it is no quantity; in the API server's words.
    """
    number, suffix = _parsed(text)
    if suffix in _BINARY:
        return number * (1 << _BINARY[suffix])
    return number.scaleb(_DECIMAL[suffix] if suffix in _DECIMAL else int(suffix[1:]))


def canonical(text: str) -> str:
    """Return a quantity with the largest suffix that leaves a whole number.

    >>> [canonical(text) for text in ("0.5", "1024Mi", "1500Mi", "0.1Ki", "1e3", "0")]
    ['500m', '1Gi', '1500Mi', '102400m', '1e3', '0']

    Raises:
        ValueError: it is no quantity; in the API server's words.
    """
    _, suffix = _parsed(text)
    exact = amount(text).quantize(_NANO, rounding=ROUND_CEILING)
    if suffix in _BINARY and exact == exact.to_integral_value() and abs(exact) >= _CANNOT_BE_BINARY:
        return _binary(int(exact))
    exponent = suffix[:1] in ("e", "E") and suffix not in _DECIMAL
    return _decimal(exact, exponent=exponent)


def _parsed(text: str) -> tuple[Decimal, str]:
    found = _QUANTITY.fullmatch(text.strip())
    if found is None:
        raise ValueError(_REFUSED)
    return Decimal(found[1] + found[2]), found[3] or ""


def _binary(number: int) -> str:
    suffix = ""
    for name, power in _BINARY.items():
        if number % (1 << power) == 0:
            suffix = name
    return f"{number >> _BINARY.get(suffix, 0)}{suffix}"


def _decimal(number: Decimal, *, exponent: bool) -> str:
    if number == 0:
        return "0"
    for name, power in reversed(_DECIMAL.items()):
        whole = number.scaleb(-power)
        if whole == whole.to_integral_value():
            suffix = name if not exponent else (f"e{power}" if power else "")
            return f"{int(whole)}{suffix}"
    raise AssertionError(f"{number} has more than nine decimals; please report this")
