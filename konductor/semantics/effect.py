"""What follows from a status: Events where it changed, Jobs where they do not agree with it."""

from collections.abc import Iterator

from konductor.api.barrier import BarrierStatus, ConditionType, Phase, Reason
from konductor.api.meta import time_text
from konductor.api.names import Annotation, Label
from konductor.semantics.condition import MISSING_UPSTREAM
from konductor.semantics.count import members
from konductor.semantics.decision import (
    DeleteJob,
    Effect,
    EmitEvent,
    EventType,
    PublishArrivals,
    ReleaseJob,
    SuspendJob,
)
from konductor.semantics.observation import GateState, JobFact, Observed
from konductor.semantics.participants import lines


def effects(
    observed: Observed, status: BarrierStatus, *, releases: bool = True
) -> tuple[Effect, ...]:
    """Return what is to be done once the status has been written.

    Events come from the step from the observed status to this one, so each comes once. What Jobs
    need comes from how they stand, so that a crash between the two writes loses nothing.

    Args:
        observed: all that is known of the barrier.
        status: its status as decided.
        releases: Jobs may be lifted; not while the barrier's end is due.
    """
    jobs = sorted(observed.jobs, key=lambda job: job.name)
    if not (status.phase.is_terminal or (status.started_at and releases)):
        jobs = []
    on_jobs = (one for job in jobs for one in _on_job(observed, status, job))
    return (*on_jobs, *_events(observed, status))


def publication(observed: Observed, status: BarrierStatus) -> PublishArrivals | None:
    """Return the list of who was counted, at the step to Open of a run's barrier."""
    barrier = observed.barrier
    run = barrier.metadata.labels.get(Label.RUN)
    if not run or barrier.status.phase is status.phase or status.phase is not Phase.OPEN:
        return None
    return PublishArrivals(lines(members(observed, status), without=f"{run}-"))


def _on_job(observed: Observed, status: BarrierStatus, job: JobFact) -> Iterator[Effect]:
    if job.ended_at:
        return
    if not status.phase.is_terminal:
        if job.suspended and not job.released:
            yield ReleaseJob(job.name, job.uid)
    elif job.released and _is_deleted(observed, status):
        yield DeleteJob(job.name, job.uid)
    elif job.released and not job.suspended and _ends_jobs(observed, status):
        yield SuspendJob(job.name, job.uid)


def _is_deleted(observed: Observed, status: BarrierStatus) -> bool:
    gate = observed.gate
    return gate.deletes_jobs and gate.state is GateState.END and status.reason is Reason.ABORTED


def _ends_jobs(observed: Observed, status: BarrierStatus) -> bool:
    stragglers = observed.barrier.metadata.annotations.get(Annotation.STRAGGLERS)
    return status.phase is not Phase.OPEN or stragglers == "cancel"


def _events(observed: Observed, status: BarrierStatus) -> Iterator[EmitEvent]:
    before = observed.barrier.status
    if status.started_at and not before.started_at:
        until = f"; it times out at {time_text(status.deadline)}" if status.deadline else ""
        yield EmitEvent(EventType.NORMAL, "Started", "its clock runs" + until)
    if status.phase is not before.phase:
        yield _closing_event(status)
    if status.late and not before.late:
        yield EmitEvent(EventType.WARNING, "LateArrival", _late(observed))
    if _is_upstream_missing(status) and not _is_upstream_missing(before):
        yield EmitEvent(EventType.WARNING, MISSING_UPSTREAM, _open_message(status))
    if _is_patch_void(observed):
        yield EmitEvent(EventType.WARNING, "PatchWithoutEffect", _void(before.phase))


def _closing_event(status: BarrierStatus) -> EmitEvent:
    calm = status.phase is Phase.OPEN or status.reason is Reason.SKIPPED
    reason = "Opened" if status.phase is Phase.OPEN else str(status.reason)
    kind = EventType.NORMAL if calm else EventType.WARNING
    return EmitEvent(kind, reason, _open_message(status))


def _open_message(status: BarrierStatus) -> str:
    condition = status.condition(ConditionType.OPEN)
    return condition.message if condition else ""


def _late(observed: Observed) -> str:
    name = observed.barrier.metadata.name
    return (
        "an arrival came too late to count; `kubectl get arrivals --sort-by "
        f".metadata.creationTimestamp -l {Label.BARRIER}={name}` lists all"
    )


def _is_upstream_missing(status: BarrierStatus) -> bool:
    started = status.condition(ConditionType.STARTED)
    return started is not None and started.reason == MISSING_UPSTREAM


def _is_patch_void(observed: Observed) -> bool:
    """Tell whether the spec was changed after the barrier had ended.

    A deletion raises the generation too, and is no change of the spec.
    """
    metadata, before = observed.barrier.metadata, observed.barrier.status
    changed = before.observed_generation != metadata.generation
    return before.phase.is_terminal and changed and metadata.deleted is None


def _void(phase: Phase) -> str:
    return (
        f"the barrier is {phase} for good, so this change has no effect; "
        "to reset it, delete it and create it anew"
    )
