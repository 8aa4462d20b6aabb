"""One barrier with many arrivals: what it weighs, and what each arrival costs the operator."""

import hashlib
import time
from collections.abc import Sequence
from datetime import UTC, datetime

from konductor.api.barrier import Barrier, BarrierSpec
from konductor.api.meta import Metadata
from konductor.cluster.resource import JOBS
from konductor.semantics.barrier import decide
from konductor.semantics.indexes import Indexes
from konductor.semantics.observation import JobFact, Observed
from konductor.semantics.tally import Tally
from tests.bench.cluster.crowd import crowd
from tests.bench.cluster.figure import Figure, Line
from tests.bench.cluster.operated import SERVED
from tests.bench.cluster.setting import Setting

_LARGE, _CEILING, _MILLION = 10_000, 100_000, 1_000_000
_KILO = 1000
_LONG = 220
_STILL_RUNNING = 10_000
"""As many as run at a time, at most, in a Job of more than 100,000."""
_ARRIVALS = "arrivals at one barrier"


async def replicas(setting: Setting) -> Line:
    """Let the 10,000 replicas of a stage arrive."""
    return await _arrivals(
        setting,
        f"{_LARGE:,} {_ARRIVALS}",
        [f"etl-7k2qf-extract-{index}" for index in range(_LARGE)],
        weight=(16, 80, 1200),
    )


async def long_names(setting: Setting) -> Line:
    """Let 10,000 participants arrive whose long names have nothing in common."""
    return await _arrivals(
        setting,
        f"{_LARGE:,} {_ARRIVALS}, of participants with names of {_LONG} characters",
        [_long_name(number) for number in range(_LARGE)],
        weight=(16, 80, 1200),
    )


async def ceiling(setting: Setting) -> Line:
    """Let as many arrive as any barrier has to bear."""
    return await _arrivals(
        setting,
        f"{_CEILING:,} {_ARRIVALS}, names of {_LONG} characters",
        [_long_name(number) for number in range(_CEILING)],
        weight=(16, None, None),
    )


def _long_name(number: int) -> str:
    digest = hashlib.sha256(str(number).encode()).hexdigest()
    return (digest * (_LONG // len(digest) + 1))[:_LONG]


async def _arrivals(
    setting: Setting,
    what: str,
    participants: Sequence[str],
    *,
    weight: tuple[float | None, float | None, float | None],
) -> Line:
    setting.operator.forget_peak()
    name, count = setting.fresh("large"), len(participants)
    uid = await setting.barrier(name, count)
    await setting.served(name)
    before, conflicts = setting.operator.cpu(), setting.conflicts()
    times = await crowd(setting, [(name, uid, one) for one in participants])
    opened = await setting.sight.opened(name)
    spent = setting.operator.cpu() - before
    acknowledged = max(at for _, at in times)
    seen = setting.sight.barrier(name)
    floors = [await setting.floor() for _ in range(20)]
    await setting.delete(name)
    rate = count / (acknowledged - min(sent for sent, _ in times))
    return Line(
        what,
        f"{rate:.0f}/s",
        (
            Figure("the object", round(seen.size / _KILO, 1), "kB", weight[0]),
            Figure("writes", seen.writes, "", weight[1]),
            Figure("written", round(seen.written / _KILO), "kB", weight[2]),
            Figure("the operator's CPU for each", round(spent / count * _KILO, 2), "ms", 0.3),
            Figure("conflicting writes", setting.conflicts() - conflicts, "", 0),
            Figure(
                "last arrival acknowledged → phase Open",
                round((opened - acknowledged) * _KILO, 1),
                "ms",
                None,
                round(sorted(floors)[len(floors) // 2] * _KILO, 1),
            ),
            Figure("operator's memory, peak", round(setting.operator.peak()), "MB", 200),
        ),
    )


async def million(setting: Setting) -> Line:
    """Count a Job of 1,000,000 indexes, of which 10,000 scattered ones come last."""
    setting.operator.forget_peak()
    job, name = setting.fresh("million"), setting.fresh("counts")
    await setting.suspended_job(job, name, completions=_MILLION, parallelism=0)
    await setting.barrier(name, _MILLION, arrivalsFrom={"jobs": [job]})
    await setting.sight.until(lambda: setting.sight.job(job).lifted > 0)
    before = setting.operator.cpu()
    await _complete(setting, job, name, _all_but(_STILL_RUNNING))
    span = await _complete(setting, job, name, _all_but(0))
    figures = (
        Figure("the barrier", round(setting.sight.barrier(name).size / _KILO, 1), "kB", 16),
        Figure("the Job's last status sent → phase Open", round(span * _KILO), "ms"),
        Figure("the operator's CPU", round(setting.operator.cpu() - before, 2), "s"),
        *_core(),
        Figure("operator's memory, peak", round(setting.operator.peak()), "MB"),
    )
    await setting.delete(name)
    await setting.cluster.delete(JOBS, job, namespace=SERVED)
    return Line(
        f"a Job of {_MILLION:,} indexes, counted from its status",
        f"first all but {_STILL_RUNNING:,} scattered ones, "
        f"in {len(str(_all_but(_STILL_RUNNING))) / _KILO:.0f} kB, then all",
        figures,
    )


def _all_but(count: int) -> Indexes:
    """Return the indexes of which so many are still to come, far apart."""
    step = _MILLION // count if count else 0
    missing = Indexes.of(range(0, _MILLION, step)) if step else Indexes()
    return Indexes(((0, _MILLION - 1),)).minus(missing)


async def _complete(setting: Setting, job: str, barrier: str, completed: Indexes) -> float:
    """Write a Job's status; return how long it took until the barrier had counted it."""
    status = {"completedIndexes": str(completed), "succeeded": len(completed)}
    begun = time.perf_counter()
    await setting.cluster.patch(
        JOBS, job, {"status": status}, namespace=SERVED, subresource="status"
    )

    def is_counted() -> bool:
        return int(setting.sight.barrier(barrier).last["status"]["arrived"]) >= len(completed)

    await setting.sight.until(is_counted)
    return time.perf_counter() - begun


def _core() -> tuple[Figure, ...]:
    """Measure the pure core alone, with as many indexes."""
    now = datetime.now(UTC)
    barrier = Barrier(
        Metadata(name="b", namespace="n", uid="u", created=now),
        BarrierSpec(expected=_MILLION, jobs=("j",)),
    )
    tally = Tally.of(barrier)
    begun = time.perf_counter()
    tally.complete("j", _all_but(_STILL_RUNNING), finished={}, seen=now)
    counted = time.perf_counter()
    decide(Observed(barrier, tally, jobs=(JobFact("j", "uj", completions=_MILLION),)), now)
    decided = time.perf_counter()
    return (
        Figure("the core alone: to count them", round((counted - begun) * _KILO), "ms"),
        Figure("the core alone: to decide", round((decided - counted) * _KILO), "ms"),
    )
