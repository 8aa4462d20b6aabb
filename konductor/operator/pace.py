"""How fast progress is written: at most 2 writes a second per barrier, and 50 in all.

A barrier whose progress is written again and again is written ever less often, up to once in 5 s:
each write of 10,000 names costs the cluster as much as all of them, and nobody reads that fast.

Openings and everything else that somebody waits for do not come here. Pure: times are arguments,
in seconds of any steady clock.
"""

import heapq
from collections.abc import Hashable
from typing import Final, Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
PER_KEY: Final = 0.5
IN_ALL: Final = 0.02
_DELAY: Final = 0.1
"""Whoever arrives within that time is told with the same write, or by the opening itself."""
_SLOWER: Final = 1.05
_LONGEST: Final = 5.0
_QUIET: Final = 2.0
"""After so many intervals without a write a barrier is as good as new."""


class Pace(Generic[Key]):
    """Who wants to write, and when each may."""

    def __init__(self, per_key: float = PER_KEY, in_all: float = IN_ALL) -> None:
        self._per_key = per_key
        self._in_all = in_all
        self._heap: list[tuple[float, int, Key]] = []
        self._wanted: dict[Key, int] = {}
        self._last: dict[Key, float] = {}
        self._interval: dict[Key, float] = {}
        self._next = float("-inf")
        self._asked = 0

    def want(self, key: Key, now: float) -> None:
        """Ask for one write; asking again before it is granted changes nothing."""
        if key in self._wanted:
            return
        self._asked += 1
        self._wanted[key] = self._asked
        last, interval = self._last.get(key, float("-inf")), self._interval.get(key, self._per_key)
        if now - last > _QUIET * interval:
            self._interval.pop(key, None)
        due = max(now + _DELAY, last + interval)
        heapq.heappush(self._heap, (due, self._asked, key))

    def wrote(self, key: Key, now: float) -> None:
        """Note a write that told progress too, though it was made for another reason."""
        self._last[key] = now

    def due(self) -> float | None:
        """Return when the next write may be made; None: nobody wants one."""
        while self._heap and self._wanted.get(self._heap[0][2]) != self._heap[0][1]:
            heapq.heappop(self._heap)  # who asked is gone
        return max(self._heap[0][0], self._next) if self._heap else None

    def take(self, now: float) -> Key | None:
        """Return whose write is due now, and count it as made; None: nobody's."""
        due = self.due()
        if due is None or due > now:
            return None
        _, _, key = heapq.heappop(self._heap)
        del self._wanted[key]
        self._last[key] = self._next = now
        slower = self._interval.get(key, self._per_key) * _SLOWER
        self._interval[key] = min(slower, _LONGEST)
        self._next += self._in_all
        return key

    def forget(self, key: Key) -> None:
        """Drop what is known of a barrier that is gone; others must not wait for its turn."""
        self._wanted.pop(key, None)
        self._last.pop(key, None)
        self._interval.pop(key, None)
