"""Kubernetes quantities: ``500m``, ``1Gi``, ``1e3`` to numbers."""

import re
from decimal import ROUND_CEILING, Decimal

_FORM = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+))(?:[eE]([+-]?\d+)|([numkMGTPE]|[KMGTPE]i)?)")
_FACTORS = {
    "n": Decimal("1e-9"),
    "u": Decimal("1e-6"),
    "m": Decimal("1e-3"),
    **{unit: Decimal(1000) ** power for power, unit in enumerate("kMGTPE", start=1)},
    **{f"{unit}i": Decimal(1024) ** power for power, unit in enumerate("KMGTPE", start=1)},
}


def parse_quantity(text: str) -> Decimal:
    """Return the number that a quantity names.

    Raises:
        ValueError: the text is no quantity.

    >>> parse_quantity("1.5Ki")
    Decimal('1536.0')
    """
    match = _FORM.fullmatch(text)
    if match is None:
        raise ValueError(f"`{text}` is no quantity such as 500m, 2 or 1Gi")
    number, exponent, unit = match.groups()
    if exponent:
        return Decimal(number) * Decimal(10) ** int(exponent)
    return Decimal(number) * _FACTORS.get(unit or "", Decimal(1))


def whole(text: str, divisor: str = "1") -> int:
    """Return a quantity in units of another, rounded up, as the downward API gives it.

    >>> whole("1500m"), whole("1Gi", "1Mi")
    (2, 1024)
    """
    unit = parse_quantity(divisor) or Decimal(1)  # "0" is what the API server stores for none
    return int((parse_quantity(text) / unit).to_integral_value(ROUND_CEILING))
