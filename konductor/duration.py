"""Durations as people write them: ``1h30m`` to and from ``timedelta``.

The form is Go's (``time.ParseDuration``), which is also what the Barrier's ``timeout`` takes.
Stdlib only, since hooks parse ``--timeout`` with it.
"""

import re
from datetime import timedelta

_NANOSECONDS = {
    "ns": 1,
    "us": 1_000,
    "µs": 1_000,
    "μs": 1_000,
    "ms": 1_000_000,
    "s": 1_000_000_000,
    "m": 60_000_000_000,
    "h": 3_600_000_000_000,
}
_PART = r"([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h)"
_DURATION = re.compile(rf"(?:{_PART})+")
LONGEST = timedelta(hours=87600)
"""The longest timeout a Barrier takes (ten years)."""


def parse_duration(text: str) -> timedelta:
    """Return the time span that a Go duration names.

    Nanoseconds are rounded to microseconds, which is what ``timedelta`` holds; a span above zero
    never rounds to zero.

    Raises:
        ValueError: the text is no duration, or is not within 0 and `LONGEST`.

    >>> parse_duration("1h30m")
    datetime.timedelta(seconds=5400)
    """
    if not _DURATION.fullmatch(text):
        raise ValueError(f"`{text}` is no duration such as 90s, 15m or 1h30m")
    from decimal import Decimal  # noqa: PLC0415  # 2 ms that a hook without a timeout does not pay

    parts = re.findall(_PART, text)
    microseconds = sum(Decimal(number) * _NANOSECONDS[unit] for number, unit in parts) / 1000
    if microseconds > LONGEST // timedelta(microseconds=1):
        raise ValueError(f"`{text}` is longer than 87600h")
    return timedelta(microseconds=max(round(microseconds), 1 if microseconds else 0))


def format_duration(span: timedelta) -> str:
    """Return the shortest Go duration for a time span, largest unit first, without zeros.

    >>> format_duration(timedelta(hours=1, seconds=5))
    '1h5s'
    >>> format_duration(timedelta(0))
    '0s'
    """
    left = span // timedelta(microseconds=1)
    sign, left = ("-", -left) if left < 0 else ("", left)
    out = ""
    for unit, size in (
        ("h", 3_600_000_000),
        ("m", 60_000_000),
        ("s", 1_000_000),
        ("ms", 1_000),
        ("us", 1),
    ):
        count, left = divmod(left, size)
        if count:
            out += f"{count}{unit}"
    return sign + (out or "0s")
