from dataclasses import replace
from datetime import timedelta

import pytest

from konductor.api.arrival import Outcome
from konductor.api.barrier import BarrierSpec, Phase, Reason, Term, Upstream
from konductor.api.meta import Metadata
from konductor.api.names import Label
from konductor.semantics.barrier import decide
from konductor.semantics.indexes import Indexes
from konductor.semantics.observation import FreshRead, Gate, GateState, JobFact
from konductor.semantics.rehearsal import BEGINNING, Rehearsal

MINUTE = timedelta(minutes=1)
OPEN_A = Upstream("a", "uid-a", Phase.OPEN, Reason.ALL_ARRIVED)
OF_RUN = Metadata("r-map", uid="uid-1", generation=1, created=BEGINNING, labels={Label.RUN: "r"})


def test_a_failure_that_puts_the_quorum_out_of_reach_fails_it() -> None:
    one = Rehearsal.of(BarrierSpec(3, quorum=2))
    one.jobs["m"] = JobFact("m", "uid-j", released=True, completions=3, failed=Indexes(((1, 1),)))
    one.fail("m-0")
    assert decide(one.observe(), one.now).needs_read
    assert decide(one.observe(), one.now).status.phase is Phase.WAITING
    one.step(seconds=5)
    status = one.barrier.status
    assert (status.phase, status.reason) == (Phase.FAILED, Reason.QUORUM_UNREACHABLE)
    assert status.closed_at == BEGINNING + timedelta(seconds=5)
    assert (status.failed, status.failures) == (2, ("m-0", "m-1"))
    assert one.message == ("2 of 3 failed: m-[0-1]; at most 1 can arrive, and 2 are needed")
    assert one.jobs["m"].suspended
    one.arrive("m-2", seconds=6)
    one.step(seconds=6)
    assert (one.barrier.status.arrived, one.barrier.status.late) == (0, 1)
    assert one.events == ["Started", "QuorumUnreachable", "LateArrival"]


def test_an_arrival_beats_the_failure_of_its_job_index() -> None:
    one = Rehearsal.of(BarrierSpec(2))
    one.jobs["m"] = JobFact("m", "uid-j", released=True, completions=2, failed=Indexes(((1, 1),)))
    one.arrive("m-1")
    one.step()
    assert one.barrier.status.failed == 0
    assert one.barrier.status.phase is Phase.WAITING


def test_a_barrier_times_out_two_seconds_after_its_deadline_by_the_server() -> None:
    one = Rehearsal.of(BarrierSpec(2, timeout=timedelta(seconds=9.5)))
    one.arrive("p", seconds=10)
    one.step(seconds=11)
    assert one.barrier.status.deadline == BEGINNING + timedelta(seconds=10)
    assert one.barrier.status.phase is Phase.WAITING
    late = BEGINNING + timedelta(seconds=12)
    early_read = FreshRead(BEGINNING + timedelta(seconds=11.5))
    decision = decide(replace(one.observe(), read=early_read), late)
    assert decision.needs_read
    assert decision.wake_at == late + timedelta(seconds=0.5)
    one.step(seconds=12)
    status = one.barrier.status
    assert (status.phase, status.reason) == (Phase.TIMEOUT, Reason.TIMED_OUT)
    assert status.closed_at == late
    assert one.message == "1 of 2 arrived by 2026-11-24T08:00:10Z, and 2 were needed"
    one.arrive("q", seconds=10)
    one.step(seconds=13)
    assert (one.barrier.status.phase, one.barrier.status.late) == (Phase.TIMEOUT, 1)


def test_a_clock_behind_the_servers_delays_nothing() -> None:
    one = Rehearsal.of(BarrierSpec(2, timeout=MINUTE))
    one.step()
    observed = replace(one.observe(), read=FreshRead(BEGINNING + 2 * MINUTE))
    decision = decide(observed, BEGINNING)
    assert decision.status.phase is Phase.TIMEOUT
    assert decision.status.closed_at == BEGINNING + 2 * MINUTE


def test_an_operator_that_was_down_over_the_deadline_still_opens() -> None:
    one = Rehearsal.of(BarrierSpec(2, timeout=MINUTE))
    one.step()
    one.arrive("p", "q", seconds=60)
    one.arrive("r", seconds=61)
    one.restart()
    one.step(seconds=600)
    status = one.barrier.status
    assert (status.phase, status.arrived, status.late) == (Phase.OPEN, 2, 1)


