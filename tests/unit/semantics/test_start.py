from dataclasses import replace
from datetime import timedelta

import pytest

from konductor.api.barrier import BarrierSpec, ConditionType, Phase, Reason, Require, Term, Upstream
from konductor.api.meta import Metadata
from konductor.api.names import Label
from konductor.semantics.barrier import decide
from konductor.semantics.observation import Gate, GateState, JobFact
from konductor.semantics.rehearsal import BEGINNING, Rehearsal

MINUTE = timedelta(minutes=1)
OPEN_A = Upstream("a", "uid-a", Phase.OPEN, Reason.ALL_ARRIVED)
OF_RUN = Metadata("r-map", uid="uid-1", generation=1, created=BEGINNING, labels={Label.RUN: "r"})


def test_a_raw_barrier_starts_at_its_creation() -> None:
    one = Rehearsal.of(BarrierSpec(2, timeout=MINUTE))
    decision = one.step(seconds=3.5)
    assert one.barrier.status.started_at == BEGINNING
    assert one.barrier.status.deadline == BEGINNING + MINUTE
    assert decision.wake_at == BEGINNING + MINUTE + timedelta(seconds=2)
    assert one.barrier.status.observed_generation == 1
    assert one.barrier.status.quorum == 2
    assert one.standing(ConditionType.READY) == ("True", "BarrierReady")
    assert one.standing(ConditionType.STARTED) == ("True", "Started")
    assert one.standing() == ("Unknown", "WaitingForArrivals")
    assert one.message == "0 of 2 arrived; 2 more will open it"
    assert one.events == ["Started"]


def test_a_barrier_of_a_run_starts_when_that_is_written() -> None:
    one = Rehearsal.of(BarrierSpec(2), OF_RUN)
    one.step(seconds=3.5)
    assert one.barrier.status.started_at == BEGINNING + timedelta(seconds=3)
    assert one.barrier.status.deadline is None


def test_a_barrier_that_had_to_wait_starts_when_that_is_written() -> None:
    one = Rehearsal.of(BarrierSpec(2, after=(Term(("a",)),)))
    one.step(seconds=1)
    one.patch(after=())
    one.step(seconds=9)
    assert one.barrier.status.started_at == BEGINNING + timedelta(seconds=9)


def test_a_barrier_without_a_creation_time_starts_now() -> None:
    one = Rehearsal.of(BarrierSpec(2), Metadata("b"))
    one.step(seconds=4)
    assert one.barrier.status.started_at == BEGINNING + timedelta(seconds=4)


def test_a_held_job_is_released_once_when_its_barrier_starts() -> None:
    one = Rehearsal.of(BarrierSpec(2, after=(Term(("a",)),)))
    one.jobs["b"] = JobFact("b", "uid-j", suspended=True, completions=2)
    one.step()
    assert one.on_jobs == []
    one.upstreams["a"] = OPEN_A
    one.step(seconds=8)
    assert one.barrier.status.started_at == BEGINNING + timedelta(seconds=8)
    assert one.jobs["b"].released
    one.jobs["b"] = replace(one.jobs["b"], suspended=True)
    one.step(seconds=9)
    assert len(one.on_jobs) == 1
    assert one.message == "0 of 2 arrived; 2 more will open it; missing: b-[0-1]"


def test_nothing_is_decided_before_everything_is_listed() -> None:
    one = Rehearsal.of(BarrierSpec(1))
    one.arrive("p")
    decision = decide(replace(one.observe(read=True), listed=False), one.now)
    assert decision.status == one.barrier.status
    assert decision.effects == ()


def test_a_held_barrier_says_why() -> None:
    one = Rehearsal.of(BarrierSpec(1), OF_RUN)
    one.gate = Gate(GateState.HOLD, message="the run is not ready")
    one.step()
    assert one.barrier.status.started_at is None
    assert one.standing(ConditionType.STARTED) == ("False", "HeldByRun")
    assert one.standing() == ("Unknown", "WaitingForUpstream")
    assert one.message == "the run is not ready"


def test_an_upstream_that_stays_away_is_told_once() -> None:
    one = Rehearsal.of(BarrierSpec(1, after=(Term(("a", "c")),)))
    one.upstreams["c"] = Upstream("c", "uid-c", Phase.WAITING, Reason.WAITING_FOR_ARRIVALS)
    assert one.step(seconds=1).wake_at == BEGINNING + timedelta(seconds=5)
    assert one.events == []
    assert one.message == "waits for `a`, `c`; `a` is not there yet"
    assert one.step(seconds=5).wake_at is None
    one.step(seconds=50)
    assert one.events == ["UpstreamMissing"]
    assert one.standing(ConditionType.STARTED) == ("False", "UpstreamMissing")
    one.upstreams["a"] = replace(OPEN_A, phase=Phase.WAITING)
    one.step(seconds=60)
    assert one.message == "waits for `a`, `c`"
    assert one.standing(ConditionType.STARTED) == ("False", "WaitingForUpstream")


