"""What a cluster says of the scenario, for those who wait for it."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

from konductor.api.barrier import Barrier, BarrierStatus, Reason
from konductor.api.meta import Json, json_map
from konductor.api.names import Annotation
from konductor.api.run import Run
from konductor.cluster.port import Change, Changed, Cluster, Listed
from konductor.cluster.resource import BARRIERS, JOBS, RUNS, Resource
from konductor.semantics.participants import unfold
from tests.integration.faults.cascade import RUN
from tests.integration.faults.oracle import Ended, Met

_WITHIN: Final = 150.0


@dataclass
class Board:
    """What the cluster says, and who waits for it to say something else."""

    cluster: Cluster
    namespace: str
    seen: dict[tuple[str, str], Json] = field(default_factory=dict)
    lifted: dict[str, set[str]] = field(default_factory=dict)
    """The moments that each Job's annotation has named: a second one is a second lift."""
    _news: asyncio.Condition = field(default_factory=asyncio.Condition)

    @asynccontextmanager
    async def follow(self) -> AsyncGenerator[None, None]:
        """Listen until the context is left."""
        tasks = [asyncio.create_task(self._hear(one)) for one in (BARRIERS, JOBS, RUNS)]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _hear(self, resource: Resource) -> None:
        async with aclosing(self.cluster.watch(resource, namespace=self.namespace)) as notices:
            async for notice in notices:
                match notice:
                    case Listed(items):
                        for one in items:
                            self._put(resource, one)
                    case Changed(Change.DELETED, document):
                        self.seen.pop((resource.plural, document["metadata"]["name"]), None)
                    case Changed(_, document):
                        self._put(resource, document)
                async with self._news:
                    self._news.notify_all()

    def _put(self, resource: Resource, document: Json) -> None:
        metadata = document["metadata"]
        self.seen[resource.plural, metadata["name"]] = document
        annotations = json_map(metadata.get("annotations"))
        if moment := annotations.get(Annotation.RELEASED):
            self.lifted.setdefault(metadata["name"], set()).add(moment)

    async def until(self, fact: Callable[[], bool]) -> None:
        """Wait for a fact about what is seen."""
        try:
            async with asyncio.timeout(_WITHIN), self._news:
                await self._news.wait_for(fact)
        except TimeoutError as error:
            raise AssertionError(f"it did not come true; so it stands: {self}") from error

    def __str__(self) -> str:
        """Return where everything stands."""
        barriers = {one["metadata"]["name"]: one.get("status") for one in self._all(BARRIERS)}
        return f"{barriers}, lifted: {self.lifted}, {self._all(RUNS)}"

    @property
    def barriers(self) -> list[str]:
        """Return the names of all barriers."""
        return [one["metadata"]["name"] for one in self._all(BARRIERS)]

    def barrier(self, name: str) -> BarrierStatus:
        document = self.seen.get(
            (BARRIERS.plural, name), {"metadata": {"name": name}, "spec": _NEW}
        )
        return Barrier.parse(document).status

    def runs(self, name: str) -> bool:
        """Tell whether a Job has been lifted."""
        return name in self.lifted

    def ended(self) -> Ended | None:
        """Return how everything ended, but for what its pods are told; None: it has not yet."""
        if not self.has_settled():
            return None
        barriers = [Barrier.parse(one) for one in self._all(BARRIERS)]
        run = Run.parse(self.seen[RUNS.plural, RUN]).status
        reason = next(one.reason for one in run.conditions if one.type == "Succeeded")
        return Ended(
            barriers={one.metadata.name: _met(one.status) for one in barriers},
            jobs={
                one["metadata"]["name"]: (
                    self.runs(one["metadata"]["name"]),
                    bool(one["spec"].get("suspend")),
                )
                for one in self._all(JOBS)
            },
            run=(run.phase, reason, tuple((one.stage, one.reason) for one in run.failed)),
            told={},
        )

    def has_settled(self) -> bool:
        """Tell whether nothing is left to be done."""
        run = self.seen.get((RUNS.plural, RUN))
        statuses = [Barrier.parse(one).status for one in self._all(BARRIERS)]
        return (
            run is not None
            and Run.parse(run).status.phase.is_terminal
            and all(one.phase.is_terminal for one in statuses)
            and self.barrier("r-extract").arrived == 3  # all of them
            and bool(self.seen[JOBS.plural, "r-check"]["spec"].get("suspend"))
        )

    def _all(self, resource: Resource) -> list[Json]:
        return [one for (plural, _), one in self.seen.items() if plural == resource.plural]


_NEW: Final[Json] = {"expected": 1}


def _met(status: BarrierStatus) -> Met:
    return Met(
        status.phase,
        status.reason or Reason.WAITING_FOR_ARRIVALS,
        tuple(sorted(unfold(status.arrivals))),
        tuple(sorted(unfold(status.failures))),
        status.root_cause,
    )
