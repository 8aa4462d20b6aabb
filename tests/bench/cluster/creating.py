"""A run of 10,000 stages: its objects are created as fast as the server takes any."""

import asyncio
import time
from collections.abc import Iterable

from konductor.api.meta import Json
from konductor.cluster.resource import RUNS, resource_of
from konductor.dsl.emit.manifest import emit
from konductor.runner.run import Target, create
from tests.bench.bench_plan import plan_of
from tests.bench.cluster.figure import Figure, Line
from tests.bench.cluster.operated import SERVED
from tests.bench.cluster.setting import UNSERVED, Setting

_STAGES, _SAMPLE = 10_000, 1_000
_AT_ONCE = 16
_LIMIT = 1.2
"""How many times as long as a plain loop it may take."""


async def creating(setting: Setting) -> Line:
    """Create the objects of a run; of smaller ones in a plain loop before and after."""
    sample, run = (
        list(emit(plan_of(size, 2), setting.fresh("big"))) for size in (_SAMPLE, _STAGES)
    )
    again = list(emit(plan_of(_SAMPLE, 2), setting.fresh("big")))
    name, before = str(run[0]["metadata"]["name"]), setting.operator.cpu()
    plain = await _loop(setting, sample)
    begun = time.perf_counter()
    await create(setting.cluster, run, Target(name, SERVED))
    span = time.perf_counter() - begun
    spent = setting.operator.cpu() - before
    plain = (plain + await _loop(setting, again)) / (len(sample) + len(again)) * len(run)
    await setting.cluster.delete(RUNS, name, namespace=SERVED)
    return Line(
        f"the {len(run):,} objects of a run of {_STAGES:,} stages",
        f"{_AT_ONCE} at a time, served by the operator; a plain loop does nothing but create "
        f"{len(sample):,} objects that nobody serves, before and after",
        (
            Figure("as a run", round(span, 1), "s", round(plain * _LIMIT, 1)),
            Figure("as many in a plain loop", round(plain, 1), "s"),
            Figure("the operator's CPU meanwhile", round(spent, 1), "s"),
            Figure("operator's memory", round(setting.operator.memory()), "MB"),
        ),
    )


async def _loop(setting: Setting, documents: Iterable[Json]) -> float:
    """Return how long a loop takes that does nothing but create them."""
    left = iter(documents)

    async def work() -> None:
        for document in left:
            document["metadata"]["namespace"] = UNSERVED
            await setting.cluster.create(resource_of(document), document)

    begun = time.perf_counter()
    await asyncio.gather(*(work() for _ in range(_AT_ONCE)))
    return time.perf_counter() - begun
