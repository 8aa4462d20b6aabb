"""The operator under faults, on the local API server or, with ``--real-cluster``, a real one."""

import asyncio
import re
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, TypeVar

import pytest

from konductor.cluster.choose import from_kubeconfig
from konductor.cluster.http import HttpCluster
from tests.controlplane.plane import ControlPlane
from tests.integration.faults.place import WITHIN, Place
from tests.integration.faults.server import local

T = TypeVar("T")


@pytest.fixture
def play(
    tmp_path: Path, request: pytest.FixtureRequest, real_cluster: ControlPlane | None
) -> Callable[[Callable[[Place], Coroutine[Any, Any, T]]], T]:
    """Play a scene in a namespace of a server, with a deadline."""
    name = re.sub("[^a-z0-9]+", "-", request.node.name.removeprefix("test_"))[:50].strip("-")

    def run(scene: Callable[[Place], Coroutine[Any, Any, T]]) -> T:
        async def bounded() -> T:
            async with AsyncExitStack() as stack, asyncio.timeout(4 * WITHIN):
                if real_cluster:
                    connection = from_kubeconfig(str(real_cluster.kubeconfig))
                else:
                    connection = await stack.enter_async_context(local(tmp_path / "server"))
                cluster = await stack.enter_async_context(HttpCluster(connection))
                return await scene(await Place.make(cluster, name))

        return asyncio.run(bounded())

    return run
