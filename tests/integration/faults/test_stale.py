"""Arrivals of a barrier that was deleted and created anew: none of them counts at the new one."""

import asyncio
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

from konductor.api.arrival import Arrival
from konductor.api.barrier import Barrier, BarrierStatus, Phase
from konductor.api.meta import Json
from konductor.api.names import API_VERSION
from konductor.cluster.port import Cluster
from konductor.cluster.resource import ARRIVALS, BARRIERS
from tests.integration.faults.board import Board
from tests.integration.faults.place import Place
from tests.unit.operator.conftest import SPACE, World

Play: TypeAlias = Callable[[Callable[[Place], Any]], Any]
MANY = 10_000
SOME = 500
"""Enough where each takes its time."""


async def created(cluster: Cluster, namespace: str, expected: int) -> str:
    """Create the barrier; return its uid."""
    metadata = {"name": "a", "namespace": namespace}
    document: Json = {"apiVersion": API_VERSION, "kind": "Barrier", "metadata": metadata}
    made = await cluster.create(BARRIERS, document | {"spec": {"expected": expected}})
    return Barrier.parse(made).metadata.uid


def arrivals(uid: str, namespace: str, count: int) -> Iterator[Json]:
    for number in range(count):
        yield Arrival.at("a", uid, f"p-{number}", namespace=namespace).manifest()


def unowned(arrival: Json) -> Json:
    """Return an arrival that goes with nothing: as one that is yet to be collected."""
    metadata = {key: one for key, one in arrival["metadata"].items() if key != "ownerReferences"}
    return arrival | {"metadata": metadata}


async def told(
    cluster: Cluster, namespace: str, fits: Callable[[BarrierStatus], bool]
) -> BarrierStatus:
    board = Board(cluster, namespace)
    async with board.follow():
        await board.until(lambda: fits(board.barrier("a")))
        return board.barrier("a")


async def met_again(cluster: Cluster, namespace: str) -> BarrierStatus:
    """Create the barrier anew, have two of those arrive that had before, and return how it ends."""
    await cluster.delete(BARRIERS, "a", namespace=namespace)
    uid = await created(cluster, namespace, 2)
    waiting = await told(cluster, namespace, lambda one: bool(one.conditions))
    assert (waiting.phase, waiting.arrived) == (Phase.WAITING, 0)
    for one in arrivals(uid, namespace, 2):
        await cluster.create(ARRIVALS, one)
    return await told(cluster, namespace, lambda one: one.phase.is_terminal)


def assert_met(status: BarrierStatus) -> None:
    assert (status.phase, status.arrivals, status.late) == (Phase.OPEN, ("p-0", "p-1"), 0)


def test_ten_thousand_stale_arrivals_count_nothing() -> None:
    async def scene() -> BarrierStatus:
        world = World()
        uid = await created(world.cluster, SPACE, 2 * MANY)
        for one in arrivals(uid, SPACE, MANY):
            await world.cluster.create(ARRIVALS, unowned(one))
        async with world.operator():
            await told(world.cluster, SPACE, lambda one: one.arrived == MANY)
            return await met_again(world.cluster, SPACE)

    assert_met(asyncio.run(scene()))


def test_operator_that_finds_stale_arrivals_at_its_start_counts_none(play: Play) -> None:
    async def scene(place: Place) -> BarrierStatus:
        uid = await created(place.cluster, place.namespace, 2 * SOME)
        await post(place, uid)
        async with place.operator():
            return await met_again(place.cluster, place.namespace)

    assert_met(play(scene))


def test_arrivals_that_are_being_collected_count_nothing(play: Play) -> None:
    async def scene(place: Place) -> BarrierStatus:
        async with place.operator():
            uid = await created(place.cluster, place.namespace, 2 * SOME)
            await post(place, uid)
            await told(place.cluster, place.namespace, lambda one: one.arrived == SOME)
            return await met_again(place.cluster, place.namespace)

    assert_met(play(scene))


async def post(place: Place, uid: str) -> None:
    posting = (place.cluster.create(ARRIVALS, one) for one in arrivals(uid, place.namespace, SOME))
    await asyncio.gather(*posting)
