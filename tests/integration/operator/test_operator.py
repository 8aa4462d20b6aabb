from collections.abc import Callable
from typing import Any, TypeAlias

from konductor.api.barrier import BarrierStatus, Phase, Reason
from konductor.cluster.resource import BARRIERS, EVENTS, JOBS

Place: TypeAlias = Any
"""What conftest.py gives: a namespace on a local API server."""
Play: TypeAlias = Callable[[Callable[[Place], Any]], Any]


def is_open(status: BarrierStatus) -> bool:
    return status.phase is Phase.OPEN


def has_ended(status: BarrierStatus) -> bool:
    return status.phase.is_terminal


def test_barrier_opens_at_quorum(play: Play) -> None:
    async def scene(place: Place) -> object:
        async with place.operator():
            await place.barrier("a", 3, quorum=2)
            await place.arrive("a", "x", "y")
            return await place.until("a", is_open)

    status = play(scene)
    assert (status.reason, status.arrived) == (Reason.QUORUM_REACHED, 2)
    assert status.started_at <= status.opened_at


def test_barrier_times_out(play: Play) -> None:
    async def scene(place: Place) -> object:
        async with place.operator():
            await place.barrier("a", 2, timeout="1s")
            await place.arrive("a", "x")
            return await place.until("a", has_ended)

    status = play(scene)
    assert (status.phase, status.arrived) == (Phase.TIMEOUT, 1)
    assert status.closed_at >= status.deadline


def test_operator_that_comes_later_serves_what_is_there(play: Play) -> None:
    async def scene(place: Place) -> object:
        await place.barrier("a", 2)
        await place.barrier("b", after=[{"barriers": ["a"]}])
        await place.arrive("a", "x", "y")
        await place.arrive("b", "z")
        async with place.operator():
            await place.until("a", is_open)
        await place.barrier("c", after=[{"barriers": ["b"]}])
        await place.arrive("c", "z")
        async with place.operator():
            return await place.until("c", is_open)

    assert play(scene).phase is Phase.OPEN


def test_barrier_reset_while_no_operator_looked_starts_from_nothing(play: Play) -> None:
    async def scene(place: Place) -> object:
        async with place.operator():
            await place.barrier("a")
            await place.arrive("a", "x")
            await place.until("a", is_open)
            await place.cluster.delete(BARRIERS, "a", namespace=place.namespace)
            await place.barrier("a")
            waiting = await place.until("a", lambda status: bool(status.conditions))
            assert (waiting.phase, waiting.arrived) == (Phase.WAITING, 0)
            await place.arrive("a", "y")
            return await place.until("a", is_open)

    assert play(scene).arrivals == ("y",)


def test_operator_of_a_run_leaves_other_objects_alone(play: Play) -> None:
    async def scene(place: Place) -> None:
        async with place.operator(run="mine"):
            await place.barrier("raw")
            await place.arrive("raw", "x")
            await place.barrier("held", labels={"konductor.io/run": "mine"})
            await place.until("held", lambda status: bool(status.conditions))
            found = await place.cluster.get(BARRIERS, "raw", namespace=place.namespace)
            assert "status" not in found

    play(scene)


def test_job_is_released_once_its_barrier_starts(play: Play) -> None:
    def job(name: str, namespace: str) -> dict[str, Any]:
        pod = {"restartPolicy": "Never", "containers": [{"name": "main", "image": "true"}]}
        return {
            "apiVersion": "batch/v1",
            "kind": "Job",
            "metadata": {
                "name": name,
                "namespace": namespace,
                "labels": {"konductor.io/barrier": name},
            },
            "spec": {"suspend": True, "template": {"spec": pod}},
        }

    async def scene(place: Place) -> object:
        async with place.operator():
            await place.barrier("up")
            await place.barrier("a", after=[{"barriers": ["up"]}])
            await place.cluster.create(JOBS, job("a", place.namespace))
            await place.arrive("up", "x")
            async for notice in place.cluster.watch(JOBS, namespace=place.namespace):
                for one in getattr(notice, "items", None) or [getattr(notice, "document", None)]:
                    if one and not one["spec"]["suspend"]:
                        return one
        raise AssertionError

    assert "konductor.io/released" in play(scene)["metadata"]["annotations"]


def test_describe_finds_the_events_of_a_barrier(play: Play) -> None:
    async def scene(place: Place) -> object:
        async with place.operator():
            made = await place.barrier("a")
            fields = f"involvedObject.uid={made.metadata.uid},involvedObject.kind=Barrier"
            watch = place.cluster.watch(EVENTS, namespace=place.namespace, fields=fields)
            async for notice in watch:
                for one in getattr(notice, "items", None) or [getattr(notice, "document", None)]:
                    if one:
                        return one
        raise AssertionError

    event = play(scene)
    assert (event["reason"], event["type"]) == ("Started", "Normal")
