"""Which ended pods are noted, counted and let go in this step. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from konductor.runner.local.controllers.job_ending import Ending
from konductor.runner.local.controllers.job_model import Job, JobPod
from konductor.runner.local.controllers.job_policy import match_failure
from konductor.runner.local.controllers.job_tally import Tally

_MOST_UNCOUNTED = 500


@dataclass(frozen=True, slots=True)
class Tracked:
    """The counters after this step, and the pods that may go."""

    succeeded: int
    failed: int
    uncounted_succeeded: tuple[str, ...]
    uncounted_failed: tuple[str, ...]
    release: tuple[JobPod, ...]

    @property
    def settled(self) -> bool:
        """Return whether no pod is left to count."""
        return not (self.uncounted_succeeded or self.uncounted_failed or self.release)


def track(job: Job, pods: Sequence[JobPod], tally: Tally, ending: Ending | None) -> Tracked:
    """Count the pods that were let go, and note the ones to let go next."""
    tracked = {pod.meta.uid for pod in pods if pod.tracked}
    noted_succeeded, noted_failed = job.uncounted("succeeded"), job.uncounted("failed")
    succeeded = [uid for uid in noted_succeeded if uid in tracked]
    failed = [uid for uid in noted_failed if uid in tracked]
    counted_succeeded = len(noted_succeeded) - len(succeeded)
    counted_failed = len(noted_failed) - len(failed)
    release = []
    for pod in sorted(pods, key=lambda pod: -1 if pod.index is None else pod.index):
        if not pod.tracked or not _may_go(job, pod, tally, ending):
            continue
        release.append(pod)
        if pod.phase == "Succeeded" and pod.meta.uid not in failed:
            if not job.indexed and pod.meta.uid not in succeeded:  # else its index tells it
                succeeded.append(pod.meta.uid)
        elif pod.meta.uid not in failed and _is_failure(job, pod, ending):
            failed.append(pod.meta.uid)
        if len(release) >= _MOST_UNCOUNTED:
            break
    before = int(job.status.get("succeeded", 0))
    return Tracked(
        succeeded=tally.succeeded if job.indexed else before + counted_succeeded,
        failed=int(job.status.get("failed", 0)) + counted_failed,
        uncounted_succeeded=tuple(succeeded),
        uncounted_failed=tuple(failed),
        release=tuple(release),
    )


def _may_go(job: Job, pod: JobPod, tally: Tally, ending: Ending | None) -> bool:
    if job.meta.deleted is not None or ending is not None or pod.phase == "Succeeded":
        return True
    if not job.is_failed(pod):
        return False
    kept = tally.kept.get(pod.index) if pod.index is not None else None
    return kept is None or kept.meta.uid != pod.meta.uid


def _is_failure(job: Job, pod: JobPod, ending: Ending | None) -> bool:
    """Return whether a pod counts as failed; with a failed Job, each that had not succeeded."""
    failed = job.is_failed(pod) or (ending is not None and not ending.succeeds)
    if pod.phase == "Succeeded" or not failed or not job.is_index(pod):
        return False
    return match_failure(job, pod).counts
