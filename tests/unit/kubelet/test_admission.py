from __future__ import annotations

import asyncio

from konductor.runner.local.kubelet.admission import Free, Request, grant
from konductor.runner.local.kubelet.admit import Admissions


def ask(uid: str, *, place: bool = True, slot: bool = True) -> Request:
    return Request(uid, place=place, slot=slot)


def test_the_earliest_get_the_slots() -> None:
    requests = [ask(uid) for uid in "abc"]
    assert grant(requests, Free(places=10, slots=2)) == tuple(requests[:2])


def test_who_needs_no_slot_does_not_wait_for_one() -> None:
    raw = ask("raw", slot=False)
    assert grant([ask("a"), raw], Free(places=10, slots=0)) == (raw,)


def test_nobody_gets_a_slot_without_a_place() -> None:
    inner = ask("b", place=False)
    assert grant([ask("a"), inner], Free(places=0, slots=1)) == (inner,)


def test_more_running_than_may_lets_nobody_in() -> None:
    assert grant([ask("a")], Free(places=-1, slots=-1)) == ()


def test_a_freed_slot_goes_to_who_waits_longest() -> None:
    async def story() -> list[str]:
        admissions = Admissions(places=9, slots=1)
        order: list[str] = []

        async def live(uid: str) -> None:
            await admissions.acquire(ask(uid))
            order.append(uid)
            admissions.give_back(ask(uid))

        await asyncio.gather(*map(live, "abcd"))
        return order

    assert asyncio.run(story()) == list("abcd")


def test_who_gives_up_waiting_holds_nothing() -> None:
    async def story() -> None:
        admissions = Admissions(places=9, slots=1)
        await admissions.acquire(ask("a"))
        waiting = asyncio.create_task(admissions.acquire(ask("b")))
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.wait({waiting})
        granted = asyncio.create_task(admissions.acquire(ask("c")))
        await asyncio.sleep(0)
        admissions.give_back(ask("a"))
        granted.cancel()  # in the very moment in which it was granted
        await asyncio.wait({granted})
        async with asyncio.timeout(1):
            await admissions.acquire(ask("d"))

    asyncio.run(story())
