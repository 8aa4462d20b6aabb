from dataclasses import replace
from datetime import timedelta

import pytest

from konductor.api.arrival import Outcome
from konductor.api.barrier import BarrierSpec, ConditionType, Phase, Reason, Require, Term, Upstream
from konductor.api.meta import Metadata
from konductor.api.names import Label
from konductor.semantics.barrier import decide, opens
from konductor.semantics.indexes import Indexes
from konductor.semantics.observation import FreshRead, Gate, GateState, JobFact
from konductor.semantics.rehearsal import BEGINNING, Rehearsal

MINUTE = timedelta(minutes=1)
OPEN_A = Upstream("a", "uid-a", Phase.OPEN, Reason.ALL_ARRIVED)
OF_RUN = Metadata("r-map", uid="uid-1", generation=1, created=BEGINNING, labels={Label.RUN: "r"})


def message(one: Rehearsal, kind: ConditionType = ConditionType.OPEN) -> str:
    condition = one.barrier.status.condition(kind)
    assert condition
    return condition.message


def state(one: Rehearsal, kind: ConditionType) -> tuple[str, str]:
    condition = one.barrier.status.condition(kind)
    assert condition
    return condition.status, condition.reason


# --- start ---------------------------------------------------------------------------------------


def test_a_raw_barrier_starts_at_its_creation() -> None:
    one = Rehearsal.of(BarrierSpec(2, timeout=MINUTE))
    decision = one.step(seconds=3.5)
    assert one.barrier.status.started_at == BEGINNING
    assert one.barrier.status.deadline == BEGINNING + MINUTE
    assert decision.wake_at == BEGINNING + MINUTE + timedelta(seconds=2)
    assert one.barrier.status.observed_generation == 1
    assert one.barrier.status.quorum == 2
    assert state(one, ConditionType.READY) == ("True", "BarrierReady")
    assert state(one, ConditionType.STARTED) == ("True", "Started")
    assert state(one, ConditionType.OPEN) == ("Unknown", "WaitingForArrivals")
    assert message(one) == "0 of 2 arrived; 2 more will open it"
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
    assert message(one) == "0 of 2 arrived; 2 more will open it; missing: b-[0-1]"


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
    assert state(one, ConditionType.STARTED) == ("False", "HeldByRun")
    assert state(one, ConditionType.OPEN) == ("Unknown", "WaitingForUpstream")
    assert message(one) == "the run is not ready"


# --- upstream ------------------------------------------------------------------------------------


def test_an_upstream_that_stays_away_is_told_once() -> None:
    one = Rehearsal.of(BarrierSpec(1, after=(Term(("a", "c")),)))
    one.upstreams["c"] = Upstream("c", "uid-c", Phase.WAITING, Reason.WAITING_FOR_ARRIVALS)
    assert one.step(seconds=1).wake_at == BEGINNING + timedelta(seconds=5)
    assert one.events == []
    assert message(one) == "waits for `a`, `c`; `a` is not there yet"
    assert one.step(seconds=5).wake_at is None
    one.step(seconds=50)
    assert one.events == ["UpstreamMissing"]
    assert state(one, ConditionType.STARTED) == ("False", "UpstreamMissing")
    one.upstreams["a"] = replace(OPEN_A, phase=Phase.WAITING)
    one.step(seconds=60)
    assert message(one) == "waits for `a`, `c`"
    assert state(one, ConditionType.STARTED) == ("False", "WaitingForUpstream")


def test_several_absent_upstreams_are_named() -> None:
    one = Rehearsal.of(BarrierSpec(1, after=(Term(("a", "c")),)), Metadata("b"))
    one.step()
    assert message(one) == "waits for `a`, `c`; `a`, `c` are not there yet"
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
    assert message(one) == said
    assert state(one, ConditionType.STARTED) == ("False", "NeverStarted")
    assert one.events == [str(reason)]
    assert one.on_jobs == []


