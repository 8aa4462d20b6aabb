"""API servers to have operators on: a local one in this process, and a real one."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

from konductor.cluster.choose import from_kubeconfig
from konductor.cluster.http import HttpCluster
from konductor.cluster.port import Cluster
from konductor.cluster.resource import CRDS
from konductor.cluster.written import KINDS, written
from konductor.connection import Connection
from konductor.errors import AlreadyExists
from konductor.runner.local.apiserver.server import serve
from tests.controlplane.plane import ControlPlane


async def define(cluster: Cluster) -> None:
    """Let a server know our kinds."""
    for document in written(KINDS):
        try:
            await cluster.create(CRDS, document)
        except AlreadyExists:
            continue


@asynccontextmanager
async def local(folder: Path, port: int = 0) -> AsyncGenerator[Connection, None]:
    """Serve what the folder holds, until the context is left; port 0 takes a free one."""
    async with serve(folder, port=port) as server:
        async with HttpCluster(server.connection) as cluster:
            await define(cluster)
        yield server.connection


class Local:
    """A local API server that can be away for a while, as a real one's process can be killed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._life = AsyncExitStack()
        self._port = 0

    async def up(self) -> Connection:
        """Serve, where it did before."""
        connection = await self._life.enter_async_context(local(self._folder, self._port))
        self._port = urlsplit(connection.server).port or 0
        return connection

    async def down(self) -> None:
        """Serve no more."""
        await self._life.aclose()

    async def close(self) -> None:
        """Leave nothing."""
        await self.down()


class Real:
    """The API server of a real control plane."""

    def __init__(self, plane: ControlPlane) -> None:
        self._plane = plane
        self._outage = ExitStack()

    async def up(self) -> Connection:
        """Have it serve."""
        await asyncio.to_thread(self._outage.close)
        return from_kubeconfig(str(self._plane.kubeconfig))

    async def down(self) -> None:
        """Have it killed."""
        await asyncio.to_thread(self._outage.enter_context, self._plane.without_apiserver())

    async def close(self) -> None:
        """Leave it to others as it was."""
        await self.up()
