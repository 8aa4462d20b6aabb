"""The operator's tasks in one event loop: watches that feed the desk, workers that clear it.

Barriers and Runs come from kopf (`konductor.operator.kopf_feed`). Arrivals, Jobs and pods come
from the cluster's own watch, which costs a fifteenth as much per event; a barrier may see a
million arrivals. A list now and then catches what kopf, which keeps no cache, cannot tell:
objects that were deleted while its watch was cut.

The number of tasks is fixed before kopf starts, because kopf waits for, and then cancels, tasks
of its loop that came after it.
"""

import asyncio
import logging
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial
from typing import Final

from konductor.api.meta import Json
from konductor.api.names import Label
from konductor.cluster.http import HttpCluster
from konductor.cluster.port import Change, Cluster, Listed
from konductor.cluster.resource import ARRIVALS, BARRIERS, JOBS, LEASES, PODS, RUNS, Resource
from konductor.connection import Connection
from konductor.errors import Forbidden, KonductorError
from konductor.operator.desk import Desk
from konductor.operator.facts import JOB_NAME
from konductor.operator.kopf_feed import feed
from konductor.operator.measure import Measure, Silent
from konductor.operator.post import Post
from konductor.operator.refusal import Refusals
from konductor.operator.settle import Settler
from konductor.operator.subject import Urgency
from konductor.semantics.observation import FreshRead

_log = logging.getLogger(__name__)
_WORKERS: Final = 96
"""Writes under way: as many as hooks may post at a time, or openings would fall behind them."""
_READERS: Final = 3
_POSTERS: Final = 3
_IN_PARTS: Final = (ARRIVALS, PODS)
"""Kinds of which there may be more than fit into the memory, and of which none is missed."""
_RESYNC: Final = 30.0
_AFTER_KOPF_LISTED: Final = 0.5
_PAUSE: Final = 0.5


@dataclass(frozen=True, slots=True)
class Scope:
    """Which objects an operator serves."""

    namespace: str = ""
    """Empty: all namespaces."""
    run: str = ""
    """Empty: all; else only what is labelled with that run."""

    @property
    def labels(self) -> str:
        """Return the label selector of Barriers, Runs and Jobs."""
        return f"{Label.RUN}={self.run}" if self.run else ""


