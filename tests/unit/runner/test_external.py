"""The barriers of others are looked at before a run is created."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from konductor.cluster.memory import MemoryCluster
from konductor.cluster.resource import BARRIERS
from konductor.dsl.plan import Plan, RawBarrier
from konductor.errors import NotFound, UsageError
from konductor.runner.preflight.external import check_external

OTHERS = RawBarrier("theirs", 10, 7, object_name="consensus", external=True)


def look(one: RawBarrier, *, expected: int = 10, quorum: int = 7, phase: str = "Waiting") -> None:
    plan = Plan("p", "", "p.kon", "sha256:0", barriers=(RawBarrier("own", 1, 1), one))

    async def story() -> None:
        async with MemoryCluster() as cluster:
            if expected:
                document = {
                    "apiVersion": "konductor.io/v1",
                    "kind": "Barrier",
                    "metadata": {"name": "consensus", "namespace": "etl"},
                    "spec": {"expected": expected, "quorum": quorum},
                }
                await cluster.create(BARRIERS, document)
                await cluster.patch(
                    BARRIERS,
                    "consensus",
                    {"status": {"phase": phase}},
                    namespace="etl",
                    subresource="status",
                )
            await check_external(cluster, plan, "etl")

    asyncio.run(story())


def test_barrier_that_is_as_the_program_says_is_taken() -> None:
    look(OTHERS)


@pytest.mark.parametrize(
    ("expected", "quorum", "message", "hint"),
    [
        (12, 7, "`consensus` expects 12, the program says 10", "write `expected = 12`"),
        (10, 8, "`consensus` needs 8, the program says 7", "write `quorum = 8`"),
    ],
)
def test_barrier_that_counts_otherwise_is_refused(
    expected: int, quorum: int, message: str, hint: str
) -> None:
    with pytest.raises(UsageError, match=message) as caught:
        look(OTHERS, expected=expected, quorum=quorum)
    assert caught.value.hint == hint


def test_barrier_that_is_not_there_is_told_how_to_make() -> None:
    with pytest.raises(NotFound) as caught:
        look(replace(OTHERS, timeout=timedelta(minutes=15)), expected=0)
    assert caught.value.hint == (
        "`koncli barrier create consensus --expected 10 --quorum 7 --timeout 15m` makes it"
    )
    with pytest.raises(NotFound) as caught:
        look(replace(OTHERS, quorum=10), expected=0)
    assert caught.value.hint == "`koncli barrier create consensus --expected 10` makes it"


def test_barrier_that_has_ended_is_taken_only_for_reuse() -> None:
    with pytest.raises(UsageError, match="`consensus` is Open already"):
        look(OTHERS, phase="Open")
    look(replace(OTHERS, reuse=True), phase="Open")
