"""What `decide` is told: one barrier and every fact about it, as values (semantics.md, 2)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from konductor.api.barrier import Barrier, Reason, Upstream
from konductor.semantics.indexes import Indexes
from konductor.semantics.tally import Tally


@dataclass(frozen=True, slots=True)
class JobFact:
    """A Job of the barrier that exists: it is named in ``arrivalsFrom.jobs``, or labelled so.

    What it completed is in the `Tally` (`Tally.complete`), since each index keeps its time there.
    """

    name: str
    uid: str
    suspended: bool = False
    released: bool = False
    """It carries `Annotation.RELEASED`: we have lifted it once, and never do again."""
    completions: int = 1
    indexed: bool = True
    failed: Indexes = field(default_factory=Indexes)
    """Its ``failedIndexes``: retries used up."""
    ended_at: datetime | None = None
    """When its condition Complete or Failed came; None: it has not ended."""
    failure: str = ""
    """The message of its condition Failed."""


@dataclass(frozen=True, slots=True)
class FreshRead:
    """A consistent read of Arrivals and Jobs, begun after `decide` last said `needs_read`.

    What it found is in the observation that carries it.
    """

    at: datetime
    """The server's ``Date`` of its answer."""


class GateState(StrEnum):
    """What a run has to say to one of its barriers."""

    OPEN = "open"
    """Start once your upstreams allow it."""
    HOLD = "hold"
    """Do not start yet."""
    REFUSE = "refuse"
    """If you have not started, end."""
    END = "end"
    """End, whether or not you have started."""


@dataclass(frozen=True, slots=True)
class Gate:
    """A run's word to one of its barriers; a barrier without a run has the default one."""

    state: GateState = GateState.OPEN
    reason: Reason = Reason.ABORTED
    """With REFUSE and END: the reason to end with, Aborted or Skipped."""
    message: str = ""
    """With HOLD, REFUSE and END: why, a whole clause such as "the run was cancelled"."""
    root: str = ""
    """With REFUSE and END: the barrier whose failure is the cause, else the run."""
    deletes_jobs: bool = False
    """With END: running Jobs are deleted, not just suspended (``on_failure = "abort"``)."""


@dataclass(frozen=True, slots=True)
class Observed:
    """All that is known of one barrier at one moment."""

    barrier: Barrier
    tally: Tally
    upstreams: Mapping[str, Upstream] = field(default_factory=dict)
    """The barriers named in ``after`` that exist, as `konductor.semantics.cascade.upstream_of`
    makes them, those that still wait too. A name that is absent: not there yet."""
    jobs: tuple[JobFact, ...] = ()
    """The barrier's Jobs that exist and are not being deleted; one that ``status.jobs`` has but
    these have not was deleted."""
    cycle: tuple[str, ...] = ()
    """The path of the cycle that keeps it from ever starting (`cascade.find_cycles`)."""
    gate: Gate = field(default_factory=Gate)
    read: FreshRead | None = None
    listed: bool = True
    """Everything has been listed since the operator's start."""
