from datetime import timedelta

from konductor.api.arrival import Outcome
from konductor.api.barrier import Barrier, BarrierSpec, BarrierStatus
from konductor.api.meta import Metadata
from konductor.semantics.indexes import Indexes
from konductor.semantics.rehearsal import BEGINNING
from konductor.semantics.tally import ArrivalFact, Tally


def fact(name: str, seconds: int, outcome: Outcome = Outcome.ARRIVED, why: str = "") -> ArrivalFact:
    return ArrivalFact(name, outcome, BEGINNING + timedelta(seconds=seconds), why)


def test_a_participant_counts_once() -> None:
    tally = Tally()
    assert tally.add(fact("a-1", 5))
    assert not tally.add(fact("a-1", 9))
    assert tally.total == 1


def test_the_earlier_of_two_arrivals_counts() -> None:
    tally = Tally()
    tally.add(fact("a", 9))
    assert tally.count(BEGINNING + timedelta(seconds=5)) == 0
    assert tally.add(fact("a", 5))
    assert tally.count(BEGINNING + timedelta(seconds=5)) == 1
    assert tally.total == 1


def test_arrivals_are_in_time_up_to_the_deadline_itself() -> None:
    tally = Tally()
    for seconds in (4, 5, 6):
        tally.add(fact(f"a-{seconds}", seconds))
    deadline = BEGINNING + timedelta(seconds=5)
    assert tally.count(deadline) == 2
    assert tally.count(None) == 3
    assert tally.arrivals(deadline) == ["a-4", "a-5"]
    assert tally.stems(deadline) == {"a": Indexes(((4, 5),))}
    assert tally.stems(None) == {"a": Indexes(((4, 6),))}
    assert tally.stems(BEGINNING) == {}


def test_arrivals_are_in_order_of_time_then_of_name() -> None:
    tally = Tally()
    for name, seconds in (("b-2", 1), ("a-10", 1), ("a-9", 1), ("c", 0)):
        tally.add(fact(name, seconds))
    assert tally.arrivals(None) == ["c", "a-9", "a-10", "b-2"]


def test_whom_a_status_has_counted_stays_counted_and_first() -> None:
    status = BarrierStatus(arrived=2, arrivals=("z", "y"))
    tally = Tally.of(Barrier(Metadata("b"), BarrierSpec(5), status))
    tally.add(fact("a", 1))
    assert not tally.add(fact("y", 9))
    assert tally.arrivals(BEGINNING + timedelta(seconds=1)) == ["z", "y", "a"]


def test_an_arrival_beats_a_failure() -> None:
    tally = Tally()
    assert tally.add(fact("a", 1, Outcome.FAILED))
    assert not tally.add(fact("a", 2, Outcome.FAILED))
    assert list(tally.failures(None)) == ["a"]
    tally.add(fact("a", 3))
    assert list(tally.failures(None)) == []


def test_a_failure_after_the_deadline_is_none() -> None:
    tally = Tally()
    tally.add(fact("a", 9, Outcome.FAILED))
    assert list(tally.failures(BEGINNING)) == []


def test_the_first_abort_is_kept() -> None:
    tally = Tally()
    late, early = fact("p", 9, Outcome.ABORT), fact("q", 1, Outcome.ABORT, "stop")
    assert tally.add(late)
    assert tally.add(early)
    assert not tally.add(late)
    assert tally.abort == early


def test_index_that_a_status_had_counted_is_not_counted_again() -> None:
    tally = Tally(["map-1"], only_jobs=True)
    assert tally.complete("map", Indexes(), finished={}, seen=BEGINNING) == 0
    assert tally.complete("map", Indexes(((0, 2),)), finished={}, seen=BEGINNING) == 2
    assert tally.arrivals(None) == ["map-1", "map-0", "map-2"]
    assert {stem: str(found) for stem, found in tally.first_stems(None).items()} == {"map": "0-2"}


def test_completed_indexes_count_when_their_pods_finished() -> None:
    tally = Tally(only_jobs=True)
    seen, deadline = BEGINNING + timedelta(seconds=9), BEGINNING + timedelta(seconds=5)
    finished = {0: BEGINNING}
    assert tally.complete("map", Indexes(((0, 1),)), finished=finished, seen=seen) == 2
    assert tally.complete("map", Indexes(((0, 2),)), finished={}, seen=seen) == 1
    assert tally.arrivals(deadline) == ["map-0"]
    assert tally.total == 3


def test_where_jobs_count_arrivals_do_not_but_an_abort_does() -> None:
    tally = Tally.of(Barrier(Metadata("b"), BarrierSpec(2, jobs=("map",))))
    assert not tally.add(fact("a", 1))
    assert not tally.add(fact("b", 1, Outcome.FAILED))
    assert tally.add(fact("c", 1, Outcome.ABORT))
    assert tally.total == 0
