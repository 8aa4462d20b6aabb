"""A client of the small API server, whose time passes only when it pauses."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from konductor.connection import Connection
from konductor.hooks.client import Client
from konductor.hooks.stop import Stop
from konductor.hooks.timing import Clock, Patience


@dataclass
class Time:
    """Time that passes only when something pauses, and what was paused for."""

    now: float = 100.0
    pauses: list[float] = field(default_factory=list)
    at_pause: Callable[[], None] = lambda: None

    def pause(self, stop: Stop, seconds: float) -> bool:
        self.pauses.append(seconds)
        self.now += seconds
        self.at_pause()
        return stop.is_set()

    def clock(self) -> Clock:
        return Clock(steady=lambda: self.now, chance=lambda: 0.0, pause=self.pause)


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def client(connection: Connection, time: Time) -> Iterator[Client]:
    patience = Patience(timedelta(seconds=3), timedelta(minutes=5), timedelta(seconds=4))
    one = Client(connection, clock=time.clock(), patience=patience)
    yield one
    one.close()


@pytest.fixture
def told() -> list[str]:
    return []
