"""Events about barriers and runs, posted beside the work: nobody waits for them."""

import asyncio
import hashlib
import logging
import os
import socket
from collections.abc import Callable
from typing import Final, NamedTuple

from konductor.api.barrier import Barrier
from konductor.api.meta import Json, Metadata, time_text
from konductor.api.names import API_VERSION
from konductor.api.run import Run
from konductor.cluster.port import Cluster
from konductor.cluster.resource import EVENTS
from konductor.errors import (
    AlreadyExists,
    Forbidden,
    KonductorError,
    ObjectNotFound,
    ServerBusy,
    Unreachable,
)
from konductor.operator.measure import Measure
from konductor.operator.refusal import Refusals
from konductor.semantics.decision import EmitEvent

_log = logging.getLogger(__name__)
_COMPONENT: Final = "konductor"
_INSTANCE: Final = f"konductor-{socket.gethostname()}-{os.getpid()}"
_EVENTS: Final = "events"
_LONGEST_MESSAGE: Final = 1024
_PAUSES: Final = (0.5, 2.0, 5.0)
_COURTESY: Final = 0.1
"""Seconds that each Event waits while somebody waits for a barrier."""
_PATIENT: Final = 1_000
"""Events that wait before they are posted as fast as the server takes them all the same."""
_MOST: Final = 5_000
"""More would fill the memory of an operator whose server cannot keep up."""


class _Letter(NamedTuple):
    """An Event on its way, with no more of its object than it tells: thousands may wait."""

    kind: str
    about: Metadata
    event: EmitEvent


class Post:
    """Events on their way."""

    def __init__(
        self,
        cluster: Cluster,
        measure: Measure,
        refusals: Refusals,
        pressing: Callable[[], int] = lambda: 0,
    ) -> None:
        """Take the cluster, who counts and tells of refusals, and how many wait for a barrier."""
        self._cluster = cluster
        self._pressing = pressing
        self._measure = measure
        self._refusals = refusals
        self._queue: asyncio.Queue[_Letter] = asyncio.Queue()

    def put(self, about: Barrier | Run, event: EmitEvent) -> None:
        """Have an Event posted; when far too many wait already, it is told in the log instead."""
        if self._queue.qsize() < _MOST:
            self._queue.put_nowait(_Letter(type(about).__name__, about.metadata, event))
        else:
            name = about.metadata.name
            _log.warning("no Event about %s, too many wait: %s", name, event.message)

    async def carry(self) -> None:
        """Post what is put, for ever."""
        while True:
            letter = await self._queue.get()
            if self._pressing() and self._queue.qsize() < _PATIENT:
                await asyncio.sleep(_COURTESY)
            await self._deliver(letter)

    async def _deliver(self, letter: _Letter) -> None:
        for pause in _PAUSES:
            try:
                await _post(self._cluster, letter)
            except (Unreachable, ServerBusy):
                await asyncio.sleep(pause)
            except Forbidden as error:
                self._measure.failed(error)
                self._refusals.note(_EVENTS, error)
                return
            except KonductorError as error:
                self._measure.failed(error)
                reason, name = letter.event.reason, letter.about.name
                _log.warning("no Event %s about %s: %s", reason, name, error)
                return
            else:
                self._refusals.forget(_EVENTS)
                return


async def _post(cluster: Cluster, letter: _Letter) -> None:
    """Record an Event about an object, once: its name says which object and what happened."""
    kind, metadata, event = letter
    digest = hashlib.sha256(f"{metadata.uid}/{event.reason}/{event.message}".encode()).hexdigest()
    now = time_text(cluster.now())
    document: Json = {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"name": f"{metadata.name}.{digest[:16]}", "namespace": metadata.namespace},
        "involvedObject": {
            "apiVersion": API_VERSION,
            "kind": kind,
            "name": metadata.name,
            "namespace": metadata.namespace,
            "uid": metadata.uid,
            "resourceVersion": metadata.resource_version,
        },
        "type": str(event.type),
        "reason": event.reason,
        "message": event.message[:_LONGEST_MESSAGE],
        "firstTimestamp": now,
        "lastTimestamp": now,
        "count": 1,
        "source": {"component": _COMPONENT},
        "reportingComponent": _COMPONENT,
        "reportingInstance": _INSTANCE,
    }
    try:
        await cluster.create(EVENTS, document)
    except (AlreadyExists, ObjectNotFound):  # told before; or its namespace has gone
        return
