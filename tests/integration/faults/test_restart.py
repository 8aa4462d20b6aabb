"""The API server is killed and started again while the operator is at work."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from konductor.cluster.http import HttpCluster
from konductor.operator import refusal
from tests.controlplane.plane import ControlPlane
from tests.integration.faults.oracle import differences
from tests.integration.faults.place import WITHIN, Place
from tests.integration.faults.proxy import Asked, Proxy, Rule
from tests.integration.faults.server import Local, Real

OUTAGES = (14, 33)
"""At these writes."""


class Outage:
    """Takes the server away at some writes; people wait meanwhile, the operator is refused."""

    def __init__(self, server: Local | Real, people: Proxy) -> None:
        self._server = server
        self._people = people
        self._one_at_a_time = asyncio.Lock()
        self._under_way: set[asyncio.Task[None]] = set()
        self.count = 0

    def rule(self) -> Rule:
        """Return the rule that has the server away at some writes."""
        ahead = set(OUTAGES)

        def rule(proxy: Proxy, asked: Asked) -> None:
            if asked.writes and proxy.writes in ahead:
                ahead.remove(proxy.writes)
                self._under_way.add(asyncio.create_task(self._happen()))

        return rule

    async def _happen(self) -> None:
        async with self._one_at_a_time:  # writes that are tried again count, too
            self.count += 1
            await self._people.hold()
            await self._server.down()
            await self._server.up()
            self._people.go_on()

    async def over(self) -> None:
        """Wait until the server is back."""
        await asyncio.gather(*self._under_way)


@pytest.fixture
def server(tmp_path: Path, real_cluster: ControlPlane | None) -> Local | Real:
    return Real(real_cluster) if real_cluster else Local(tmp_path / "server")


def test_api_server_that_is_killed_and_comes_back_changes_nothing(
    server: Local | Real, caplog: pytest.LogCaptureFixture
) -> None:
    async def scene() -> tuple[dict[str, Any], int]:
        upstream = await server.up()
        async with (
            asyncio.timeout(4 * WITHIN),
            Proxy(upstream).serve() as people,
            HttpCluster(people.connection) as cluster,
        ):
            place = await Place.make(cluster, "restart", upstream)
            outage = Outage(server, people)
            async with place.operator(outage.rule()):
                found = differences(await place.scene.play())
            await outage.over()
        await server.close()
        return found, outage.count

    found, count = asyncio.run(scene())
    assert found == {}
    assert count == len(OUTAGES)
    told = {record.getMessage() for record in caplog.records if record.name == refusal.__name__}
    assert not told, "a server that starts forbids everything, and means nothing by it"
