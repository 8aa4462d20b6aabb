"""Who has arrived at one barrier: an accumulator that the operator keeps, one for each uid.

A barrier may see a million arrivals, and each of them calls for a decision; so facts are added
one by one, in any order, and a decision asks for counts, which cost O(log n). Adding facts one by
one equals counting them all at once (tests/property/test_tally.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from konductor.api.arrival import Outcome
from konductor.api.barrier import Barrier
from konductor.semantics.indexes import Indexes


@dataclass(frozen=True, slots=True)
class ArrivalFact:
    """One Arrival of the barrier's uid."""

    participant: str
    outcome: Outcome
    at: datetime
    """The server's ``creationTimestamp``, whole seconds."""
    message: str = ""


class Tally:
    """The arrivals, failures and aborts of one barrier."""

    @staticmethod
    def of(barrier: Barrier) -> "Tally":
        """Return the tally to add to: it knows whom the barrier's status has counted."""
        raise NotImplementedError

    def add(self, fact: ArrivalFact) -> bool:
        """Add an Arrival; tell whether it says anything new."""
        raise NotImplementedError

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
        raise NotImplementedError

    def count(self, deadline: datetime | None) -> int:
        """Return how many distinct participants arrived by the deadline (O(log n))."""
        raise NotImplementedError
