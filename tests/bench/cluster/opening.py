"""From the last arrival's acknowledgement to Open."""

import asyncio
import random
from collections import defaultdict

from tests.bench.cluster.crowd import AT_ONCE, crowd
from tests.bench.cluster.figure import Figure, Line, percentile, spread
from tests.bench.cluster.setting import Setting, at_once

_ONE = 400
_MANY, _EACH = 1000, 10
_BETWEEN_FLOORS = 0.05


async def one_barrier(setting: Setting) -> Line:
    """Open one barrier after the other, with a floor before each."""
    spans, floors, conflicts = [], [], setting.conflicts()
    for _ in range(_ONE):
        floors.append(await setting.floor())
        name = setting.fresh("one")
        uid = await setting.barrier(name, 2)
        await setting.arrive(name, uid, "first")
        acknowledged = await setting.arrive(name, uid, "last")
        spans.append(await setting.sight.opened(name) - acknowledged)
        await setting.delete(name)
    refused = Figure("conflicting writes", setting.conflicts() - conflicts, "", 0)
    return Line(
        "last arrival acknowledged → phase Open, one barrier",
        f"{_ONE} barriers one after the other, until a watch shows the phase",
        (*spread(spans, limits=(8, 40), floor=floors), refused),
    )


async def many_barriers(setting: Setting) -> Line:
    """Open 1,000 barriers, whose arrivals come in no order."""
    setting.operator.forget_peak()
    names = [setting.fresh("many") for _ in range(_MANY)]
    uids: dict[str, str] = {}

    async def create(name: str) -> None:
        uids[name] = await setting.barrier(name, _EACH)

    await at_once(16, map(create, names))
    await setting.served(*names)
    arriving = [(name, uids[name], f"p-{at}") for name in names for at in range(_EACH)]
    random.Random(7).shuffle(arriving)  # noqa: S311  # the same order each time
    floors: list[float] = []
    sampling = asyncio.create_task(_sample(setting, floors))
    times = await crowd(setting, arriving)
    await setting.sight.until(lambda: all(setting.sight.barrier(one).opened for one in names))
    sampling.cancel()
    last: dict[str, float] = defaultdict(float)
    for (name, _, _), (_, acknowledged) in zip(arriving, times, strict=True):
        last[name] = max(last[name], acknowledged)
    spans = [max(setting.sight.barrier(name).opened - last[name], 0) for name in names]
    began, ended = min(sent for sent, _ in times), max(last.values())
    posts = [acknowledged - sent for sent, acknowledged in times]
    await at_once(16, map(setting.delete, names))
    return Line(
        f"{_MANY:,} barriers of {_EACH} arrivals each: last arrival acknowledged → phase Open",
        f"arrivals in random order, {AT_ONCE} at a time, "
        f"{len(times) / (ended - began):.0f}/s; floor: a PATCH meanwhile",
        (
            *spread(spans, limits=(100, 500), floor=floors),
            Figure(
                "the server's answer to an arrival, p50", round(percentile(posts, 0.5) * 1000), "ms"
            ),
            Figure("operator's memory, peak", round(setting.operator.peak()), "MB", 200),
        ),
    )


async def _sample(setting: Setting, into: list[float]) -> None:
    while True:
        into.append(await setting.floor())
        await asyncio.sleep(_BETWEEN_FLOORS)
