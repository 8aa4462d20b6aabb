"""Which pods a Job lacks or has too many of, and what a new one is. Pure."""

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from konductor.api.meta import Json, json_list, json_map
from konductor.runner.local.controllers.job_backoff import Backoff, of_index
from konductor.runner.local.controllers.job_model import (
    FAILURES,
    FINALIZER,
    IGNORED_FAILURES,
    INDEX,
    Job,
    JobPod,
)
from konductor.runner.local.controllers.job_policy import match_failure
from konductor.runner.local.controllers.job_tally import Tally

_MOST_AT_ONCE = 500
_INDEX_VARIABLE = "JOB_COMPLETION_INDEX"
_LONGEST_PREFIX = 58
"""Of a name that gets five random characters."""


@dataclass(frozen=True, slots=True)
class NewPod:
    """A pod to create."""

    index: int | None = None
    replaced: JobPod | None = None
    """The failed pod of its index, whose count it takes over."""


@dataclass(frozen=True, slots=True)
class Work:
    """What to do to the pods of a Job."""

    create: tuple[NewPod, ...] = ()
    remove: tuple[JobPod, ...] = ()
    """Without counting them: the finalizer first."""
    end: tuple[JobPod, ...] = ()
    """As the Job ends; the finalizer stays until they are counted."""
    wait: timedelta | None = None


def plan_pods(
    job: Job, tally: Tally, backoff: Backoff, *, now: datetime, first_delay: timedelta
) -> Work:
    """Return what brings the number of active pods to what the Job wants now."""
    active = len(tally.active)
    wanted = 0 if job.suspended else _wanted(job, tally)
    if surplus := _surplus(job, tally.active, max(active - wanted, 0)):
        return Work(remove=surplus if job.suspended else surplus[:_MOST_AT_ONCE])
    busy = active + (len(tally.terminating) if job.replaces_only_failed else 0)
    missing = min(wanted - busy, _MOST_AT_ONCE)
    if missing <= 0:
        return Work()
    if job.backoff_limit_per_index is not None and job.indexed:
        return _independent(job, tally, missing, now, first_delay)
    if wait := backoff.remaining(now, first_delay):
        return Work(wait=wait)
    if not job.indexed:
        return Work(create=(NewPod(),) * missing)
    return Work(create=tuple(map(NewPod, _pending(job, tally, missing))))


def pod_manifest(job: Job, new: NewPod) -> Json:
    """Return the manifest of a new pod of a Job."""
    template = copy.deepcopy(json_map(json_map(job.document.get("spec")).get("template")))
    meta, spec = json_map(template.get("metadata")), json_map(template.get("spec"))
    labels, annotations = json_map(meta.get("labels")), json_map(meta.get("annotations"))
    prefix = f"{job.meta.name}-"
    if job.indexed:
        text = str(new.index)
        labels[INDEX] = annotations[INDEX] = text
        spec["hostname"] = f"{job.meta.name}-{text}"
        suffix = f"-{text}-"
        prefix = job.meta.name[: _LONGEST_PREFIX - len(suffix)] + suffix
        for container in (*json_list(spec.get("initContainers")), *json_list(spec["containers"])):
            _tell_index(container)
    if job.backoff_limit_per_index is not None:
        annotations |= _failure_counts(job, new.replaced)
    owner = {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "name": job.meta.name,
        "uid": job.meta.uid,
        "controller": True,
        "blockOwnerDeletion": True,
    }
    metadata = {
        "generateName": prefix,
        "namespace": job.meta.namespace,
        "labels": labels,
        "annotations": annotations,
        "finalizers": [*json_list(meta.get("finalizers")), FINALIZER],
        "ownerReferences": [owner],
    }
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}


def _wanted(job: Job, tally: Tally) -> int:
    if job.completions is None:
        return len(tally.active) if tally.succeeded else job.parallelism
    return max(min(job.completions - tally.succeeded, job.parallelism), 0)


def _surplus(job: Job, active: Sequence[JobPod], least: int) -> tuple[JobPod, ...]:
    """Return the pods to remove: all that no index needs, then those that lose the least."""
    needless: list[JobPod] = []
    best: dict[int, JobPod] = {}
    if job.indexed:
        for pod in sorted(active, key=_worth):
            if not job.is_index(pod) or pod.index is None:
                needless.append(pod)
                continue
            if pod.index in best:
                needless.append(best[pod.index])
            best[pod.index] = pod
    others = sorted((pod for pod in active if pod not in needless), key=_worth)
    return (*needless, *others[: max(least - len(needless), 0)])


def _worth(pod: JobPod) -> tuple[bool, bool, bool, int, float]:
    created = pod.meta.created
    age = -created.timestamp() if created else 0.0
    return pod.assigned, pod.phase == "Running", pod.ready, -pod.restarts, age


def _pending(job: Job, tally: Tally, most: int) -> list[int]:
    taken = set(tally.succeeded_indexes | (tally.failed_indexes or frozenset()))
    taken |= {pod.index for pod in tally.active if pod.index is not None}
    if job.replaces_only_failed:
        taken |= {pod.index for pod in tally.terminating if pod.index is not None}
    free = (index for index in range(job.completions or 0) if index not in taken)
    return [index for index, _ in zip(free, range(most), strict=False)]


def _independent(
    job: Job, tally: Tally, missing: int, now: datetime, first_delay: timedelta
) -> Work:
    """Return the indexes whose own back-off is over, or when the first one will be."""
    waits = {
        index: of_index(tally.kept.get(index)).remaining(now, first_delay)
        for index in _pending(job, tally, missing)
    }
    due = tuple(NewPod(index, tally.kept.get(index)) for index, wait in waits.items() if not wait)
    if due or not waits:
        # Those that still wait are looked at again when the first of them is due.
        later = min((wait for wait in waits.values() if wait), default=None)
        return Work(create=due, wait=later)
    return Work(wait=min(waits.values()))


def _tell_index(container: Json) -> None:
    env = container.setdefault("env", [])
    if all(variable.get("name") != _INDEX_VARIABLE for variable in env):
        reference = {"fieldPath": f"metadata.labels['{INDEX}']"}
        env.append({"name": _INDEX_VARIABLE, "valueFrom": {"fieldRef": reference}})


def _failure_counts(job: Job, replaced: JobPod | None) -> dict[str, str]:
    if replaced is None:
        return {FAILURES: "0"}
    counts = match_failure(job, replaced).counts
    ignored = replaced.ignored_failures + (not counts)
    result = {FAILURES: str(replaced.failures + counts)}
    return result | {IGNORED_FAILURES: str(ignored)} if ignored else result
