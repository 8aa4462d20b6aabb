"""The local API server with its controllers, and what it answers to every recorded step."""

import asyncio
import json
import tempfile
import threading
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from konductor.cluster.http import HttpCluster
from konductor.cluster.written import KINDS, written
from konductor.runner.local.apiserver.server import serve
from konductor.runner.local.controllers.control import Controllers
from tests.controlplane.plane import control_plane
from tests.recordings.cases import GROUPS
from tests.recordings.play import Player, Server, kubectl_path

DEADLINE = 30.0
"""Seconds that the server has to begin or to end."""
_CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"


class Answers:
    """What the local server answers; each group is played when it is first asked for."""

    def __init__(self, kubeconfig: Path) -> None:
        self._server = Server.of(kubeconfig)
        self.of = cache(self._play)

    def _play(self, group: str) -> Mapping[str, Any]:
        found = next(one for one in GROUPS if one.name == group)
        return dict(Player(self._server, found, kubectl_path()).play())


@pytest.fixture(scope="session")
def answers(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Answers]:
    if request.config.getoption("--real-cluster"):
        # As they were recorded: no scheduler tells of pods that fit nowhere.
        with control_plane(tmp_path_factory.mktemp("recorded"), schedules=False) as plane:
            yield Answers(plane.kubeconfig)
        return
    ready = threading.Event()
    box: dict[str, Any] = {}

    async def main(folder: Path) -> None:
        end, loop = asyncio.Event(), asyncio.get_running_loop()
        box["end"] = lambda: loop.call_soon_threadsafe(end.set)
        async with (
            serve(folder) as server,
            HttpCluster(server.connection) as cluster,
            Controllers(cluster, certificates=server.connection.ca_data),
        ):
            box["kubeconfig"] = server.kubeconfig
            ready.set()
            await end.wait()

    with tempfile.TemporaryDirectory() as folder:
        thread = threading.Thread(target=lambda: asyncio.run(main(Path(folder))), daemon=True)
        thread.start()
        assert ready.wait(DEADLINE), "the local API server does not begin"
        _define(box["kubeconfig"])
        yield Answers(box["kubeconfig"])
        box["end"]()
        thread.join(DEADLINE)


def _define(kubeconfig: Path) -> None:
    """Create konductor's kinds."""
    server = Server.of(kubeconfig)
    for definition in written(KINDS):
        headers = {"Content-Type": "application/json"}
        response, text = server.request("POST", _CRDS, json.dumps(definition).encode(), headers)
        assert response.status == 201, text
