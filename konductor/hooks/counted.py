"""Waits until the operator has taken in an Arrival."""

from datetime import timedelta

from konductor.api.barrier import Barrier
from konductor.api.meta import Json, json_map
from konductor.hooks.client import Client, OutOfTime
from konductor.hooks.follow import BARRIERS, follow
from konductor.semantics.participants import unfold


def until_counted(
    client: Client, recorded: Json, participant: str, *, timeout: timedelta
) -> Json | None:
    """Return the barrier once its status tells of an arrival; None if that takes longer.

    Args:
        client: its namespace is the barrier's.
        recorded: the barrier as it was when the arrival had been stored.
        participant: who arrived.
        timeout: how long it may take.

    Raises:
        ApiError: the server refuses.
        Unreachable: it gives no answer for longer than the client's patience.
    """
    metadata = json_map(recorded.get("metadata"))
    name, before = str(metadata.get("name")), Barrier.parse(recorded)
    try:
        with client.until(client.clock.steady() + timeout.total_seconds()):
            for barriers in follow(client, BARRIERS, name):
                document = barriers.get(name)
                if document is None or document["metadata"]["uid"] != before.metadata.uid:
                    return None  # nobody counts for it any more
                if tells_of(Barrier.parse(document), participant, before):
                    return document
    except OutOfTime:
        return None
    raise AssertionError("a watch of barriers ended by itself")


def tells_of(barrier: Barrier, participant: str, before: Barrier) -> bool:
    """Tell whether a barrier's status has an arrival in it, or never will have.

    Of a list too long to be told in full only its growth since ``before`` is known.
    """
    status = barrier.status
    if status.phase.is_terminal or participant in unfold((*status.arrivals, *status.failures)):
        return True
    told_in_full = len(unfold(status.arrivals)) == status.arrived
    return not told_in_full and status.arrived > before.status.arrived
