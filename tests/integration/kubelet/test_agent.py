from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from konductor.api.meta import Json
from konductor.cluster.resource import CONFIGMAPS, EVENTS, NODES, PODS, PVC

from .conftest import marked
from .plane import Plane, node, pod


def play(story: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(asyncio.wait_for(story(), 60))


def over(pods: list[Json]) -> bool:
    return bool(pods) and all(phase(one) in {"Succeeded", "Failed"} for one in pods)


def phase(one: Json) -> str:
    return str(one.get("status", {}).get("phase"))


def main_state(one: Json) -> Any:
    return one["status"]["containerStatuses"][0]["state"]


def log(folder: Path, name: str, container: str = "main", run: int = 0) -> list[bytes]:
    (path,) = folder.glob(f"state/logs/ns_{name}_*/{container}/{run}.log")
    return [line.split(b" ", 3)[3] for line in path.read_bytes().splitlines()]


def test_a_pod_runs_its_containers_in_order(tmp_path: Path) -> None:
    async def story() -> None:
        plane = Plane()
        first = {"name": "i", "image": "x", "command": ["sh", "-c", "echo init; echo a > $W/f"]}
        mount = [{"name": "w", "mountPath": "/konductor/w"}]
        env = [{"name": "W", "value": "/konductor/w"}]
        await plane.create(
            PODS,
            pod(
                "p",
                "cat $W/f; echo $HOSTNAME $KUBERNETES_SERVICE_PORT; pwd; exit 3",
                initContainers=[first | {"volumeMounts": mount, "env": env}],
                main={"volumeMounts": mount, "env": env},
                volumes=[{"name": "w", "emptyDir": {}}],
            ),
        )
        async with node(plane, tmp_path):
            (one,) = await plane.until(PODS, over)
        assert phase(one) == "Failed"
        assert one["spec"]["nodeName"] == "konductor-local"
        assert one["metadata"]["annotations"]["konductor.io/unisolated"] == "true"
        assert main_state(one)["terminated"]["exitCode"] == 3
        assert main_state(one)["terminated"]["reason"] == "Error"
        assert one["status"]["initContainerStatuses"][0]["ready"]
        assert log(tmp_path, "p") == [b"a", b"p 6443", str(tmp_path).encode()]
        assert log(tmp_path, "p", "i") == [b"init"]
        (registered,) = (await plane.list(NODES)).items
        assert registered["status"]["allocatable"]["pods"] == "110"
        reasons = [event["reason"] for event in (await plane.list(EVENTS)).items]
        assert reasons == ["Unisolated"]

    play(story)


def test_slots_bound_stages_and_nothing_else(tmp_path: Path) -> None:
    async def story() -> None:
        plane = Plane()
        stage = {"labels": {"konductor.io/stage": "s"}}
        meets = stage | {"annotations": {"konductor.io/meets": "true"}}
        for name, meta in (("a", stage), ("b", stage), ("raw", {}), ("meets", meets)):
            await plane.create(PODS, pod(name, "sleep 60", metadata=meta))
        async with node(plane, tmp_path, slots=1):
            pods = await plane.until(
                PODS, lambda pods: sum(phase(one) == "Running" for one in pods) == 3
            )
            running = {one["metadata"]["name"] for one in pods if phase(one) == "Running"}
            assert running == {"a", "raw", "meets"}
            await plane.delete(PODS, "a", namespace="ns")
            await plane.until(PODS, lambda pods: any(_runs(one, "b") for one in pods))

    play(story)


def _runs(one: Json, name: str) -> bool:
    return one["metadata"]["name"] == name and phase(one) == "Running"


def test_a_deleted_pod_is_asked_to_end_and_then_goes(tmp_path: Path) -> None:
    async def story() -> None:
        plane = Plane()
        # The shell's own word on its ended `sleep` comes by another stream, in any order.
        quiet = "exec 2>/dev/null; trap 'echo bye; exit 0' TERM; echo on; "
        await plane.create(PODS, pod("p", quiet + "while :; do sleep 0.05; done"))
        await plane.create(PODS, pod("stubborn", "trap '' TERM; sleep 99 & wait; sleep 99"))
        async with node(plane, tmp_path):
            await plane.until(PODS, lambda pods: all(phase(one) == "Running" for one in pods))
            for name, grace in (("p", 30), ("stubborn", 1)):
                await plane.delete(PODS, name, namespace="ns", grace_seconds=grace)
            await plane.until(PODS, lambda pods: not pods)
        assert log(tmp_path, "p")[-1] == b"bye"

    play(story)


def test_a_pod_waits_for_its_configuration(tmp_path: Path) -> None:
    async def story() -> None:
        plane = Plane()
        reference = {"configMapKeyRef": {"name": "later", "key": "a"}}
        env = [{"name": "A", "valueFrom": reference}]
        await plane.create(PODS, pod("p", "echo $A", main={"env": env}))
        async with node(plane, tmp_path):
            (one,) = await plane.until(PODS, lambda pods: "waiting" in str(pods) and _told(pods))
            waiting = main_state(one)["waiting"]
            assert waiting["reason"] == "CreateContainerConfigError"
            assert waiting["message"] == 'configmap "later" not found'
            meta = {"name": "later", "namespace": "ns"}
            await plane.create(CONFIGMAPS, {"metadata": meta, "data": {"a": "here"}})
            await plane.until(PODS, over)
        assert log(tmp_path, "p") == [b"here"]

    play(story)


def _told(pods: list[Json]) -> bool:
    return any("containerStatuses" in one.get("status", {}) and _is_error(one) for one in pods)


def _is_error(one: Json) -> bool:
    return str(main_state(one).get("waiting", {}).get("reason", "")).endswith(("Error", "BackOff"))


def test_an_image_that_nothing_stands_for_cannot_be_pulled(tmp_path: Path) -> None:
    async def story() -> None:
        plane = Plane()
        await plane.create(PODS, pod("p", "", main={"command": []}))
        async with node(plane, tmp_path):
            await plane.until(PODS, lambda pods: "ImagePullBackOff" in str(pods))

    play(story)


def test_a_pod_that_cannot_run_here_fails_and_says_why(tmp_path: Path) -> None:
    async def story() -> None:
        plane = Plane()
        mount = [{"name": "w", "mountPath": "/data"}]
        volumes = [{"name": "w", "emptyDir": {}}]
        await plane.create(PODS, pod("p", "", main={"volumeMounts": mount}, volumes=volumes))
        async with node(plane, tmp_path):
            (one,) = await plane.until(PODS, over)
        assert one["status"]["reason"] == "UnsupportedPod"
        assert "$KON_WORKSPACE" in one["status"]["message"]

    play(story)


def test_a_container_is_restarted_where_the_pod_says_so(tmp_path: Path) -> None:
    async def story() -> None:
        plane = Plane()
        script = "[ -e mark ] && exit 0; touch mark; echo oops; exit 1"
        policy = {"terminationMessagePolicy": "FallbackToLogsOnError"}
        await plane.create(PODS, pod("p", script, restartPolicy="OnFailure", main=policy))
        async with node(plane, tmp_path, crash_delays=(timedelta(0),)):
            (one,) = await plane.until(PODS, over)
        (status,) = one["status"]["containerStatuses"]
        assert phase(one) == "Succeeded"
        assert status["restartCount"] == 1
        assert status["lastState"]["terminated"]["message"] == "oops"
        assert log(tmp_path, "p") == [b"oops"]
        assert log(tmp_path, "p", run=1) == []

    play(story)


def test_a_pod_that_is_too_long_active_is_ended(tmp_path: Path) -> None:
    async def story() -> None:
        plane = Plane()
        await plane.create(PODS, pod("p", "sleep 60", activeDeadlineSeconds=1))
        async with node(plane, tmp_path):
            (one,) = await plane.until(PODS, over)
        assert (phase(one), one["status"]["reason"]) == ("Failed", "DeadlineExceeded")

    play(story)


def test_what_was_running_is_lost_and_never_run_twice(tmp_path: Path, marker: str) -> None:
    async def story() -> None:
        plane = Plane()
        await plane.create(PODS, pod("p", f"echo x >> runs; sleep 60 # {marker}"))
        async with node(plane, tmp_path):
            await plane.until(PODS, lambda pods: phase(pods[0]) == "Running")
        assert not marked(marker)
        async with node(plane, tmp_path):
            (one,) = await plane.until(PODS, over)
        assert (phase(one), one["status"]["reason"]) == ("Failed", "NodeLost")
        assert (tmp_path / "runs").read_text() == "x\n"

    play(story)


def test_what_had_not_been_started_runs_after_a_restart(tmp_path: Path) -> None:
    async def story() -> None:
        plane = Plane()
        stage = {"labels": {"konductor.io/stage": "s"}}
        await plane.create(PODS, pod("p", "true", metadata=stage))
        async with node(plane, tmp_path, slots=0):
            await plane.until(NODES, bool)
        async with node(plane, tmp_path):
            (one,) = await plane.until(PODS, over)
        assert phase(one) == "Succeeded"

    play(story)


def test_a_pod_that_vanishes_is_ended_at_once(tmp_path: Path, marker: str) -> None:
    async def story() -> None:
        plane = Plane()
        await plane.create(PODS, pod("p", f"trap '' TERM; sleep 60; true # {marker}"))
        async with node(plane, tmp_path) as kubelet:
            await plane.until(PODS, lambda pods: phase(pods[0]) == "Running")
            await plane.delete(PODS, "p", namespace="ns", grace_seconds=0)
            async with asyncio.timeout(5):
                await kubelet.idle()
            assert not marked(marker)

    play(story)


@pytest.mark.parametrize("command", [["koncli", "hook", "wait", "b"], ["koncli", "hook", "x", "b"]])
def test_a_hook_without_a_token_or_a_meaning_fails_its_pod(
    tmp_path: Path, command: list[str]
) -> None:
    async def story() -> None:
        plane = Plane()
        hook = {"name": "konductor-wait", "image": "x", "command": command}
        await plane.create(
            PODS, pod("p", "true", initContainers=[hook], automountServiceAccountToken=False)
        )
        async with node(plane, tmp_path):
            (one,) = await plane.until(PODS, over)
        ended = one["status"]["initContainerStatuses"][0]["state"]["terminated"]
        assert (ended["exitCode"], ended["reason"]) == (128, "StartError")

    play(story)


def test_a_claim_is_bound_and_its_folder_outlives_the_pod(tmp_path: Path) -> None:
    async def story() -> None:
        plane = Plane()
        claim = {"metadata": {"name": "c", "namespace": "ns"}, "spec": {"accessModes": ["RWX"]}}
        mount = [{"name": "w", "mountPath": "/konductor/w", "subPath": "deep"}]
        env = [{"name": "W", "value": "/konductor/w"}]
        volumes = [{"name": "w", "persistentVolumeClaim": {"claimName": "c"}}]
        main = {"volumeMounts": mount, "env": env}
        await plane.create(PODS, pod("p", "echo kept > $W/file", main=main, volumes=volumes))
        async with node(plane, tmp_path):
            await plane.until(EVENTS, lambda events: "FailedMount" in str(events))
            await plane.create(PVC, claim)
            await plane.until(PODS, over)
            (stored,) = (await plane.list(PVC)).items
            assert stored["status"]["phase"] == "Bound"
        assert (tmp_path / "state/volumes/ns/c/deep/file").read_text() == "kept\n"

    play(story)


def test_a_pod_waits_for_a_node_that_fits(tmp_path: Path) -> None:
    async def story() -> None:
        plane = Plane()
        await plane.create(PODS, pod("p", "true", nodeSelector={"disk": "ssd"}))
        async with node(plane, tmp_path):
            events = await plane.until(EVENTS, bool)
            (one,) = (await plane.list(PODS)).items
            assert "nodeName" not in one["spec"]
            (condition,) = one["status"]["conditions"]
            assert (condition["type"], condition["status"]) == ("PodScheduled", "False")
            assert condition["reason"] == "Unschedulable"
            assert events[0]["reason"] == "FailedScheduling"
            labels = {"metadata": {"labels": {"disk": "ssd"}}}
            await plane.patch(NODES, "konductor-local", labels)
            (one,) = await plane.until(PODS, over)
        assert phase(one) == "Succeeded"

    play(story)


def test_a_pod_waits_for_its_gates(tmp_path: Path) -> None:
    async def story() -> None:
        plane = Plane()
        await plane.create(PODS, pod("p", "true", schedulingGates=[{"name": "konductor.io/db"}]))
        await plane.create(PODS, pod("q", "true"))
        async with node(plane, tmp_path):
            await plane.until(PODS, lambda pods: any(phase(one) == "Succeeded" for one in pods))
            gated = await plane.get(PODS, "p", namespace="ns")
            assert "nodeName" not in gated["spec"]
            await plane.patch(PODS, "p", {"spec": {"schedulingGates": None}}, namespace="ns")
            await plane.until(PODS, over)

    play(story)


def test_a_pod_that_fits_nowhere_can_be_deleted(tmp_path: Path) -> None:
    async def story() -> None:
        plane = Plane()
        await plane.create(PODS, pod("p", "true", nodeSelector={"disk": "ssd"}))
        async with node(plane, tmp_path) as kubelet:
            await plane.until(EVENTS, bool)
            await plane.delete(PODS, "p", namespace="ns")
            await kubelet.idle()
            assert not (await plane.list(PODS)).items

    play(story)
