"""Barriers that come and go: the operator's memory while it serves 50,000 of them."""

import asyncio
import sys
import time

from tests.bench.cluster.figure import Figure, Line
from tests.bench.cluster.setting import Setting

_BARRIERS, _AT_ONCE, _EACH = 50_000, 16, 1_000
_LONGEST = 5400.0
"""Seconds: on a busy machine it ends with as many barriers as there were by then."""
_GROWTH = 10.0
"""Megabytes that it may grow by over the second half; a hundredth of what the barriers are."""


async def churn(setting: Setting) -> Line:
    """Create, open and delete barriers, and look at the operator's memory now and then."""
    curve, count = [setting.operator.memory()], 0
    begun = time.perf_counter()

    async def work() -> None:
        nonlocal count
        while count < _BARRIERS and time.perf_counter() - begun < _LONGEST:
            count += 1
            at = count
            await _one(setting)
            if at % _EACH == 0:
                curve.append(setting.operator.memory())
                sys.stderr.write(f"churn: {at:,} barriers, {curve[-1]:.1f} MB\n")

    await asyncio.gather(*(work() for _ in range(_AT_ONCE)))
    span = time.perf_counter() - begun
    half, told = len(curve) // 2, ", ".join(f"{one:.0f}" for one in curve)
    return Line(
        f"{count:,} barriers created, opened and deleted: the operator's memory",
        f"{count / span:.0f}/s; MB at first and after each {_EACH:,}: {told}",
        (
            Figure("growth over the second half", round(curve[-1] - curve[half], 1), "MB", _GROWTH),
            Figure("at the end", round(curve[-1]), "MB", 200),
        ),
    )


async def _one(setting: Setting) -> None:
    name = setting.fresh("churn")
    uid = await setting.barrier(name, 2, timeout="24h")
    for participant in ("first", "last"):
        await setting.arrive(name, uid, participant)
    await setting.sight.opened(name)
    await setting.delete(name)
