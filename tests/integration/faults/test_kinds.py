"""Kinds that are deleted and defined anew under a running operator, with all that was of them."""

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from typing import Any, TypeAlias

import pytest

from konductor.api.arrival import Arrival
from konductor.api.barrier import Barrier, Phase
from konductor.api.meta import Json, json_list, json_map
from konductor.api.names import API_VERSION
from konductor.api.run import Run, RunPhase
from konductor.cluster.http import HttpCluster
from konductor.cluster.port import Listed
from konductor.cluster.resource import ARRIVALS, BARRIERS, CRDS, RUNS, Resource
from konductor.cluster.written import KINDS, written
from tests.e2e.conftest import on_a_busy_machine
from tests.integration.faults.place import Place
from tests.integration.faults.proxy import Asked, Proxy, Rule
from tests.integration.faults.server import define

Play: TypeAlias = Callable[[Callable[[Place], Any]], Any]
SERVED_WITHIN = 5.0
"""Seconds from when a kind is there again (semantics.md, 6)."""


async def until(
    place: Place, resource: Resource, name: str, fits: Callable[[Json], bool], within: float = 60.0
) -> Json:
    """Return an object once it fits."""
    fields = f"metadata.name={name}"
    watch = place.cluster.watch(resource, namespace=place.namespace, fields=fields)
    async with asyncio.timeout(within), aclosing(watch) as notices:
        async for notice in notices:
            for one in notice.items if isinstance(notice, Listed) else (notice.document,):
                if fits(one):
                    return one
    raise AssertionError(name)


def is_told(document: Json) -> bool:
    return "status" in document


def is_open(document: Json) -> bool:
    return Barrier.parse(document).status.phase is Phase.OPEN


def is_running(document: Json) -> bool:
    return Run.parse(document).status.phase is RunPhase.RUNNING


def has_ended(document: Json) -> bool:
    return Run.parse(document).status.phase.is_terminal


async def create(place: Place, kind: str, name: str, spec: Json, **labels: str) -> Json:
    resource = {"Barrier": BARRIERS, "Run": RUNS}[kind]
    metadata = {
        "name": name,
        "namespace": place.namespace,
        "labels": {f"konductor.io/{key}": value for key, value in labels.items()},
    }
    document = {"apiVersion": API_VERSION, "kind": kind, "metadata": metadata, "spec": spec}
    return await place.cluster.create(resource, document)


async def arrive(place: Place, barrier: Json) -> None:
    metadata = barrier["metadata"]
    arrival = Arrival.at(metadata["name"], metadata["uid"], "x", namespace=place.namespace)
    await place.cluster.create(ARRIVALS, arrival.manifest())


async def delete(cluster: HttpCluster, names: set[str]) -> None:
    """Delete kinds, and wait until they are gone with all their objects."""
    for name in names:
        await cluster.delete(CRDS, name)
    async with aclosing(cluster.watch(CRDS)) as notices:
        left = set(names)
        async for notice in notices:
            if isinstance(notice, Listed):
                left &= {one["metadata"]["name"] for one in notice.items}
            elif notice.change == "DELETED":
                left.discard(notice.document["metadata"]["name"])
            if not left:
                return


async def define_again(cluster: HttpCluster) -> None:
    """Define our kinds, and wait until the server serves them."""
    await define(cluster)
    left = {one["metadata"]["name"] for one in written(KINDS)}
    async with aclosing(cluster.watch(CRDS)) as notices:
        async for notice in notices:
            for one in notice.items if isinstance(notice, Listed) else (notice.document,):
                if _is_established(one):
                    left.discard(one["metadata"]["name"])
            if not left:
                return


def _is_established(definition: Json) -> bool:
    conditions = json_list(json_map(definition.get("status")).get("conditions"))
    return any(one["type"] == "Established" and one["status"] == "True" for one in conditions)


BARRIERS_ALONE = {"barriers.konductor.io"}
ALL = {one["metadata"]["name"] for one in written(KINDS)}


def looking() -> tuple[asyncio.Event, Rule]:
    """Return what is set once an operator looks which kinds there are, and the rule that does."""
    looked = asyncio.Event()

    def rule(_: Proxy, asked: Asked) -> None:
        if asked.path == "/apis":
            looked.set()

    return looked, rule


@pytest.mark.parametrize("gone", [BARRIERS_ALONE, ALL], ids=["barriers", "all"])
def test_new_objects_of_kinds_defined_anew_are_served(play: Play, gone: set[str]) -> None:
    async def scene(place: Place) -> None:
        looked, rule = looking()
        async with place.operator(rule):
            await create(place, "Barrier", "old", {"expected": 2})
            await until(place, BARRIERS, "old", is_told)
            looked.clear()
            await delete(place.cluster, gone)
            await looked.wait()
            await define_again(place.cluster)
            await arrive(place, await create(place, "Barrier", "new", {"expected": 1}))
            await until(place, BARRIERS, "new", is_open, within=on_a_busy_machine(SERVED_WITHIN))

    play(scene)


def test_operator_that_was_there_before_the_kinds_serves_them(play: Play) -> None:
    async def scene(place: Place) -> None:
        looked, rule = looking()
        await delete(place.cluster, ALL)
        async with place.operator(rule):
            await looked.wait()
            await define_again(place.cluster)
            await arrive(place, await create(place, "Barrier", "new", {"expected": 1}))
            await until(place, BARRIERS, "new", is_open, within=on_a_busy_machine(SERVED_WITHIN))

    play(scene)


def test_run_whose_barriers_went_with_their_kind_is_lost(play: Play) -> None:
    async def scene(place: Place) -> Run:
        async with place.operator():
            spec = {"pipeline": "etl", "stages": 1, "ready": True}
            await create(place, "Barrier", "r-a", {"expected": 1}, run="r", stage="a")
            await create(place, "Run", "r", spec, run="r")
            await until(place, RUNS, "r", is_running)
            await delete(place.cluster, BARRIERS_ALONE)
            await define_again(place.cluster)
            return Run.parse(
                await until(
                    place, RUNS, "r", has_ended, within=on_a_busy_machine(2 * SERVED_WITHIN)
                )
            )

    status = play(scene).status
    assert status.phase is RunPhase.FAILED
    assert "Lost" in {one.reason for one in status.conditions}
