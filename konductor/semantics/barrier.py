"""The state machine of a barrier (semantics.md, 2): facts in, status and effects out."""

from dataclasses import replace
from datetime import datetime, timedelta

from konductor.api.barrier import (
    BarrierStatus,
    JobReference,
    Phase,
    Reason,
)
from konductor.api.names import Label
from konductor.semantics import sentence
from konductor.semantics.cascade import Outlook, resolve
from konductor.semantics.condition import HELD_BY_RUN, MISSING_UPSTREAM, Standing, told
from konductor.semantics.count import counted, grown
from konductor.semantics.deadline import GRACE, deadline
from konductor.semantics.decision import Decision
from konductor.semantics.effect import effects, publication
from konductor.semantics.ending import Ending, ending_after_start, ending_before_start
from konductor.semantics.observation import GateState, Observed

PATIENCE = timedelta(seconds=5)
"""How long a barrier may be ahead of its upstream before it says so."""


def decide(observed: Observed, now: datetime) -> Decision:
    """Return what a barrier's status is to be, and what else is to be done.

    Pure, monotone (what was counted stays counted, a terminal phase stays), idempotent (decided
    again on its own result it changes nothing), independent of the order of its inputs.
    With nothing new it costs O(log n) of the arrivals; a status with new names costs O(n), so
    decide at once where `opens` says so, else as often as progress may be written.

    Args:
        observed: all that is known of the barrier.
        now: the server's time (its ``Date``), as well as the operator knows it.
    """
    if not observed.listed:
        return Decision(observed.barrier.status)
    if observed.barrier.status.phase.is_terminal:
        return _after_end(observed)
    moment = max(now, observed.read.at) if observed.read else now
    status = _noted(observed)
    if status.started_at is None:
        return _before_start(observed, status, moment)
    return _after_start(observed, status, moment)


def opens(observed: Observed) -> bool:
    """Tell in O(log n) whether a started barrier has its quorum, so must be decided now."""
    status = observed.barrier.status
    if status.phase.is_terminal or status.started_at is None or not observed.listed:
        return False
    return observed.tally.count(status.deadline) >= observed.barrier.spec.needed


def _noted(observed: Observed) -> BarrierStatus:
    """Return the status with what is latched: upstreams that have ended, Jobs that were seen."""
    barrier, status = observed.barrier, observed.barrier.status
    jobs = {one.name: one for one in status.jobs}
    jobs |= {one.name: JobReference(one.name, one.uid) for one in observed.jobs}
    upstreams = {one.name: one for one in status.upstreams}
    if status.started_at is None:
        named = {name for term in barrier.spec.after for name in term.barriers}
        ended = (one for one in observed.upstreams.values() if one.phase.is_terminal)
        upstreams = {one.name: one for one in ended if one.name in named} | upstreams
    return replace(
        status,
        jobs=tuple(jobs[name] for name in sorted(jobs)),
        upstreams=tuple(upstreams[name] for name in sorted(upstreams)),
        quorum=barrier.spec.needed,
        progress=f"{status.arrived}/{barrier.spec.expected}",
        observed_generation=barrier.metadata.generation,
    )


def _before_start(observed: Observed, status: BarrierStatus, now: datetime) -> Decision:
    """End it, hold it, or start it.

    An end needs no fresh read here: arrivals count from the start only, so nothing that an Arrival
    or a Job could say would change it, and a long cascade ends without a read for each barrier.
    """
    created = observed.barrier.metadata.created
    if created and _starts_at_creation(observed):
        return _after_start(observed, replace(status, started_at=created), now)
    if ending := ending_before_start(observed, status):
        return _ended(observed, status, ending, now)
    if observed.gate.state is GateState.HOLD:
        return _held(observed, status, now)
    verdict = resolve(observed.barrier.spec.after, {one.name: one for one in status.upstreams})
    if verdict.outlook is Outlook.WAIT:
        return _waiting_for_upstream(observed, status, now)
    return _after_start(observed, replace(status, started_at=_second(now)), now)


def _starts_at_creation(observed: Observed) -> bool:
    """Tell whether it is a raw barrier, seen for the first time, that has nothing to wait for."""
    barrier = observed.barrier
    held = any(job.suspended and not job.released for job in observed.jobs)
    waited = barrier.spec.after or held or barrier.status.conditions
    return not waited and Label.RUN not in barrier.metadata.labels


