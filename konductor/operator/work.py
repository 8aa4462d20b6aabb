"""What is to be settled next: the most urgent first, each subject once, by one worker at a time."""

import asyncio
import heapq
import time

from konductor.operator.subject import Subject, Urgency


class Work:
    """A queue of subjects."""

    def __init__(self) -> None:
        self._heap: list[tuple[Urgency, int, Subject]] = []
        self._queued: dict[Subject, Urgency] = {}
        self._busy: set[Subject] = set()
        self._again: dict[Subject, Urgency] = {}
        self._added = 0
        self._since: dict[Subject, float] = {}
        self._ready = asyncio.Semaphore(0)

    def add(self, subject: Subject, urgency: Urgency) -> None:
        """Ask for a subject to be settled; what is being settled now is settled once more."""
        self._since.setdefault(subject, time.monotonic())
        if subject in self._busy:
            self._again[subject] = min(urgency, self._again.get(subject, urgency))
            return
        if urgency >= self._queued.get(subject, Urgency.PROGRESS + 1):
            return
        self._queued[subject] = urgency
        self._added += 1
        heapq.heappush(self._heap, (urgency, self._added, subject))
        self._ready.release()

    async def take(self) -> Subject:
        """Wait for the most urgent subject; `done` is to be called once it is settled."""
        while True:
            await self._ready.acquire()
            urgency, _, subject = heapq.heappop(self._heap)
            if self._queued.get(subject) == urgency:  # else it was asked for more urgently since
                del self._queued[subject]
                self._busy.add(subject)
                return subject

    def since(self, subject: Subject) -> float:
        """Return the monotonic time at which a subject that was just taken was first asked for."""
        return self._since.pop(subject, time.monotonic())

    def __len__(self) -> int:
        """Return how many subjects wait."""
        return len(self._queued)

    @property
    def under_way(self) -> int:
        """Return how many subjects are being settled."""
        return len(self._busy)

    def done(self, subject: Subject) -> None:
        """Let a subject be settled again."""
        self._busy.discard(subject)
        if (urgency := self._again.pop(subject, None)) is not None:
            self.add(subject, urgency)
