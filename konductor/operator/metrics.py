"""The operator's metrics, for Prometheus, and how old its view of the cluster is.

Names follow https://prometheus.io/docs/practices/naming: seconds, and ``_total`` for counters.
"""

import time
from collections.abc import Callable
from datetime import datetime
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from konductor.api.barrier import BarrierStatus, Phase
from konductor.cluster.resource import Resource
from konductor.cluster.rights import refused_right
from konductor.errors import ApiError, Forbidden

STALE_AFTER: Final = 120.0
"""Seconds without a word of a kind after which its watch counts as dead: a server sends a bookmark
each minute, and Barriers and Runs are listed each half minute besides."""
_LATENCIES: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_WAITS: Final = (1, 5, 15, 60, 300, 900, 1800, 3600, 7200, 14400, 43200, 86400)


class Metrics:
    """Counts what one process's operator does."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Begin at nothing; `clock` gives seconds that only ever grow."""
        self._clock = clock
        self._heard: dict[str, float] = {}
        self.registry = registry = CollectorRegistry()
        self._arrivals = Counter(
            "konductor_arrivals", "Participants counted at barriers.", registry=registry
        )
        self._ended = Counter(
            "konductor_barriers_ended",
            "Barriers that reached a terminal phase.",
            ["phase", "reason"],
            registry=registry,
        )
        self._latency = Histogram(
            "konductor_open_latency_seconds",
            "From the news that a barrier may open to its phase being stored.",
            buckets=_LATENCIES,
            registry=registry,
        )
        self._wait = Histogram(
            "konductor_barrier_wait_seconds",
            "From a barrier's start to its opening.",
            buckets=_WAITS,
            registry=registry,
        )
        self._stragglers = Histogram(
            "konductor_barrier_straggler_seconds",
            "From a barrier's opening to the last arrival that still counted.",
            buckets=_WAITS,
            registry=registry,
        )
        self._errors = Counter(
            "konductor_api_errors",
            "Answers of the API server that were no success; code 0: no answer.",
            ["code"],
            registry=registry,
        )
        self._forbidden = Counter(
            "konductor_forbidden",
            "Requests that the API server refused for want of a right.",
            ["verb", "resource"],
            registry=registry,
        )
        self._queue = Gauge(
            "konductor_queue_length",
            "Barriers and runs that wait to be settled.",
            registry=registry,
        )
        self._leader = Gauge(
            "konductor_leader", "1 while this process holds the lease.", registry=registry
        )
        self._staleness = Gauge(
            "konductor_watch_staleness_seconds",
            "Since the last word about a kind of object.",
            ["resource"],
            registry=registry,
        )

    def wrote(
        self, old: BarrierStatus, new: BarrierStatus, *, at: datetime, latency: float
    ) -> None:
        """Count what a stored status says that the one before did not."""
        self._arrivals.inc(max(new.arrived - old.arrived, 0))
        if new.phase.is_terminal and not old.phase.is_terminal:
            self._ended.labels(str(new.phase), str(new.reason or "")).inc()
            if new.phase is Phase.OPEN:
                self._opened(new, latency)
        elif new.opened_at and new.arrived > old.arrived:
            self._stragglers.observe((at - new.opened_at).total_seconds())

    def _opened(self, status: BarrierStatus, latency: float) -> None:
        self._latency.observe(latency)
        if status.started_at and status.opened_at:
            self._wait.observe((status.opened_at - status.started_at).total_seconds())

    def failed(self, error: Exception) -> None:
        """Count an answer that was no success, by its HTTP status."""
        self._errors.labels(str(error.code if isinstance(error, ApiError) else 0)).inc()
        if isinstance(error, Forbidden) and (right := refused_right(error)):
            self._forbidden.labels(right.verb, right.resource).inc()

    def heard(self, resource: Resource) -> None:
        """Note that a kind of object was heard of now."""
        self._heard[resource.plural] = self._clock()

    def waiting(self, subjects: int) -> None:
        """Note how long the queue is."""
        self._queue.set(subjects)

    def leads(self, *, leads: bool) -> None:
        """Note whether this process holds the lease; who does not, watches nothing."""
        self._leader.set(leads)
        self._heard.clear()
        self._staleness.clear()

    def stale(self) -> dict[str, float]:
        """Return the kinds whose watch counts as dead, with the seconds since they were heard."""
        now = self._clock()
        ages = {name: now - at for name, at in self._heard.items()}
        return {name: age for name, age in ages.items() if age > STALE_AFTER}

    def text(self) -> bytes:
        """Return all of it in Prometheus' text format."""
        now = self._clock()
        for name, at in dict(self._heard).items():
            self._staleness.labels(name).set(now - at)
        return generate_latest(self.registry)
