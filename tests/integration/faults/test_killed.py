"""The operator killed at each of its writes: another one brings everything to the same end."""

import asyncio
from collections.abc import Callable
from typing import Any, TypeAlias

import pytest

from tests.integration.faults.oracle import Ended, differences
from tests.integration.faults.place import Place
from tests.integration.faults.proxy import Asked, Die, Fault, Proxy, Rule

Play: TypeAlias = Callable[[Callable[[Place], Any]], Any]
MOMENTS = pytest.mark.parametrize("done", [False, True], ids=["before it", "before its answer"])
MOST_WRITES = 65
"""More than the scenario takes; tests/unit/operator/test_killed.py kills at each."""
SOME = 7
"""Each that manieth write is enough where each takes its time."""


def at_write(number: int, fault: Fault) -> Rule:
    """Return the rule of a fault at one write."""

    def rule(proxy: Proxy, asked: Asked) -> Fault | None:
        return fault if asked.writes and proxy.writes == number else None

    return rule


def test_cascade_ends_as_the_semantics_say(play: Play) -> None:
    async def scene(place: Place) -> dict[str, Any]:
        async with place.operator():
            return differences(await place.scene.play())

    assert play(scene) == {}


@MOMENTS
def test_operator_killed_on_a_server_changes_nothing(play: Play, *, done: bool) -> None:
    async def scene(place: Place) -> list[tuple[bool, Ended]]:
        places = [await place.another() for _ in range(1, MOST_WRITES, SOME)]
        rules = (at_write(number, Die(done=done)) for number in range(1, MOST_WRITES, SOME))
        return await asyncio.gather(*map(Place.survive, places, rules))

    assert_unchanged(play(scene))


def assert_unchanged(lives: list[tuple[bool, Ended]]) -> None:
    wrong = {place: differences(ended) for place, (_, ended) in enumerate(lives)}
    assert not any(wrong.values()), wrong
    assert sum(died for died, _ in lives) > len(lives) / 2
