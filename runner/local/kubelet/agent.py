"""The kubelet: follows the pods of its node and gives each a worker.

It speaks to the API server only, as any node agent, and works the same with a real one.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from datetime import timedelta
from typing import Self

from konductor.api.meta import Json, json_list
from konductor.cluster.port import Change, Changed, Cluster, Listed, Notice
from konductor.cluster.resource import PODS
from konductor.connection import Connection
from konductor.errors import KonductorError
from konductor.runner.local.apiserver.answer import bad_request
from konductor.runner.local.apiserver.node import LogRequest
from konductor.runner.local.kubelet.admit import Admissions
from konductor.runner.local.kubelet.execute import Execution
from konductor.runner.local.kubelet.fields import Facts
from konductor.runner.local.kubelet.logread import read_log
from konductor.runner.local.kubelet.node import beat, register, resources
from konductor.runner.local.kubelet.pod import Pod, parse_pod
from konductor.runner.local.kubelet.podfolder import StateFolder
from konductor.runner.local.kubelet.processes import NotStarted, Processes
from konductor.runner.local.kubelet.settings import Settings, Shared
from konductor.runner.local.kubelet.worker import PodWorker

_log = logging.getLogger(__name__)
_LOGS_KEPT = 1000
"""Pods whose logs stay after they are gone."""
_LOGS_CHECKED_EVERY = 100


class Kubelet:
    """A running node agent; leaving its context ends every program of it."""

    def __init__(self, settings: Settings, cluster: Cluster, connection: Connection) -> None:
        self._settings = settings
        self._cluster = cluster
        self._connection = connection
        self._workers: dict[str, tuple[PodWorker, asyncio.Task[None]]] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._shared: Shared | None = None
        self._started = 0
        # A watch may still tell of a pod as it was before its last status.
        self._finished: set[str] = set()

    @property
    def shared(self) -> Shared:
        """Return what its workers share."""
        assert self._shared is not None, "the kubelet has not been started"  # noqa: S101
        return self._shared

    async def __aenter__(self) -> Self:
        """Start: register the node and follow its pods."""
        settings = self._settings
        folder = StateFolder(settings.folder, settings.workspace)
        self._shared = Shared(
            settings,
            self._cluster,
            self._connection,
            Processes.start(folder.root),
            folder,
            Admissions(places=settings.capacity, slots=settings.slots),
            Facts(settings.address, resources()),
        )
        await register(self._cluster, settings.node, settings.address)
        self._tasks.append(asyncio.create_task(self._follow()))
        if settings.heartbeat:
            self._tasks.append(asyncio.create_task(self._beat(settings.heartbeat)))
        return self

    async def __aexit__(self, *_: object) -> None:
        """End every program at once, then the agent; the next start reports what ran as lost."""
        tasks = [*self._tasks, *(task for _, task in self._workers.values())]
        for worker, _task in self._workers.values():
            worker.abandon()
        for task in tasks:
            task.cancel()
        await self.shared.processes.close()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def log(
        self, pod: Json, container: str, request: LogRequest
    ) -> AsyncGenerator[bytes, None]:
        """Yield a container's log in pieces.

        Raises:
            Refusal: there is no such log.
        """
        known = parse_pod(pod)
        folder = self.shared.folder.pod(known)
        path = folder.last_log(container, before=int(request.previous))
        if path is None:
            raise bad_request(_no_log(known, container, request))

        def ended() -> bool:
            worker, _ = self._workers.get(known.meta.uid, (None, None))
            return worker is None or not worker.runs.active(container)

        async for piece in read_log(path, request, ended=ended):
            yield piece

    async def execute(
        self, pod: Json, container: str, command: list[str], *, stdin: bool, tty: bool
    ) -> Execution:
        """Start a program in a container.

        Raises:
            Refusal: it cannot be started.
        """
        worker, _ = self._workers.get(parse_pod(pod).meta.uid, (None, None))
        if worker is None:
            raise bad_request(f'container not found ("{container}")')
        try:
            return await worker.runs.execute(container, command, stdin=stdin, tty=tty)
        except NotStarted as error:
            raise bad_request(error.message) from error

    async def idle(self) -> None:
        """Wait until no pod is in its care."""
        while self._workers:
            await asyncio.wait({task for _, task in self._workers.values()})

    async def _follow(self) -> None:
        fields = "" if self._settings.binds else f"spec.nodeName={self._settings.node}"
        notices: AsyncGenerator[Notice, None] = self._cluster.watch(PODS, fields=fields)
        async with aclosing(notices):
            async for notice in notices:
                match notice:
                    case Listed(items):
                        self._take_list(items)
                    case Changed(Change.DELETED, document):
                        self._vanished(parse_pod(document).meta.uid)
                        self._finished.discard(parse_pod(document).meta.uid)
                    case Changed(_, document):
                        self._see(parse_pod(document))

    def _take_list(self, items: tuple[Json, ...]) -> None:
        pods = sorted(map(parse_pod, items), key=_age)
        living = {pod.meta.uid for pod in pods}
        for uid in self._workers.keys() - living:
            self._vanished(uid)
        self._finished &= living
        self.shared.folder.forget(living | self._workers.keys())
        for pod in pods:
            self._see(pod)

    def _see(self, pod: Pod) -> None:
        if pod.node not in {"", self._settings.node}:
            return
        ended = pod.is_over or pod.meta.uid in self._finished
        if pod.meta.uid in self._workers:
            self._workers[pod.meta.uid][0].update(pod)
        elif not ended or (pod.meta.deleted is not None and pod.grace):
            self._start(pod, ended=ended)

    def _start(self, pod: Pod, *, ended: bool) -> None:
        worker = PodWorker(self.shared, pod, ended=ended)
        worker.update(pod)
        task = asyncio.create_task(self._work(worker), name=f"pod {pod.key}")
        self._workers[pod.meta.uid] = worker, task
        self._started += 1
        if self._started % _LOGS_CHECKED_EVERY == 0:
            self.shared.folder.bound_logs(_LOGS_KEPT)

    async def _work(self, worker: PodWorker) -> None:
        try:
            await worker.run()
        except KonductorError as error:
            _log.warning("pod %s: %s", worker.pod.key, error)
        except Exception:  # noqa: BLE001  # a bug in one pod's course must not end the others'
            _log.exception("pod %s: please report this", worker.pod.key)
        finally:
            del self._workers[worker.pod.meta.uid]
            self._finished.add(worker.pod.meta.uid)

    def _vanished(self, uid: str) -> None:
        if uid in self._workers:
            self._workers[uid][0].vanish()

    async def _beat(self, every: timedelta) -> None:
        while True:
            with suppress(KonductorError):
                await beat(self._cluster, self._settings.node, every)
            await asyncio.sleep(every.total_seconds())


def _no_log(pod: Pod, container: str, request: LogRequest) -> str:
    name = pod.meta.name
    if request.previous:
        return f'previous terminated container "{container}" in pod "{name}" not found'
    for status in json_list(pod.status.get("containerStatuses")):
        if status.get("name") == container and (state := status.get("state", {}).get("waiting")):
            reason = state.get("reason")
            return f'container "{container}" in pod "{name}" is waiting to start: {reason}'
    return f'container "{container}" in pod "{name}" has not been started'


def _age(pod: Pod) -> tuple[float, str]:
    created = pod.meta.created
    return created.timestamp() if created else 0.0, pod.meta.name
