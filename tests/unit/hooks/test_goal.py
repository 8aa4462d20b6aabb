from datetime import UTC, datetime

import pytest

from konductor.api.barrier import (
    Barrier,
    BarrierSpec,
    BarrierStatus,
    Condition,
    Phase,
)
from konductor.api.meta import Metadata
from konductor.errors import StageFailed, TimedOut
from konductor.hooks.goal import (
    Goal,
    Standing,
    Target,
    absent,
    failure,
    is_met,
    progress,
    standing,
)

NOW = datetime(2026, 11, 23, tzinfo=UTC)


def barrier(
    name: str = "a", phase: Phase = Phase.WAITING, *, started: bool = False, reason: str = ""
) -> Barrier:
    conditions = (Condition("Open", "Unknown", reason, "b is missing"),) if reason else ()
    status = BarrierStatus(
        phase=phase,
        arrived=1,
        failed=1 if reason else 0,
        started_at=NOW if started else None,
        conditions=conditions,
    )
    return Barrier(Metadata(name, uid=name), BarrierSpec(3, 2 if reason else None), status)


MET, PENDING, MISSED = Standing.MET, Standing.PENDING, Standing.MISSED


@pytest.mark.parametrize(
    ("target", "waiting", "opened", "failed", "timeout"),
    [
        (Target.OPEN, PENDING, MET, MISSED, MISSED),
        (Target.DONE, PENDING, MET, MET, MET),
        (Target.FAILED, PENDING, MISSED, MET, MET),
        (Target.STARTED, PENDING, MET, MISSED, MISSED),
    ],
)
def test_phase_decides_how_a_barrier_stands(
    target: Target, waiting: Standing, opened: Standing, failed: Standing, timeout: Standing
) -> None:
    states = [standing(barrier(phase=phase), target) for phase in Phase]
    assert states == [waiting, opened, failed, timeout]


def test_waiting_barrier_is_started_once_its_clock_runs() -> None:
    assert standing(barrier(started=True), Target.STARTED) is MET


def test_absent_barrier_may_still_come() -> None:
    assert standing(None, Target.DONE) is PENDING


def test_barrier_on_its_way_out_is_as_good_as_absent() -> None:
    going = Barrier(Metadata("a", deleted=NOW), BarrierSpec(1), BarrierStatus(Phase.OPEN))
    assert standing(going, Target.OPEN) is PENDING


def test_all_barriers_are_needed_unless_fewer_are_asked_for() -> None:
    barriers = {"a": barrier("a", Phase.OPEN), "b": barrier("b")}
    assert not is_met(Goal(("a", "b")), barriers)
    assert is_met(Goal(("a", "b"), at_least=1), barriers)


def test_goal_is_missed_once_too_few_are_left() -> None:
    barriers = {"a": barrier("a", Phase.FAILED, reason="Aborted"), "b": barrier("b")}
    assert failure(Goal(("a", "b"), at_least=1), barriers) is None
    error = failure(Goal(("a", "b")), barriers)
    assert isinstance(error, StageFailed)
    assert error.message == "barrier `a` is Failed (Aborted): b is missing"


def test_goal_that_only_time_stood_against_is_timed_out() -> None:
    assert isinstance(failure(Goal(("a",)), {"a": barrier("a", Phase.TIMEOUT)}), TimedOut)


def test_progress_tells_what_is_missing() -> None:
    barriers = {
        "a": barrier("a", reason="WaitingForArrivals"),
        "b": barrier("b", Phase.OPEN),
        "d": barrier("d"),
    }
    assert progress(Goal(("a", "b", "c", "d")), barriers) == (
        "`a`: b is missing",
        "`c` does not exist yet",
        "`d`: 1 of 3 arrived; no operator has looked at it yet",
    )
    assert absent(Goal(("a", "c")), barriers) == ("c",)


def test_progress_needs_no_message() -> None:
    status = BarrierStatus(conditions=(Condition("Open", "Unknown", "WaitingForArrivals"),))
    quiet = Barrier(Metadata("a"), BarrierSpec(3), status)
    assert progress(Goal(("a",)), {"a": quiet}) == ("`a`: 0 of 3 arrived",)


@pytest.mark.parametrize(
    ("target", "text"),
    [
        (Target.OPEN, "`a`, `b` to open"),
        (Target.DONE, "`a`, `b` to end"),
        (Target.FAILED, "`a`, `b` to fail"),
        (Target.STARTED, "`a`, `b` to start"),
    ],
)
def test_goal_describes_itself(target: Target, text: str) -> None:
    assert Goal(("a", "b"), target).describe() == text
