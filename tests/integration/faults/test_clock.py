"""The operator's own clock is wrong, and jumps: it goes by the server's."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import count
from typing import Any, Self, TypeAlias

import pytest

from konductor.cluster import clock
from tests.integration.faults.board import Board
from tests.integration.faults.oracle import differences
from tests.integration.faults.place import Place

Play: TypeAlias = Callable[[Callable[[Place], Any]], Any]
DAY = timedelta(days=1)
_LOOKS = count()


class Late(datetime):
    """A clock that is a day behind."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Self:
        return super().now(tz) - DAY


class Early(datetime):
    """A clock that is a day ahead."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Self:
        return super().now(tz) + DAY


class Jumping(datetime):
    """A clock that jumps by a day to and fro."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Self:
        return super().now(tz) + (-DAY, DAY)[next(_LOOKS) % 2]


@pytest.mark.parametrize("wrong", [Late, Early, Jumping])
def test_times_are_the_servers(
    play: Play, monkeypatch: pytest.MonkeyPatch, wrong: type[datetime]
) -> None:
    monkeypatch.setattr(clock, "datetime", wrong)

    async def scene(place: Place) -> tuple[dict[str, Any], list[datetime]]:
        board = Board(place.cluster, place.namespace)
        async with place.operator(), board.follow():
            found = differences(await place.scene.play())
            moments = [board.barrier(name).started_at for name in board.barriers]
            return found, [moment for moment in moments if moment]

    begun = datetime.now(UTC)
    found, started = play(scene)
    assert found == {}
    assert min(started) >= begun - timedelta(seconds=2)
    assert max(started) <= begun + timedelta(hours=2)  # the scenario lets an hour pass
