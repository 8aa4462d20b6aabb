from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as some

from konductor.operator.pace import Pace


def granted(pace: Pace[str], until: float, start: float = 0.0) -> list[tuple[float, str]]:
    out = []
    while (due := pace.due()) is not None and (now := max(due, start)) <= until:
        key = pace.take(now)
        assert key is not None
        out.append((now, key))
    return out


def test_first_progress_of_a_barrier_waits_only_for_company() -> None:
    pace: Pace[str] = Pace()
    pace.want("a", 10.0)
    assert pace.take(10.05) is None
    assert pace.take(10.1) == "a"
    assert pace.due() is None


def busy(seconds: int) -> list[float]:
    """Return when a barrier is written that has progress all the time."""
    pace: Pace[str] = Pace()
    times = []
    for step in range(seconds * 100):
        now = step / 100
        pace.want("a", now)
        if pace.take(now):
            times.append(now)
    return times


def test_a_barrier_is_written_twice_a_second_at_most() -> None:
    times = busy(10)
    assert min(after - before for before, after in pairwise(times)) >= 0.5


def test_a_barrier_that_is_always_busy_is_written_ever_less_often_but_every_5_seconds() -> None:
    times = busy(100)
    assert len(times) < 60
    assert max(after - before for before, after in pairwise(times)) <= 5.12


def test_a_barrier_that_was_quiet_is_as_good_as_new() -> None:
    pace: Pace[str] = Pace()
    for now in (*busy(100), 200.0):
        pace.want("a", now)
        assert pace.take(now + 5.0) == "a"
    pace.want("a", 205.1)
    assert pace.due() == 205.0 + 0.5 * 1.05


def test_asking_twice_is_asking_once() -> None:
    pace: Pace[str] = Pace()
    pace.want("a", 0)
    pace.want("a", 0)
    assert granted(pace, 10) == [(0.1, "a")]


def test_all_together_are_written_fifty_times_a_second_in_the_order_they_asked() -> None:
    pace: Pace[str] = Pace()
    for number in range(100):
        pace.want(str(number), 0)
    out = granted(pace, 1.1)
    assert len(out) in (50, 51)
    assert [key for _, key in out] == [str(number) for number in range(len(out))]


def test_write_made_for_another_reason_counts() -> None:
    pace: Pace[str] = Pace()
    pace.wrote("a", 1.0)
    pace.want("a", 1.1)
    assert pace.take(1.4) is None
    assert pace.due() == 1.5
    pace.want("b", 1.25)
    assert granted(pace, 2.0) == [(1.35, "b"), (1.5, "a")]


def test_nobody_waits_for_the_turn_of_who_is_gone() -> None:
    pace: Pace[str] = Pace()
    for number in range(100):
        pace.want(str(number), 0)
        pace.forget(str(number))
    pace.want("a", 0)
    assert granted(pace, 10) == [(0.1, "a")]


def test_who_is_back_is_granted_its_turn_once() -> None:
    pace: Pace[str] = Pace()
    pace.want("a", 0)
    pace.forget("a")
    pace.want("a", 0.05)
    assert granted(pace, 10) == [(0.05 + 0.1, "a")]


@given(some.lists(some.tuples(some.floats(0, 5), some.sampled_from("abc")), max_size=50))
def test_everybody_who_asks_is_granted_a_write(asked: list[tuple[float, str]]) -> None:
    pace: Pace[str] = Pace()
    for now, key in sorted(asked):
        pace.want(key, now)
    assert {key for _, key in granted(pace, 100.0)} == {key for _, key in asked}
