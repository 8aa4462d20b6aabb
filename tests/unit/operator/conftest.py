"""An operator on a cluster in memory: everything but kopf, whose place a plain watch takes."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import aclosing, asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import pytest

from konductor.api.arrival import Arrival, Outcome
from konductor.api.barrier import Barrier, BarrierStatus
from konductor.api.meta import Json
from konductor.cluster.memory import MemoryCluster
from konductor.cluster.port import Cluster, Listed
from konductor.cluster.resource import ARRIVALS, BARRIERS, EVENTS, JOBS, RUNS, Resource
from konductor.operator.engine import Engine, Scope

T = TypeVar("T")
SPACE = "etl"


class World:
    """A cluster in memory, what a test does to it, and what it waits for."""

    def __init__(self) -> None:
        self.ahead = timedelta(0)
        """How far the server's clock is ahead of ours."""
        self.cluster = MemoryCluster(now=lambda: datetime.now(UTC) + self.ahead)
        self.engine: Engine | None = None

    @asynccontextmanager
    async def operator(
        self, run: str = "", cluster: Cluster | None = None
    ) -> AsyncGenerator[None, None]:
        """Run an operator, which reaches the cluster in a way of its own if one is given."""
        self.engine = engine = Engine(cluster or self.cluster, Scope(SPACE, run))
        ready = asyncio.Event()
        tasks = [asyncio.create_task(engine.run(ready.set))]
        tasks += [asyncio.create_task(self._feed(engine, one)) for one in (BARRIERS, RUNS)]
        await ready.wait()
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _feed(self, engine: Engine, resource: Resource) -> None:
        async with aclosing(self.cluster.watch(resource, namespace=SPACE)) as notices:
            async for notice in notices:
                if isinstance(notice, Listed):
                    for item in notice.items:
                        engine.hear(resource, None, item)
                else:
                    engine.hear(resource, notice.change, notice.document)

    def advance(self, span: timedelta) -> None:
        """Set the server's clock forward, and let the operator notice as if it had waited."""
        self.ahead += span
        assert self.engine
        self.engine.desk._ring()

    def leap(self, span: timedelta) -> None:
        """Let the server's clock jump, or a laptop sleep: no timer has run meanwhile."""
        self.ahead += span
        self.cluster.cut_watches()

    async def until_idle(self) -> None:
        """Wait until the operator has nothing left to settle now."""
        assert self.engine
        work = self.engine.desk.work
        while len(work) or work._busy:  # noqa: ASYNC110  # no event tells that nothing is left
            await asyncio.sleep(0)

    async def barrier(self, name: str, expected: int = 1, **spec: object) -> Barrier:
        labels = spec.pop("labels", {})
        metadata = {"name": name, "namespace": SPACE, "labels": labels}
        document: Json = {"metadata": metadata, "spec": {"expected": expected} | spec}
        return Barrier.parse(await self.cluster.create(BARRIERS, document))

    async def arrive(
        self, name: str, *participants: str, outcome: Outcome = Outcome.ARRIVED
    ) -> None:
        uid = (await self.cluster.get(BARRIERS, name, namespace=SPACE))["metadata"]["uid"]
        for one in participants:
            arrival = Arrival.at(name, uid, one, namespace=SPACE, outcome=outcome)
            await self.cluster.create(ARRIVALS, arrival.manifest())

    async def job(self, name: str, barrier: str, *, suspend: bool = True) -> None:
        metadata = {
            "name": name,
            "namespace": SPACE,
            "labels": {"konductor.io/barrier": barrier},
        }
        spec = {"suspend": suspend, "completions": 2, "completionMode": "Indexed"}
        await self.cluster.create(JOBS, {"metadata": metadata, "spec": spec})

    async def job_status(self, name: str, **status: object) -> None:
        patch = {"status": status}
        await self.cluster.patch(JOBS, name, patch, namespace=SPACE, subresource="status")

    async def until(
        self, name: str, fits: Callable[[BarrierStatus], bool], resource: Resource = BARRIERS
    ) -> BarrierStatus:
        """Return a barrier's status once it fits."""
        document = await self.until_document(
            resource, name, lambda one: fits(Barrier.parse(one).status)
        )
        return Barrier.parse(document).status

    async def until_document(
        self, resource: Resource, name: str, fits: Callable[[Json], bool]
    ) -> Json:
        watch = self.cluster.watch(resource, namespace=SPACE, fields=f"metadata.name={name}")
        async with asyncio.timeout(10), aclosing(watch) as notices:
            async for notice in notices:
                documents = notice.items if isinstance(notice, Listed) else (notice.document,)
                for document in documents:
                    if fits(document):
                        return document
        raise AssertionError(name)

    async def until_event(self, reason: str) -> None:
        watch = self.cluster.watch(EVENTS, namespace=SPACE, fields=f"reason={reason}")
        async with asyncio.timeout(10), aclosing(watch) as notices:
            async for notice in notices:
                if not isinstance(notice, Listed) or notice.items:
                    return


@pytest.fixture
def play() -> Callable[[Callable[[World], Coroutine[Any, Any, T]]], T]:
    """Play a scene in a world of its own, with a deadline."""

    def run(scene: Callable[[World], Coroutine[Any, Any, T]]) -> T:
        async def bounded() -> T:
            async with asyncio.timeout(30):
                return await scene(World())

        return asyncio.run(bounded())

    return run