def test_several_absent_upstreams_are_named() -> None:
    one = Rehearsal.of(BarrierSpec(1, after=(Term(("a", "c")),)), Metadata("b"))
    one.step()
    assert one.message == "waits for `a`, `c`; `a`, `c` are not there yet"
    assert one.events == ["UpstreamMissing"]


def test_a_terminal_upstream_is_latched() -> None:
    one = Rehearsal.of(BarrierSpec(1, after=(Term(("a",)), Term(("c",)))))
    one.upstreams["a"] = OPEN_A
    one.upstreams["x"] = replace(OPEN_A, name="x")
    one.step()
    assert one.barrier.status.upstreams == (OPEN_A,)
    one.upstreams.clear()
    one.step(seconds=1)
    one.upstreams["a"] = Upstream("a", "uid-new", Phase.FAILED, Reason.ABORTED)
    one.upstreams["c"] = replace(OPEN_A, name="c")
    one.step(seconds=2)
    assert one.barrier.status.started_at
    assert one.barrier.status.upstreams[0] == OPEN_A


@pytest.mark.parametrize(
    ("upstream", "reason", "root", "said"),
    [
        (
            Upstream("a", "u", Phase.FAILED, Reason.QUORUM_UNREACHABLE),
            Reason.UPSTREAM_FAILED,
            "a",
            "`a` failed (QuorumUnreachable)",
        ),
        (
            Upstream("a", "u", Phase.FAILED, Reason.UPSTREAM_FAILED, "z"),
            Reason.UPSTREAM_FAILED,
            "z",
            "`a` failed (UpstreamFailed); it began with `z`",
        ),
        (
            Upstream("a", "u", Phase.TIMEOUT, Reason.TIMED_OUT),
            Reason.UPSTREAM_FAILED,
            "a",
            "`a` timed out",
        ),
        (
            Upstream("a", "u", Phase.FAILED, Reason.SKIPPED, "z"),
            Reason.SKIPPED,
            "z",
            "`a` was skipped; it began with `z`",
        ),
        (Upstream("a", "u", Phase.FAILED, Reason.ABORTED), Reason.ABORTED, "a", "`a` was aborted"),
    ],
)
def test_a_barrier_ends_with_its_upstream(
    upstream: Upstream, reason: Reason, root: str, said: str
) -> None:
    one = Rehearsal.of(BarrierSpec(1, after=(Term(("a",)),)))
    one.jobs["b"] = JobFact("b", "uid-j", suspended=True)
    one.upstreams["a"] = upstream
    decision = decide(one.observe(), BEGINNING)
    assert not decision.needs_read
    one.step(seconds=7)
    status = one.barrier.status
    assert (status.phase, status.reason, status.root_cause) == (Phase.FAILED, reason, root)
    assert status.closed_at == BEGINNING + timedelta(seconds=7)
    assert one.message == said
    assert one.standing(ConditionType.STARTED) == ("False", "NeverStarted")
    assert one.events == [str(reason)]
    assert one.on_jobs == []


def test_a_barrier_that_waits_for_a_failure_is_skipped_by_success() -> None:
    one = Rehearsal.of(BarrierSpec(1, after=(Term(("a",), require=Require.FAILED),)))
    one.upstreams["a"] = OPEN_A
    one.step()
    assert one.barrier.status.reason is Reason.SKIPPED
    assert one.message == "`a` opened, and this was to run only if it failed"


def test_a_cycle_is_named() -> None:
    one = Rehearsal.of(BarrierSpec(1, after=(Term(("a",)),)))
    one.cycle = ("b", "a", "b")
    one.step()
    assert one.barrier.status.reason is Reason.UPSTREAM_CYCLE
    assert one.message == "waits for itself: b -> a -> b"


def test_a_long_cycle_is_named_in_part() -> None:
    one = Rehearsal.of(BarrierSpec(1, after=(Term(("a",)),)))
    one.cycle = tuple(f"b{number}" for number in range(30))
    one.step()
    assert one.message.endswith("b18 -> b19 -> … and 10 more")
