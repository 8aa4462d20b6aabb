"""How many arrive at a barrier, and how many must: numbers and percents, in exact decimals."""

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from konductor.dsl.pipeline import Checked
from konductor.dsl.scope import What
from konductor.dsl.settings import Settings
from konductor.dsl.values import Percent, Unknown, Value

_HUNDRED = Decimal(100)


def expected_of(checked: Checked, settings: Settings, over: Value) -> int | None:
    """Return how many participants there are; None: nobody knows yet."""
    if checked.what is What.MAP:
        return len(over) if isinstance(over, tuple | range) else _whole(over)
    name, otherwise = _EXPECTED.get(checked.what, ("replicas", 1))
    if name in settings:
        return _whole(settings[name].value)
    if checked.what is What.BARRIER:
        return sum(key.startswith("probe ") for key in settings) or None
    return otherwise


_EXPECTED: dict[What, tuple[str, int | None]] = {
    What.BARRIER: ("expected", None),
    What.APPROVAL: ("required", 1),
    What.SEMAPHORE: ("", None),
    What.GATE: ("", None),
}
"""How a block says how many arrive at it, and how many do if it does not; a stage: its pods."""


def quorum_of(settings: Settings, expected: int | None) -> int | None:
    """Return how many must arrive; None: nobody knows yet."""
    if expected is None:
        return None
    if "quorum" in settings:
        return share_of(settings["quorum"].value, expected, ROUND_CEILING)
    if "allow_failures" in settings:
        tolerated = share_of(settings["allow_failures"].value, expected, ROUND_FLOOR)
        return None if tolerated is None else expected - tolerated
    return expected


def share_of(value: Value, expected: int, rounding: str) -> int | None:
    """Return a number or a percent of what is expected, as a number.

    >>> share_of(Percent(Decimal("33.4")), 3, ROUND_CEILING)
    2
    """
    if isinstance(value, Percent):
        exact = expected * value.share / _HUNDRED
        return int(exact.to_integral_value(rounding=rounding))
    return _whole(value)


def _whole(value: Value) -> int | None:
    return None if isinstance(value, Unknown) or not isinstance(value, int) else value
