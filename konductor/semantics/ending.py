"""Whether a waiting barrier must end without opening, and why (semantics.md, 2: 3, 6 and 7)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from konductor.api.barrier import BarrierStatus, Phase, Reason
from konductor.semantics import sentence
from konductor.semantics.cascade import Outlook, resolve
from konductor.semantics.deadline import GRACE
from konductor.semantics.observation import GateState, Observed


@dataclass(frozen=True, slots=True)
class Ending:
    """How a barrier ends that does not open."""

    phase: Phase
    reason: Reason
    message: str
    root: str = ""


def ending_before_start(observed: Observed, status: BarrierStatus) -> Ending | None:
    """Return how a barrier ends that has not started, or None if it may still start."""
    verdict = resolve(observed.barrier.spec.after, {one.name: one for one in status.upstreams})
    reason = _REASONS.get(verdict.outlook)
    if reason:
        return Ending(Phase.FAILED, reason, sentence.upstream_ended(verdict), verdict.root)
    if abort := observed.tally.abort:
        return Ending(Phase.FAILED, Reason.ABORTED, sentence.aborted(abort))
    if observed.cycle:
        return Ending(Phase.FAILED, Reason.UPSTREAM_CYCLE, sentence.cycle(observed.cycle))
    if observed.gate.state in (GateState.REFUSE, GateState.END):
        return _ended_by_run(observed)
    return None


def ending_after_start(observed: Observed, status: BarrierStatus, now: datetime) -> Ending | None:
    """Return how a barrier ends that has started and lacks its quorum, or None if it waits on.

    What is stamped goes by its time, not by when it was looked at; what has no time counts until
    the deadline.
    """
    abort = observed.tally.abort
    if observed.gate.state is GateState.END:
        return _ended_by_run(observed)
    if abort and (status.deadline is None or abort.at <= status.deadline):
        return Ending(Phase.FAILED, Reason.ABORTED, sentence.aborted(abort))
    passed = status.deadline is not None and now > status.deadline
    if _is_out_of_reach(observed, status, passed=passed):
        return Ending(
            Phase.FAILED, Reason.QUORUM_UNREACHABLE, sentence.out_of_reach(observed, status)
        )
    if _have_jobs_ended(observed, status, passed=passed):
        return Ending(Phase.FAILED, Reason.JOB_FAILED, sentence.jobs_ended(observed, status))
    if status.deadline and now >= status.deadline + GRACE:
        return Ending(Phase.TIMEOUT, Reason.TIMED_OUT, sentence.timed_out(observed, status))
    return None


_REASONS = {
    Outlook.FAIL: Reason.UPSTREAM_FAILED,
    Outlook.ABORT: Reason.ABORTED,
    Outlook.SKIP: Reason.SKIPPED,
}


def _ended_by_run(observed: Observed) -> Ending:
    gate = observed.gate
    return Ending(Phase.FAILED, gate.reason, gate.message, gate.root)


def _is_out_of_reach(observed: Observed, status: BarrierStatus, *, passed: bool) -> bool:
    spec = observed.barrier.spec
    stamped = observed.tally.failures(status.deadline)
    failed = _length(stamped) if passed else status.failed
    return failed > spec.expected - spec.needed


def _length(names: Iterable[str]) -> int:
    return sum(1 for _ in names)


def _have_jobs_ended(observed: Observed, status: BarrierStatus, *, passed: bool) -> bool:
    """Tell whether every Job of the barrier is over, or was deleted, by the deadline."""
    latched = {one.name for one in status.jobs}
    if not latched or not latched.issuperset(observed.barrier.spec.jobs):
        return False
    living = {one.name: one.ended_at for one in observed.jobs}
    for name in latched:
        ended = living.get(name)
        if name in living and ended is None:
            return False
        late = ended > status.deadline if ended and status.deadline else passed
        if late:
            return False
    return True
