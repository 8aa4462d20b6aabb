"""Times as Kubernetes writes them: RFC 3339, in UTC, to the second or to the microsecond."""

import re
from datetime import UTC, datetime

_LAYOUT, _MICRO_LAYOUT = "2006-01-02T15:04:05Z07:00", "2006-01-02T15:04:05.000000Z07:00"
_TIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:[.,](\d+))?(Z|[+-]\d\d:\d\d)", re.ASCII)
_FRACTION = 6


def parse_time(text: str, *, micro: bool = False) -> str:
    """Return a time in its canonical form.

    >>> parse_time("2026-01-02T04:05:06.7+01:00")
    '2026-01-02T03:05:06Z'
    >>> parse_time("2026-01-02T04:05:06.789000+01:00", micro=True)
    '2026-01-02T03:05:06.789000Z'

    Raises:
        ValueError: it is no RFC 3339 time; in the words of Go's time package.
    """
    found = _TIME.fullmatch(text)
    if found is None or (micro and len(found[2] or "") != _FRACTION):
        raise _unreadable(text, micro=micro)
    fraction = (found[2] or "")[:_FRACTION].ljust(_FRACTION, "0")
    zone = "+00:00" if found[3] == "Z" else found[3]
    try:
        moment = datetime.fromisoformat(f"{found[1]}.{fraction}{zone}").astimezone(UTC)
    except ValueError:
        raise ValueError(f'parsing time "{text}": {_out_of_range(text)} out of range') from None
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ" if micro else "%Y-%m-%dT%H:%M:%SZ")


_PARTS = (
    ("2006", r"\d{4}"),
    ("-", "-"),
    ("01", r"\d\d"),
    ("-", "-"),
    ("02", r"\d\d"),
    ("T", "T"),
    ("15", r"\d\d"),
    (":", ":"),
    ("04", r"\d\d"),
    (":", ":"),
    ("05", r"\d\d"),
)
_ANY_FRACTION, _SIX_DIGITS = r"(?:[.,]\d+)?", r"\.\d{6}"


def _unreadable(text: str, *, micro: bool) -> ValueError:
    """Return the error that names the first part of the layout which the text does not have."""
    rest, part = text, "Z07:00"
    fraction = (".000000", _SIX_DIGITS) if micro else ("05", _ANY_FRACTION)
    for name, pattern in (*_PARTS, fraction):
        found = re.match(pattern, rest, re.ASCII)
        if found is None:
            part = name
            break
        rest = rest[found.end() :]
    layout = _MICRO_LAYOUT if micro else _LAYOUT
    return ValueError(f'parsing time "{text}" as "{layout}": cannot parse "{rest}" as "{part}"')


_LIMITS = (("month", 5, 1, 12), ("day", 8, 1, 31), ("hour", 11, 0, 23), ("minute", 14, 0, 59))
_SECOND_AT, _LAST_SECOND = 17, 59


def _out_of_range(text: str) -> str:
    """Return which part of a well-formed time there is not in any calendar or clock."""
    for name, at, least, most in _LIMITS:
        if not least <= _two(text, at) <= most:
            return name
    return "second" if _two(text, _SECOND_AT) > _LAST_SECOND else "day"


def _two(text: str, at: int) -> int:
    return int(text[at : at + 2])
