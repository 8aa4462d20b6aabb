"""The operator killed at each of its writes: another one brings everything to the same end.

tests/integration/faults has the scenario, and kills it on real servers, too.
"""

import asyncio
from typing import cast

import pytest

from konductor.cluster.port import Cluster
from tests.integration.faults.oracle import Ended, differences
from tests.integration.faults.scenario import Scene
from tests.unit.operator.conftest import SPACE, World
from tests.unit.operator.mortal import Mortal

MOST_WRITES = 65
"""More than the scenario takes."""


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


@pytest.mark.parametrize("done", [False, True], ids=["before it", "before its answer"])
def test_operator_killed_at_any_write_changes_nothing(*, done: bool) -> None:
    async def scene() -> list[tuple[bool, Ended]]:
        lives = (survive(number, done=done) for number in range(1, MOST_WRITES))
        return await asyncio.gather(*lives)

    lives = asyncio.run(scene())
    wrong = {place: differences(ended) for place, (_, ended) in enumerate(lives)}
    assert not any(wrong.values()), wrong
    assert sum(died for died, _ in lives) > len(lives) / 2
    last_died, _ = lives[-1]
    assert not last_died, "there are more writes than were tried"
