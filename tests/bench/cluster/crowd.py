"""Arrivals in numbers: posted by a process of its own, so that the watch that times them is not."""

import asyncio
import time
from collections.abc import Sequence
from typing import TypeAlias

import uvloop

from konductor.api.arrival import Arrival
from konductor.cluster.choose import from_kubeconfig
from konductor.cluster.http import HttpCluster
from konductor.cluster.resource import ARRIVALS
from tests.bench.cluster.operated import SERVED
from tests.bench.cluster.setting import Setting

Arriving: TypeAlias = tuple[str, str, str]
"""Barrier, its uid, participant."""
AT_ONCE = 16
"""Requests under way: more than the server works on at a time, so it is never idle."""


async def crowd(setting: Setting, arriving: Sequence[Arriving]) -> list[tuple[float, float]]:
    """Post Arrivals as fast as the server takes them.

    Returns:
        when each was sent, and when the server acknowledged it.
    """
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(setting.beside, _posted, str(setting.kubeconfig), arriving)


def _posted(kubeconfig: str, arriving: Sequence[Arriving]) -> list[tuple[float, float]]:
    return uvloop.run(_post(kubeconfig, arriving))


async def _post(kubeconfig: str, arriving: Sequence[Arriving]) -> list[tuple[float, float]]:
    times = [(0.0, 0.0)] * len(arriving)
    left = iter(enumerate(arriving))

    async def work(cluster: HttpCluster) -> None:
        for at, (barrier, uid, participant) in left:
            arrival = Arrival.at(barrier, uid, participant, namespace=SERVED)
            sent = time.perf_counter()
            await cluster.create(ARRIVALS, arrival.manifest())
            times[at] = sent, time.perf_counter()

    async with HttpCluster(from_kubeconfig(kubeconfig)) as cluster:
        await asyncio.gather(*(work(cluster) for _ in range(AT_ONCE)))
    return times
