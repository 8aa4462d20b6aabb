"""What an API server and a network do to the operator: everything ends as it does without."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from itertools import cycle
from typing import Any, TypeAlias

import pytest

from tests.integration.faults.oracle import differences
from tests.integration.faults.place import Place
from tests.integration.faults.proxy import (
    EXPIRED,
    HALF_A_LINE,
    Asked,
    Drop,
    Fault,
    Proxy,
    Refuse,
    Rule,
)

Play: TypeAlias = Callable[[Callable[[Place], Any]], Any]
OFTEN = 4
"""Each that manieth write brings something about."""
STORM = 40
"""Requests that fail in one go."""
CODES = (500, 502, 503, 504)


def cutting(last: bytes, *, in_order: bool) -> Rule:
    """Return the rule that again and again ends all watches."""

    def rule(proxy: Proxy, asked: Asked) -> None:
        if asked.writes and proxy.writes % OFTEN == 0:
            proxy.cut_watches(last, in_order=in_order)

    return rule


def at_some_writes(fault: Fault) -> Rule:
    """Return the rule of a fault at many writes, at the first too."""

    def rule(proxy: Proxy, asked: Asked) -> Fault | None:
        return fault if asked.writes and proxy.writes % OFTEN == 1 else None

    return rule


def storms() -> Rule:
    """Return the rule of a server that answers nothing well for a while, three times."""
    left, codes, beginnings = 0, cycle(CODES), {2, 15, 40}

    def rule(proxy: Proxy, asked: Asked) -> Fault | None:
        nonlocal left
        if asked.writes and proxy.writes in beginnings:
            beginnings.discard(proxy.writes)
            proxy.cut_watches()
            left = STORM
        left -= 1
        return Refuse(next(codes)) if left >= 0 else None

    return rule


def first_watches(fault: Fault) -> Rule:
    """Return the rule of a fault at the first two watches of each kind."""
    seen: dict[str, Iterator[Fault]] = defaultdict(lambda: iter((fault, fault)))

    def rule(_: Proxy, asked: Asked) -> Fault | None:
        return next(seen[asked.path], None) if asked.watches else None

    return rule


FAULTS = {
    "watches expire": lambda: cutting(EXPIRED, in_order=True),
    "watches expire at their start": lambda: first_watches(Refuse(410)),
    "watches are cut": lambda: cutting(b"", in_order=False),
    "watches are cut within a line": lambda: cutting(HALF_A_LINE, in_order=False),
    "watches end within a line": lambda: cutting(HALF_A_LINE, in_order=True),
    "watches end in good order": lambda: cutting(b"", in_order=True),
    "answers are lost": lambda: at_some_writes(Drop(done=True)),
    "requests are lost": lambda: at_some_writes(Drop(done=False)),
    "the server fails for a while": storms,
}


@pytest.mark.parametrize("fault", FAULTS)
def test_nothing_ends_otherwise_when(play: Play, fault: str) -> None:
    async def scene(place: Place) -> dict[str, Any]:
        async with place.operator(FAULTS[fault]()):
            return differences(await place.scene.play())

    assert play(scene) == {}


def test_two_operators_at_once_change_nothing(play: Play) -> None:
    async def scene(place: Place) -> dict[str, Any]:
        async with place.operator(), place.operator():
            return differences(await place.scene.play())

    assert play(scene) == {}


def test_server_that_is_busy_is_left_alone_for_as_long_as_it_asks(play: Play) -> None:
    refused: dict[tuple[str, str, bool], float] = {}
    too_early: list[Asked] = []

    def rule(proxy: Proxy, asked: Asked) -> Fault | None:
        key = asked.method, asked.path, asked.watches
        if asked.method == "POST":  # of others, to the same path
            return None
        if key in refused:
            if asked.at < refused[key] + 1:
                too_early.append(asked)
            return None
        if asked.method == "GET" or proxy.writes % (3 * OFTEN) == 0:
            refused[key] = asked.at
            return Refuse(429, after=1)
        return None

    async def scene(place: Place) -> dict[str, Any]:
        async with place.operator(rule):
            return differences(await place.scene.play())

    assert play(scene) == {}
    assert not too_early
