import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeAlias

import pytest

from konductor.api.arrival import Outcome
from konductor.api.barrier import BarrierStatus, Phase, Reason
from konductor.cluster.port import Listed
from konductor.cluster.resource import (
    ARRIVALS,
    BARRIERS,
    CONFIGMAPS,
    EVENTS,
    JOBS,
    RUNS,
    Resource,
)
from konductor.errors import ApiError, Conflict, Forbidden
from konductor.operator import engine

World: TypeAlias = Any
"""What conftest.py gives: a cluster in memory with an operator."""
Play: TypeAlias = Callable[[Callable[[World], Any]], Any]
SPACE = "etl"


def is_open(status: BarrierStatus) -> bool:
    return status.phase is Phase.OPEN


def has_ended(status: BarrierStatus) -> bool:
    return status.phase.is_terminal


def test_barrier_opens_at_quorum(play: Play) -> None:
    async def scene(world: World) -> object:
        async with world.operator():
            await world.barrier("a", 3, quorum=2)
            await world.arrive("a", "x", "y")
            return await world.until("a", is_open)

    status = play(scene)
    assert status.reason is Reason.QUORUM_REACHED
    assert status.arrivals == ("x", "y")


def test_arrivals_seen_before_their_barrier_count(play: Play) -> None:
    async def scene(world: World) -> None:
        made = await world.barrier("a")
        await world.arrive("a", "x")
        async with world.operator():
            status = await world.until("a", is_open)
            assert status.arrived == 1
            assert made.metadata.uid

    play(scene)


def test_arrivals_that_are_listed_in_parts_count(play: Play) -> None:
    async def scene(world: World) -> object:
        await world.barrier("a", 7)
        await world.arrive("a", *"tuvwxyz")
        async with world.operator():
            return await world.until("a", is_open)

    assert play(scene).arrived == 7


def test_arrivals_count_however_long_barriers_cannot_be_listed(
    play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "_PAUSE", 0.01)
    refusals = iter(range(10))

    async def scene(world: World) -> object:
        await world.barrier("a")
        await world.arrive("a", "x")
        lists = world.cluster.list

        async def refuse(resource: Resource, **where: str) -> Listed:
            if resource == BARRIERS and next(refusals, None) is not None:
                raise ApiError.of(500, {"reason": "InternalError", "message": "no"})
            listed: Listed = await lists(resource, **where)
            return listed

        world.cluster.list = refuse
        async with world.operator():
            return await world.until("a", is_open)

    assert play(scene).arrivals == ("x",)


def test_first_status_is_written_whole(play: Play) -> None:
    async def scene(world: World) -> object:
        async with world.operator():
            await world.barrier("a")
            return await world.until_document(BARRIERS, "a", lambda one: bool(one.get("status")))

    document = play(scene)
    assert document["status"]["phase"] == "Waiting"
    assert document["status"]["progress"] == "0/1"


def test_barrier_times_out_only_after_a_fresh_read(play: Play) -> None:
    async def scene(world: World) -> object:
        async with world.operator():
            await world.barrier("a", 2, timeout="30m")
            await world.until("a", lambda status: status.deadline is not None)
            world.advance(timedelta(minutes=31))
            return await world.until("a", has_ended)

    assert play(scene).phase is Phase.TIMEOUT


def test_barrier_times_out_though_the_clock_jumped_over_its_deadline(play: Play) -> None:
    async def scene(world: World) -> object:
        async with world.operator():
            await world.barrier("a", 2, timeout="30m")
            await world.until("a", lambda status: status.deadline is not None)
            await world.until_idle()
            world.leap(timedelta(hours=1))
            return await world.until("a", has_ended)

    assert play(scene).phase is Phase.TIMEOUT


def test_reset_barrier_starts_from_nothing(play: Play) -> None:
    async def scene(world: World) -> object:
        async with world.operator():
            await world.barrier("a", 2)
            await world.arrive("a", "x")
            await world.until("a", lambda status: status.arrived == 1)
            await world.cluster.delete(BARRIERS, "a", namespace=SPACE)
            await world.barrier("a", 2)
            await world.arrive("a", "y", "z")
            return await world.until("a", is_open)

    assert play(scene).arrivals == ("y", "z")


def test_cascade_goes_through_a_chain(play: Play) -> None:
    async def scene(world: World) -> None:
        async with world.operator():
            for number in range(30):
                after = [{"barriers": [f"b{number - 1}"]}] if number else []
                await world.barrier(f"b{number}", after=after)
                await world.arrive(f"b{number}", "x") if number else None
            await world.arrive("b0", "x")
            await world.until("b29", is_open)

    play(scene)


