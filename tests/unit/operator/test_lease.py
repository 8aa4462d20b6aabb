import asyncio
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from konductor.cluster.memory import MemoryCluster
from konductor.cluster.resource import LEASES
from konductor.errors import ApiError
from konductor.operator import lease as module
from konductor.operator.lease import DURATION, Candidate, Record, claim, is_live

SPACE, NAME = "konductor-system", "konductor-operator"
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


class World:
    """A cluster in memory, and time that passes when a test says so."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.cluster = MemoryCluster(now=lambda: NOON + timedelta(seconds=self.seconds))

    def candidate(self, holder: str) -> Candidate:
        return Candidate(
            self.cluster, namespace=SPACE, name=NAME, holder=holder, clock=lambda: self.seconds
        )

    async def record(self) -> Record:
        return Record.of(await self.cluster.get(LEASES, NAME, namespace=SPACE))


def play(scene: Callable[[World], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(scene(World()))


def test_first_to_ask_holds_the_lease() -> None:
    async def scene(world: World) -> None:
        assert await world.candidate("a").attempt()
        assert not await world.candidate("b").attempt()
        assert (await world.record()).holder == "a"

    play(scene)


def test_lease_that_is_renewed_is_never_taken() -> None:
    async def scene(world: World) -> None:
        a, b = world.candidate("a"), world.candidate("b")
        for _ in range(10):
            assert await a.attempt()
            assert not await b.attempt()
            world.seconds += 10
        assert (await world.record()).transitions == 0

    play(scene)


def test_lease_that_nobody_renews_is_taken_after_its_duration_by_the_takers_own_clock() -> None:
    async def scene(world: World) -> None:
        assert await world.candidate("a").attempt()
        world.seconds += 1_000  # nobody looked meanwhile, so b must first see that nothing moves
        b = world.candidate("b")
        assert not await b.attempt()
        world.seconds += DURATION.total_seconds() - 0.1
        assert not await b.attempt()
        world.seconds += 0.1
        assert await b.attempt()
        assert await world.record() == Record(
            "b", DURATION, "2026-11-24T12:16:55.000000Z", "2026-11-24T12:16:55.000000Z", 1
        )

    play(scene)


def test_of_two_that_take_it_at_once_one_gets_it() -> None:
    async def scene(world: World) -> None:
        a, b = world.candidate("a"), world.candidate("b")
        assert sorted(await asyncio.gather(a.attempt(), b.attempt())) == [False, True]
        stale = await world.cluster.get(LEASES, NAME, namespace=SPACE)
        world.seconds += 1
        assert await world.candidate((await world.record()).holder).attempt()
        assert not await a._store(stale, claim(Record.of(stale), "a", NOON))

    play(scene)


def test_lease_that_is_created_meanwhile_is_anothers() -> None:
    async def scene(world: World) -> None:
        assert await world.candidate("a").attempt()
        assert not await world.candidate("b")._create()

    play(scene)


def test_lease_that_is_given_back_is_free_at_once() -> None:
    async def scene(world: World) -> None:
        a, b = world.candidate("a"), world.candidate("b")
        assert await a.attempt()
        await b.release()
        assert (await world.record()).holder == "a"
        await a.release()
        assert await b.attempt()
        await a.release()
        assert (await world.record()).holder == "b"

    play(scene)


def test_lease_that_cannot_be_given_back_runs_out() -> None:
    play(lambda world: world.candidate("a").release())  # there is none


def test_leader_stops_when_another_took_the_lease(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "RETRY", timedelta(0))

    async def scene(world: World) -> None:
        a, b = world.candidate("a"), world.candidate("b")
        assert await a.win(asyncio.Event())
        assert not await b.attempt()
        world.seconds += DURATION.total_seconds()
        assert await b.attempt()
        await a.hold(asyncio.Event())

    play(scene)


def test_leader_that_cannot_renew_stops_before_others_may_begin(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "RETRY", timedelta(0))

    async def scene(world: World) -> None:
        a = world.candidate("a")
        assert await a.attempt()
        begun = world.seconds

        async def refused() -> bool:
            world.seconds += 1
            raise ApiError.of(503, {"message": "etcd is away"})

        monkeypatch.setattr(a, "attempt", refused)
        await a.hold(asyncio.Event())
        assert world.seconds - begun < DURATION.total_seconds()

    play(scene)


def test_leader_renews_until_it_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "RETRY", timedelta(0))

    async def scene(world: World) -> None:
        a, stop = world.candidate("a"), asyncio.Event()
        assert await a.attempt()
        renew = a.attempt
        times: list[bool] = []

        async def counted() -> bool:
            times.append(await renew())
            if len(times) == 5:
                stop.set()
            return times[-1]

        monkeypatch.setattr(a, "attempt", counted)
        await a.hold(stop)
        assert times == [True] * 5

    play(scene)


def test_who_waits_goes_on_through_faults_until_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "RETRY", timedelta(0))

    async def scene(world: World) -> None:
        b, stop = world.candidate("b"), asyncio.Event()
        assert await world.candidate("a").attempt()
        outcomes = [ApiError.of(503, {}), None, None]

        ask = b.attempt

        async def asked() -> bool:
            if not outcomes:
                stop.set()
                return False
            if error := outcomes.pop():
                raise error
            return await ask()

        monkeypatch.setattr(b, "attempt", asked)
        assert not await b.win(stop)

    play(scene)


@pytest.mark.parametrize(
    ("spec", "live"),
    [
        ({}, False),
        ({"holderIdentity": "a"}, False),
        (
            {
                "holderIdentity": "a",
                "leaseDurationSeconds": 15,
                "renewTime": "2026-11-24T11:59:50.000000Z",
            },
            True,
        ),
        (
            {
                "holderIdentity": "",
                "leaseDurationSeconds": 15,
                "renewTime": "2026-11-24T11:59:50.000000Z",
            },
            False,
        ),
        (
            {
                "holderIdentity": "a",
                "leaseDurationSeconds": 15,
                "renewTime": "2026-11-24T11:59:40.000000Z",
            },
            False,
        ),
    ],
)
def test_lease_is_live_while_its_holder_renews(spec: dict[str, object], *, live: bool) -> None:
    assert is_live({"spec": spec}, NOON) is live


def test_record_says_what_the_lease_says() -> None:
    record = claim(Record(), "a", NOON)
    assert Record.of({"spec": record.spec()}) == record
