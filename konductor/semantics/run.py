"""The course of a run (semantics.md, 4): its status, and a word to each of its barriers."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from konductor.api.barrier import Barrier
from konductor.api.run import RunPhase, RunStatus
from konductor.semantics import gating
from konductor.semantics.deadline import whole_second
from konductor.semantics.observation import Gate, GateState
from konductor.semantics.outcome import (
    Failures,
    failures_of,
    has_failed,
    outcome_of,
    stage_of,
    with_finally,
)
from konductor.semantics.run_observation import ObservedRun, RunDecision, RunResult
from konductor.semantics.run_status import SUCCEEDED, is_stage, run_events, told

READY_WITHIN = timedelta(minutes=10)
"""A run whose objects have stopped coming for so long, and that is not ready, is incomplete."""
_CANCELLED = "Cancelled"
_TIMED_OUT = "TimedOut"
_INCOMPLETE = "Incomplete"
_LOST = "Lost"


def decide_run(observed: ObservedRun, now: datetime) -> RunDecision:
    """Return what a run's status is to be, and what it says to its barriers.

    Pure, monotone, idempotent, independent of the order of its inputs, as `barrier.decide` is.

    Args:
        observed: all that is known of the run.
        now: the server's time, as well as the operator knows it.
    """
    run = observed.run
    if not observed.listed:
        hold = Gate(GateState.HOLD, message="the operator has just started")
        return RunDecision(run.status, gating.same(observed.barriers, hold))
    if run.status.phase.is_terminal:
        return _finished(observed, now)
    if not run.spec.ready:
        return _gathering(observed, now)
    status = replace(run.status, started_at=run.status.started_at or _second(now))
    if _is_lost(observed):
        return _lost(observed, status, now)
    if all(one.status.phase.is_terminal for one in observed.before_finally):
        return _winding_up(observed, status, now)
    return _running(observed, status, now)


def _finished(observed: ObservedRun, now: datetime) -> RunDecision:
    """Keep it until its ttl is over; whatever still stands ends with it."""
    run = observed.run
    over = None
    if run.spec.ttl is not None and run.status.finished_at:
        over = whole_second(run.status.finished_at + run.spec.ttl)
    status = replace(run.status, observed_generation=run.metadata.generation)
    return RunDecision(
        status,
        gating.same(
            observed.barriers, _ended_by_run(observed, f"the run has ended as {status.phase}")
        ),
        delete=over is not None and now >= over,
        wake_at=over if over and now < over else None,
    )


def _gathering(observed: ObservedRun, now: datetime) -> RunDecision:
    """Hold everything until all objects are there."""
    run = observed.run
    if run.spec.cancel:
        message = "the run was cancelled before it was ready"
        return _finish(observed, run.status, now, _End(RunPhase.CANCELLED, _CANCELLED, message))
    times = [run.metadata.created, observed.last_created]
    times += [one.metadata.created for one in observed.barriers]
    patience = max((time for time in times if time), default=now) + READY_WITHIN
    if now >= patience:
        message = "no object came for 10 minutes, and the run was not made ready"
        return _finish(observed, run.status, now, _End(RunPhase.FAILED, _INCOMPLETE, message))
    message = "the run is not ready: not all of its objects are there"
    status = told(observed, replace(run.status, phase=RunPhase.PENDING), now, "NotReady", message)
    gates = gating.same(observed.barriers, Gate(GateState.HOLD, message=message))
    return RunDecision(status, gates, effects=run_events(observed, status), wake_at=patience)


def _running(observed: ObservedRun, status: RunStatus, now: datetime) -> RunDecision:
    deadline = _deadline(observed, status)
    reason = _stop(observed, deadline, now)
    gates = _gates(observed, reason, failures_of(observed.before_finally))
    message = _STOPS.get(reason, "its stages run")
    hold = Gate(GateState.HOLD, message="waits until all other stages are done")
    status = told(
        observed, replace(status, phase=RunPhase.RUNNING), now, reason or "Running", message
    )
    return RunDecision(
        status,
        {**gates, **gating.same(observed.finals, hold)},
        effects=run_events(observed, status),
        wake_at=None if reason else deadline,
    )


def _gates(observed: ObservedRun, reason: str, failures: Failures) -> gating.Gates:
    """Return the word to all barriers but finally ones."""
    if reason in _STOPS:
        word = _ended_by_run(observed, _STOPS[reason])
        return gating.same(observed.before_finally, word)
    first = next(iter(failures.unhandled), None)
    return gating.after_failure(observed.before_finally, first, observed.run.spec.on_failure)


_STOPS = {
    _CANCELLED: "the run was cancelled",
    _TIMED_OUT: "the run's timeout has passed",
}


def _stop(observed: ObservedRun, deadline: datetime | None, now: datetime) -> str:
    """Return why the run is to stop, or an empty string.

    The condition Succeeded keeps it, so that what has begun to stop is never taken for less.
    """
    kept = _kept_reason(observed)
    if observed.run.spec.cancel or kept == _CANCELLED:
        return _CANCELLED
    passed = deadline is not None and now >= deadline
    return _TIMED_OUT if passed or kept == _TIMED_OUT else ""


def _kept_reason(observed: ObservedRun) -> str:
    """Return the reason that the last decision gave.

    Where that was never written, the barriers that it ended tell as much.
    """
    run = observed.run
    kept = next((one.reason for one in run.status.conditions if one.type == SUCCEEDED), "")
    name = run.metadata.name
    if kept in _STOPS or all(one.status.root_cause != name for one in observed.before_finally):
        return kept
    return _CANCELLED if run.spec.cancel else _TIMED_OUT


def _deadline(observed: ObservedRun, status: RunStatus) -> datetime | None:
    timeout = observed.run.spec.timeout
    if timeout is None or status.started_at is None:
        return None
    return whole_second(status.started_at + timeout)


def _winding_up(observed: ObservedRun, status: RunStatus, now: datetime) -> RunDecision:
    """Say how the stages ended, let the finally stages run, and end."""
    failures = failures_of(observed.before_finally)
    kept = _kept_reason(observed)
    outcome = _OUTCOMES.get(kept) or outcome_of(failures)
    reason = kept if kept in _OUTCOMES else str(outcome)
    finals = observed.finals
    if all(one.status.phase.is_terminal for one in finals):
        phase = with_finally(outcome, finals)
        reason = reason if phase is outcome else "FinallyFailed"
        message = _STOPS.get(reason) or _summary(failures, finals)
        return _finish(observed, status, now, _End(phase, reason, message))
    status = replace(status, phase=RunPhase.RUNNING)
    status = told(observed, status, now, reason, "its finally stages run")
    gates = gating.to_finally(finals, outcome, published=observed.published)
    return RunDecision(
        status,
        {**_gates(observed, reason, failures), **gates},
        publish=None if observed.published else _result(outcome, failures, reason),
        effects=run_events(observed, status),
    )


_OUTCOMES = {_CANCELLED: RunPhase.CANCELLED, _TIMED_OUT: RunPhase.TIMEOUT}


def _result(outcome: RunPhase, failures: Failures, reason: str) -> RunResult:
    """Name the first unhandled failure; if the run was stopped before one, what it stopped."""
    if outcome is RunPhase.SUCCEEDED:
        return RunResult(str(outcome))
    first = next(iter(failures.unhandled), None)
    if first is None and reason in _STOPS:
        started = (one for one in failures.roots if one.status.started_at)
        stopped = next(started, None)
        return RunResult(str(outcome), stage_of(stopped) if stopped else "", reason)
    first = first or failures.roots[0]
    return RunResult(str(outcome), stage_of(first), str(first.status.reason))


def _summary(failures: Failures, finals: Iterable[Barrier]) -> str:
    spoilt = sorted(stage_of(one) for one in finals if has_failed(one))
    names = [*map(stage_of, failures.roots), *spoilt]
    return f"failed: {', '.join(dict.fromkeys(names))}" if names else "its stages are done"


def _is_lost(observed: ObservedRun) -> bool:
    """Tell whether stages of a run that was complete have no barrier any more."""
    stages = {stage_of(one) for one in observed.barriers if is_stage(one)}
    return len(stages) < observed.run.spec.stages


def _lost(observed: ObservedRun, status: RunStatus, now: datetime) -> RunDecision:
    if observed.read:
        message = "barriers of the run are gone, so how it went cannot be known"
        return _finish(observed, status, now, _End(RunPhase.FAILED, _LOST, message))
    hold = Gate(GateState.HOLD, message="barriers of the run seem to be gone")
    return RunDecision(observed.run.status, gating.same(observed.barriers, hold), needs_read=True)


@dataclass(frozen=True, slots=True)
class _End:
    phase: RunPhase
    reason: str
    message: str


def _finish(observed: ObservedRun, status: RunStatus, now: datetime, end: _End) -> RunDecision:
    ended = replace(status, phase=end.phase, finished_at=_second(now))
    ended = told(observed, ended, now, end.reason, end.message)
    gates = gating.same(observed.barriers, _ended_by_run(observed, end.message))
    return RunDecision(ended, gates, effects=run_events(observed, ended))


def _ended_by_run(observed: ObservedRun, message: str) -> Gate:
    return Gate(GateState.END, message=message, root=observed.run.metadata.name)


def _second(moment: datetime) -> datetime:
    return moment.replace(microsecond=0)
