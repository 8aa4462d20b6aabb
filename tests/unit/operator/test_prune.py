import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from konductor.api.arrival import Arrival
from konductor.api.barrier import Barrier
from konductor.api.meta import Json
from konductor.cluster.memory import MemoryCluster
from konductor.cluster.resource import ARRIVALS, BARRIERS
from konductor.errors import ApiError, Conflict
from konductor.operator import prune as module
from konductor.operator.prune import is_due, keep_pruning, prune

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
DAY = timedelta(hours=24)


def barrier(name: str = "a", *, status: Json | None = None, run: str = "") -> Json:
    return {
        "apiVersion": "konductor.io/v1",
        "kind": "Barrier",
        "metadata": {
            "name": name,
            "namespace": "etl",
            "labels": {"konductor.io/run": run} if run else {},
        },
        "spec": {"expected": 1},
        "status": status or {},
    }


ENDED = {"phase": "Open", "arrived": 1, "openedAt": "2026-11-23T11:00:00Z"}


@pytest.mark.parametrize(
    ("document", "due"),
    [
        (barrier(), False),
        (barrier(status=ENDED), True),
        (barrier(status=ENDED, run="etl-1"), False),
        (barrier(status=ENDED | {"openedAt": "2026-11-23T13:00:00Z"}), False),
        (barrier(status={"phase": "Timeout", "closedAt": "2026-11-20T13:00:00Z"}), True),
    ],
)
def test_arrivals_go_once_their_raw_barrier_ended_long_ago(document: Json, *, due: bool) -> None:
    assert is_due(Barrier.parse(document), NOON, DAY) is due


async def _world(arrivals: int) -> MemoryCluster:
    cluster = MemoryCluster(now=lambda: NOON)
    for name, status in (("old", ENDED), ("new", {})):
        made = Barrier.parse(await cluster.create(BARRIERS, barrier(name)))
        if status:
            await cluster.patch(
                BARRIERS, name, {"status": status}, namespace="etl", subresource="status"
            )
        for number in range(arrivals):
            arrival = Arrival.at(name, made.metadata.uid, f"p-{number}", namespace="etl")
            await cluster.create(ARRIVALS, arrival.manifest())
    return cluster


def test_only_arrivals_of_ended_barriers_are_deleted() -> None:
    async def scene() -> None:
        cluster = await _world(20)
        assert await prune(cluster, "", DAY) == 20
        left = await cluster.list(ARRIVALS)
        assert {one["spec"]["barrier"] for one in left.items} == {"new"}
        assert await prune(cluster, "", DAY) == 0

    asyncio.run(scene())


def test_arrival_that_somebody_else_deleted_is_no_fault() -> None:
    async def scene() -> None:
        cluster = await _world(1)
        cluster.fail_next_write(Conflict.of(409, {"reason": "Conflict"}))
        assert await prune(cluster, "etl", DAY) == 1

    asyncio.run(scene())


def test_pruning_goes_on_through_faults_until_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "EVERY", timedelta(0))
    rounds: list[int] = []

    async def scene() -> None:
        stop = asyncio.Event()

        async def pruned(*_: object) -> int:
            rounds.append(len(rounds))
            if len(rounds) == 1:
                raise ApiError.of(503, {})
            if len(rounds) == 3:
                stop.set()
            return len(rounds)

        monkeypatch.setattr(module, "prune", pruned)
        await keep_pruning(MemoryCluster(), "", DAY, stop)

    asyncio.run(scene())
    assert len(rounds) == 3
