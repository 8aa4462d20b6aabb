"""A local API server that can be ended and served again, in this process."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from importlib.resources import files
from pathlib import Path

import yaml

from konductor.api.meta import Json
from konductor.cluster.http import HttpCluster
from konductor.cluster.port import Cluster
from konductor.cluster.resource import CRDS
from konductor.connection import Connection
from konductor.errors import AlreadyExists
from konductor.runner.local.apiserver.server import serve


def kinds() -> list[Json]:
    """Return the definitions of our kinds."""
    found = sorted(files("konductor.crds").iterdir(), key=lambda file: file.name)
    return [yaml.safe_load(one.read_text("utf-8")) for one in found if one.name.endswith(".yaml")]


async def define(cluster: Cluster) -> None:
    """Let a server know our kinds."""
    for document in kinds():
        try:
            await cluster.create(CRDS, document)
        except AlreadyExists:
            continue


@asynccontextmanager
async def local(folder: Path) -> AsyncGenerator[Connection, None]:
    """Serve what the folder holds, until the context is left."""
    async with serve(folder) as server:
        async with HttpCluster(server.connection) as cluster:
            await define(cluster)
        yield server.connection
