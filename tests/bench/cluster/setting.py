"""Where all benchmarks run: a real control plane whose writes reach the disk, and the operator."""

import asyncio
import os
import platform
import time
import urllib.request
from collections.abc import AsyncGenerator, Iterable
from concurrent.futures import ProcessPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path

from konductor.api.arrival import Arrival
from konductor.api.meta import Json, json_map, time_text
from konductor.api.names import Label
from konductor.cluster.choose import from_kubeconfig
from konductor.cluster.http import HttpCluster
from konductor.cluster.resource import ARRIVALS, BARRIERS, JOBS
from tests.bench.cluster.operated import SERVED, Operated, in_pod, operated
from tests.bench.cluster.sight import Sight
from tests.controlplane.plane import control_plane

UNSERVED = "floor"
"""A namespace that no operator looks after: here we set phases ourselves."""
_CONFLICT = 'konductor_api_errors_total{code="409"}'


@dataclass(slots=True)
class Setting:
    """A cluster, who watches it, and the operator."""

    kubeconfig: Path
    cluster: HttpCluster
    sight: Sight
    operator: Operated
    beside: ProcessPoolExecutor
    """A process for what would disturb the watch in ours."""
    participant: dict[str, str]
    """The environment of a program in a pod that takes part."""
    _count: int = field(default=0)

    def fresh(self, stem: str) -> str:
        """Return a name that was not used before."""
        self._count += 1
        return f"{stem}-{self._count}"

    async def barrier(
        self, name: str, expected: int, namespace: str = SERVED, **spec: object
    ) -> str:
        """Create a barrier; return its uid."""
        document = {
            "apiVersion": BARRIERS.api_version,
            "kind": "Barrier",
            "metadata": {"name": name, "namespace": namespace},
            "spec": {"expected": expected} | spec,
        }
        stored = await self.cluster.create(BARRIERS, document)
        return str(stored["metadata"]["uid"])

    async def warm_up(self) -> None:
        """Open one barrier that is not timed: the server may still be reading the kinds."""
        name = self.fresh("first")
        await self.arrive(name, await self.barrier(name, 1), "only")
        await self.sight.opened(name)
        await self.delete(name)

    async def served(self, *names: str) -> None:
        """Wait until the operator has seen barriers."""
        await self.sight.until(
            lambda: all(self.sight.barrier(name).last.get("status") for name in names)
        )

    async def arrive(self, name: str, uid: str, participant: str) -> float:
        """Post an Arrival; return when the server acknowledged it."""
        arrival = Arrival.at(name, uid, participant, namespace=SERVED)
        await self.cluster.create(ARRIVALS, arrival.manifest())
        return time.perf_counter()

    async def suspended_job(
        self, name: str, barrier: str, *, completions: int = 1, parallelism: int = 1
    ) -> None:
        """Create the Job of a barrier; its pods, if it has any, nobody schedules."""
        labels = {str(Label.BARRIER): barrier}
        container = {"name": "main", "image": "none"}
        document: Json = {
            "apiVersion": "batch/v1",
            "kind": "Job",
            "metadata": {"name": name, "namespace": SERVED, "labels": labels},
            "spec": {
                "suspend": True,
                "completions": completions,
                "parallelism": parallelism,
                "completionMode": "Indexed",
                "template": {"spec": {"restartPolicy": "Never", "containers": [container]}},
            },
        }
        await self.cluster.create(JOBS, document)

    async def floor(self) -> float:
        """Return how long a PATCH takes that sets a phase itself, until the same watch shows it."""
        name = self.fresh("floor")
        await self.barrier(name, 2, UNSERVED)
        now = time_text(self.cluster.now().replace(microsecond=0))
        status = {
            "phase": "Open",
            "arrived": 2,
            "arrivals": ["first", "last"],
            "progress": "2/2",
            "quorum": 2,
            "startedAt": now,
            "openedAt": now,
        }
        begun = time.perf_counter()
        await self.cluster.patch(
            BARRIERS, name, {"status": status}, namespace=UNSERVED, subresource="status"
        )
        span = await self.sight.opened(name) - begun
        await self.cluster.delete(BARRIERS, name, namespace=UNSERVED)
        return span

    async def delete(self, *names: str) -> None:
        """Delete barriers."""
        for name in names:
            await self.cluster.delete(BARRIERS, name, namespace=SERVED)

    def conflicts(self) -> int:
        """Return how many of the operator's writes were refused so far, as it came too late."""
        with urllib.request.urlopen(
            f"http://127.0.0.1:{self.operator.port}/metrics"
        ) as answer:  # ours
            for line in answer.read().decode().splitlines():
                if line.startswith(_CONFLICT):
                    return int(float(line.split()[-1]))
        return 0


@asynccontextmanager
async def setting(folder: Path) -> AsyncGenerator[Setting, None]:
    """Bring all of it up for as long as the context lasts."""
    with control_plane(folder, schedules=False, durable=True) as plane:
        connection = from_kubeconfig(str(plane.kubeconfig))
        plane.kubectl("create", "namespace", UNSERVED)
        with operated(plane, connection, folder) as operator:
            async with HttpCluster(connection) as cluster, Sight(cluster).open() as sight:
                pod = in_pod(plane, connection, folder, namespace=SERVED, account="default")
                with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as beside:
                    here = Setting(plane.kubeconfig, cluster, sight, operator, beside, pod)
                    await here.warm_up()
                    yield here


async def machine(cluster: HttpCluster) -> dict[str, str]:
    """Return what it all ran on; no names of hosts."""
    release = json_map(await cluster.version())
    return {
        "cpu": _first("/proc/cpuinfo", "model name"),
        "cores": str(os.cpu_count()),
        "memory": f"{int(_first('/proc/meminfo', 'MemTotal').split()[0]) / 2**20:.0f} GiB",
        "kernel": "Linux " + ".".join(os.uname().release.split(".")[:2]),
        "kubernetes": str(release["gitVersion"]),
        "python": platform.python_version(),
    }


def _first(path: str, name: str) -> str:
    lines: Iterable[str] = Path(path).read_text("utf-8").splitlines()
    return next(line.partition(":")[2].strip() for line in lines if line.startswith(name))


async def at_once(limit: int, coroutines: Iterable[object]) -> None:
    """Await many things, so many at a time."""
    turns = asyncio.Semaphore(limit)

    async def one(coroutine: object) -> None:
        async with turns:
            await coroutine  # type: ignore[misc]  # any awaitable

    await asyncio.gather(*map(one, coroutines))