def test_an_abort_ends_a_barrier_before_and_after_its_start() -> None:
    for after in ((), (Term(("a",)),)):
        one = Rehearsal.of(BarrierSpec(2, timeout=MINUTE, after=after))
        one.post(["alice"], Outcome.ABORT, 1, "wrong data")
        one.step(seconds=1)
        assert one.barrier.status.reason is Reason.ABORTED
        assert one.message == "ended by alice: wrong data"


def test_an_abort_after_the_deadline_is_too_late() -> None:
    one = Rehearsal.of(BarrierSpec(2, timeout=MINUTE))
    one.post(["alice"], Outcome.ABORT, 61)
    one.step(seconds=62)
    assert one.barrier.status.phase is Phase.TIMEOUT


def test_a_failure_of_an_index_after_the_deadline_is_a_timeout() -> None:
    one = Rehearsal.of(BarrierSpec(1, timeout=MINUTE))
    one.jobs["m"] = JobFact("m", "uid-j", released=True, failed=Indexes(((0, 0),)))
    one.step(seconds=62)
    assert one.barrier.status.phase is Phase.TIMEOUT
    assert one.barrier.status.failures == ("m-0",)


def test_a_failure_posted_in_time_tells_however_late_it_is_seen() -> None:
    one = Rehearsal.of(BarrierSpec(1, timeout=MINUTE))
    one.fail("p", seconds=60)
    one.step(seconds=600)
    assert one.barrier.status.reason is Reason.QUORUM_UNREACHABLE


def test_a_barrier_whose_jobs_have_ended_fails() -> None:
    one = Rehearsal.of(BarrierSpec(4, timeout=MINUTE))
    at = BEGINNING + timedelta(seconds=5)
    one.jobs["x"] = JobFact("x", "u-x", released=True, ended_at=at)
    one.jobs["y"] = JobFact("y", "u-y", released=True, completions=2)
    one.jobs["z"] = JobFact("z", "u-z", released=True, indexed=False)
    one.step(seconds=5)
    assert one.barrier.status.phase is Phase.WAITING
    one.jobs["x"] = replace(one.jobs["x"], failure="BackoffLimitExceeded")
    one.jobs["z"] = replace(one.jobs["z"], ended_at=at)
    del one.jobs["y"]
    one.step(seconds=6)
    assert one.barrier.status.reason is Reason.JOB_FAILED
    assert one.message == (
        "Job x failed: BackoffLimitExceeded; Job y was deleted; Job z has ended; "
        "0 of 4 arrived, and 4 were needed; missing: x-0, z"
    )
    assert one.on_jobs == []


def test_a_job_that_is_replaced_keeps_its_barrier_waiting() -> None:
    one = Rehearsal.of(BarrierSpec(1))
    one.jobs["x"] = JobFact("x", "u-1", released=True)
    one.step()
    one.jobs["x"] = JobFact("x", "u-2", released=True)
    one.step(seconds=1)
    assert one.barrier.status.phase is Phase.WAITING
    assert [job.uid for job in one.barrier.status.jobs] == ["u-2"]


def test_jobs_that_are_not_there_yet_are_waited_for() -> None:
    one = Rehearsal.of(BarrierSpec(2, jobs=("x", "y")))
    one.jobs["x"] = JobFact("x", "u", ended_at=BEGINNING)
    one.step(seconds=1)
    assert one.barrier.status.phase is Phase.WAITING


def test_jobs_that_end_after_the_deadline_are_a_timeout() -> None:
    after = BEGINNING + timedelta(seconds=61)
    one = Rehearsal.of(BarrierSpec(1, timeout=MINUTE))
    one.jobs["x"] = JobFact("x", "u", released=True)
    one.step()
    one.jobs["x"] = replace(one.jobs["x"], ended_at=after)
    one.step(seconds=61)
    assert one.standing() == ("Unknown", "WaitingForArrivals")
    del one.jobs["x"]
    one.step(seconds=62)
    assert one.barrier.status.phase is Phase.TIMEOUT


