"""Who has arrived at one barrier: an accumulator that the operator keeps, one for each uid.

A barrier may see a million arrivals, and each of them calls for a decision; so facts are added
one by one, in any order, and a decision asks for counts, which cost O(log n). Adding facts one by
one equals counting them all at once (tests/property/test_tally.py).
"""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from konductor.api.arrival import Outcome
from konductor.api.barrier import Barrier
from konductor.semantics.first import First
from konductor.semantics.indexes import Indexes
from konductor.semantics.participants import Stems, join, natural, runs_of, split, unfold

_COUNTED = -1e12
"""The time of the first participant that a status has counted: before all times, so always in
time and first in order."""


@dataclass(frozen=True, slots=True)
class ArrivalFact:
    """One Arrival of the barrier's uid."""

    participant: str
    outcome: Outcome
    at: datetime
    """The server's ``creationTimestamp``, whole seconds."""
    message: str = ""


class Tally:
    """The arrivals, failures and aborts of one barrier.

    Of two Arrivals of one participant (made by hand, under names of their own) an arrival beats a
    failure, and the earlier the later.
    """

    def __init__(self, counted: Iterable[str] = (), *, only_jobs: bool = False) -> None:
        """Begin with those already counted, who stay counted whatever is added.

        Args:
            counted: participants in the order in which they were counted.
            only_jobs: what Jobs completed counts instead of Arrivals (``arrivalsFrom``); an
                Arrival that aborts is heeded even so.
        """
        self.abort: ArrivalFact | None = None
        """The first Arrival that ends the barrier as a whole."""
        self._only_jobs = only_jobs
        self._arrived: dict[str, dict[int, float]] = {}
        self._first = First()
        self._times: list[float] = []
        self._failed: dict[tuple[str, int], float] = {}
        self._completed: dict[str, Indexes] = {}
        self._stems: dict[float | None, Stems] = {}
        for place, name in enumerate(counted):
            self._arrive(*split(name), _COUNTED + place)

    @staticmethod
    def of(barrier: Barrier) -> "Tally":
        """Return the tally to add to: it knows whom the barrier's status has counted."""
        return Tally(unfold(barrier.status.arrivals), only_jobs=bool(barrier.spec.jobs))

    def add(self, fact: ArrivalFact) -> bool:
        """Add an Arrival; tell whether it says anything new."""
        if fact.outcome is Outcome.ABORT:
            return self._abort(fact)
        if self._only_jobs:
            return False
        stem, index = split(fact.participant)
        if fact.outcome is Outcome.ARRIVED:
            return self._arrive(stem, index, fact.at.timestamp())
        return self._fail(stem, index, fact.at.timestamp())

    def complete(
        self, job: str, completed: Indexes, *, finished: Mapping[int, datetime], seen: datetime
    ) -> int:
        """Add what an Indexed Job in ``arrivalsFrom.jobs`` has completed.

        Cheap to call with all indexes each time: only new ones are looked at.

        Args:
            job: the Job's name.
            completed: all its completed indexes.
            finished: when the pods of indexes finished, as far as that is known.
            seen: the time of an index that `finished` does not have.

        Returns:
            how many are new.
        """
        before = self.total
        new = completed.minus(self._completed.get(job, Indexes()))
        others: list[int] = []
        for index in new:
            if index in finished:
                self._arrive(job, index, finished[index].timestamp())
            else:
                others.append(index)
        if others:
            self._arrive_together(job, others, seen.timestamp())
        self._completed[job] = completed
        return self.total - before

    @property
    def total(self) -> int:
        """Return how many distinct participants arrived, late ones too."""
        return len(self._times)

    def count(self, deadline: datetime | None) -> int:
        """Return how many distinct participants arrived by the deadline (O(log n))."""
        return bisect_right(self._times, deadline.timestamp()) if deadline else self.total

    def arrivals(self, deadline: datetime | None) -> list[str]:
        """Return who arrived by the deadline, first come first, in natural order within a second.

        O(n log n).
        """
        limit = _limit(deadline)
        timely = [
            (at, place, index, stem)
            for place, stem in enumerate(sorted(self._arrived, key=natural))
            for index, at in self._arrived[stem].items()
            if at <= limit
        ]
        return [join(stem, index) for _, _, index, stem in sorted(timely)]

    def stems(self, deadline: datetime | None) -> Stems:
        """Return who arrived by the deadline by stem, in natural order.

        O(n log n) once after something was added, then O(1).
        """
        limit = _limit(deadline)
        if limit not in self._stems:
            self._stems = {limit: dict(self._timely(limit))}
        return self._stems[limit]

    def first_stems(self, deadline: datetime | None) -> Stems:
        """Return at least those of `stems` that a status can show, in natural order.

        O(n log n) of the indexes of those stems, unless somebody came too late.
        """
        if self.count(deadline) < self.total:
            return self.stems(deadline)
        return {stem: runs_of(self._arrived[stem]) for stem in self._first}

    def failures(self, deadline: datetime | None) -> Iterable[str]:
        """Yield who failed by the deadline, according to Arrivals, and did not arrive."""
        limit = _limit(deadline)
        for (stem, index), at in self._failed.items():
            if at <= limit and index not in self._arrived.get(stem, ()):
                yield join(stem, index)

    def _timely(self, limit: float) -> Iterable[tuple[str, Indexes]]:
        for stem in sorted(self._arrived, key=natural):
            if timely := [index for index, at in self._arrived[stem].items() if at <= limit]:
                yield stem, runs_of(timely)

    def _arrive(self, stem: str, index: int, at: float) -> bool:
        indexes = self._indexes(stem)
        known = indexes.get(index)
        if known is not None:
            if known <= at:
                return False
            del self._times[bisect_left(self._times, known)]
        indexes[index] = at
        insort(self._times, at)
        self._stems.clear()
        return True

    def _arrive_together(self, stem: str, numbers: Iterable[int], at: float) -> None:
        """Let many arrive at one moment, for a Job may tell of a million at once."""
        indexes, new = self._indexes(stem), []
        for index in numbers:
            if index in indexes:
                self._arrive(stem, index, at)
            else:
                new.append(index)
        indexes.update(dict.fromkeys(new, at))
        place = bisect_right(self._times, at)
        self._times[place:place] = [at] * len(new)
        self._stems.clear()

    def _indexes(self, stem: str) -> dict[int, float]:
        """Return the indexes of a stem that have arrived, each with its time."""
        if stem not in self._arrived:
            self._arrived[stem] = {}
            self._first.add(stem)
        return self._arrived[stem]

    def _fail(self, stem: str, index: int, at: float) -> bool:
        known = self._failed.get((stem, index))
        if known is not None and known <= at:
            return False
        self._failed[stem, index] = at
        return True

    def _abort(self, fact: ArrivalFact) -> bool:
        if self.abort and _order(self.abort) <= _order(fact):
            return False
        self.abort = fact
        return True


def _limit(deadline: datetime | None) -> float:
    return deadline.timestamp() if deadline else float("inf")


def _order(fact: ArrivalFact) -> tuple[datetime, str, str]:
    return fact.at, fact.participant, fact.message
