"""A run is followed by watches alone: nothing is asked for again while it goes on."""

import asyncio
from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest

from konductor.api.meta import Json
from konductor.cluster.memory import MemoryCluster
from konductor.cluster.port import Listed
from konductor.cluster.resource import EVENTS, PODS, RUNS, Resource
from konductor.errors import (
    AlreadyExists,
    ApiError,
    ExitCode,
    Forbidden,
    KonductorError,
    StageFailed,
)
from konductor.runner import run as module
from konductor.runner.run import Asked, Following, Target, create
from konductor.runner.state import RunState

TARGET = Target("count-7k2qf", "default")
LABELS = {"konductor.io/run": TARGET.name}
RUN: Json = {
    "apiVersion": "konductor.io/v1",
    "kind": "Run",
    "metadata": {"name": TARGET.name, "namespace": "default", "labels": LABELS},
    "spec": {"pipeline": "count", "stages": 4, "ready": False},
}
MAP: Json = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "part"}}


class Counting(MemoryCluster):
    """A cluster that counts what is read of it, and forbids some."""

    def __init__(self, *forbidden: Resource) -> None:
        super().__init__()
        self.reads: Counter[str] = Counter()
        self._forbidden = forbidden

    async def get(self, resource: Resource, name: str, *, namespace: str = "") -> Json:
        self.reads[f"get {resource.plural}"] += 1
        return await super().get(resource, name, namespace=namespace)

    async def list(self, resource: Resource, **which: Any) -> Listed:
        self.reads[f"list {resource.plural}"] += 1
        if resource in self._forbidden:
            raise Forbidden(f"you may not list {resource.plural}", code=403)
        return await super().list(resource, **which)


class Frames:
    """A screen that counts its frames and does something at one of them, or at any word."""

    def __init__(self, at: int, act: Any, *, at_word: bool = False) -> None:
        self.shown: list[RunState] = []
        self.said: list[str] = []
        self._at, self._act, self._at_word = at, act, at_word

    def show(self, state: RunState, now: datetime) -> None:  # noqa: ARG002  # a screen's
        self.shown.append(state)
        if len(self.shown) == self._at:
            self._act()

    def say(self, line: str) -> None:
        self.said.append(line)
        if self._at_word:
            self._act()

    def close(self, state: RunState, now: datetime, *, logs: str) -> None:
        raise AssertionError((state, now, logs))


async def end(cluster: MemoryCluster) -> None:
    patch = {"status": {"phase": "Succeeded"}}
    await cluster.patch(RUNS, TARGET.name, patch, namespace="default", subresource="status")


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_FRAME", 0.001)
    monkeypatch.setattr(module, "_SETTLING", 0.001)
    monkeypatch.setattr(module, "_LAST_WORDS", 0.001)


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("forbidden", [(), (EVENTS,)])
def test_each_kind_is_listed_once_however_long_it_takes(
    state: RunState, forbidden: tuple[Resource, ...]
) -> None:
    async def scene() -> Counter[str]:
        cluster = Counting(*forbidden)
        await cluster.create(RUNS, RUN)
        tasks: list[asyncio.Task[None]] = []
        screen = Frames(200, lambda: tasks.append(asyncio.create_task(end(cluster))))
        following = Following(cluster, TARGET, state, screen, lambda: datetime.now(UTC))
        assert await following.until_over(Asked()) is ExitCode.DONE
        assert len(screen.shown) >= 200
        assert screen.said == []
        return cluster.reads

    kinds = ("runs", "barriers", "pods", "events")
    assert asyncio.run(scene()) == Counter({f"list {one}": 1 for one in kinds})


