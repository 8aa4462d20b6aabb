"""Why a Job ends, if it does. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from konductor.runner.local.controllers.job_model import Job, JobPod
from konductor.runner.local.controllers.job_policy import match_failure, match_success
from konductor.runner.local.controllers.job_tally import Tally

_INTERIM = ("SuccessCriteriaMet", "FailureTarget")


@dataclass(frozen=True, slots=True)
class Ending:
    """The interim condition that a Job has before Complete or Failed."""

    type: str
    reason: str
    message: str

    @property
    def succeeds(self) -> bool:
        """Return whether the Job will be Complete."""
        return self.type == "SuccessCriteriaMet"


def ending_of(job: Job, pods: Sequence[JobPod], tally: Tally, now: datetime) -> Ending | None:
    """Return why a Job ends; what an earlier step found comes first, then failures."""
    for kind in _INTERIM:
        if condition := job.has(kind):
            reason, message = condition.get("reason", ""), condition.get("message", "")
            return Ending(kind, str(reason), str(message))
    failure = _by_policy(job, pods) or _by_limit(job, pods, tally, now) or _by_indexes(job, tally)
    if failure:
        return Ending("FailureTarget", *failure)
    if message := match_success(job, tally.succeeded_indexes):
        return Ending("SuccessCriteriaMet", "SuccessPolicy", message)
    return None


def _by_policy(job: Job, pods: Sequence[JobPod]) -> tuple[str, str] | None:
    for pod in pods:
        if job.is_failed(pod) and (match := match_failure(job, pod)).action == "FailJob":
            return "PodFailurePolicy", match.message
    return None


def _by_limit(
    job: Job, pods: Sequence[JobPod], tally: Tally, now: datetime
) -> tuple[str, str] | None:
    if tally.failed > job.backoff_limit or _restarted_too_often(job, pods):
        return "BackoffLimitExceeded", "Job has reached the specified backoff limit"
    started = job.started
    if job.deadline is None or started is None or job.suspended:
        return None
    if now - started < job.deadline:
        return None
    return "DeadlineExceeded", "Job was active longer than specified deadline"


def _restarted_too_often(job: Job, pods: Sequence[JobPod]) -> bool:
    if not job.restarts_containers:
        return False
    restarts = sum(pod.restarts for pod in pods if not pod.over)
    return restarts >= max(job.backoff_limit, 1)


def _by_indexes(job: Job, tally: Tally) -> tuple[str, str] | None:
    failed = len(tally.failed_indexes or ())
    if job.most_failed_indexes is not None and failed > job.most_failed_indexes:
        message = "Job has exceeded the specified maximal number of failed indexes"
        return "MaxFailedIndexesExceeded", message
    if failed and failed + len(tally.succeeded_indexes) >= (job.completions or 0):
        return "FailedIndexes", "Job has failed indexes"
    return None
