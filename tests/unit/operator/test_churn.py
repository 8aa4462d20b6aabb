"""Barriers that come and go leave nothing behind in the operator."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sized
from typing import Any, TypeAlias

import pytest

from konductor.api.barrier import BarrierStatus, Phase
from konductor.cluster.resource import BARRIERS, JOBS, RUNS
from konductor.operator import alarms, table

World: TypeAlias = Any
"""What conftest.py gives: a cluster in memory with an operator."""
Play: TypeAlias = Callable[[Callable[[World], Any]], Any]
SPACE = "etl"
FEW, MANY = 50, 500


@pytest.fixture(autouse=True)
def _short_memories(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let what is remembered on purpose, up to a bound, reach that bound at once."""
    monkeypatch.setattr(table, "_REMEMBERED", 10)
    monkeypatch.setattr(alarms, "_FEW", 10)


def kept(one: object, path: str = "engine") -> Iterator[tuple[str, int]]:
    """Yield how much each container holds that the operator's own objects refer to."""
    if isinstance(one, Mapping | list | set | frozenset | tuple) and isinstance(one, Sized):
        yield path, len(one)
        for inner in one.values() if isinstance(one, Mapping) else ():
            yield from kept(inner, f"{path}[]")
    elif isinstance(one, asyncio.Queue):
        yield path, one.qsize()
    elif type(one).__module__.startswith("konductor.operator"):
        slots = getattr(type(one), "__slots__", ())
        members = {name: getattr(one, name) for name in slots} or vars(one)
        for name, inner in members.items():
            yield from kept(inner, f"{path}.{name}")


def counted(world: World) -> Counter[str]:
    total: Counter[str] = Counter()
    for path, count in kept(world.engine):
        total[path] += count
    return total


async def quiet(world: World) -> None:
    """Wait until the operator has nothing to do, and has looked for strays twice."""
    for _ in range(2):
        world.engine.desk.store.forget_strays()
    engine = world.engine
    while engine.desk.pressing or len(engine.desk.work) or engine._post._queue.qsize():  # noqa: ASYNC110  # three places, of which none says so
        await asyncio.sleep(0.01)


def is_open(status: BarrierStatus) -> bool:
    return status.phase is Phase.OPEN


async def raw(world: World, number: int) -> None:
    name = f"b{number}"
    await world.barrier(name, 2, timeout="24h")
    await world.arrive(name, "x", "y")
    await world.until(name, is_open)
    await world.cluster.delete(BARRIERS, name, namespace=SPACE)


async def with_jobs(world: World, number: int) -> None:
    run, up, name = f"r{number}", f"u{number}", f"c{number}"
    spec = {"pipeline": "p", "stages": 2, "ready": True}
    await world.cluster.create(RUNS, {"metadata": {"name": run, "namespace": SPACE}, "spec": spec})
    labels = {"konductor.io/run": run}
    await world.barrier(up, labels=labels)
    await world.barrier(name, 2, after=[{"barriers": [up]}], timeout="24h", labels=labels)
    await world.job(name, name)
    await world.arrive(up, "x")
    await world.arrive(name, "x", "y")
    await world.until(name, is_open)
    await world.cluster.delete(JOBS, name, namespace=SPACE)
    for resource, one in ((BARRIERS, up), (BARRIERS, name), (RUNS, run)):
        await world.cluster.delete(resource, one, namespace=SPACE)


@pytest.mark.parametrize("life", [raw, with_jobs])
def test_barriers_that_are_gone_leave_nothing_behind(life: Any, play: Play) -> None:
    async def scene(world: World) -> tuple[Counter[str], Counter[str]]:
        async with world.operator():
            for number in range(FEW):
                await life(world, number)
            await quiet(world)
            few = counted(world)
            for number in range(FEW, MANY if life is raw else 3 * FEW):
                await life(world, number)
            await quiet(world)
            return few, counted(world)

    few, many = play(scene)
    grown = {path: (few[path], many[path]) for path in many if many[path] > few[path] + FEW // 2}
    assert not grown
