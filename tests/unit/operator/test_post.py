"""Events give way to what somebody waits for, and never fill the memory."""

import asyncio
import logging

import pytest

from konductor.api.barrier import Barrier, BarrierSpec
from konductor.api.meta import Metadata
from konductor.cluster.memory import MemoryCluster
from konductor.operator import post
from konductor.operator.measure import Silent
from konductor.operator.post import Post
from konductor.operator.refusal import Refusals
from konductor.semantics.decision import EmitEvent, EventType

BARRIER = Barrier(Metadata(name="a", namespace="etl", uid="u"), BarrierSpec(expected=1))


def event(number: int) -> EmitEvent:
    return EmitEvent(EventType.NORMAL, "Opened", f"event {number}")


async def carried(kept: Post, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await kept.carry()
    except TimeoutError:
        return


def posted(events: int, *, pressing: int, monkeypatch: pytest.MonkeyPatch) -> int:
    """Return how many of these Events were posted within a courtesy."""
    monkeypatch.setattr(post, "_COURTESY", 60.0)
    monkeypatch.setattr(post, "_PATIENT", 5)

    async def scene() -> int:
        cluster = MemoryCluster()
        kept = Post(cluster, Silent(), Refusals(), lambda: pressing)
        for number in range(events):
            kept.put(BARRIER, event(number))
        await carried(kept, 0.2)
        return len(cluster.writes)

    return asyncio.run(scene())


def test_events_are_posted_at_once_while_nobody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    assert posted(3, pressing=0, monkeypatch=monkeypatch) == 3


def test_events_wait_while_somebody_waits_for_a_barrier(monkeypatch: pytest.MonkeyPatch) -> None:
    assert posted(3, pressing=1, monkeypatch=monkeypatch) == 0


def test_too_many_events_are_posted_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    assert posted(20, pressing=1, monkeypatch=monkeypatch) == 20 - 5


def test_far_too_many_events_are_told_in_the_log(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(post, "_MOST", 3)
    with caplog.at_level(logging.WARNING):
        assert posted(5, pressing=0, monkeypatch=monkeypatch) == 3
    assert caplog.messages == [f"no Event about a, too many wait: event {one}" for one in (3, 4)]
