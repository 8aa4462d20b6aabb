"""The operator with kopf and all, on the local API server, both in this process."""

import asyncio
import threading
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterator
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

import pytest

from konductor.api.arrival import Arrival
from konductor.api.barrier import Barrier, BarrierStatus
from konductor.api.meta import Json
from konductor.cluster.choose import from_kubeconfig
from konductor.cluster.http import HttpCluster
from konductor.cluster.port import Listed
from konductor.cluster.resource import ARRIVALS, BARRIERS, CRDS, NAMESPACES
from konductor.cluster.written import KINDS, written
from konductor.connection import Connection
from konductor.errors import ObjectNotFound
from konductor.operator.embed import Operator
from konductor.runner.local.apiserver.server import serve
from tests.controlplane.plane import ControlPlane

T = TypeVar("T")
_WITHIN = 30.0


@pytest.fixture(scope="session")
def connection(
    tmp_path_factory: pytest.TempPathFactory, real_cluster: ControlPlane | None
) -> Iterator[Connection]:
    """An API server that knows our kinds: the local one, or the real one."""
    if real_cluster:
        yield from_kubeconfig(str(real_cluster.kubeconfig))
        return
    found: list[Connection] = []
    serving = threading.Event()
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()
    folder: Path = tmp_path_factory.mktemp("apiserver")

    async def live() -> None:
        async with serve(folder) as server, HttpCluster(server.connection) as cluster:
            for definition in written(KINDS):
                await cluster.create(CRDS, definition)
            found.append(server.connection)
            serving.set()
            await stop.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=[live()])
    thread.start()
    assert serving.wait(_WITHIN)
    yield found[0]
    loop.call_soon_threadsafe(stop.set)
    thread.join(_WITHIN)
    loop.close()


class Place:
    """A namespace on that server, and a client of it."""

    def __init__(self, cluster: HttpCluster, namespace: str) -> None:
        self.cluster = cluster
        self.namespace = namespace

    @asynccontextmanager
    async def operator(self, run: str | None = None) -> AsyncGenerator[None, None]:
        operator = Operator(self.cluster.connection, namespace=self.namespace, run=run)
        operator.start()
        try:
            assert await asyncio.to_thread(operator.ready.wait, _WITHIN)
            yield
        finally:
            await asyncio.to_thread(operator.stop)

    async def barrier(self, name: str, expected: int = 1, **spec: object) -> Barrier:
        labels = spec.pop("labels", {})
        metadata = {"name": name, "namespace": self.namespace, "labels": labels}
        document: Json = {
            "apiVersion": "konductor.io/v1",
            "kind": "Barrier",
            "metadata": metadata,
            "spec": {"expected": expected} | spec,
        }
        return Barrier.parse(await self.cluster.create(BARRIERS, document))

    async def arrive(self, name: str, *participants: str) -> None:
        barrier = await self.cluster.get(BARRIERS, name, namespace=self.namespace)
        for one in participants:
            uid = barrier["metadata"]["uid"]
            arrival = Arrival.at(name, uid, one, namespace=self.namespace)
            await self.cluster.create(ARRIVALS, arrival.manifest())

    async def until(self, name: str, fits: Callable[[BarrierStatus], bool]) -> BarrierStatus:
        """Return a barrier's status once it fits."""
        fields = f"metadata.name={name}"
        watch = self.cluster.watch(BARRIERS, namespace=self.namespace, fields=fields)
        async with asyncio.timeout(_WITHIN), aclosing(watch) as notices:
            async for notice in notices:
                documents = notice.items if isinstance(notice, Listed) else (notice.document,)
                for status in (Barrier.parse(one).status for one in documents):
                    if fits(status):
                        return status
        raise AssertionError(name)


@pytest.fixture
def play(
    connection: Connection, request: pytest.FixtureRequest
) -> Callable[[Callable[[Place], Coroutine[Any, Any, T]]], T]:
    """Play a scene in a namespace of its own, with a deadline."""
    namespace = request.node.name.replace("_", "-").removeprefix("test-")[:60].strip("-")

    def run(scene: Callable[[Place], Coroutine[Any, Any, T]]) -> T:
        async def bounded() -> T:
            async with asyncio.timeout(2 * _WITHIN), HttpCluster(connection) as cluster:
                try:
                    await cluster.get(NAMESPACES, namespace)
                except ObjectNotFound:
                    document = {
                        "apiVersion": "v1",
                        "kind": "Namespace",
                        "metadata": {"name": namespace},
                    }
                    await cluster.create(NAMESPACES, document)
                return await scene(Place(cluster, namespace))

        return asyncio.run(bounded())

    return run
