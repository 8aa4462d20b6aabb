"""What `decide_run` is told of a run, and what it answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from konductor.api.barrier import Barrier
from konductor.api.run import Run, RunStatus
from konductor.semantics.decision import EmitEvent
from konductor.semantics.observation import FreshRead, Gate
from konductor.semantics.outcome import is_finally


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

    @property
    def before_finally(self) -> tuple[Barrier, ...]:
        """Return its barriers but for those of finally stages."""
        return tuple(one for one in self.barriers if not is_finally(one))

    @property
    def finals(self) -> tuple[Barrier, ...]:
        """Return the barriers of its finally stages."""
        return tuple(one for one in self.barriers if is_finally(one))


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
