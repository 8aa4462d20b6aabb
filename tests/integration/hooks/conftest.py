"""A real control plane with a node and an operator, and a namespace for each scene."""

import asyncio
import os
from collections.abc import Iterable
from pathlib import Path

import pytest

from konductor.cluster.choose import from_kubeconfig
from konductor.cluster.http import HttpCluster
from tests.controlplane.plane import ControlPlane
from tests.integration.hooks.site import Play, Scene, Site, staffed


@pytest.fixture(scope="package")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("hooks")


@pytest.fixture(scope="package")
def play(controlplane: ControlPlane, folder: Path) -> Play:
    """Play scenes at once, each in a namespace of its own; return what became of each."""

    async def one(cluster: HttpCluster, scene: Scene) -> object:
        site = Site(cluster, scene.__name__.replace("_", "-"), folder, controlplane)
        try:
            await site.make()
            return await scene(site)
        finally:
            site.close()

    async def all_of(scenes: Iterable[Scene]) -> list[object]:
        connection = from_kubeconfig(str(controlplane.kubeconfig))
        async with staffed(connection, folder, dict(os.environ)) as cluster:
            turns = (one(cluster, scene) for scene in scenes)
            return await asyncio.gather(*turns, return_exceptions=True)

    return lambda *scenes: dict(zip(scenes, asyncio.run(all_of(scenes)), strict=True))