def test_barriers_that_wait_in_a_circle_fail(play: Play) -> None:
    async def scene(world: World) -> list[BarrierStatus]:
        async with world.operator():
            await world.barrier("a", after=[{"barriers": ["b"]}])
            await world.barrier("b", after=[{"barriers": ["a"]}])
            return [await world.until(name, has_ended) for name in "ab"]

    assert Reason.UPSTREAM_CYCLE in {status.reason for status in play(scene)}


def test_job_is_released_once_its_barrier_starts(play: Play) -> None:
    async def scene(world: World) -> object:
        async with world.operator():
            await world.barrier("up")
            await world.barrier("a", after=[{"barriers": ["up"]}])
            await world.job("a", "a")
            await world.arrive("up", "x")
            return await world.until_document(JOBS, "a", lambda one: not one["spec"]["suspend"])

    assert "konductor.io/released" in play(scene)["metadata"]["annotations"]


def test_job_of_a_skipped_barrier_stays_suspended(play: Play) -> None:
    async def scene(world: World) -> object:
        async with world.operator():
            await world.barrier("up")
            await world.barrier("a", after=[{"barriers": ["up"], "require": "Failed"}])
            await world.job("a", "a")
            await world.arrive("up", "x")
            status = await world.until("a", has_ended)
            assert status.reason is Reason.SKIPPED
            return await world.cluster.get(JOBS, "a", namespace=SPACE)

    assert play(scene)["spec"]["suspend"]


def test_failed_indexes_make_a_quorum_unreachable(play: Play) -> None:
    async def scene(world: World) -> object:
        async with world.operator():
            await world.barrier("a", 2)
            await world.job("a", "a")
            await world.until_document(JOBS, "a", lambda one: not one["spec"]["suspend"])
            await world.job_status("a", failedIndexes="1")
            return await world.until("a", has_ended)

    status = play(scene)
    assert (status.reason, status.failures) == (Reason.QUORUM_UNREACHABLE, ("a-1",))


def test_completed_indexes_count_where_jobs_are_counted(play: Play) -> None:
    async def scene(world: World) -> object:
        async with world.operator():
            await world.job("count", "elsewhere", suspend=False)
            await world.barrier("a", 2, arrivalsFrom={"jobs": ["count"]})
            await world.job_status("count", completedIndexes="0-1")
            return await world.until("a", is_open)

    assert play(scene).arrivals == ("count-0", "count-1")


def test_deleted_job_fails_its_barrier(play: Play) -> None:
    async def scene(world: World) -> object:
        async with world.operator():
            await world.barrier("a", 2)
            await world.job("a", "a")
            await world.until("a", lambda status: bool(status.jobs))
            await world.cluster.delete(JOBS, "a", namespace=SPACE)
            return await world.until("a", has_ended)

    assert play(scene).reason is Reason.JOB_FAILED


@pytest.mark.parametrize(
    "fault",
    [
        ApiError.of(409, {"reason": "Conflict"}),
        ApiError.of(503, {}),
        ApiError.of(429, {}),
        ApiError.of(403, {}),
        ApiError.of(422, {}),
    ],
    ids=lambda error: str(error.code),
)
def test_failed_write_is_made_again(play: Play, fault: ApiError) -> None:
    async def scene(world: World) -> None:
        async with world.operator():
            await world.barrier("a")
            await world.until("a", lambda status: status.started_at is not None)
            await world.cluster.get(BARRIERS, "a", namespace=SPACE)
            arrival = world.arrive("a", "x")
            await arrival
            world.cluster.fail_next_write(fault)
            await world.until("a", is_open)

    play(scene)


