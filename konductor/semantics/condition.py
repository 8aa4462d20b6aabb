"""Conditions: ``lastTransitionTime`` moves only when the status changes, as Kubernetes asks."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from konductor.api.barrier import BarrierStatus, Condition, ConditionType, Reason

NEVER_STARTED = "NeverStarted"
"""Reason of the condition Started of a barrier that ended before its start."""
HELD_BY_RUN = "HeldByRun"
"""Reason of the condition Started while the run holds its barrier."""
MISSING_UPSTREAM = "UpstreamMissing"
"""Reason of the condition Started once a barrier has long waited for one that is not there."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a barrier stands, as its conditions tell it."""

    is_open: bool | None
    """None: that is not decided yet."""
    reason: Reason
    message: str
    before_start: str = NEVER_STARTED
    """Reason of the condition Started, if it has not started."""


def told(status: BarrierStatus, standing: Standing, now: datetime) -> BarrierStatus:
    """Return the status with the conditions Ready, Started and Open."""
    state = {None: "Unknown", True: "True", False: "False"}[standing.is_open]
    ready = Condition(ConditionType.READY, "True", "BarrierReady", "the operator looks after it")
    started = Condition(ConditionType.STARTED, "True", "Started", "its clock runs")
    if not status.started_at:
        started = Condition(ConditionType.STARTED, "False", standing.before_start, standing.message)
    is_open = Condition(ConditionType.OPEN, state, standing.reason, standing.message)
    wanted = [
        replace(one, observed_generation=status.observed_generation)
        for one in (ready, started, is_open)
    ]
    return replace(status, conditions=with_conditions(status.conditions, wanted, now))


def with_conditions(
    before: Sequence[Condition], wanted: Sequence[Condition], now: datetime
) -> tuple[Condition, ...]:
    """Return the wanted conditions, each with the time since when its status has been so.

    Those that others have set stay, behind.
    """
    known = {one.type: one for one in before}
    ours = {one.type for one in wanted}
    return (
        *(_since(known.get(one.type), one, now) for one in wanted),
        *(one for one in before if one.type not in ours),
    )


def _since(before: Condition | None, wanted: Condition, now: datetime) -> Condition:
    same = before is not None and before.status == wanted.status
    return replace(wanted, changed=before.changed if before and same else now)
