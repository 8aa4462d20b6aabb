"""Barriers that come and go: the operator's memory while it serves 50,000 of them."""

import asyncio
import sys
import time

from tests.bench.cluster.figure import Figure, Line
from tests.bench.cluster.setting import Setting

_BARRIERS, _AT_ONCE, _SAMPLES = 50_000, 16, 20
_GROWTH = 10.0
"""Megabytes that it may grow by over the second half; a hundredth of what 25,000 barriers are."""


async def churn(setting: Setting, barriers: int = _BARRIERS) -> Line:
    """Create, open and delete barriers, and look at the operator's memory now and then."""
    left, done = iter(range(barriers)), 0
    curve = [setting.operator.memory()]
    step = barriers // _SAMPLES

    async def work() -> None:
        nonlocal done
        for _ in left:
            await _one(setting)
            done += 1
            if done % step == 0:
                curve.append(setting.operator.memory())
                sys.stderr.write(f"churn: {done:,} barriers, {curve[-1]:.1f} MB\n")

    begun = time.perf_counter()
    await asyncio.gather(*(work() for _ in range(_AT_ONCE)))
    span = time.perf_counter() - begun
    half, told = len(curve) // 2, ", ".join(f"{one:.0f}" for one in curve)
    return Line(
        f"{barriers:,} barriers created, opened and deleted: the operator's memory",
        f"{barriers / span:.0f}/s; MB at first and after each {step:,}: {told}",
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
