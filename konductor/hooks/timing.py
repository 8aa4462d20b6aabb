"""The time, chance and patience of a hook, as values, so that a test can hold them."""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import NamedTuple

from konductor.hooks.stop import Stop

_PAUSES = (0.05, 0.2, 0.5, 1.0, 2.0)
_JITTER = 0.5


def _chance() -> float:
    """Return a number from 0 to 1."""
    from random import random  # noqa: PLC0415  # 3 ms that only a hook in trouble pays

    return random()  # noqa: S311  # it spreads requests, it guards nothing


class Clock(NamedTuple):
    """How time passes, in seconds."""

    steady: Callable[[], float] = time.monotonic
    chance: Callable[[], float] = _chance
    pause: Callable[[Stop, float], bool] = Stop.wait
    """Waits that long, or until the stop; returns whether it was the stop."""


class Patience(NamedTuple):
    """How long an API server may give no answer at a stretch before that is an error."""

    first: timedelta
    """Before its first answer: a wrong address should be told soon."""
    later: timedelta
    """After that: it is known to be the right one."""
    starting: timedelta
    """How long it may refuse what it was asked, and not say that it is ready."""


AT_TERMINAL = Patience(timedelta(seconds=3), timedelta(minutes=5), timedelta(seconds=3))
IN_POD = Patience(timedelta(minutes=2), timedelta(minutes=30), timedelta(minutes=2))
"""A pod starts and stops as its cluster does; its address is right."""
ENDLESS = Patience(timedelta.max, timedelta.max, timedelta(minutes=5))
ABSENCE = timedelta(minutes=5)
"""How long an absent barrier is waited for."""


def back_off(attempt: int, asked: float, clock: Clock) -> float:
    """Return how long to wait after that many failures in a row, in seconds.

    Chance spreads many hooks that fail at the same moment. ``asked`` is what the server's
    ``Retry-After`` said, or 0.

    >>> back_off(1, 0, Clock(chance=lambda: 0.0))
    0.05
    """
    pause = _PAUSES[min(attempt, len(_PAUSES)) - 1]
    return max(asked, pause) * (1 + _JITTER * clock.chance())
