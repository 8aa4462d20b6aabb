"""Time spans as a person reads them."""

from datetime import datetime, timedelta

_MINUTE = 60
_HOUR = 3600


def elapsed(span: timedelta) -> str:
    """Return a span with the precision that its size deserves.

    >>> [elapsed(timedelta(seconds=seconds)) for seconds in (4.25, 75, 7200)]
    ['4.2s', '1m15s', '2h00m']
    """
    seconds = max(span.total_seconds(), 0.0)
    if seconds < _MINUTE:
        return f"{int(seconds * 10) / 10:.1f}s"
    whole = int(seconds)
    if whole < _HOUR:
        return f"{whole // _MINUTE}m{whole % _MINUTE:02}s"
    return f"{whole // _HOUR}h{whole % _HOUR // _MINUTE:02}m"


def since(start: datetime | None, end: datetime | None, now: datetime) -> str:
    """Return how long something has taken, or took; empty if it has not begun.

    Objects carry whole seconds, so what has ended is given in whole seconds too.
    """
    if start is None:
        return ""
    if end is None:
        return elapsed(now - start)
    return (
        f"{int((end - start).total_seconds())}s"
        if end - start < timedelta(minutes=1)
        else (elapsed(end - start))
    )
