"""What happens on the cluster, and when: one watch of Barriers and one of Jobs, with times.

Times are those of `time.perf_counter`, which all processes of a machine share on Linux.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field

import orjson

from konductor.api.meta import Json, json_map
from konductor.cluster.http import HttpCluster
from konductor.cluster.port import Change, Changed
from konductor.cluster.resource import BARRIERS, JOBS, Resource

_WITHIN = 600.0


@dataclass(slots=True)
class Seen:
    """One object, as it has been seen so far."""

    writes: int = 0
    """Versions after the first."""
    written: int = 0
    """Bytes of those versions."""
    size: int = 0
    """Bytes of the last one."""
    started: float = 0.0
    opened: float = 0.0
    lifted: float = 0.0
    """When a Job ceased to be suspended."""
    last: Json = field(default_factory=dict)


class Sight:
    """Who has seen all of it."""

    def __init__(self, cluster: HttpCluster) -> None:
        self._cluster = cluster
        self._news = asyncio.Event()
        self.seen: dict[str, Seen] = {}
        """By kind and name, such as ``Barrier/a``; gone when deleted."""

    @asynccontextmanager
    async def open(self) -> AsyncGenerator["Sight", None]:
        """Watch while the context lasts."""
        watching = [asyncio.create_task(self._watch(one)) for one in (BARRIERS, JOBS)]
        try:
            yield self
        finally:
            for task in watching:
                task.cancel()

    async def until(self, holds: Callable[[], bool], within: float = _WITHIN) -> None:
        """Wait until something holds.

        Raises:
            TimeoutError: it does not.
        """
        async with asyncio.timeout(within):
            while not holds():
                self._news.clear()
                await self._news.wait()

    async def opened(self, name: str) -> float:
        """Wait until a barrier is open; return when that was seen."""
        await self.until(lambda: self.barrier(name).opened > 0)
        return self.barrier(name).opened

    def barrier(self, name: str) -> Seen:
        """Return what has been seen of a barrier."""
        return self.seen.get(f"Barrier/{name}") or Seen()

    def job(self, name: str) -> Seen:
        """Return what has been seen of a Job."""
        return self.seen.get(f"Job/{name}") or Seen()

    async def _watch(self, resource: Resource) -> None:
        async with aclosing(self._cluster.watch(resource)) as notices:
            async for notice in notices:
                if isinstance(notice, Changed):
                    self._take(resource.kind, notice, time.perf_counter())

    def _take(self, kind: str, notice: Changed, now: float) -> None:
        document = notice.document
        key = f"{kind}/{document['metadata']['name']}"
        if notice.change is Change.DELETED:
            self.seen.pop(key, None)
        else:
            one = self.seen.setdefault(key, Seen())
            one.last, one.size = document, len(orjson.dumps(document))
            if notice.change is Change.MODIFIED:
                one.writes, one.written = one.writes + 1, one.written + one.size
            _note(one, json_map(document.get("spec")), json_map(document.get("status")), now)
        self._news.set()


def _note(one: Seen, spec: Json, status: Json, now: float) -> None:
    if status.get("startedAt") and not one.started:
        one.started = now
    if status.get("phase") == "Open" and not one.opened:
        one.opened = now
    if spec.get("suspend") is False and not one.lifted:
        one.lifted = now
