"""How long a follower waits before it asks again, by the pauses that it takes."""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager
from datetime import UTC, datetime

import pytest

from konductor.cluster.follow import follow
from konductor.cluster.port import Listed
from konductor.errors import ApiError, KonductorError, Unreachable


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that were waited for, without waiting for them."""
    found: list[float] = []

    async def sleep(seconds: float) -> None:
        found.append(seconds)

    monkeypatch.setattr(asyncio, "sleep", sleep)
    return found


async def read() -> Listed:
    return Listed((), "1", datetime(2026, 1, 1, tzinfo=UTC))


class Watches:
    """Watches that end as scripted: with an error at once, or after they have told one change."""

    def __init__(self, *ends: KonductorError | None) -> None:
        self._ends: Iterator[KonductorError | None] = iter(ends)

    def connect(self, _: str) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        return self._open(next(self._ends))

    @asynccontextmanager
    async def _open(
        self, error: KonductorError | None
    ) -> AsyncGenerator[AsyncIterator[bytes], None]:
        if error:
            raise error
        yield self._chunks()
        raise Unreachable("cut")

    async def _chunks(self) -> AsyncGenerator[bytes, None]:
        event = {"type": "ADDED", "object": {"metadata": {"resourceVersion": "2"}}}
        yield json.dumps(event).encode() + b"\n"


def told(*ends: KonductorError | None, count: int) -> None:
    """Take so many notices of a follower."""

    async def scenario() -> None:
        async with aclosing(follow(read, Watches(*ends).connect, None)) as notices:
            for _ in range(count):
                await anext(notices)

    asyncio.run(scenario())


def test_busy_server_is_left_alone_for_as_long_as_it_asks(pauses: list[float]) -> None:
    busy = ApiError.of(429, {"details": {"retryAfterSeconds": 7}})
    told(busy, busy, None, count=4)
    assert pauses == [7, 7]


def test_pauses_grow_while_a_server_gives_no_answer(pauses: list[float]) -> None:
    told(*[Unreachable("")] * 4, None, count=6)
    assert pauses == sorted(pauses)
    assert pauses[0] < pauses[-1]


def test_watch_that_told_something_begins_anew_with_the_shortest_pause(
    pauses: list[float],
) -> None:
    told(Unreachable(""), Unreachable(""), None, None, None, count=8)
    assert len(set(pauses[2:])) == 1
    assert pauses[-1] < pauses[1]
