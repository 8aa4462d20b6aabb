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

_STAGES = 10_000
_AT_ONCE = 16
_LIMIT = 1.2
"""How many times as long as a plain loop it may take."""


async def creating(setting: Setting) -> Line:
    """Create the same objects in a plain loop, and as a run; the last line: they stay."""
    plan = plan_of(_STAGES, 2)
    plain, own = (list(emit(plan, setting.fresh("big"))) for _ in range(2))
    plain_span = await _loop(setting, plain)
    before = setting.operator.cpu()
    begun = time.perf_counter()
    name = str(own[0]["metadata"]["name"])
    await create(setting.cluster, own, Target(name, SERVED))
    span = time.perf_counter() - begun
    await setting.cluster.delete(RUNS, name, namespace=SERVED)
    return Line(
        f"the {len(own):,} objects of a run of {_STAGES:,} stages",
        f"created one by one, {_AT_ONCE} at a time, with an operator that serves them; "
        "floor: a plain loop, of objects that nobody serves",
        (
            Figure("a plain loop", round(plain_span, 1), "s"),
            Figure("as a run", round(span, 1), "s", round(plain_span * _LIMIT, 1)),
            Figure("the operator's CPU meanwhile", round(setting.operator.cpu() - before, 1), "s"),
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
