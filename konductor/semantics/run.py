"""The course of a run (semantics.md, 4): its status, and a word to each of its barriers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from konductor.api.barrier import Barrier
from konductor.api.run import Run, RunStatus
from konductor.semantics.decision import EmitEvent
from konductor.semantics.observation import FreshRead, Gate


@dataclass(frozen=True, slots=True)
class ObservedRun:
    """All that is known of one run at one moment."""

    run: Run
    barriers: tuple[Barrier, ...] = ()
    """The barriers that carry its label."""
    last_created: datetime | None = None
    """The creationTimestamp of its youngest object, as far as it is known."""
    published: bool = False
    """The ConfigMap `names.result_name` exists."""
    read: FreshRead | None = None
    """A consistent read of the run's barriers, begun after `decide_run` last said `needs_read`."""
    listed: bool = True
    """Everything has been listed since the operator's start."""


@dataclass(frozen=True, slots=True)
class RunResult:
    """What the immutable ConfigMap `names.result_name` holds (keys in `names.result_name`)."""

    status: str
    failed_stage: str = ""
    failed_reason: str = ""


@dataclass(frozen=True, slots=True)
class RunDecision:
    """One decision on one run."""

    status: RunStatus
    gates: Mapping[str, Gate] = field(default_factory=dict)
    """For each of its barriers, by name, what `Observed.gate` is to be. One that a decision does
    not know yet (it came later) waits for the next: hold it."""
    publish: RunResult | None = None
    """Create it; then decide again with `published`. No finally barrier starts before."""
    effects: tuple[EmitEvent, ...] = ()
    delete: bool = False
    """Its ttl is over: delete the run (background, uid as precondition)."""
    wake_at: datetime | None = None
    needs_read: bool = False
    """Some of its barriers seem gone: read them, then decide again with that read."""


def decide_run(observed: ObservedRun, now: datetime) -> RunDecision:
    """Return what a run's status is to be, and what it says to its barriers.

    Pure, monotone, idempotent, independent of the order of its inputs, as `barrier.decide` is.

    Args:
        observed: all that is known of the run.
        now: the server's time, as well as the operator knows it.
    """
    raise NotImplementedError
