from dataclasses import replace
from datetime import timedelta

import pytest

from konductor.api.barrier import BarrierSpec, ConditionType, Phase, Reason, Term, Upstream
from konductor.api.meta import Metadata
from konductor.api.names import Label
from konductor.semantics.barrier import decide, opens
from konductor.semantics.indexes import Indexes
from konductor.semantics.observation import JobFact
from konductor.semantics.rehearsal import BEGINNING, Rehearsal

MINUTE = timedelta(minutes=1)
OPEN_A = Upstream("a", "uid-a", Phase.OPEN, Reason.ALL_ARRIVED)
OF_RUN = Metadata("r-map", uid="uid-1", generation=1, created=BEGINNING, labels={Label.RUN: "r"})


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
    assert one.message == "2 of 3 arrived, the quorum"
    assert one.standing() == ("True", "QuorumReached")
    assert one.events == ["Started", "Opened"]
    assert not opens(one.observe())


def test_barrier_says_that_all_have_arrived() -> None:
    one = Rehearsal.of(BarrierSpec(2))
    one.arrive("p-0", "p-1")
    assert not opens(one.observe())
    one.step()
    assert one.barrier.status.reason is Reason.ALL_ARRIVED
    assert one.message == "all 2 have arrived"


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
    assert one.message == "1 of 3 arrived; 1 more will open it; missing: map-2; failed: map-1"
    one.tally.complete("map", Indexes(((0, 0), (2, 2))), finished={}, seen=BEGINNING)
    one.step(seconds=1)
    assert one.message == "2 of 3 arrived, the quorum; failed: map-1"


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
    metadata = one.barrier.metadata._replace(generation=2, deleted=BEGINNING)
    one.barrier = replace(one.barrier, metadata=metadata)
    one.step(seconds=1)
    assert one.events == ["Started", "Opened"]
