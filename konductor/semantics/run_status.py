"""A run's status as it is written: progress, current stages, failures, conditions, Events."""

from dataclasses import replace
from datetime import datetime

from konductor.api.barrier import Barrier, Condition, Phase, Reason
from konductor.api.names import Label, Role
from konductor.api.run import RunPhase, RunStatus
from konductor.semantics.condition import with_conditions
from konductor.semantics.decision import EmitEvent, EventType
from konductor.semantics.outcome import failed_stages, has_failed, is_finally, stage_of
from konductor.semantics.run_observation import ObservedRun

SUCCEEDED = "Succeeded"
"""Type of the condition that tells how a run ends; its reason is kept from step to step."""


def told(
    observed: ObservedRun, status: RunStatus, now: datetime, reason: str, message: str
) -> RunStatus:
    """Return the status with its numbers, names and conditions.

    Args:
        observed: what is known of the run.
        status: its phase and times as they are to be.
        now: the server's time.
        reason: reason of the condition Succeeded.
        message: the message that goes with it.
    """
    generation = observed.run.metadata.generation
    state = "Unknown"
    if status.phase.is_terminal:
        state = "True" if status.phase is RunPhase.SUCCEEDED else "False"
    wanted = (
        Condition("Ready", "True", "RunReady", "the operator looks after it", None, generation),
        Condition(SUCCEEDED, state, reason, message, None, generation),
    )
    failed = [one for one in observed.barriers if has_failed(one) and not one.status.root_cause]
    return replace(
        status,
        progress=_progress(observed),
        current=_current(observed),
        failed=failed_stages(failed),
        observed_generation=generation,
        conditions=with_conditions(observed.run.status.conditions, wanted, _second(now)),
    )


def _progress(observed: ObservedRun) -> str:
    """Return the stages that came to a good end (skipped: there was nothing to do) of all."""
    stages: dict[str, bool] = {}
    for one in filter(is_stage, observed.barriers):
        good = one.status.phase is Phase.OPEN or one.status.reason is Reason.SKIPPED
        stages[stage_of(one)] = stages.get(stage_of(one), True) and good
    return f"{sum(stages.values())}/{max(observed.run.spec.stages, len(stages))}"


def _current(observed: ObservedRun) -> tuple[str, ...]:
    """Return the stages that run, those that started first first."""
    running = sorted(
        (one.status.started_at, stage_of(one))
        for one in observed.barriers
        if one.status.started_at and not one.status.phase.is_terminal
        if is_stage(one) or is_finally(one)
    )
    return tuple(dict.fromkeys(stage for _, stage in running))


def is_stage(barrier: Barrier) -> bool:
    """Tell whether it stands for a stage, as one without a role does too."""
    return barrier.metadata.labels.get(Label.ROLE, Role.STAGE) == Role.STAGE


def run_events(observed: ObservedRun, status: RunStatus) -> tuple[EmitEvent, ...]:
    """Return one Event for each step from the observed status to this one."""
    before = observed.run.status
    events = []
    if status.started_at and not before.started_at:
        events.append(EmitEvent(EventType.NORMAL, "Started", "the run has started"))
    if status.phase is not before.phase and status.phase.is_terminal:
        good = status.phase is RunPhase.SUCCEEDED
        kind = EventType.NORMAL if good else EventType.WARNING
        message = next((one.message for one in status.conditions if one.type == SUCCEEDED), "")
        events.append(EmitEvent(kind, str(status.phase), message))
    return tuple(events)


def _second(moment: datetime) -> datetime:
    return moment.replace(microsecond=0)
