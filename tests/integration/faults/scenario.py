"""What people and pods do in the scenario, whatever befalls the operator meanwhile.

Level by level, as they would: a Job's participants arrive once it has been lifted, whoever
lifted it.
"""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Final

from konductor.api.arrival import Arrival, Outcome
from konductor.api.barrier import Phase
from konductor.api.names import arrivals_name, result_name
from konductor.cluster.port import Cluster
from konductor.cluster.resource import ARRIVALS, BARRIERS, CONFIGMAPS, JOBS, RUNS, resource_of
from tests.integration.faults.board import Board
from tests.integration.faults.cascade import RUN, documents
from tests.integration.faults.oracle import Ended

_HOUR: Final = timedelta(hours=1)


class Scene:
    """The scenario in one namespace."""

    def __init__(
        self, cluster: Cluster, namespace: str, advance: Callable[[timedelta], None]
    ) -> None:
        """Say where, and how the server's clock is set forward."""
        self.board = Board(cluster, namespace)
        self._cluster = cluster
        self._namespace = namespace
        self._advance = advance

    async def play(self) -> Ended:
        """Do what people and pods do; return how it ended."""
        for document in documents(self._namespace):
            await self._cluster.create(resource_of(document), document)
        patch = {"spec": {"ready": True}}
        await self._cluster.patch(RUNS, RUN, patch, namespace=self._namespace)
        async with self.board.follow(), asyncio.TaskGroup() as group:
            for part in (
                self._extract(),
                self._transform(),
                self._check(),
                self._single("r-repair"),
                self._single("r-cleanup"),
                self._raw(),
            ):
                group.create_task(part)
            await self.board.until(self.board.has_settled)
        return await self._ended()

    async def _extract(self) -> None:
        await self.board.until(lambda: self.board.runs("r-extract"))
        await self.arrive("r-extract", "r-extract-2", "r-extract-0")
        await self.board.until(lambda: self.board.barrier("r-extract").phase is Phase.OPEN)
        await self.arrive("r-extract", "r-extract-1")

    async def _transform(self) -> None:
        await self.board.until(lambda: self.board.runs("r-transform"))
        status = {"completedIndexes": "0-1", "succeeded": 2}
        await self._cluster.patch(
            JOBS,
            "r-transform",
            {"status": status},
            namespace=self._namespace,
            subresource="status",
        )

    async def _check(self) -> None:
        await self.board.until(lambda: self.board.runs("r-check"))
        await self.arrive("r-check", "r-check-0")
        await self.board.until(lambda: self.board.barrier("r-check").arrived == 1)
        await self.board.until(lambda: self.board.barrier("r-transform").phase is Phase.OPEN)
        self._advance(_HOUR)

    async def _single(self, name: str) -> None:
        await self.board.until(lambda: self.board.runs(name))
        await self.arrive(name, f"{name}-0")

    async def _raw(self) -> None:
        await self.arrive("survey", "x")
        await self.board.until(lambda: self.board.barrier("survey").arrived == 1)
        await self.arrive("survey", "y", outcome=Outcome.FAILED)
        await self.arrive("report", "z")

    async def arrive(
        self, name: str, *participants: str, outcome: Outcome = Outcome.ARRIVED
    ) -> None:
        """Post arrivals, as a hook does."""
        barrier = await self._cluster.get(BARRIERS, name, namespace=self._namespace)
        for one in participants:
            uid = barrier["metadata"]["uid"]
            arrival = Arrival.at(name, uid, one, namespace=self._namespace, outcome=outcome)
            await self._cluster.create(ARRIVALS, arrival.manifest())

    async def _ended(self) -> Ended:
        ended = self.board.ended()
        assert ended
        listed = await self._cluster.list(CONFIGMAPS, namespace=self._namespace)
        names = {arrivals_name(name) for name in ended.barriers} | {result_name(RUN)}
        found = {one["metadata"]["name"]: one.get("data", {}) for one in listed.items}
        ended.told.update({name: found[name] for name in sorted(names & found.keys())})
        twice = {name: moments for name, moments in self.board.lifted.items() if len(moments) > 1}
        assert not twice, f"lifted again: {twice}"
        return ended
