"""What the API server forbids the operator while it works: told now and then, tried now and then.

Each barrier's write would be refused alike, so neither each is told, nor is any of them tried again
as soon as there is news of it.
"""

import logging
import time
from collections.abc import Callable, Hashable
from typing import Final

from konductor.cluster.rights import refused_right
from konductor.errors import Forbidden

_log = logging.getLogger(__name__)
PAUSES: Final = (1.0, 5.0, 15.0, 30.0)
"""Seconds until something that was forbidden is tried again."""
_TOLD_EVERY: Final = 60.0


class Refusals:
    """What was forbidden, and until when it is not worth another try."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Begin with nothing forbidden; `clock` gives seconds that only ever grow."""
        self._clock = clock
        self._told: dict[Hashable, float] = {}
        self._count: dict[Hashable, int] = {}
        self._until: dict[Hashable, float] = {}

    def note(self, what: Hashable, error: Forbidden) -> float:
        """Note that something was forbidden; return for how many seconds to leave it."""
        count = self._count[what] = self._count.get(what, 0) + 1
        pause = PAUSES[min(count, len(PAUSES)) - 1]
        self._until[what] = self._clock() + pause
        self._tell(error)
        return pause

    def _tell(self, error: Forbidden) -> None:
        """Log what is forbidden; the same right not more often than once a minute."""
        now, right = self._clock(), refused_right(error)
        key = right or error.message
        if now < self._told.get(key, now):
            return
        self._told = {one: until for one, until in self._told.items() if until > now}
        self._told[key] = now + _TOLD_EVERY
        if right:
            _log.error("the operator lacks the right `%s`: %s", right, error.message)
        else:
            _log.error("the cluster forbids it: %s", error.message)

    def left(self, what: Hashable) -> float:
        """Return for how many seconds something is to be left; 0: try it."""
        return max(self._until.get(what, 0.0) - self._clock(), 0.0)

    def forget(self, what: Hashable) -> None:
        """Begin anew with something that was done, or is gone."""
        self._count.pop(what, None)
        self._until.pop(what, None)
