"""Controllers and kubelet together, against an API server in memory."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

from konductor.api.meta import Json
from konductor.cluster.port import Propagation
from konductor.cluster.resource import (
    CONFIGMAPS,
    EVENTS,
    JOBS,
    NAMESPACES,
    PODS,
    SERVICEACCOUNTS,
    Resource,
)
from konductor.errors import Forbidden
from konductor.runner.local.controllers.control import Controllers

from .plane import Plane, node


def play(story: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(asyncio.wait_for(story(), 60))


def control(plane: Plane) -> Controllers:
    return Controllers(plane, certificates="PEM", first_delay=timedelta(0))


def job(name: str, script: str, **changes: object) -> Json:
    container = {"name": "main", "image": "x", "command": ["sh", "-c", script]}
    template = {"spec": {"restartPolicy": "Never", "containers": [container]}}
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": name, "namespace": "ns"},
        "spec": {"completions": 1, "template": template} | changes,
    }


def conditions(document: Json) -> list[str]:
    return [one["type"] for one in document.get("status", {}).get("conditions", [])]


def finished(jobs: list[Json]) -> bool:
    return all({"Complete", "Failed"} & set(conditions(one)) for one in jobs)


class Strict(Plane):
    """An API server that lets nobody make pods of a service account that is not there."""

    async def create(self, resource: Resource, document: Json) -> Json:
        if resource is PODS:
            raise Forbidden('serviceaccount "robot" not found', code=403)
        return await super().create(resource, document)


def test_pod_that_is_refused_is_told_of() -> None:
    async def story() -> None:
        plane = Strict()
        await plane.create(JOBS, job("j", "true"))
        async with control(plane):
            (event, *_) = await plane.until(EVENTS, bool)
        assert event["reason"] == "FailedCreate"
        assert event["message"] == 'Error creating: serviceaccount "robot" not found'

    play(story)


def test_jobs_run_to_their_ends(tmp_path: Path) -> None:
    async def story() -> None:
        plane = Plane()
        odd = "exit $((JOB_COMPLETION_INDEX % 2))"
        indexed = {"completionMode": "Indexed", "completions": 4, "parallelism": 4}
        await plane.create(JOBS, job("good", "true", completions=3, parallelism=2))
        await plane.create(JOBS, job("bad", "false", backoffLimit=1))
        await plane.create(JOBS, job("odd", odd, backoffLimitPerIndex=0, **indexed))
        async with control(plane), node(plane, tmp_path):
            jobs = await plane.until(JOBS, finished)
            by_name = {one["metadata"]["name"]: one for one in jobs}
            await plane.until(PODS, lambda pods: not any(_tracked(one) for one in pods))
        good, bad, odds = (by_name[name] for name in ("good", "bad", "odd"))
        assert conditions(good) == ["SuccessCriteriaMet", "Complete"]
        assert good["status"]["succeeded"] == 3
        assert conditions(bad) == ["FailureTarget", "Failed"]
        assert bad["status"]["failed"] == 2
        assert odds["status"]["completedIndexes"] == "0,2"
        assert odds["status"]["failedIndexes"] == "1,3"
        events = (await plane.list(EVENTS)).items
        told = {(one["involvedObject"]["name"], one["reason"]) for one in events}
        assert {("good", "Completed"), ("bad", "BackoffLimitExceeded")} <= told

    play(story)


def _tracked(one: Json) -> bool:
    return bool(one["metadata"].get("finalizers"))


def test_a_suspended_job_ends_its_pods_and_runs_when_resumed(tmp_path: Path) -> None:
    async def story() -> None:
        plane = Plane()
        script = "[ -e go ] || sleep 60"
        await plane.create(JOBS, job("j", script))
        async with control(plane), node(plane, tmp_path):
            await plane.until(PODS, lambda pods: "Running" in str(pods))
            await plane.patch(JOBS, "j", {"spec": {"suspend": True}}, namespace="ns")
            await plane.until(PODS, lambda pods: not pods)
            (one,) = await plane.until(JOBS, lambda jobs: "Suspended" in conditions(jobs[0]))
            assert "failed" not in one["status"]
            (tmp_path / "go").touch()
            await plane.patch(JOBS, "j", {"spec": {"suspend": False}}, namespace="ns")
            await plane.until(JOBS, finished)

    play(story)


def test_a_deleted_job_takes_its_pods_along(tmp_path: Path) -> None:
    async def story() -> None:
        plane = Plane()
        async with control(plane), node(plane, tmp_path):
            for how in (Propagation.BACKGROUND, Propagation.FOREGROUND):
                await plane.create(JOBS, job("j", "sleep 60"))
                await plane.until(PODS, lambda pods: "Running" in str(pods))
                await plane.delete(JOBS, "j", namespace="ns", propagation=how)
                await plane.until(PODS, lambda pods: not pods)
                await plane.until(JOBS, lambda jobs: not jobs)

    play(story)


def test_a_finished_job_goes_when_its_time_is_over(tmp_path: Path) -> None:
    async def story() -> None:
        plane = Plane()
        async with control(plane), node(plane, tmp_path):
            await plane.create(JOBS, job("j", "true", ttlSecondsAfterFinished=0))
            await plane.until(JOBS, bool)
            await plane.until(JOBS, lambda jobs: not jobs)
            await plane.until(PODS, lambda pods: not pods)

    play(story)


def test_owned_objects_go_with_the_last_of_their_owners() -> None:
    async def story() -> None:
        plane = Plane()
        owners = [await plane.create(CONFIGMAPS, config_map(name)) for name in "ab"]
        child = config_map("child")
        child["metadata"]["ownerReferences"] = [
            {
                "apiVersion": "v1",
                "kind": "ConfigMap",
                "name": one["metadata"]["name"],
                "uid": one["metadata"]["uid"],
            }
            for one in owners
        ]
        await plane.create(CONFIGMAPS, child)
        async with control(plane):
            await plane.delete(CONFIGMAPS, "a", namespace="ns")
            await plane.until(CONFIGMAPS, lambda maps: _owners(maps) == 1)
            await plane.delete(CONFIGMAPS, "b", namespace="ns")
            await plane.until(CONFIGMAPS, lambda maps: not maps)

    play(story)


def config_map(name: str) -> Json:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "namespace": "ns"}}


def _owners(maps: list[Json]) -> int:
    return sum(len(one["metadata"].get("ownerReferences", [])) for one in maps)


def test_a_namespace_is_given_an_account_and_takes_everything_along() -> None:
    async def story() -> None:
        plane = Plane()
        async with control(plane):
            namespace = {"metadata": {"name": "ns"}, "spec": {"finalizers": ["kubernetes"]}}
            await plane.create(NAMESPACES, namespace)
            await plane.until(SERVICEACCOUNTS, lambda accounts: len(accounts) == 1)
            (bundle,) = await plane.until(CONFIGMAPS, bool)
            assert bundle["data"] == {"ca.crt": "PEM"}
            await plane.delete(CONFIGMAPS, "kube-root-ca.crt", namespace="ns")
            await plane.until(CONFIGMAPS, bool)  # it comes back
            await plane.delete(NAMESPACES, "ns")
            await plane.until(NAMESPACES, lambda namespaces: not namespaces)
            assert not (await plane.list(CONFIGMAPS)).items
            assert not (await plane.list(SERVICEACCOUNTS)).items

    play(story)
