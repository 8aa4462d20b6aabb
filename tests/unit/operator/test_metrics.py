from datetime import UTC, datetime, timedelta

from konductor.api.barrier import BarrierStatus, Phase
from konductor.cluster.resource import BARRIERS, JOBS
from konductor.errors import ApiError, Unreachable
from konductor.operator.measure import Silent
from konductor.operator.metrics import STALE_AFTER, Metrics

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
WAITING = BarrierStatus(started_at=NOON)
OPEN = BarrierStatus(
    phase=Phase.OPEN, arrived=3, started_at=NOON, opened_at=NOON + timedelta(seconds=40)
)


def lines(metrics: Metrics) -> list[str]:
    return metrics.text().decode().splitlines()


def test_opening_counts_its_arrivals_its_latency_and_its_wait() -> None:
    metrics = Metrics()
    metrics.wrote(WAITING, OPEN, at=NOON, latency=0.004)
    shown = lines(metrics)
    assert "konductor_arrivals_total 3.0" in shown
    assert 'konductor_barriers_ended_total{phase="Open",reason=""} 1.0' in shown
    assert 'konductor_open_latency_seconds_bucket{le="0.0025"} 0.0' in shown
    assert 'konductor_open_latency_seconds_bucket{le="0.005"} 1.0' in shown
    assert "konductor_barrier_wait_seconds_sum 40.0" in shown


def test_barrier_that_failed_has_no_latency() -> None:
    metrics = Metrics()
    metrics.wrote(WAITING, BarrierStatus(phase=Phase.TIMEOUT), at=NOON, latency=0.004)
    assert "konductor_open_latency_seconds_count 0.0" in lines(metrics)


def test_straggler_counts_from_the_opening() -> None:
    metrics = Metrics()
    later = BarrierStatus(phase=Phase.OPEN, arrived=4, opened_at=OPEN.opened_at)
    metrics.wrote(OPEN, later, at=NOON + timedelta(seconds=100), latency=0.1)
    metrics.wrote(later, later, at=NOON + timedelta(seconds=200), latency=0.1)
    shown = lines(metrics)
    assert "konductor_barrier_straggler_seconds_sum 60.0" in shown
    assert "konductor_arrivals_total 1.0" in shown


def test_barrier_without_its_times_is_counted_even_so() -> None:
    metrics = Metrics()
    metrics.wrote(BarrierStatus(), BarrierStatus(phase=Phase.OPEN), at=NOON, latency=0.1)
    assert "konductor_barrier_wait_seconds_count 0.0" in lines(metrics)


def test_errors_are_counted_by_their_code() -> None:
    metrics = Metrics()
    metrics.failed(ApiError.of(409, {"reason": "Conflict"}))
    metrics.failed(Unreachable("no answer"))
    shown = lines(metrics)
    assert 'konductor_api_errors_total{code="409"} 1.0' in shown
    assert 'konductor_api_errors_total{code="0"} 1.0' in shown


def test_watch_that_is_long_silent_is_stale() -> None:
    now = [0.0]
    metrics = Metrics(lambda: now[0])
    metrics.heard(BARRIERS)
    now[0] = STALE_AFTER
    metrics.heard(JOBS)
    assert metrics.stale() == {}
    now[0] += 1
    assert metrics.stale() == {"barriers": STALE_AFTER + 1}
    assert 'konductor_watch_staleness_seconds{resource="jobs"} 1.0' in lines(metrics)


def test_who_does_not_lead_watches_nothing() -> None:
    metrics = Metrics()
    metrics.heard(BARRIERS)
    metrics.waiting(5)
    metrics.leads(leads=True)
    assert "konductor_leader 1.0" in lines(metrics)
    assert "konductor_queue_length 5.0" in lines(metrics)
    assert not any("staleness_seconds{" in line for line in lines(metrics))


def test_silence_takes_everything() -> None:
    silent = Silent()
    silent.wrote(WAITING, OPEN, at=NOON, latency=0.1)
    silent.failed(Unreachable("no answer"))
    silent.heard(BARRIERS)
    silent.waiting(1)


def test_lack_of_a_right_is_counted_by_verb_and_resource() -> None:
    metrics = Metrics()
    words = 'cannot patch resource "runs/status" in API group "konductor.io" in the namespace "a"'
    metrics.failed(ApiError.of(403, {"message": words}))
    metrics.failed(ApiError.of(403, {"message": "no"}))
    shown = lines(metrics)
    assert 'konductor_forbidden_total{resource="runs/status",verb="patch"} 1.0' in shown
    assert 'konductor_api_errors_total{code="403"} 2.0' in shown
