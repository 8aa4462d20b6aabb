from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from konductor.runner.local.controllers.job import Decision, sync
from konductor.runner.local.controllers.job_backoff import Backoff
from konductor.runner.local.controllers.job_model import (
    FINALIZER,
    Job,
    JobPod,
    parse_job,
    parse_job_pod,
)
from konductor.runner.local.controllers.job_pods import pod_manifest

T0 = datetime(2026, 11, 24, 10, tzinfo=UTC)
DELAY = timedelta(seconds=10)


def make_job(**changes: Any) -> dict[str, Any]:
    """Return a Job as the API server stores it; keyword arguments change its spec."""
    meta = {"name": "j", "namespace": "ns", "uid": "job-uid"} | changes.pop("metadata", {})
    status = changes.pop("status", {})
    template = {
        "metadata": {"labels": {"job-name": "j"}},
        "spec": {"restartPolicy": "Never", "containers": [{"name": "main", "image": "x"}]},
    }
    spec = {"parallelism": 1, "completions": 1, "template": template} | changes
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": meta,
        "spec": spec,
        "status": status,
    }


def indexed(**changes: Any) -> dict[str, Any]:
    return make_job(completionMode="Indexed", **changes)


class World:
    """A Job and its pods, changed by decisions and by what the tests let happen to the pods."""

    def __init__(self, job: dict[str, Any]) -> None:
        self.job = job
        self.pods: dict[str, dict[str, Any]] = {}
        self.backoff = Backoff()
        self.now = T0
        self.statuses: list[dict[str, Any]] = []
        self.notes: list[str] = []
        self._names = 0

    def decide(self) -> Decision:
        return sync(
            parse_job(copy.deepcopy(self.job)),
            [parse_job_pod(copy.deepcopy(pod)) for pod in self.pods.values()],
            self.backoff,
            now=self.now,
            first_delay=DELAY,
        )

    def step(self) -> Decision:
        decision = self.decide()
        self.carry_out(decision)
        return decision

    def carry_out(self, decision: Decision, *, stop_after: int = 9) -> None:
        """Do what was decided; ``stop_after`` steps the controller dies."""
        job = parse_job(self.job)
        steps: tuple[Callable[[], None], ...] = (
            lambda: self._release(decision.remove),
            lambda: self._delete((*decision.remove, *decision.end)),
            lambda: self._create([pod_manifest(job, new) for new in decision.create]),
            lambda: self._write(decision),
            lambda: self._release(decision.release),
        )
        for step in steps[:stop_after]:
            step()

    def settle(self) -> Decision:
        """Take steps until nothing changes."""
        for _ in range(50):
            before = copy.deepcopy((self.job, self.pods))
            decision = self.step()
            if before == (self.job, self.pods):
                return decision
        raise AssertionError("it never settles")

    def finish(self, name: str, code: int = 0, container: str = "main") -> None:
        """Let a pod end as the kubelet writes it."""
        pod = self.pods[name]
        end = {"exitCode": code, "finishedAt": self.now.isoformat()}
        state = {"name": container, "state": {"terminated": end}}
        phase = "Failed" if code else "Succeeded"
        pod["status"] = {"phase": phase, "containerStatuses": [state]}
        if "deletionTimestamp" in pod["metadata"]:
            pod["gone"] = True
            self._collect(name)

    def run(self, name: str) -> None:
        ready = {"type": "Ready", "status": "True"}
        self.pods[name]["status"] = {"phase": "Running", "conditions": [ready]}

    def names(self) -> list[str]:
        return list(self.pods)

    def active(self) -> list[str]:
        return [name for name, pod in self.pods.items() if parse_job_pod(pod).active]

    @property
    def status(self) -> dict[str, Any]:
        return dict(self.job["status"])

    def conditions(self) -> list[tuple[str, str, str]]:
        return [
            (one["type"], one["status"], one["reason"]) for one in self.status.get("conditions", [])
        ]

    def _create(self, manifests: list[dict[str, Any]]) -> None:
        for manifest in manifests:
            self._names += 1
            meta = manifest["metadata"]
            name = f"{meta['generateName']}{self._names}"
            created = {"name": name, "uid": name, "creationTimestamp": self.now.isoformat()}
            pod = manifest | {"metadata": meta | created, "status": {"phase": "Pending"}}
            self.pods[name] = pod

    def _delete(self, pods: tuple[JobPod, ...]) -> None:
        for pod in pods:
            meta = self.pods[pod.meta.name]["metadata"]
            meta.setdefault("deletionTimestamp", self.now.isoformat())
            self._collect(pod.meta.name)

    def _write(self, decision: Decision) -> None:
        if decision.status is not None:
            self.job["status"] = copy.deepcopy(decision.status)
            self.statuses.append(self.job["status"])
            self.backoff = decision.backoff
        self.notes += [note.reason for note in decision.notes]

    def _release(self, pods: tuple[JobPod, ...]) -> None:
        for pod in pods:
            self.pods[pod.meta.name]["metadata"]["finalizers"].remove(FINALIZER)
            self._collect(pod.meta.name)

    def _collect(self, name: str) -> None:
        meta = self.pods[name]["metadata"]
        ended = self.pods[name].get("gone") or "nodeName" not in self.pods[name]["spec"]
        if "deletionTimestamp" in meta and not meta["finalizers"] and ended:
            del self.pods[name]

    def assign(self) -> None:
        """Let every pod be bound, so that a deletion waits for its end."""
        for pod in self.pods.values():
            pod["spec"]["nodeName"] = "node"


def parsed(job: dict[str, Any]) -> Job:
    return parse_job(job)
