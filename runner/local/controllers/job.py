"""The decision of the Job controller: from a Job and its pods to what to do next. Pure.

Rules, reasons and messages are those of Kubernetes' own Job controller (pkg/controller/job). One
step at a time: what a step writes is what the next one reads, so that each pod is counted exactly
once whatever is interrupted:

1. the uids of ended pods go into ``uncountedTerminatedPods``,
2. these pods lose their finalizer,
3. the counters take them in; at last the Job gets its final condition.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from konductor.api.meta import Json
from konductor.runner.local.controllers.job_backoff import Backoff
from konductor.runner.local.controllers.job_ending import Ending, ending_of
from konductor.runner.local.controllers.job_model import Job, JobPod
from konductor.runner.local.controllers.job_pods import NewPod, Work, plan_pods
from konductor.runner.local.controllers.job_status import Note, next_status
from konductor.runner.local.controllers.job_tally import Tally, count
from konductor.runner.local.controllers.job_tracking import track


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do, in this order."""

    create: tuple[NewPod, ...] = ()
    remove: tuple[JobPod, ...] = ()
    """Take off the finalizer and delete: they do not count."""
    end: tuple[JobPod, ...] = ()
    """Delete; they are counted before their finalizer goes."""
    status: Json | None = None
    """The status to write, if it changes."""
    release: tuple[JobPod, ...] = ()
    """Take off the finalizer, once the status is written."""
    notes: tuple[Note, ...] = ()
    """Events that tell what the status did."""
    backoff: Backoff = field(default_factory=Backoff)
    wait: timedelta | None = None
    """Look again after this time, whatever happens."""


def sync(
    job: Job, pods: Sequence[JobPod], backoff: Backoff, *, now: datetime, first_delay: timedelta
) -> Decision:
    """Decide the next step for a Job."""
    if job.finished:
        return Decision(release=tuple(pod for pod in pods if pod.tracked))
    tally = count(job, pods)
    after = backoff.after(tally.new_succeeded, tally.new_failed)
    ending = ending_of(job, pods, tally, now)
    if ending is not None:
        work = Work(end=tally.active)
    elif job.meta.deleted is not None:
        work = Work()
    else:
        work = plan_pods(job, tally, after, now=now, first_delay=first_delay)
        ending = _completed(job, tally, work)
    tracked = track(job, pods, tally, ending)
    status, notes = next_status(job, tally, work, tracked, ending=ending, now=now)
    return Decision(
        create=work.create,
        remove=work.remove,
        end=work.end,
        status=status if status != job.status else None,
        release=tracked.release,
        notes=notes,
        backoff=after,
        wait=_sooner(work.wait, _deadline(job, status, now)),
    )


def _completed(job: Job, tally: Tally, work: Work) -> Ending | None:
    active = len(tally.active) - len(work.remove) + len(work.create)
    enough = 1 if job.completions is None else job.completions
    if active or tally.succeeded < enough:
        return None
    message = "Reached expected number of succeeded pods"
    return Ending("SuccessCriteriaMet", "CompletionsReached", message)


def _deadline(job: Job, status: Json, now: datetime) -> timedelta | None:
    started = replace(job, status=status).started
    if job.deadline is None or started is None or job.suspended:
        return None
    return max(started + job.deadline - now, timedelta(0))


def _sooner(one: timedelta | None, other: timedelta | None) -> timedelta | None:
    return min((wait for wait in (one, other) if wait is not None), default=None)
