"""Arrivals of raw barriers that ended long ago, which nobody else would ever delete.

A run's arrivals go with the run; those of a raw barrier stay as long as the barrier does, and a
barrier may have a million of them. What was counted is in its status and stays counted.
"""

import asyncio
import logging
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Final

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
        name, room = barrier.metadata.name, barrier.metadata.namespace
        found = await cluster.list(ARRIVALS, namespace=room, labels=f"{Label.BARRIER}={name}")
        for some in _batches(found.items):
            await asyncio.gather(*(_delete(cluster, one) for one in some))
        count += len(found.items)
    return count


def _batches(items: tuple[Json, ...]) -> Iterator[Iterable[Json]]:
    for start in range(0, len(items), _AT_ONCE):
        yield items[start : start + _AT_ONCE]


async def _delete(cluster: Cluster, arrival: Json) -> None:
    metadata = arrival["metadata"]
    try:
        await cluster.delete(
            ARRIVALS, metadata["name"], namespace=metadata["namespace"], uid=metadata["uid"]
        )
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
