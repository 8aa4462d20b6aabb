"""Arrivals of raw barriers that ended long ago, which nobody else would ever delete.

A run's arrivals go with the run; those of a raw barrier stay as long as the barrier does, and a
barrier may have a million of them. What was counted is in its status and stays counted.
"""

import asyncio
import logging
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from konductor.api.barrier import Barrier
from konductor.api.meta import Json
from konductor.api.names import Label
from konductor.cluster.port import Cluster
from konductor.cluster.resource import ARRIVALS, BARRIERS
from konductor.errors import Conflict, KonductorError, ObjectNotFound
from konductor.operator.pause import pause

_log = logging.getLogger(__name__)
EVERY: Final = timedelta(minutes=10)
"""How often it is looked for them."""
_AT_ONCE: Final = 16


class _Place(NamedTuple):
    """All that is kept of an Arrival: a barrier may have more than fit into the memory."""

    namespace: str
    name: str
    uid: str


def is_due(barrier: Barrier, now: datetime, ttl: timedelta) -> bool:
    """Tell whether the arrivals of a barrier may go: it is nobody's, and ended `ttl` ago."""
    status, closed = barrier.status, barrier.status.closed_at or barrier.status.opened_at
    is_raw = Label.RUN not in barrier.metadata.labels
    return is_raw and status.phase.is_terminal and closed is not None and closed + ttl <= now


async def prune(cluster: Cluster, namespace: str, ttl: timedelta) -> int:
    """Delete the arrivals of barriers that ended `ttl` ago; return how many.

    Raises:
        KonductorError: the cluster does not answer, or refuses.
    """
    barriers = await cluster.list(BARRIERS, namespace=namespace)
    now = cluster.now()
    due = [one for one in map(Barrier.parse, barriers.items) if is_due(one, now, ttl)]
    count = 0
    for barrier in due:
        found = await _arrivals_of(cluster, barrier)
        for some in _batches(found):
            await asyncio.gather(*(_delete(cluster, one) for one in some))
        count += len(found)
    return count


async def _arrivals_of(cluster: Cluster, barrier: Barrier) -> list[_Place]:
    metadata, found = barrier.metadata, list[_Place]()

    def note(items: tuple[Json, ...]) -> None:
        found.extend(_place(item["metadata"]) for item in items)

    labels = f"{Label.BARRIER}={metadata.name}"
    await cluster.list(ARRIVALS, namespace=metadata.namespace, labels=labels, part=note)
    return found


def _place(metadata: Json) -> _Place:
    return _Place(metadata["namespace"], metadata["name"], metadata["uid"])


def _batches(items: list[_Place]) -> Iterator[Iterable[_Place]]:
    for start in range(0, len(items), _AT_ONCE):
        yield items[start : start + _AT_ONCE]


async def _delete(cluster: Cluster, arrival: _Place) -> None:
    try:
        await cluster.delete(ARRIVALS, arrival.name, namespace=arrival.namespace, uid=arrival.uid)
    except (Conflict, ObjectNotFound):
        return  # somebody else has deleted it


async def keep_pruning(
    cluster: Cluster, namespace: str, ttl: timedelta, stop: asyncio.Event
) -> None:
    """Prune now and then, until stopped."""
    while not stop.is_set():
        try:
            if count := await prune(cluster, namespace, ttl):
                _log.info("%s arrivals of barriers that ended long ago were deleted", count)
        except KonductorError as error:
            _log.warning("no arrivals were pruned: %s", error)
        await pause(stop, EVERY)
