"""How a run ends: which failures count, and what they make of it (semantics.md, 4)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from konductor.api.barrier import Barrier, ConditionType, Phase, Reason, Require
from konductor.api.names import Annotation, Label, Role
from konductor.api.run import FailedStage, RunPhase


@dataclass(frozen=True, slots=True)
class Failures:
    """The failures of a run's barriers, those before its finally stages."""

    own: tuple[Barrier, ...]
    """Barriers that failed by themselves, handled or not, the first first."""
    unhandled: tuple[Barrier, ...]
    """Of these, the ones that ``on_failure`` acts upon."""
    roots: tuple[Barrier, ...]
    """Where the failures that turn the run red began."""


def failures_of(barriers: Iterable[Barrier]) -> Failures:
    """Return what failed among the barriers of a run.

    A failure is handled where a ``done``, ``failed``, ``any`` or ``atleast`` edge names the
    barrier, and condoned by ``on_fail = "continue"``. A barrier that ended through another one is
    a consequence: ``on_failure`` does not act upon it (a handler of the first failure must still
    start), yet it turns the run red unless it is handled itself or its root is condoned.
    """
    barriers = sorted(barriers, key=_by_end)
    by_name = {one.metadata.name: one for one in barriers}
    handled = set(_handled(barriers))
    failed = [one for one in barriers if has_failed(one)]
    roots = {}
    for one in failed:
        root = by_name.get(one.status.root_cause, one)
        if one.metadata.name not in handled and not _is_condoned(one) and not _is_condoned(root):
            roots[root.metadata.name] = root
    own = tuple(one for one in failed if not one.status.root_cause)
    return Failures(
        own=own,
        unhandled=tuple(
            one for one in own if one.metadata.name not in handled and not _is_condoned(one)
        ),
        roots=tuple(sorted(roots.values(), key=_by_end)),
    )


def outcome_of(failures: Failures) -> RunPhase:
    """Return how a run ends that was neither cancelled nor out of time."""
    phases = {one.status.phase for one in failures.roots}
    if not phases:
        return RunPhase.SUCCEEDED
    return RunPhase.TIMEOUT if phases == {Phase.TIMEOUT} else RunPhase.FAILED


def with_finally(outcome: RunPhase, finals: Iterable[Barrier]) -> RunPhase:
    """Return the end of the whole: a finally stage that fails turns a green run Failed."""
    spoilt = any(has_failed(one) and not _is_condoned(one) for one in finals)
    return RunPhase.FAILED if spoilt and outcome is RunPhase.SUCCEEDED else outcome


def has_failed(barrier: Barrier) -> bool:
    """Tell whether a barrier ended without opening, other than by being skipped."""
    status = barrier.status
    return status.phase in (Phase.FAILED, Phase.TIMEOUT) and status.reason is not Reason.SKIPPED


def is_finally(barrier: Barrier) -> bool:
    """Tell whether it stands for a finally stage."""
    return barrier.metadata.labels.get(Label.ROLE) == Role.FINALLY


def stage_of(barrier: Barrier) -> str:
    """Return the name of its stage in the program."""
    return barrier.metadata.labels.get(Label.STAGE) or barrier.metadata.name


def failed_stages(failed: Iterable[Barrier]) -> tuple[FailedStage, ...]:
    """Return what a run's status lists of barriers that failed by themselves."""
    return tuple(
        FailedStage(stage_of(one), str(one.status.reason), _message(one))
        for one in sorted(failed, key=_by_end)
    )


def _message(barrier: Barrier) -> str:
    condition = barrier.status.condition(ConditionType.OPEN)
    return condition.message if condition else ""


def _handled(barriers: Iterable[Barrier]) -> Iterator[str]:
    for one in barriers:
        for term in one.spec.after:
            if term.require is not Require.OPEN or term.at_least is not None:
                yield from term.barriers


def _is_condoned(barrier: Barrier) -> bool:
    return barrier.metadata.annotations.get(Annotation.ON_FAIL) == "continue"


def _by_end(barrier: Barrier) -> tuple[str, str]:
    closed = barrier.status.closed_at
    return closed.isoformat() if closed else "", barrier.metadata.name
