"""koncli killed while it creates a run: nothing of that run ever starts, and nothing stays."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import Any, Final, TypeAlias

from konductor.api.meta import Json
from konductor.api.names import Annotation, Label
from konductor.api.run import Run, RunPhase
from konductor.cluster.http import HttpCluster
from konductor.cluster.resource import BARRIERS, CONFIGMAPS, JOBS, RUNS, Resource
from konductor.dsl.compile import compile_source
from konductor.dsl.emit import emit
from konductor.dsl.plan import Plan
from konductor.errors import KonductorError
from konductor.runner.local.controllers.control import Controllers
from konductor.runner.run import Target, create
from tests.controlplane.plane import ControlPlane
from tests.integration.faults.board import Board
from tests.integration.faults.place import Place
from tests.integration.faults.proxy import Die
from tests.integration.faults.test_killed import at_write

Play: TypeAlias = Callable[[Callable[[Place], Any]], Any]
NAME: Final = "r"
NOT_READY: Final = timedelta(minutes=10)
MINUTE: Final = timedelta(minutes=1)
SOME: Final = 4
"""Each that manieth write is enough where garbage takes its time."""
OWNED: Final = (BARRIERS, JOBS, CONFIGMAPS)
PROGRAM: Final = """
pipeline p {
  defaults { image = "python:3.12", timeout = 5m }
  stage a { replicas = 2, run = "true" }
  stage b after a { run = "true" }
  finally c { run = "true" }
}
"""


def plan() -> Plan:
    found = compile_source(PROGRAM).plan
    assert found
    return found


@asynccontextmanager
async def collected(place: Place, real: ControlPlane | None) -> AsyncGenerator[None, None]:
    """Have garbage collected, which a real cluster does by itself."""
    if real:
        yield
        return
    cluster = place.cluster
    async with Controllers(cluster, certificates=cluster.connection.ca_data):
        yield


async def killed_at(place: Place, number: int) -> bool:
    """Create a run with a koncli that dies before a write; return whether it came so far."""
    async with (
        place.proxy(at_write(number, Die(done=False))) as proxy,
        HttpCluster(proxy.connection) as cluster,
    ):
        with suppress(KonductorError):
            await create(cluster, emit(plan(), NAME), Target(NAME, place.namespace))
        return proxy.died.is_set()


async def left(place: Place, resource: Resource) -> list[Json]:
    """Return what there is of a run."""
    labels = f"{Label.RUN}={NAME}"
    return list(
        (await place.cluster.list(resource, namespace=place.namespace, labels=labels)).items
    )


async def given_up(place: Place) -> Run:
    """Return the run once it has ended, with an operator that looks ten minutes later."""
    board = Board(place.cluster, place.namespace)
    async with place.operator(), board.follow():
        await board.until(lambda: phase(board) is RunPhase.PENDING)
        place.advance(NOT_READY - MINUTE)
        place.advance(2 * MINUTE)
        await board.until(lambda: phase(board) not in (None, RunPhase.PENDING))
        await board.until(
            lambda: all(board.barrier(name).phase.is_terminal for name in board.barriers)
        )
        return Run.parse(board.seen[RUNS.plural, NAME])


def phase(board: Board) -> RunPhase | None:
    document = board.seen.get((RUNS.plural, NAME), {})
    return Run.parse(document).status.phase if "status" in document else None


async def assert_nothing_started(place: Place) -> None:
    for job in await left(place, JOBS):
        assert job["spec"]["suspend"]
        assert Annotation.RELEASED not in job["metadata"].get("annotations", {})
    for barrier in await left(place, BARRIERS):
        assert "startedAt" not in barrier["status"]


async def assert_nothing_stays(place: Place) -> None:
    await place.cluster.delete(RUNS, NAME, namespace=place.namespace)
    async with asyncio.timeout(60):
        for resource in OWNED:
            watch = place.cluster.watch(resource, namespace=place.namespace)
            async for _ in watch:
                if not await left(place, resource):
                    break
            await watch.aclose()


def test_run_that_koncli_could_not_finish_creating_ends_incomplete(
    play: Play, real_cluster: ControlPlane | None
) -> None:
    async def one(place: Place, number: int) -> bool:
        killed = await killed_at(place, number)
        if killed:
            run = await given_up(place)
            assert run.status.phase is RunPhase.FAILED, number
            assert "Incomplete" in {one.reason for one in run.status.conditions}
            await assert_nothing_started(place)
            await assert_nothing_stays(place)
        return killed

    async def scene(place: Place) -> list[bool]:
        async with collected(place, real_cluster):
            writes = len(list(emit(plan(), NAME))) + 1
            numbers = range(writes + 1, 1, -SOME if real_cluster else -1)
            places = [await place.another() for _ in numbers]
            return await asyncio.gather(*map(one, places, numbers))

    not_killed, *killed = play(scene)
    assert not not_killed
    assert killed
    assert all(killed)


def test_koncli_killed_before_its_first_write_leaves_nothing(play: Play) -> None:
    async def scene(place: Place) -> list[Json]:
        assert await killed_at(place, 1)
        return [one for resource in (RUNS, *OWNED) for one in await left(place, resource)]

    assert play(scene) == []
