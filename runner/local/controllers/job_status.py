"""The status of a Job after a step, and the events that tell what changed. Pure."""

from dataclasses import dataclass
from datetime import datetime

from konductor.api.meta import Json, json_list, time_text, without_empty
from konductor.runner.local.controllers.job_ending import Ending
from konductor.runner.local.controllers.job_indexes import format_indexes
from konductor.runner.local.controllers.job_model import Job
from konductor.runner.local.controllers.job_pods import Work
from konductor.runner.local.controllers.job_tally import Tally
from konductor.runner.local.controllers.job_tracking import Tracked


@dataclass(frozen=True, slots=True)
class Note:
    """An Event to record about a Job."""

    kind: str
    reason: str
    message: str


_TOO_MANY = Note(
    "Warning",
    "TooManySucceededPods",
    "Too many succeeded pods running after completion count reached",
)


def next_status(
    job: Job,
    tally: Tally,
    work: Work,
    tracked: Tracked,
    *,
    ending: Ending | None,
    now: datetime,
) -> tuple[Json, tuple[Note, ...]]:
    """Return the status after a step, and what to tell once it is written."""
    gone = (*work.remove, *work.end)
    terminating = len(tally.terminating) + len(gone)
    conditions = [dict(one) for one in json_list(job.status.get("conditions"))]
    started = job.started or (None if job.suspended else now)
    notes: list[Note] = []
    if ending is None and job.meta.deleted is None:
        started = _suspend_or_resume(job, conditions, notes, started, now)
    completion = None
    if ending is not None:
        settled = tracked.settled and not terminating
        completion = _end(job, conditions, notes, ending, settled=settled, now=now)
        if completion and job.completions is not None and tracked.succeeded > job.completions:
            notes.insert(0, _TOO_MANY)
    ready = sum(pod.ready for pod in tally.active) - sum(pod.ready for pod in gone)
    active = len(tally.active) + len(work.create) - len(gone)
    status = _counters(tally, tracked, active) | without_empty(
        {
            "conditions": conditions,
            "startTime": time_text(started),
            "completionTime": time_text(completion),
        }
    )
    return status | {"ready": ready, "terminating": terminating}, tuple(notes)


def _counters(tally: Tally, tracked: Tracked, active: int) -> Json:
    uncounted = without_empty(
        {
            "succeeded": list(tracked.uncounted_succeeded),
            "failed": list(tracked.uncounted_failed),
        }
    )
    counters = {"active": active, "succeeded": tracked.succeeded, "failed": tracked.failed}
    status: Json = {key: value for key, value in counters.items() if value}
    status["uncountedTerminatedPods"] = uncounted
    if completed := format_indexes(tally.succeeded_indexes):
        status["completedIndexes"] = completed
    if tally.failed_indexes is not None:
        status["failedIndexes"] = format_indexes(tally.failed_indexes)
    return status


def _suspend_or_resume(
    job: Job,
    conditions: list[Json],
    notes: list[Note],
    started: datetime | None,
    now: datetime,
) -> datetime | None:
    """Keep the Suspended condition; return when the Job (again) started."""
    condition = next((one for one in conditions if one.get("type") == "Suspended"), None)
    holds = condition is not None and condition.get("status") == "True"
    if job.suspended == holds or (condition is None and not job.suspended):
        return started
    done, told = ("Suspended", "suspended") if job.suspended else ("Resumed", "resumed")
    status = "True" if job.suspended else "False"
    changed = _condition("Suspended", status, f"Job{done}", f"Job {told}", now)
    if condition is None:
        conditions.append(changed)
    else:
        condition.update(changed)
    notes.append(Note("Normal", done, f"Job {told}"))
    return None if job.suspended else now


def _end(
    job: Job,
    conditions: list[Json],
    notes: list[Note],
    ending: Ending,
    *,
    settled: bool,
    now: datetime,
) -> datetime | None:
    """Add the interim condition, or after it the final one; return the completion time."""
    if job.has(ending.type) is None:
        conditions.append(_condition(ending.type, "True", ending.reason, ending.message, now))
        return None
    if not settled:
        return None
    final = "Complete" if ending.succeeds else "Failed"
    conditions.append(_condition(final, "True", ending.reason, ending.message, now))
    if not ending.succeeds:
        notes.append(Note("Warning", ending.reason, ending.message))
        return None
    notes.append(Note("Normal", "Completed", "Job completed"))
    return now


def _condition(kind: str, status: str, reason: str, message: str, now: datetime) -> Json:
    time = time_text(now)
    return {
        "type": kind,
        "status": status,
        "lastProbeTime": time,
        "lastTransitionTime": time,
        "reason": reason,
        "message": message,
    }
