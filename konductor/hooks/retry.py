"""How long a participant that is tried again waits first (``retry { backoff … }``)."""

from collections.abc import Mapping
from datetime import timedelta

from konductor.api.names import Env
from konductor.duration import LONGEST, parse_duration


def pause_before(environment: Mapping[str, str]) -> timedelta:
    """Return how long this attempt is to wait before its program starts.

    The Job controller has let its own pause pass before it made the pod; this one comes on top.

    >>> told = {"KON_BACKOFF": "10s 2.0 1m"}
    >>> [pause_before(told | {"KON_ATTEMPT": str(number)}).seconds for number in (0, 1, 2, 9)]
    [0, 10, 20, 60]
    """
    words = environment.get(Env.BACKOFF, "").split()
    failures = int(environment.get(Env.ATTEMPT) or 0)
    if not words or not failures:
        return timedelta(0)
    first, factor = parse_duration(words[0]), float(words[1])
    longest = parse_duration(words[2]) if len(words) > 2 else LONGEST  # noqa: PLR2004  # the third word
    try:
        return min(first * factor ** (failures - 1), longest)
    except OverflowError:
        return longest