@pytest.mark.parametrize("state_of_gate", [GateState.REFUSE, GateState.END])
def test_a_run_ends_what_has_not_started(state_of_gate: GateState) -> None:
    one = Rehearsal.of(BarrierSpec(1), OF_RUN)
    one.gate = Gate(state_of_gate, message="`r-x` failed", root="r-x")
    one.arrive("p")
    one.step()
    status = one.barrier.status
    assert (status.reason, status.root_cause) == (Reason.ABORTED, "r-x")
    assert one.message == "`r-x` failed"


def test_a_run_that_drains_lets_go_on_what_has_started() -> None:
    one = Rehearsal.of(BarrierSpec(1), OF_RUN)
    one.step()
    one.gate = Gate(GateState.REFUSE)
    one.step(seconds=1)
    assert one.barrier.status.phase is Phase.WAITING


def test_a_run_that_aborts_deletes_running_jobs() -> None:
    one = Rehearsal.of(BarrierSpec(3, timeout=MINUTE), OF_RUN)
    one.jobs["x"] = JobFact("x", "u-x", suspended=True)
    one.step()
    one.jobs["y"] = JobFact("y", "u-y", suspended=True)
    one.gate = Gate(GateState.END, message="`r-z` failed", root="r-z", deletes_jobs=True)
    decision = decide(one.observe(), one.now)
    assert decision.needs_read
    assert decision.wake_at is None
    one.jobs["y"] = JobFact("y", "u-y", suspended=True)
    decision = decide(one.observe(read=True), one.now)
    one.obey(decision)
    assert one.barrier.status.reason is Reason.ABORTED
    assert set(one.jobs) == {"y"}


def test_a_run_that_stops_suspends_running_jobs() -> None:
    one = Rehearsal.of(BarrierSpec(2), OF_RUN)
    one.jobs["x"] = JobFact("x", "u-x", suspended=True)
    one.step()
    one.gate = Gate(GateState.END, message="the run was cancelled", root="r")
    one.step(seconds=1)
    assert one.jobs["x"].suspended


def test_a_quorum_that_is_there_beats_the_run() -> None:
    one = Rehearsal.of(BarrierSpec(1), OF_RUN)
    one.step()
    one.arrive("p")
    one.gate = Gate(GateState.END)
    one.step(seconds=1)
    assert one.barrier.status.phase is Phase.OPEN


def test_a_job_that_appears_after_the_end_stays_suspended() -> None:
    one = Rehearsal.of(BarrierSpec(1), OF_RUN)
    one.arrive("p")
    one.step()
    one.jobs["x"] = JobFact("x", "u-x", suspended=True)
    one.step(seconds=1)
    assert one.on_jobs == []


@pytest.mark.parametrize(("stragglers", "ends"), [("cancel", True), ("keep", False)])
def test_stragglers_are_ended_if_asked_for(stragglers: str, *, ends: bool) -> None:
    metadata = OF_RUN._replace(annotations={"konductor.io/stragglers": stragglers})
    one = Rehearsal.of(BarrierSpec(2, quorum=1), metadata)
    one.jobs["x"] = JobFact("x", "u-x", suspended=True, completions=2)
    one.step()
    one.arrive("x-0")
    one.step(seconds=1)
    one.step(seconds=2)
    assert one.jobs["x"].suspended is ends


def test_who_had_arrived_is_published_once_and_before_the_status() -> None:
    one = Rehearsal.of(BarrierSpec(3, quorum=2), OF_RUN)
    one.arrive("r-map-10", seconds=1)
    one.arrive("r-map-9", seconds=2)
    decision = one.step(seconds=2)
    assert decision.publish
    assert decision.publish.participants == ("map-9", "map-10")
    one.arrive("r-map-1", seconds=3)
    one.step(seconds=3)
    assert one.barrier.status.arrived == 3
    assert len(one.published) == 1


def test_only_those_counted_are_published() -> None:
    one = Rehearsal.of(BarrierSpec(2), OF_RUN)
    one.arrive("r-c", "r-b", "r-a", seconds=1)
    one.step(seconds=1)
    assert one.published[0].participants == ("a", "b")


def test_a_raw_barrier_publishes_nothing() -> None:
    one = Rehearsal.of(BarrierSpec(1))
    one.arrive("p")
    one.step()
    assert one.published == []
