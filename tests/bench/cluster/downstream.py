"""What follows from Open: a Job that is lifted, a barrier that starts, and a chain of them."""

from itertools import pairwise

from konductor.cluster.resource import JOBS
from tests.bench.cluster.figure import MILLISECOND, Figure, Line, percentile, spread
from tests.bench.cluster.operated import SERVED
from tests.bench.cluster.setting import Setting

_TIMES = 200
_LINKS, _CHAINS = 200, 3


async def lifted(setting: Setting) -> Line:
    """Open barriers upon which another waits with its suspended Job."""
    spans, floors = [], []
    for _ in range(_TIMES):
        floors.append(await setting.floor())
        up, down = setting.fresh("up"), setting.fresh("down")
        uid = await setting.barrier(up, 1)
        await setting.suspended_job(down, down)
        await setting.barrier(down, 1, after=[{"barriers": [up]}])
        await setting.served(up, down)
        await setting.arrive(up, uid, "only")
        opened = await setting.sight.opened(up)
        await setting.sight.until(lambda down=down: setting.sight.job(down).lifted > 0)  # type: ignore[misc]  # a closure of the loop
        spans.append(max(setting.sight.job(down).lifted - opened, 0))
        await setting.cluster.delete(JOBS, down, namespace=SERVED)
        await setting.delete(up, down)
    return Line(
        "phase Open → downstream Job no longer suspended",
        f"{_TIMES} pairs, one after the other; two writes (the barrier starts, its Job is lifted)",
        spread(spans, limits=(None, 50), floor=floors),
    )


async def chain(setting: Setting) -> Line:
    """Open the first barrier of chains whose participants have all arrived before."""
    spans, floors = [], []
    for _ in range(_CHAINS):
        names = [setting.fresh("link") for _ in range(_LINKS)]
        uid = await setting.barrier(names[0], 1)
        for before, name in pairwise(names):
            one = await setting.barrier(name, 1, after=[{"barriers": [before]}])
            await setting.arrive(name, one, "only")
        await setting.served(*names)
        floors += [await setting.floor() for _ in range(20)]
        await setting.arrive(names[0], uid, "only")
        first = await setting.sight.opened(names[0])
        spans.append((await setting.sight.opened(names[-1]) - first) / (_LINKS - 1))
        await setting.delete(*names)
    floor = percentile(floors, 0.5)
    return Line(
        f"a chain of {_LINKS} barriers, for each link",
        f"{_CHAINS} chains; from the first barrier's opening to the last one's",
        (
            _link("median", percentile(spans, 0.5), floor),
            _link("slowest chain", max(spans), floor),
        ),
    )


def _link(name: str, seconds: float, floor: float) -> Figure:
    return Figure(name, round(seconds * MILLISECOND, 1), "ms", 30, round(floor * MILLISECOND, 1))
