from datetime import UTC, datetime, timedelta

from konductor.operator.alarms import Alarms

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def test_alarms_ring_in_order_and_once() -> None:
    alarms: Alarms[str] = Alarms()
    alarms.set("late", NOON + SECOND)
    alarms.set("soon", NOON)
    assert alarms.next() == NOON
    assert alarms.ring(NOON) == ["soon"]
    assert alarms.ring(NOON) == []
    assert alarms.ring(NOON + 2 * SECOND) == ["late"]
    assert alarms.next() is None


def test_last_moment_set_holds() -> None:
    alarms: Alarms[str] = Alarms()
    alarms.set("a", NOON)
    alarms.set("a", NOON + SECOND)
    assert alarms.ring(NOON) == []
    alarms.set("a", NOON)
    assert alarms.ring(NOON + SECOND) == ["a"]
    assert alarms.ring(NOON + SECOND) == []


def test_alarm_can_be_taken_back() -> None:
    alarms: Alarms[str] = Alarms()
    alarms.set("a", NOON)
    alarms.set("a", None)
    alarms.set("never", None)
    assert alarms.next() is None


def test_moments_that_were_taken_back_are_not_kept() -> None:
    alarms: Alarms[int] = Alarms()
    alarms.set(-1, NOON)
    for key in range(10_000):
        alarms.set(key, NOON + SECOND)
        alarms.set(key, None)
    assert len(alarms) < 2_000
    assert alarms.ring(NOON + SECOND) == [-1]
