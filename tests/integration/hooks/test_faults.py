"""What happens to pods, nodes and the API server changes nothing about who is counted."""

import asyncio

import pytest

from konductor.api.barrier import Phase
from konductor.api.meta import Json
from konductor.api.run import RunPhase
from konductor.cluster.port import PatchType
from konductor.cluster.resource import BARRIERS, JOBS, NODES, PODS, Resource
from konductor.dsl.plan import Hooks
from konductor.runner.local.kubelet.node import NAME
from tests.integration.hooks.site import FIRST, SECOND, Ended, Met, Play, Scene, Site

pytestmark = pytest.mark.controlplane


def _well(recorded: tuple[str, ...]) -> Ended:
    first = Met(Phase.OPEN, 3, FIRST, failed=0, late=0)
    second = Met(Phase.OPEN, 2, SECOND, failed=0, late=0)
    return Ended(RunPhase.SUCCEEDED, first, second, FIRST, recorded)


WELL = {Hooks.POD: _well((*FIRST, *SECOND)), Hooks.JOB: _well(())}
"""How the runs of both modes end, whatever happens."""


async def nothing_happens(site: Site) -> object:
    await site.begin(retries=0)
    site.end(*FIRST)
    return await site.rest()


async def program_fails_and_is_tried_again(site: Site) -> object:
    pods = await site.begin(retries=1)
    site.end("first-1", "first-2")
    site.end("first-0", code=3)
    await site.running("first-0", but=pods)
    site.end("first-0")
    return await site.rest()


async def pod_is_deleted_while_its_program_runs(site: Site) -> object:
    """Kubernetes calls that a failure, so it takes a retry."""
    pods = await site.begin(retries=1)
    for pod in await site.running("first-0"):
        await site.cluster.delete(PODS, pod, namespace=site.namespace)
    site.end("first-1", "first-2")
    await site.running("first-0", but=pods)
    site.end("first-0")
    return await site.rest()


async def pod_is_deleted_after_it_was_counted(site: Site) -> object:
    await site.begin(retries=0)
    pods = await site.running("first-0")
    site.end("first-0")
    await site.counted(1)
    for pod in pods:
        await site.cluster.delete(PODS, pod, namespace=site.namespace)
    site.end("first-1", "first-2")
    return await site.rest()


async def pod_is_evicted(site: Site) -> object:
    """By the eviction API, as `kubectl drain` does: no failure, so it takes no retry."""
    pods = await site.begin(retries=0)
    for pod in await site.running("first-0", "first-1"):
        name = {"name": pod, "namespace": site.namespace}
        eviction = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": name}
        await site.cluster.create(Resource("", "v1", f"pods/{pod}/eviction", "Eviction"), eviction)
    site.end("first-2")
    await site.running("first-0", "first-1", but=pods)
    site.end("first-0", "first-1")
    return await site.rest()


async def node_is_lost(site: Site) -> object:
    """Its pods are collected without its word, and their programs may go on there for a while."""
    pods = await site.begin(retries=0)
    reason = {"reason": "DeletionByPodGC", "message": "PodGC: node no longer exists"}
    condition = {"type": "DisruptionTarget", "status": "True"} | reason
    for pod in await site.running("first-0", "first-1"):
        status: Json = {"status": {"phase": "Failed", "conditions": [condition]}}
        space, kind = site.namespace, PatchType.STRATEGIC
        await site.cluster.patch(
            PODS, pod, status, namespace=space, kind=kind, subresource="status"
        )
        await site.cluster.delete(PODS, pod, namespace=site.namespace, grace_seconds=0)
    site.end("first-2")
    await site.running("first-0", "first-1", but=pods)
    site.end("first-0", "first-1")
    return await site.rest()


_LONG_SILENCE = 30.0
"""Seconds; pods are looked after by processes of their own, whose time is real."""
SCENES: tuple[Scene, ...] = (
    nothing_happens,
    program_fails_and_is_tried_again,
    pod_is_deleted_while_its_program_runs,
    pod_is_deleted_after_it_was_counted,
    pod_is_evicted,
    node_is_lost,
)


