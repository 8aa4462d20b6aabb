"""The operator killed at each of its writes: another one brings everything to the same end."""

import asyncio
from collections.abc import Callable
from typing import Any, TypeAlias, cast

import pytest

from konductor.cluster.port import Cluster
from tests.integration.faults.mortal import Mortal
from tests.integration.faults.oracle import Ended, differences
from tests.integration.faults.place import Place
from tests.integration.faults.proxy import Asked, Die, Fault, Proxy, Rule
from tests.integration.faults.scenario import Scene
from tests.unit.operator.conftest import SPACE, World

Play: TypeAlias = Callable[[Callable[[Place], Any]], Any]
MOMENTS = pytest.mark.parametrize("done", [False, True], ids=["before it", "before its answer"])
MOST_WRITES = 65
"""More than the scenario takes."""
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


async def survive(number: int, *, done: bool) -> tuple[bool, Ended]:
    """Play the scenario in memory; return whether the first operator died, and how it ended."""
    world = World()
    playing = asyncio.create_task(Scene(world.cluster, SPACE, world.leap).play())
    mortal = Mortal(world.cluster, number, done=done)
    death = asyncio.create_task(mortal.died.wait())
    async with world.operator(cluster=cast("Cluster", mortal)):
        await asyncio.wait((playing, death), return_when=asyncio.FIRST_COMPLETED)
    if playing.done():
        death.cancel()
        return False, await playing
    async with world.operator():
        return True, await playing


@MOMENTS
def test_operator_killed_at_any_write_changes_nothing(*, done: bool) -> None:
    async def scene() -> list[tuple[bool, Ended]]:
        lives = (survive(number, done=done) for number in range(1, MOST_WRITES))
        return await asyncio.gather(*lives)

    lives = asyncio.run(scene())
    assert_unchanged(lives)
    last_died, _ = lives[-1]
    assert not last_died, "there are more writes than were tried"


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
