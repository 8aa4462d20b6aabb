"""A run that a koncli carries itself is left alone until its Lease is no longer live."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

import pytest

from konductor.api.barrier import BarrierStatus, Phase
from konductor.api.meta import Json, time_text
from konductor.cluster.memory import MemoryCluster
from konductor.cluster.port import Notice
from konductor.cluster.resource import BARRIERS, CONFIGMAPS, LEASES, RUNS, Resource
from konductor.errors import Forbidden
from konductor.operator.carried import Carried
from konductor.operator.served import Served, served
from konductor.operator.table import Key

World: TypeAlias = Any
"""What conftest.py gives: a cluster in memory with an operator."""
Play: TypeAlias = Callable[[Callable[[World], Any]], Any]
SPACE = "etl"
RUN = {"konductor.io/run": "etl-1"}
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def lease(at: datetime, holder: str = "somebody", name: str = "konductor-etl-1") -> Json:
    return {
        "metadata": {"name": name, "namespace": SPACE, "labels": dict(RUN)},
        "spec": {
            "holderIdentity": holder,
            "leaseDurationSeconds": 15,
            "renewTime": time_text(at),
        },
    }


def is_open(status: BarrierStatus) -> bool:
    return status.phase is Phase.OPEN


async def carried_barrier(world: World) -> None:
    """Create a run that somebody carries, with a barrier at which everybody has arrived."""
    await world.cluster.create(LEASES, lease(world.cluster.now()))
    run = {"metadata": {"name": "etl-1", "namespace": SPACE, "labels": dict(RUN)}}
    await world.cluster.create(
        RUNS, run | {"spec": {"pipeline": "etl", "stages": 1, "ready": True}}
    )
    labels = RUN | {"konductor.io/role": "stage", "konductor.io/stage": "a"}
    await world.barrier("a", labels=labels)
    await world.arrive("a", "x")
    await world.barrier("raw")
    await world.arrive("raw", "x")


async def is_left_alone(world: World) -> None:
    await world.until("raw", is_open)
    barrier = await world.cluster.get(BARRIERS, "a", namespace=SPACE)
    run = await world.cluster.get(RUNS, "etl-1", namespace=SPACE)
    assert not barrier.get("status")
    assert not run.get("status")


async def give_back(world: World) -> None:
    patch = {"spec": {"holderIdentity": None}}
    await world.cluster.patch(LEASES, "konductor-etl-1", patch, namespace=SPACE)


async def delete(world: World) -> None:
    await world.cluster.delete(LEASES, "konductor-etl-1", namespace=SPACE)


async def wait(world: World) -> None:
    world.advance(timedelta(seconds=20))


async def lose_sight(world: World) -> None:
    """Delete the Lease where the watch does not see it."""
    world.cluster._watches[LEASES].clear()
    await delete(world)
    world.engine.desk.store.list_leases(())
    world.advance(timedelta(seconds=20))


@pytest.mark.parametrize("end", [give_back, delete, wait, lose_sight])
def test_run_is_taken_over_once_nobody_carries_it(play: Play, end: Callable[[World], Any]) -> None:
    async def scene(world: World) -> None:
        async with world.operator():
            await carried_barrier(world)
            await is_left_alone(world)
            await end(world)
            await world.until("a", is_open)

    play(scene)


def test_lease_that_is_there_before_the_operator_is_heeded(play: Play) -> None:
    async def scene(world: World) -> None:
        await carried_barrier(world)
        async with world.operator():
            await is_left_alone(world)

    play(scene)


def test_the_runs_own_operator_heeds_no_lease(play: Play) -> None:
    async def scene(world: World) -> None:
        await carried_barrier(world)
        async with world.operator(run="etl-1"):
            await world.until("a", is_open)

    play(scene)


def test_operator_that_may_not_see_leases_serves_all(play: Play) -> None:
    async def scene(world: World) -> None:
        watch = world.cluster.watch

        async def refusing(resource: Resource, **which: Any) -> AsyncGenerator[Notice, None]:
            if resource == LEASES:
                raise Forbidden("you may not watch leases", code=403)
            async with aclosing(watch(resource, **which)) as notices:
                async for one in notices:
                    yield one

        world.cluster.watch = refusing
        await carried_barrier(world)
        async with world.operator():
            await world.until("a", is_open)

    play(scene)


def test_renewal_frees_nothing() -> None:
    carried = Carried()
    assert carried.put(lease(NOON)) is None
    assert carried.put(lease(NOON + timedelta(seconds=2))) is None
    assert carried.until(Key(SPACE, "etl-1")) == NOON + timedelta(seconds=17)
    assert carried.replace((lease(NOON),)) == []
    assert carried.replace(()) == [Key(SPACE, "etl-1")]
    assert carried.drop(lease(NOON)) is None


def test_lease_of_no_run_is_of_no_interest() -> None:
    other = lease(NOON)
    other["metadata"]["labels"] = {}
    assert Carried().put(other) is None


class Walled(MemoryCluster):
    """A cluster whose user sees some namespaces only."""

    visible: tuple[str, ...] = ()

    async def list(self, resource: Resource, **which: Any) -> Any:
        if self.visible and not which.get("namespace"):
            raise Forbidden("you may not list leases", code=403)
        return await super().list(resource, **which)

    async def get(self, resource: Resource, name: str, *, namespace: str = "") -> Json:
        if self.visible and namespace not in self.visible:
            raise Forbidden("you may not get leases", code=403)
        return await super().get(resource, name, namespace=namespace)


def look(*leases: tuple[str, str, timedelta], visible: tuple[str, ...] = ()) -> Served:
    """Look for an operator, given Leases: where they are, whom they serve, their age."""

    async def scene() -> Served:
        cluster = Walled(now=lambda: NOON)
        for room, serves, age in leases:
            one = lease(NOON - age, name="konductor-operator")
            one["metadata"] = {
                "name": "konductor-operator",
                "namespace": room,
                "annotations": {"konductor.io/serves": serves},
            }
            await cluster.create(LEASES, one)
        cluster.visible = visible
        return await served(cluster, SPACE)

    return asyncio.run(scene())


def test_operator_is_looked_for_where_the_installation_says_it_is() -> None:
    async def scene() -> Served:
        cluster = Walled(now=lambda: NOON)
        for resource, document, room in (
            (LEASES, lease(NOON - NOW, name="konductor-operator"), "tools"),
            (CONFIGMAPS, {"data": {"namespace": "tools"}}, "kube-public"),
        ):
            name = "konductor-operator" if resource is LEASES else "konductor-settings"
            metadata = {"name": name, "namespace": room}
            await cluster.create(resource, document | {"metadata": metadata})
        cluster.visible = (SPACE, "tools", "kube-public")
        return await served(cluster, SPACE)

    assert asyncio.run(scene()) is Served.YES


NOW, LONG_AGO = timedelta(seconds=1), timedelta(minutes=1)


@pytest.mark.parametrize(
    ("leases", "visible", "answer"),
    [
        ([], (), Served.NO),
        ([("anywhere", "", NOW)], (), Served.YES),
        ([("anywhere", SPACE, NOW)], (), Served.YES),
        ([("anywhere", "other", NOW)], (), Served.NO),
        ([("anywhere", "", LONG_AGO)], (), Served.NO),
        ([("konductor-system", "", NOW)], (SPACE, "konductor-system"), Served.YES),
        ([(SPACE, SPACE, NOW)], (SPACE,), Served.YES),
        ([], (SPACE, "konductor-system"), Served.NO),
        ([("konductor-system", "", NOW)], (SPACE,), Served.UNKNOWN),
    ],
)
def test_operator_is_found_wherever_it_may_be_seen(
    leases: list[tuple[str, str, timedelta]], visible: tuple[str, ...], answer: Served
) -> None:
    assert look(*leases, visible=visible) is answer
