"""Counts the pods of a Job. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from konductor.runner.local.controllers.job_model import Job, JobPod
from konductor.runner.local.controllers.job_policy import match_failure


@dataclass(frozen=True, slots=True)
class Tally:
    """What the pods of a Job amount to."""

    active: tuple[JobPod, ...]
    terminating: tuple[JobPod, ...]
    new_succeeded: tuple[JobPod, ...]
    """Ended so, and not in the status yet."""
    new_failed: tuple[JobPod, ...]
    succeeded: int
    failed: int
    """Without those that the policy ignores."""
    succeeded_indexes: frozenset[int]
    failed_indexes: frozenset[int] | None
    """None without backoffLimitPerIndex."""
    kept: Mapping[int, JobPod]
    """Failed pods that stay until their index has a new one, which takes over their count."""


def count(job: Job, pods: Sequence[JobPod]) -> Tally:
    """Count the pods of a Job on top of what its status has counted already."""
    active = tuple(pod for pod in pods if pod.active)
    fresh_succeeded = _fresh(job, pods, job.uncounted("succeeded"))
    new_succeeded = tuple(pod for pod in fresh_succeeded if pod.phase == "Succeeded")
    fresh_failed = _fresh(job, pods, job.uncounted("failed"))
    new_failed = tuple(pod for pod in fresh_failed if job.is_failed(pod))
    counted_failed = sum(match_failure(job, pod).counts for pod in new_failed)
    succeeded = int(job.status.get("succeeded", 0)) + len(new_succeeded)
    indexes = _succeeded_indexes(job, pods)
    failed_indexes = _failed_indexes(job, pods)
    return Tally(
        active=active,
        terminating=tuple(pod for pod in pods if pod.terminating),
        new_succeeded=new_succeeded,
        new_failed=new_failed,
        succeeded=len(indexes) if job.indexed else succeeded + len(job.uncounted("succeeded")),
        failed=int(job.status.get("failed", 0)) + counted_failed + len(job.uncounted("failed")),
        succeeded_indexes=indexes,
        failed_indexes=failed_indexes,
        kept=_kept(job, pods, indexes | (failed_indexes or frozenset())),
    )


def _fresh(job: Job, pods: Sequence[JobPod], uncounted: Sequence[str]) -> list[JobPod]:
    noted = set(uncounted)
    return [pod for pod in pods if pod.tracked and pod.meta.uid not in noted and job.is_index(pod)]


def _succeeded_indexes(job: Job, pods: Sequence[JobPod]) -> frozenset[int]:
    if not job.indexed:
        return frozenset()
    new = {pod.index for pod in _fresh(job, pods, ()) if pod.phase == "Succeeded"}
    return job.indexes("completedIndexes") | {index for index in new if index is not None}


def _failed_indexes(job: Job, pods: Sequence[JobPod]) -> frozenset[int] | None:
    if job.backoff_limit_per_index is None or not job.indexed:
        return None
    new = {pod.index for pod in _fresh(job, pods, ()) if _ends_index(job, pod)}
    return job.indexes("failedIndexes") | {index for index in new if index is not None}


def _ends_index(job: Job, pod: JobPod) -> bool:
    """Return whether with this pod its index has failed for good."""
    if not job.is_failed(pod):
        return False
    match = match_failure(job, pod)
    if match.action == "FailIndex":
        return True
    return match.counts and pod.failures >= (job.backoff_limit_per_index or 0)


def _kept(job: Job, pods: Sequence[JobPod], settled: frozenset[int]) -> dict[int, JobPod]:
    if job.backoff_limit_per_index is None:
        return {}
    busy = settled | {pod.index for pod in pods if pod.active}
    kept: dict[int, JobPod] = {}
    for pod in sorted(_fresh(job, pods, ()), key=_how_late):
        if pod.index is not None and pod.index not in busy and job.is_failed(pod):
            kept[pod.index] = pod
    return kept


def _how_late(pod: JobPod) -> tuple[int, float]:
    return pod.failures + pod.ignored_failures, pod.finished.timestamp()