def test_a_barrier_that_waits_for_a_failure_is_skipped_by_success() -> None:
    one = Rehearsal.of(BarrierSpec(1, after=(Term(("a",), require=Require.FAILED),)))
    one.upstreams["a"] = OPEN_A
    one.step()
    assert one.barrier.status.reason is Reason.SKIPPED
    assert message(one) == "`a` opened, and this was to run only if it failed"


def test_a_cycle_is_named() -> None:
    one = Rehearsal.of(BarrierSpec(1, after=(Term(("a",)),)))
    one.cycle = ("b", "a", "b")
    one.step()
    assert one.barrier.status.reason is Reason.UPSTREAM_CYCLE
    assert message(one) == "waits for itself: b -> a -> b"


def test_a_long_cycle_is_named_in_part() -> None:
    one = Rehearsal.of(BarrierSpec(1, after=(Term(("a",)),)))
    one.cycle = tuple(f"b{number}" for number in range(30))
    one.step()
    assert message(one).endswith("b18 -> b19 -> … and 10 more")


# --- arrivals ------------------------------------------------------------------------------------


def test_barrier_opens_at_quorum() -> None:
    one = Rehearsal.of(BarrierSpec(3, quorum=2))
    one.arrive("p-0", seconds=1)
    one.step(seconds=1)
    assert one.barrier.status.phase is Phase.WAITING
    assert one.barrier.status.progress == "1/3"
    one.arrive("p-1", seconds=2)
    assert opens(one.observe())
    one.step(seconds=2.5)
    status = one.barrier.status
    assert (status.phase, status.reason) == (Phase.OPEN, Reason.QUORUM_REACHED)
    assert status.opened_at == BEGINNING + timedelta(seconds=2)
    assert (status.arrivals, status.progress) == (("p-0", "p-1"), "2/3")
    assert message(one) == "2 of 3 arrived, the quorum"
    assert state(one, ConditionType.OPEN) == ("True", "QuorumReached")
    assert one.events == ["Started", "Opened"]
    assert not opens(one.observe())


def test_barrier_says_that_all_have_arrived() -> None:
    one = Rehearsal.of(BarrierSpec(2))
    one.arrive("p-0", "p-1")
    assert not opens(one.observe())
    one.step()
    assert one.barrier.status.reason is Reason.ALL_ARRIVED
    assert message(one) == "all 2 have arrived"


def test_arrivals_before_the_start_count_from_it() -> None:
    one = Rehearsal.of(BarrierSpec(1, after=(Term(("a",)),)))
    one.arrive("p")
    one.step()
    assert one.barrier.status.arrived == 0
    one.upstreams["a"] = OPEN_A
    one.step(seconds=5)
    assert one.barrier.status.phase is Phase.OPEN
    assert one.barrier.status.started_at == BEGINNING + timedelta(seconds=5)


def test_a_barrier_that_opens_as_it_starts_releases_no_job() -> None:
    one = Rehearsal.of(BarrierSpec(1, after=(Term(("a",)),)))
    one.jobs["b"] = JobFact("b", "uid-j", suspended=True)
    one.arrive("p")
    one.upstreams["a"] = OPEN_A
    one.step()
    assert one.barrier.status.phase is Phase.OPEN
    assert one.on_jobs == []


def test_arrivals_after_open_count_up_to_expected_and_the_rest_is_late() -> None:
    one = Rehearsal.of(BarrierSpec(3, quorum=2))
    one.arrive("p-0", "p-1")
    one.step()
    opened = one.barrier.status.conditions
    one.arrive("p-2", "p-3", seconds=1)
    one.step(seconds=1)
    status = one.barrier.status
    assert (status.arrived, status.progress, status.late) == (3, "3/3", 1)
    assert status.arrivals == ("p-0", "p-1", "p-2")
    assert status.conditions == opened
    one.arrive("p-4", seconds=2)
    one.step(seconds=2)
    assert one.barrier.status.late == 2
    assert one.events == ["Started", "Opened", "LateArrival"]