async def container_is_started_again(site: Site) -> object:
    """A hand-written Job: it arrives twice, and its indexes are counted by another barrier."""
    for name, more in (("arrived", {}), ("completed", {"arrivalsFrom": {"jobs": ["raw"]}})):
        await site.cluster.create(BARRIERS, _object("Barrier", name, site, {"expected": 2} | more))
    site.pipe("raw")
    await site.cluster.create(JOBS, _object("Job", "raw", site, _RAW))
    for code in "300":
        site.tell("raw", code)

    def open_both(barriers: list[Json]) -> bool:
        return [one.get("status", {}).get("phase") for one in barriers] == ["Open", "Open"]

    await site.until(BARRIERS, open_both)
    listed = await site.cluster.list(BARRIERS, namespace=site.namespace)
    pods = await site.cluster.list(PODS, namespace=site.namespace)
    restarts = [one["status"]["containerStatuses"][0]["restartCount"] for one in pods.items]
    return [*(sorted(one["status"]["arrivals"]) for one in listed.items), sum(restarts)]


_RAW: Json = {
    "completions": 2,
    "parallelism": 2,
    "completionMode": "Indexed",
    "template": {
        "spec": {
            "restartPolicy": "OnFailure",
            "containers": [
                {
                    "name": "main",
                    "image": "program:1",
                    "command": ["sh", "-ec"],
                    "args": ['koncli barrier arrive arrived; read code < "$HOME/raw"; exit $code'],
                }
            ],
        }
    },
}


def _object(kind: str, name: str, site: Site, spec: Json) -> Json:
    version = {"Job": "batch/v1", "Barrier": "konductor.io/v1"}[kind]
    metadata = {"name": name, "namespace": site.namespace}
    return {"apiVersion": version, "kind": kind, "metadata": metadata, "spec": spec}


@pytest.fixture(scope="module")
def outcomes(play: Play) -> dict[Scene, object]:
    return play(*SCENES, container_is_started_again)


@pytest.mark.parametrize("scene", SCENES)
def test_all_are_counted_once_though(scene: Scene, outcomes: dict[Scene, object]) -> None:
    assert outcomes[scene] == WELL


def test_container_that_is_started_again_is_counted_once(outcomes: dict[Scene, object]) -> None:
    both = ["raw-0", "raw-1"]
    assert outcomes[container_is_started_again] == [both, both, 1]


def test_node_that_may_run_nothing_any_more_loses_nobody(play: Play) -> None:
    async def node_is_tainted(site: Site) -> object:
        pods = await site.begin(retries=0)
        taint = {"key": "konductor.io/test", "effect": "NoExecute"}
        await site.cluster.patch(NODES, NAME, {"spec": {"taints": [taint]}})
        await site.until(PODS, lambda there: not _named(there) & set(pods))
        await site.cluster.patch(NODES, NAME, {"spec": {"taints": None}})
        await site.running(*FIRST, but=pods)
        site.end(*FIRST)
        return await site.rest()

    assert play(node_is_tainted)[node_is_tainted] == WELL


def _named(pods: list[Json]) -> set[str]:
    return {pod["metadata"]["name"] for pod in pods}


def test_programs_that_end_while_no_server_answers_are_counted(play: Play) -> None:
    """First all end within a long silence, then they end as another begins.

    As soon as the server is back a participant asks, so also while it refuses everybody.
    """

    async def server_is_killed(site: Site) -> object:
        await site.begin(retries=0)
        async with site.participant_asking():
            async with site.silence():
                site.end(*FIRST)
                await site.have_ended(*FIRST)
                await asyncio.sleep(_LONG_SILENCE)  # no clock but the servers' own could pass here
            await site.running(*SECOND)
            site.end(*SECOND)
            async with site.silence():
                await site.have_ended(*SECOND)
            return await site.outcome()

    assert play(server_is_killed)[server_is_killed] == WELL
