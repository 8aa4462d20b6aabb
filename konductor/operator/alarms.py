"""When each object wants to be looked at again: one heap for all. Pure: times are arguments."""

import heapq
from collections.abc import Hashable
from datetime import datetime
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
_FEW = 1000


class Alarms(Generic[Key]):
    """At most one moment for each key; the last one set holds."""

    def __init__(self) -> None:
        self._at: dict[Key, datetime] = {}
        self._heap: list[tuple[datetime, int, Key]] = []
        self._set = 0

    def set(self, key: Key, at: datetime | None) -> None:
        """Wake a key then, instead of when it was to be woken; None: not at all."""
        if at is None:
            self._at.pop(key, None)
        elif self._at.get(key) != at:
            self._at[key] = at
            self._set += 1
            heapq.heappush(self._heap, (at, self._set, key))
            if len(self._heap) > 2 * len(self._at) + _FEW:
                self._compact()

    def __len__(self) -> int:
        """Return how many moments are kept, those taken back too."""
        return len(self._heap)

    def next(self) -> datetime | None:
        """Return the first moment at which somebody is to be woken."""
        while self._heap and self._at.get(self._heap[0][2]) != self._heap[0][0]:
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def ring(self, now: datetime) -> list[Key]:
        """Return whom to wake now, and forget their moments."""
        out: list[Key] = []
        while (at := self.next()) is not None and at <= now:
            _, _, key = heapq.heappop(self._heap)
            if self._at.pop(key, None) is not None:
                out.append(key)
        return out

    def _compact(self) -> None:
        """Drop what was taken back: a barrier that is gone must not be kept until its deadline."""
        self._heap = [one for one in self._heap if self._at.get(one[2]) == one[0]]
        heapq.heapify(self._heap)