def test_who_was_counted_first_keeps_their_place() -> None:
    one = Rehearsal.of(BarrierSpec(2))
    one.arrive("z", seconds=6)
    one.step(seconds=6)
    one.arrive("a", "b", seconds=5)
    one.step(seconds=7)
    assert one.barrier.status.arrivals == ("a", "z")
    assert one.barrier.status.late == 1


def test_arrivals_of_a_job_count_where_jobs_are_named() -> None:
    one = Rehearsal.of(BarrierSpec(3, quorum=2, jobs=("map",)))
    one.jobs["map"] = JobFact("map", "uid-j", completions=3, failed=Indexes(((1, 1),)))
    one.arrive("stranger-1", "stranger-2")
    one.tally.complete("map", Indexes(((0, 0),)), finished={}, seen=BEGINNING)
    one.step()
    assert one.barrier.status.arrivals == ("map-0",)
    assert one.barrier.status.failures == ("map-1",)
    assert message(one) == "1 of 3 arrived; 1 more will open it; missing: map-2; failed: map-1"
    one.tally.complete("map", Indexes(((0, 0), (2, 2))), finished={}, seen=BEGINNING)
    one.step(seconds=1)
    assert message(one) == "2 of 3 arrived, the quorum; failed: map-1"


def test_many_arrivals_are_folded() -> None:
    one = Rehearsal.of(BarrierSpec(3000))
    one.arrive(*(f"p-{number}" for number in range(2000)))
    one.step()
    assert one.barrier.status.arrivals == ("p-[0-1999]",)
    one.restart()
    one.arrive("p-2000")
    one.step()
    assert one.barrier.status.arrivals == ("p-[0-2000]",)


def test_a_lower_expected_takes_nobody_back() -> None:
    one = Rehearsal.of(BarrierSpec(5))
    one.arrive("p-0", "p-1", "p-2")
    one.step()
    one.patch(expected=4, quorum=4)
    one.step(seconds=1)
    assert (one.barrier.status.progress, one.barrier.status.quorum) == ("3/4", 4)
    one.patch(expected=2, quorum=2)
    one.step(seconds=2)
    assert one.barrier.status.phase is Phase.OPEN
    assert (one.barrier.status.arrived, one.barrier.status.progress) == (3, "3/2")


def test_what_another_operator_counted_stays_counted() -> None:
    one = Rehearsal.of(BarrierSpec(3, quorum=3), OF_RUN)
    one.step()
    counted = replace(one.barrier.status, arrived=2, arrivals=("p-0", "p-1"))
    one.barrier = replace(one.barrier, status=counted)
    one.step(seconds=1)
    assert one.barrier.status.arrived == 2
    one.patch(quorum=2)
    one.arrive("p-2", seconds=2)
    one.step(seconds=2)
    assert one.published[0].participants == ("p-0", "p-1", "p-2")


