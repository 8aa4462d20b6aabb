"""Who has arrived, failed and come late: the numbers and names in a barrier's status."""

from collections.abc import Iterable
from dataclasses import replace

from konductor.api.barrier import BarrierStatus
from konductor.semantics.indexes import Indexes
from konductor.semantics.observation import Observed
from konductor.semantics.participants import (
    ALONE,
    MOST_NAMES,
    Stems,
    fold,
    fold_any,
    fold_stems,
    natural,
    runs_of,
    split,
    stems_of,
    unfold,
)


def counted(observed: Observed, status: BarrierStatus) -> BarrierStatus:
    """Return the status of a waiting barrier with arrivals by its deadline, failures, late ones."""
    failed = failed_stems(observed, status)
    return replace(
        grown(observed, status),
        late=max(0, observed.tally.total - _arrived(observed, status)),
        failed=sum(map(len, failed.values())),
        failures=fold_any(failed),
    )


def grown(observed: Observed, status: BarrierStatus) -> BarrierStatus:
    """Return the status with what may grow even after Open: whoever arrived by the deadline.

    Counted stays counted: the number never falls, and no name goes.
    """
    arrived = _arrived(observed, status)
    late = max(status.late, observed.tally.total - arrived)
    progress = f"{arrived}/{observed.barrier.spec.expected}"
    more = replace(status, arrived=arrived, late=late, progress=progress)
    return more if arrived == status.arrived else replace(more, arrivals=_entries(observed, more))


def failed_stems(observed: Observed, status: BarrierStatus) -> Stems:
    """Return the participants that failed for good; an arrival beats a Job's failed index."""
    failed: dict[str, list[int]] = {}
    for stem, index in map(split, observed.tally.failures(status.deadline)):
        failed.setdefault(stem, []).append(index)
    for job in observed.jobs:
        if job.failed.runs:
            arrived = observed.tally.stems(status.deadline).get(job.name, Indexes())
            failed.setdefault(job.name, []).extend(job.failed.minus(arrived))
    failed = {stem: indexes for stem, indexes in failed.items() if indexes}
    return {stem: runs_of(set(failed[stem])) for stem in sorted(failed, key=natural)}


def missing_stems(observed: Observed, status: BarrierStatus) -> Stems:
    """Return who has neither arrived nor failed, as far as the Jobs tell who is to come."""
    if not observed.jobs:
        return {}
    accounted = (observed.tally.stems(status.deadline), failed_stems(observed, status))
    missing = {}
    for job in sorted(observed.jobs, key=lambda one: natural(one.name)):
        left = Indexes(((0, job.completions - 1),)) if job.indexed else ALONE
        for stems in accounted:
            left = left.minus(stems.get(job.name, Indexes()))
        if left.runs:
            missing[job.name] = left
    return missing


def members(observed: Observed, status: BarrierStatus) -> Stems:
    """Return the participants counted in a status that was decided on this observation."""
    tally = observed.tally
    in_time = tally.count(status.deadline)
    if in_time > status.arrived:
        return stems_of(_chosen(observed, status))
    if in_time < status.arrived:
        return stems_of({*unfold(status.arrivals), *tally.arrivals(status.deadline)})
    return tally.stems(status.deadline)


def _arrived(observed: Observed, status: BarrierStatus) -> int:
    in_time = observed.tally.count(status.deadline)
    return max(status.arrived, min(observed.barrier.spec.expected, in_time))


def _entries(observed: Observed, status: BarrierStatus) -> tuple[str, ...]:
    tally = observed.tally
    if tally.count(status.deadline) > status.arrived:
        return fold(list(_chosen(observed, status)))
    if status.arrived > MOST_NAMES:
        return fold_stems(tally.first_stems(status.deadline), total=status.arrived)
    return fold(tally.arrivals(status.deadline))


def _chosen(observed: Observed, status: BarrierStatus) -> Iterable[str]:
    """Yield as many names as count: those that did before, then who came first."""
    before = set(unfold(observed.barrier.status.arrivals))
    room = status.arrived - len(before)
    for name in observed.tally.arrivals(status.deadline):
        if name in before:
            yield name
        elif room > 0:
            room -= 1
            yield name