def test_write_that_is_forbidden_is_not_tried_at_each_arrival(
    play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scene(world: World) -> int:
        tried = 0

        async def refuse(*_: object, **__: object) -> None:
            nonlocal tried
            tried += 1
            raise Forbidden("no", code=403)

        async with world.operator():
            await world.barrier("a")
            await world.until("a", lambda status: status.started_at is not None)
            with monkeypatch.context() as forbidding:
                forbidding.setattr(world.cluster, "patch", refuse)
                for number in range(50):
                    await world.arrive("a", f"p{number}")
                    await asyncio.sleep(0)
            await world.until("a", is_open)
        return tried

    assert play(scene) == 1


def test_status_that_somebody_else_wrote_is_read_before_the_next_write(play: Play) -> None:
    async def scene(world: World) -> object:
        async with world.operator():
            await world.barrier("a", 2)
            await world.until("a", lambda status: status.started_at is not None)
            await world.arrive("a", "x", "y")
            world.cluster.fail_next_write(Conflict("", code=409), Conflict("", code=409))
            return await world.until("a", is_open)

    assert play(scene).arrived == 2


def test_cut_watches_lose_nothing(play: Play) -> None:
    async def scene(world: World) -> None:
        async with world.operator():
            await world.barrier("a", 2)
            await world.arrive("a", "x")
            world.cluster.cut_watches()
            await world.arrive("a", "y")
            world.cluster.cut_watches()
            await world.until("a", is_open)

    play(scene)


def test_operator_that_was_down_opens_what_met_in_time(play: Play) -> None:
    async def scene(world: World) -> object:
        await world.barrier("a", 2, timeout="1m")
        await world.arrive("a", "x", "y")
        world.ahead += timedelta(hours=1)
        async with world.operator():
            return await world.until("a", has_ended)

    assert play(scene).phase is Phase.OPEN


def test_late_arrivals_are_told(play: Play) -> None:
    async def scene(world: World) -> int:
        async with world.operator():
            await world.barrier("a", 2, timeout="1m")
            await world.until("a", lambda status: status.deadline is not None)
            world.advance(timedelta(minutes=2))
            await world.until("a", has_ended)
            await world.arrive("a", "x")
            status: BarrierStatus = await world.until("a", lambda status: status.late > 0)
            return status.late

    assert play(scene) == 1


def test_failure_that_a_person_records_ends_the_barrier(play: Play) -> None:
    async def scene(world: World) -> object:
        async with world.operator():
            await world.barrier("a", 3)
            await world.arrive("a", "x", outcome=Outcome.FAILED)
            return await world.until("a", has_ended)

    assert play(scene).reason is Reason.QUORUM_UNREACHABLE


def test_many_arrivals_cost_few_writes(play: Play) -> None:
    async def scene(world: World) -> int:
        async with world.operator():
            await world.barrier("a", 2000)
            await world.until("a", lambda status: status.started_at is not None)
            before = len(world.cluster.writes)
            await world.arrive("a", *(f"p-{number}" for number in range(2000)))
            await world.until("a", is_open)
            mine = [path for verb, path in world.cluster.writes[before:] if "status" in path]
            return len(mine)

    assert play(scene) < 40


def test_events_about_a_barrier_are_posted_once(play: Play) -> None:
    async def scene(world: World) -> list[str]:
        async with world.operator():
            await world.barrier("a")
            await world.arrive("a", "x")
            await world.until("a", is_open)
            await world.until_event("Opened")
        async with world.operator():
            found = await world.cluster.list(EVENTS, namespace=SPACE)
        return sorted(one["reason"] for one in found.items)

    assert play(scene) == ["Opened", "Started"]


def stage(name: str) -> dict[str, str]:
    return {
        "konductor.io/run": "r",
        "konductor.io/stage": name,
        "konductor.io/role": "stage",
        "konductor.io/pipeline": "etl",
    }


def test_run_starts_nothing_until_it_is_ready_and_then_succeeds(play: Play) -> None:
    async def scene(world: World) -> object:
        async with world.operator():
            metadata = {"name": "r", "namespace": SPACE, "labels": {"konductor.io/run": "r"}}
            spec = {"pipeline": "etl", "stages": 1, "ready": False}
            await world.cluster.create(RUNS, {"metadata": metadata, "spec": spec})
            await world.barrier("r-a", labels=stage("a"))
            await world.arrive("r-a", "r-a-0")
            held = await world.until("r-a", lambda status: bool(status.conditions))
            assert held.started_at is None
            await world.cluster.patch(RUNS, "r", {"spec": {"ready": True}}, namespace=SPACE)
            await world.until("r-a", is_open)
            arrivals = await world.cluster.get(CONFIGMAPS, "r-a-arrivals", namespace=SPACE)
            assert arrivals["data"] == {"participants": "a-0\n"}
            return await world.until_document(
                RUNS, "r", lambda one: one.get("status", {}).get("phase") == "Succeeded"
            )

    assert play(scene)["status"]["progress"] == "1/1"


def test_arrivals_at_a_barrier_of_another_life_are_ignored(play: Play) -> None:
    async def scene(world: World) -> object:
        async with world.operator():
            await world.barrier("a", 2)
            stray = {
                "metadata": {"name": "a-stray", "namespace": SPACE},
                "spec": {"barrier": "a", "barrierUID": "former", "participant": "old"},
            }
            await world.cluster.create(ARRIVALS, stray)
            await world.arrive("a", "x", "y")
            return await world.until("a", is_open)

    assert play(scene).arrivals == ("x", "y")