# --- the end -------------------------------------------------------------------------------------


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
    assert message(one) == ("2 of 3 failed: m-[0-1]; at most 1 can arrive, and 2 are needed")
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
    assert message(one) == "1 of 2 arrived by 2026-11-24T08:00:10Z, and 2 were needed"
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
        assert message(one) == "ended by alice: wrong data"


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
    assert message(one) == (
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
    assert one.barrier.status.phase is Phase.WAITING
    del one.jobs["x"]
    one.step(seconds=62)
    assert one.barrier.status.phase is Phase.TIMEOUT


# --- the run's word ------------------------------------------------------------------------------


@pytest.mark.parametrize("state_of_gate", [GateState.REFUSE, GateState.END])
def test_a_run_ends_what_has_not_started(state_of_gate: GateState) -> None:
    one = Rehearsal.of(BarrierSpec(1), OF_RUN)
    one.gate = Gate(state_of_gate, message="`r-x` failed", root="r-x")
    one.arrive("p")
    one.step()
    status = one.barrier.status
    assert (status.reason, status.root_cause) == (Reason.ABORTED, "r-x")
    assert message(one) == "`r-x` failed"


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


# --- after the end -------------------------------------------------------------------------------


def test_a_job_that_appears_after_the_end_stays_suspended() -> None:
    one = Rehearsal.of(BarrierSpec(1), OF_RUN)
    one.arrive("p")
    one.step()
    one.jobs["x"] = JobFact("x", "u-x", suspended=True)
    one.step(seconds=1)
    assert one.on_jobs == []


@pytest.mark.parametrize(("stragglers", "ends"), [("cancel", True), ("keep", False)])
def test_stragglers_are_ended_if_asked_for(stragglers: str, *, ends: bool) -> None:
    metadata = replace(OF_RUN, annotations={"konductor.io/stragglers": stragglers})
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


# --- a patched spec ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("timeout", "deadline"),
    [
        (timedelta(minutes=5), 300),
        (timedelta(seconds=10), 31),
        (None, None),
    ],
)
def test_a_patched_timeout_moves_the_deadline_but_never_into_the_past(
    timeout: timedelta | None, deadline: int | None
) -> None:
    one = Rehearsal.of(BarrierSpec(2, timeout=MINUTE))
    one.step(seconds=1)
    one.patch(timeout=timeout)
    one.step(seconds=30.5)
    one.step(seconds=31)
    wanted = None if deadline is None else BEGINNING + timedelta(seconds=deadline)
    assert one.barrier.status.deadline == wanted
    assert one.barrier.status.observed_generation == 2


def test_a_timeout_added_later_counts_from_the_start() -> None:
    one = Rehearsal.of(BarrierSpec(2))
    one.step(seconds=1)
    one.patch(timeout=MINUTE)
    one.step(seconds=30)
    assert one.barrier.status.deadline == BEGINNING + MINUTE


def test_a_patch_of_something_else_leaves_a_deadline_that_has_passed() -> None:
    one = Rehearsal.of(BarrierSpec(3, timeout=MINUTE))
    one.step()
    one.patch(expected=2)
    one.step(seconds=61)
    assert one.barrier.status.deadline == BEGINNING + MINUTE


def test_a_patch_of_a_terminal_barrier_only_says_so() -> None:
    one = Rehearsal.of(BarrierSpec(1))
    one.arrive("p")
    one.step()
    one.patch(timeout=MINUTE)
    one.step(seconds=1)
    one.step(seconds=2)
    assert one.events == ["Started", "Opened", "PatchWithoutEffect"]
    assert one.barrier.status.deadline is None
    assert one.barrier.status.observed_generation == 2


def test_a_deletion_is_no_patch() -> None:
    one = Rehearsal.of(BarrierSpec(1))
    one.arrive("p")
    one.step()
    metadata = replace(one.barrier.metadata, generation=2, deleted=BEGINNING)
    one.barrier = replace(one.barrier, metadata=metadata)
    one.step(seconds=1)
    assert one.events == ["Started", "Opened"]


# --- conditions ----------------------------------------------------------------------------------


def test_a_condition_keeps_its_time_while_its_status_stays() -> None:
    one = Rehearsal.of(BarrierSpec(2))
    one.step(seconds=1)
    one.arrive("p", seconds=2)
    one.step(seconds=2)
    condition = one.barrier.status.condition(ConditionType.OPEN)
    assert condition
    assert condition.changed == BEGINNING + timedelta(seconds=1)
    one.arrive("q", seconds=3)
    one.step(seconds=3)
    condition = one.barrier.status.condition(ConditionType.OPEN)
    assert condition
    assert condition.changed == BEGINNING + timedelta(seconds=3)
    assert condition.observed_generation == 1


def test_deciding_again_changes_nothing() -> None:
    one = Rehearsal.of(BarrierSpec(3, quorum=2, timeout=MINUTE))
    one.arrive("p")
    for _ in range(2):
        one.step(seconds=5)
        again = decide(one.observe(read=True), one.now)
        assert again.status == one.barrier.status
        assert again.effects == ()
        one.arrive("q")