@pytest.mark.usefixtures("quick")
def test_who_leaves_changes_nothing_of_the_run(state: RunState) -> None:
    async def scene() -> None:
        cluster, asked = Counting(), Asked()
        await cluster.create(RUNS, RUN)
        written = list(cluster.writes)
        screen = Frames(3, asked.leave.set)
        following = Following(cluster, TARGET, state, screen, lambda: datetime.now(UTC))
        assert await following.until_over(asked) is ExitCode.INTERRUPTED
        assert following.has_left
        assert cluster.writes == written

    asyncio.run(scene())


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("phase", ["Pending", "Running"])
def test_run_that_no_operator_looks_at_is_told(
    state: RunState, monkeypatch: pytest.MonkeyPatch, phase: str
) -> None:
    monkeypatch.setattr(module, "_LOOKED_AT_WITHIN", 0.05)

    async def scene() -> list[str]:
        cluster, asked = Counting(), Asked()
        await cluster.create(RUNS, RUN | {"status": {"phase": phase}})
        frames = 0 if phase == "Pending" else 300
        screen = Frames(frames, asked.leave.set, at_word=True)
        following = Following(cluster, TARGET, state, screen, lambda: datetime.now(UTC))
        await following.until_over(asked)
        return screen.said

    said = asyncio.run(scene())
    assert bool(said) is (phase == "Pending")
    assert all("`koncli watch count-7k2qf -n default`" in line for line in said)


@pytest.mark.usefixtures("quick")
def test_what_may_not_be_watched_ends_the_view(state: RunState) -> None:
    async def scene() -> None:
        cluster = Counting(PODS)
        screen = Frames(0, None)
        following = Following(cluster, TARGET, state, screen, lambda: datetime.now(UTC))
        await following.until_over(Asked())

    with pytest.raises(Forbidden, match="you may not list pods"):
        asyncio.run(scene())


def test_reason_of_a_job_without_pods_is_heard(state: RunState) -> None:
    async def scene() -> RunState:
        cluster = Counting()
        await cluster.create(RUNS, RUN)
        event = {
            "metadata": {"name": "e", "namespace": "default"},
            "involvedObject": {"kind": "Job", "name": f"{TARGET.name}-merge"},
            "type": "Warning",
            "reason": "FailedCreate",
            "message": "exceeded quota: tiny",
        }
        await cluster.create(EVENTS, event)
        other = {"involvedObject": {"kind": "Job", "name": "other"}, "metadata": {"name": "o"}}
        await cluster.create(EVENTS, event | other)
        asked = Asked()
        screen = Frames(2, asked.leave.set)
        following = Following(cluster, TARGET, state, screen, lambda: datetime.now(UTC))
        await following.until_over(asked)
        return following.state

    assert asyncio.run(scene()).stages["merge"].obstacle == "exceeded quota: tiny"


def test_run_that_is_half_made_goes_again() -> None:
    async def scene(*faults: ApiError) -> MemoryCluster:
        cluster = MemoryCluster()
        create_one = cluster.create

        async def failing(resource: Resource, document: Json) -> Json:
            if resource != RUNS:
                cluster.fail_next_write(*faults)
            return await create_one(resource, document)

        cluster.create = failing  # type: ignore[method-assign]  # one fault at one place
        try:
            await create(cluster, [RUN, MAP], TARGET)
        finally:
            left = (await cluster.list(RUNS)).items
            assert bool(left) is (len(faults) > 1)
        return cluster

    refused = Forbidden("you may not", code=403)
    with pytest.raises(Forbidden, match=r"^you may not$"):
        asyncio.run(scene(refused))
    with pytest.raises(KonductorError, match="you may not; and what was created") as caught:
        asyncio.run(scene(refused, Forbidden("not even that", code=403)))
    assert caught.value.exit_code is ExitCode.REFUSED
    assert "`kubectl delete run count-7k2qf -n default`" in caught.value.hint
    with pytest.raises(StageFailed, match="another run or person created it"):
        asyncio.run(scene(AlreadyExists("configmaps part already exists", code=409)))


def test_name_that_is_taken_is_told() -> None:
    async def scene() -> None:
        cluster = MemoryCluster()
        await cluster.create(RUNS, RUN)
        await create(cluster, [RUN, MAP], TARGET)

    with pytest.raises(StageFailed, match="there is a run `count-7k2qf` in namespace `default`"):
        asyncio.run(scene())
