from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as some

from konductor.cluster.clock import ServerClock

BOOT = 1_800_000_000.0
"""The server's epoch time when our steady clock stood at 0."""


def header(epoch: float) -> str:
    return datetime.fromtimestamp(int(epoch), UTC).strftime("%a, %d %b %Y %H:%M:%S GMT")


def test_clock_is_ours_before_the_first_answer() -> None:
    ours = datetime(2026, 11, 24, tzinfo=UTC)
    assert ServerClock(ours=lambda: ours).now() == ours


@given(some.lists(some.floats(0.01, 5), min_size=1, max_size=60), some.floats(0, 0.009))
def test_clock_is_never_ahead_and_at_most_a_second_behind(gaps: list[float], travel: float) -> None:
    steady = 0.0
    clock = ServerClock(steady=lambda: steady)
    for gap in gaps:
        begun = steady = steady + gap
        steady += travel
        clock.learn(header(BOOT + begun + travel / 2), begun)
        assert -1e-3 < BOOT + steady - clock.now().timestamp() < 1.01


def test_clock_follows_a_server_whose_time_was_set_back() -> None:
    steady = 10.0
    clock = ServerClock(steady=lambda: steady)
    clock.learn(header(BOOT), steady)
    clock.learn(header(BOOT - 3600), steady)
    assert clock.now().timestamp() == BOOT - 3600


def test_answer_without_date_is_taken_as_ours() -> None:
    ours = datetime(2026, 11, 24, 8, 0, 0, 500_000, tzinfo=UTC)
    clock = ServerClock(steady=lambda: 1.0, ours=lambda: ours)
    assert clock.learn("", 1.0) == ours.replace(microsecond=0)