def _after_start(observed: Observed, status: BarrierStatus, now: datetime) -> Decision:
    status = counted(observed, replace(status, deadline=deadline(observed, status, now)))
    if status.arrived >= observed.barrier.spec.needed:
        return _opened(observed, status, now)
    ending = ending_after_start(observed, status, now)
    if ending and _is_certain(observed, status, ending):
        return _ended(observed, status, ending, now)
    return _waiting_for_arrivals(observed, status, now, due=ending)


def _is_certain(observed: Observed, status: BarrierStatus, ending: Ending) -> bool:
    """Tell whether the facts come from a read that is late enough for this end."""
    if observed.read is None:
        return False
    if ending.phase is not Phase.TIMEOUT or status.deadline is None:
        return True
    return observed.read.at >= status.deadline + GRACE


def _after_end(observed: Observed) -> Decision:
    """Count what may still grow; all else is final."""
    status = observed.barrier.status
    if status.phase is Phase.OPEN:
        status = grown(observed, status)
    else:
        late = observed.tally.total - status.arrived
        status = replace(status, late=max(status.late, late))
    status = replace(status, observed_generation=observed.barrier.metadata.generation)
    return Decision(status, effects=effects(observed, status))


def _opened(observed: Observed, status: BarrierStatus, now: datetime) -> Decision:
    everyone = status.arrived >= observed.barrier.spec.expected
    reason = Reason.ALL_ARRIVED if everyone else Reason.QUORUM_REACHED
    status = replace(status, phase=Phase.OPEN, opened_at=_closing(status, now))
    status = told(
        status,
        Standing(is_open=True, reason=reason, message=sentence.opened(observed, status)),
        _second(now),
    )
    return Decision(status, publication(observed, status), effects(observed, status))


def _ended(observed: Observed, status: BarrierStatus, ending: Ending, now: datetime) -> Decision:
    closed = _closing(status, now)
    status = replace(status, phase=ending.phase, closed_at=closed, root_cause=ending.root)
    status = told(
        status, Standing(is_open=False, reason=ending.reason, message=ending.message), _second(now)
    )
    return Decision(status, effects=effects(observed, status))


def _closing(status: BarrierStatus, now: datetime) -> datetime:
    """Return the moment of the end; clocks that differ never put it before the start."""
    return max(_second(now), status.started_at or _second(now))


def _waiting_for_arrivals(
    observed: Observed, status: BarrierStatus, now: datetime, *, due: Ending | None
) -> Decision:
    standing = Standing(None, Reason.WAITING_FOR_ARRIVALS, sentence.waiting(observed, status))
    status = told(status, standing, _second(now))
    return Decision(
        status,
        effects=effects(observed, status, releases=due is None),
        wake_at=_wake(observed, status, now, due),
        needs_read=due is not None,
    )


def _wake(
    observed: Observed, status: BarrierStatus, now: datetime, due: Ending | None
) -> datetime | None:
    """Return when to decide, or with an end that is due to read, next; None: time changes nothing.

    A read that came too early for a timeout shows how far the server's clock is behind ours.
    """
    if status.deadline is None:
        return None
    certain = status.deadline + GRACE
    if due is None:
        return certain
    early = certain - observed.read.at if observed.read else timedelta()
    return now + early if due.phase is Phase.TIMEOUT and early > timedelta() else None


def _waiting_for_upstream(observed: Observed, status: BarrierStatus, now: datetime) -> Decision:
    seen = {one.name for one in status.upstreams}
    named = (name for term in observed.barrier.spec.after for name in term.barriers)
    names = [name for name in dict.fromkeys(named) if name not in seen]
    absent = [name for name in names if name not in observed.upstreams]
    created = observed.barrier.metadata.created
    patient_until = created + PATIENCE if created else now
    impatient = bool(absent) and now >= patient_until
    standing = Standing(
        None,
        Reason.WAITING_FOR_UPSTREAM,
        sentence.waiting_for_upstream(names, absent),
        MISSING_UPSTREAM if impatient else Reason.WAITING_FOR_UPSTREAM,
    )
    status = told(status, standing, _second(now))
    wake_at = patient_until if absent and not impatient else None
    return Decision(status, effects=effects(observed, status), wake_at=wake_at)


def _held(observed: Observed, status: BarrierStatus, now: datetime) -> Decision:
    reason = Reason.WAITING_FOR_UPSTREAM
    standing = Standing(None, reason, observed.gate.message, HELD_BY_RUN)
    status = told(status, standing, _second(now))
    return Decision(status, effects=effects(observed, status))


def _second(moment: datetime) -> datetime:
    return moment.replace(microsecond=0)