class Engine:
    """One operator in one event loop."""

    def __init__(self, cluster: Cluster, scope: Scope, measure: Measure | None = None) -> None:
        self._cluster = cluster
        self._scope = scope
        self._measure = measure or Silent()
        self.desk = Desk(cluster.now)
        self._refusals = Refusals()
        self._post = Post(cluster, self._measure, self._refusals, lambda: self.desk.pressing)
        self._settler = Settler(cluster, self.desk, self._post, self._measure, self._refusals)
        self._resync = asyncio.Event()
        self._followed = [ARRIVALS, JOBS, PODS]
        if not scope.run:
            self._followed.append(LEASES)
            self.desk.store.leases_listed = False

    def hear(self, resource: Resource, change: Change | None, document: Json) -> None:
        """Take in what kopf tells."""
        if change is None:  # kopf has listed: what it no longer sees, it does not say
            self.resync()
        self.desk.hear(resource, document, change or Change.MODIFIED)

    def resync(self) -> None:
        """Have Barriers and Runs listed soon."""
        self._resync.set()

    async def run(self, ready: Callable[[], None]) -> None:
        """Run all tasks but kopf's, for ever."""
        try:
            async with asyncio.TaskGroup() as tasks:
                for resource in self._followed:
                    tasks.create_task(self._follow(resource))
                for _ in range(_WORKERS):
                    tasks.create_task(self._work())
                for _ in range(_POSTERS):
                    tasks.create_task(self._post.carry())
                for _ in range(_READERS):
                    tasks.create_task(self._read())
                tasks.create_task(self._keep_in_step())
                await self.desk.all_listed.wait()
                ready()
        finally:
            self.desk.stop()

    async def _follow(self, resource: Resource) -> None:
        labels = {JOBS: self._scope.labels, PODS: JOB_NAME, LEASES: Label.RUN}.get(resource, "")
        if resource == PODS:
            await self.desk.pods_wanted.wait()
        while True:
            try:
                await self._follow_once(resource, labels)
            except KonductorError as error:
                if resource == LEASES and isinstance(error, Forbidden):
                    # Two operators of one run do no harm: it goes on as if there were no Leases.
                    self.desk.hear_list(LEASES, Listed((), "", self._cluster.now()))
                await self._rest(error, _ended(resource))
            await asyncio.sleep(_PAUSE)

    async def _rest(self, error: KonductorError, what: str) -> None:
        """Tell of a fault; of what is forbidden, wait until it is worth another try."""
        self._measure.failed(error)
        if isinstance(error, Forbidden):
            await asyncio.sleep(self._refusals.note(what, error))
        else:
            _log.warning("%s: %s", what, error)

    async def _follow_once(self, resource: Resource, labels: str) -> None:
        hear, namespace = self.desk.hear, self._scope.namespace
        heard = partial(self._measure.heard, resource)
        part = partial(self.desk.hear_part, resource) if resource in _IN_PARTS else None
        watch = self._cluster.watch(
            resource, namespace=namespace, labels=labels, heard=heard, part=part
        )
        async with aclosing(watch) as notices:
            async for notice in notices:
                if isinstance(notice, Listed):
                    self._refusals.forget(_ended(resource))
                    self.desk.hear_list(resource, notice)
                else:
                    hear(resource, notice.document, notice.change)

    async def _work(self) -> None:
        while True:
            subject = await self.desk.work.take()
            try:
                await self._settler.settle(subject)
            finally:
                self.desk.settled(subject)

    async def _read(self) -> None:
        """Make fresh reads for those who wait for one."""
        while True:
            namespace, subjects = await self.desk.reads.begin()
            read = await self._read_once(namespace)
            self.desk.reads.end(subjects, read)
            for subject in subjects:
                self.desk.add(subject, Urgency.CHANGE)
            if read is None:
                await asyncio.sleep(_PAUSE)

    async def _read_once(self, namespace: str) -> FreshRead | None:
        begun, fault = self._cluster.now(), f"{namespace} could not be read again"
        try:
            # Arrivals last: a Job that is seen to have failed had posted its arrivals before.
            for resource in (BARRIERS, JOBS, ARRIVALS):
                labels = "" if resource == ARRIVALS else self._scope.labels
                part = partial(self.desk.hear_part_of_read, resource)
                listed = await self._cluster.list(
                    resource,
                    namespace=namespace,
                    labels=labels,
                    part=part if resource in _IN_PARTS else None,
                )
                self.desk.hear_read(resource, listed, namespace)
        except KonductorError as error:
            await self._rest(error, fault)
            return None
        self._refusals.forget(fault)
        return FreshRead(at=begun)

    async def _keep_in_step(self) -> None:
        """List Barriers and Runs at first, after kopf has listed, and now and then."""
        while True:
            if await self._list(BARRIERS):  # else nobody knows whether theirs exists
                self.desk.store.forget_strays()
            await self._list(RUNS)
            pause = _RESYNC if self.desk.store.listed else _PAUSE
            try:
                async with asyncio.timeout(pause):
                    await self._resync.wait()
                await asyncio.sleep(_AFTER_KOPF_LISTED)
            except TimeoutError:
                pass
            self._resync.clear()

    async def _list(self, resource: Resource) -> bool:
        """Tell whether all objects of a kind could be listed."""
        scope, fault = self._scope, f"{resource.plural} could not be listed"
        try:
            listed = await self._cluster.list(
                resource, namespace=scope.namespace, labels=scope.labels
            )
        except KonductorError as error:
            await self._rest(error, fault)
            return False
        self._refusals.forget(fault)
        self._measure.heard(resource)
        self.desk.hear_list(resource, listed)
        return True


def _ended(watched: Resource) -> str:
    return f"the watch of {watched.plural} ended and starts again"


async def operate(
    connection: Connection,
    scope: Scope,
    ready: Callable[[], None],
    measure: Measure | None = None,
) -> None:
    """Be the operator of a cluster until cancelled."""
    async with HttpCluster(connection) as cluster:
        await operate_on(cluster, scope, ready, measure)


async def operate_on(
    cluster: HttpCluster,
    scope: Scope,
    ready: Callable[[], None],
    measure: Measure | None = None,
) -> None:
    """Be the operator of a cluster that is connected to, until cancelled."""
    engine = Engine(cluster, scope, measure)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(engine.run(ready))
        await asyncio.sleep(0)  # so that all of its tasks are there before kopf's
        await feed(
            cluster.connection,
            engine.hear,
            engine.resync,
            namespace=scope.namespace,
            run=scope.run,
        )
