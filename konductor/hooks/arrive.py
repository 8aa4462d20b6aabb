"""Arrives at a barrier: posts the one Arrival that counts this participant, exactly once.

GET for the barrier's uid, POST, GET again: an Arrival for a barrier that was deleted meanwhile is
accepted by the server and collected seconds later, so one for the new barrier must follow.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from konductor.api.arrival import Arrival, Outcome
from konductor.api.meta import Json, json_map
from konductor.duration import format_duration
from konductor.errors import (
    AlreadyExists,
    NotFound,
    StageFailed,
)
from konductor.hooks.client import Client, OutOfTime
from konductor.hooks.follow import ARRIVALS, BARRIERS, find, follow
from konductor.hooks.timing import ABSENCE

if TYPE_CHECKING:  # 6 ms that who only arrives does not pay
    from konductor.api.barrier import Barrier


class RecordedOtherwise(StageFailed):
    """The participant's one Arrival is there already and says something else."""


class Mark(NamedTuple):
    """What one participant has to say at a barrier."""

    participant: str
    outcome: Outcome = Outcome.ARRIVED
    pod: str = ""
    message: str = ""


class Receipt(NamedTuple):
    """That an Arrival is in."""

    document: Json
    """The barrier as it was after the Arrival had been stored; it need not be counted yet."""
    first: bool
    """Whether this call stored it; otherwise it was there."""

    @property
    def barrier(self) -> "Barrier":
        """Return the barrier, read."""
        from konductor.api.barrier import Barrier  # noqa: PLC0415  # see above

        return Barrier.parse(self.document)


def arrive(
    client: Client,
    name: str,
    mark: Mark,
    *,
    timeout: timedelta = ABSENCE,
    tell: Callable[[str], None],
) -> Receipt:
    """Record a mark at a barrier, once, whatever breaks on the way.

    Args:
        client: its namespace is the barrier's.
        name: the barrier; it may not exist yet.
        mark: who arrived, or failed.
        timeout: how long an absent barrier is waited for.
        tell: is given a line when there is something to say.

    Raises:
        RecordedOtherwise: the participant's Arrival is there, with another outcome.
        NotFound: the barrier did not appear in time.
        Unreachable: no answer from the API server for longer than the client's patience.
        Stopped: the client's stop was set.
    """
    deadline = client.clock.steady() + timeout.total_seconds()
    while True:
        barrier = present(client, name, deadline, timeout, tell)
        first = _record(client, barrier, mark)
        after = _standing(find(client, BARRIERS, name))
        if after and after["metadata"]["uid"] == barrier["metadata"]["uid"]:
            return Receipt(after, first)
        tell(f"barrier `{name}` was deleted meanwhile; arriving at the next one of that name")


def describe(receipt: Receipt, mark: Mark) -> str:
    """Return what happened, in a sentence."""
    name = receipt.document["metadata"]["name"]
    phase = json_map(receipt.document.get("status")).get("phase") or "Waiting"
    verb = {
        Outcome.ARRIVED: f"`{mark.participant}` arrived at `{name}`",
        Outcome.FAILED: f"`{mark.participant}` failed at `{name}`",
        Outcome.ABORT: f"`{name}` is to fail",
    }[mark.outcome]
    if not receipt.first:
        return f"{verb}; that was recorded before"
    if phase == "Open":
        return f"{verb}, which is open"
    return verb if phase == "Waiting" else f"{verb}, which is {phase} already"


def present(
    client: Client,
    name: str,
    deadline: float,
    timeout: timedelta,
    tell: Callable[[str], None],
) -> Json:
    """Return the barrier, as soon as there is one that is not being deleted.

    Raises:
        NotFound: there is none until the deadline, which lies ``timeout`` after the call began.
    """
    if barrier := _standing(find(client, BARRIERS, name)):
        return barrier
    try:
        with client.until(deadline):
            tell(f"barrier `{name}` does not exist yet; waiting {format_duration(timeout)} for it")
            for barriers in follow(client, BARRIERS, name):
                if barrier := _standing(barriers.get(name)):
                    return barrier
    except OutOfTime as error:
        raise NotFound(
            f"there is no barrier `{name}` in namespace `{client.namespace}`",
            hint="create it with `koncli barrier create`",
        ) from error
    raise AssertionError("a watch of barriers ended by itself")


def _standing(document: Json | None) -> Json | None:
    """Return the barrier, unless there is none or it is on its way out."""
    if document is None or document["metadata"].get("deletionTimestamp"):
        return None
    return document


def _record(client: Client, barrier: Json, mark: Mark) -> bool:
    """Store the mark's Arrival; return whether it was not there yet."""
    arrival = Arrival.at(
        barrier["metadata"]["name"],
        barrier["metadata"]["uid"],
        mark.participant,
        namespace=client.namespace,
        outcome=mark.outcome,
        pod=mark.pod,
        message=mark.message,
    )
    try:
        client.create(client.path(*ARRIVALS), arrival.manifest(), repeatable=True)
    except AlreadyExists:
        _confirm(client, arrival)
        return False
    return True


def _confirm(client: Client, arrival: Arrival) -> None:
    """Hold the Arrival that is there to the one that was to be stored."""
    document = find(client, ARRIVALS, arrival.metadata.name)
    if document is None:
        return  # collected with its barrier, which the second look at that will tell
    there = Arrival.parse(document)
    if (there.participant, there.outcome) != (arrival.participant, arrival.outcome):
        raise RecordedOtherwise(
            f"`{there.participant}` is already recorded as {there.outcome} at `{there.barrier}`",
            hint="the first record of a participant is final; `koncli barrier reset` starts anew",
        )
