"""The life of one pod on this node, from its turn to its last status."""

import asyncio
from contextlib import suppress
from datetime import timedelta

from konductor.api.meta import Json
from konductor.api.names import Container
from konductor.cluster.resource import NODES, PODS
from konductor.errors import Conflict, KonductorError, ObjectNotFound
from konductor.runner.local.kubelet.admission import Request
from konductor.runner.local.kubelet.failure import NeverRunnable, NotYetRunnable
from konductor.runner.local.kubelet.material import read_material
from konductor.runner.local.kubelet.node import bind
from konductor.runner.local.kubelet.pod import Pod
from konductor.runner.local.kubelet.report import Report
from konductor.runner.local.kubelet.run import Runs
from konductor.runner.local.kubelet.scheduling import UNFIT, asks_of_node, fits, is_gated
from konductor.runner.local.kubelet.settings import Shared
from konductor.runner.local.kubelet.state import Verdict
from konductor.runner.local.kubelet.volume import refuse_unsupported, volume_files

_LONGEST_PAUSE = 2.0
_LOST = Verdict(
    "NodeLost", "the local cluster was restarted while this pod ran; it is not run twice"
)
_LATE = Verdict("DeadlineExceeded", "Pod was active on the node longer than the specified deadline")
_RENEWED_AT = 0.8
_UNISOLATED = "Runs as plain processes of one user: no container isolates it from this machine"


class PodWorker:
    """Runs one pod once."""

    def __init__(self, shared: Shared, pod: Pod, *, ended: bool = False) -> None:
        self._shared = shared
        self.pod = pod
        self._ended = ended
        self._folder = shared.folder.pod(pod)
        self._report = Report(shared, pod)
        self.runs = Runs(shared, pod, self._folder, self._report, self._write_volumes)
        self._held: list[Request] = []
        self._deleted = asyncio.Event()
        self._vanished = asyncio.Event()
        self._news = asyncio.Event()
        self._abandoned = False

    def update(self, pod: Pod) -> None:
        """Take in what the API server says of the pod now."""
        self.pod = pod
        self._news.set()
        if pod.meta.deleted is not None:
            self._deleted.set()

    def vanish(self) -> None:
        """Take in that the pod is no more."""
        self._vanished.set()
        self._deleted.set()
        self._news.set()

    def abandon(self) -> None:
        """Leave the pod as it is, and its programs to their owner: the kubelet ends."""
        self._abandoned = True
        self.runs.abandon()

    async def run(self) -> None:
        """Live the pod's life; when this returns nothing of it runs any more."""
        try:
            with suppress(ObjectNotFound, Conflict):
                await self._live()
        finally:
            if not self._abandoned:
                await self._leave()

    async def _leave(self) -> None:
        await self.runs.end(0)
        for request in self._held:
            self._shared.admissions.give_back(request)
        if self._deleted.is_set():
            await self._bury()

    async def _live(self) -> None:
        if self._ended:
            return
        if self._folder.was_started:
            self._report.conclude(_LOST)
            await self._report.write()
            return
        if not await self._let_in():
            return
        try:
            refuse_unsupported(self.pod)
        except NeverRunnable as error:
            await self._report.reject(Verdict(error.reason, error.message))
            return
        course = asyncio.create_task(self._course())
        end = asyncio.create_task(self._end_from_outside())
        try:
            await asyncio.wait({course, end}, return_when=asyncio.FIRST_COMPLETED)
            verdict = await end if end.done() else await course
        finally:
            await _cancel(course)
            await _cancel(end)
        self._report.expected = verdict
        grace = timedelta(0) if self._vanished.is_set() else self.pod.grace
        await self.runs.end(grace.total_seconds())
        self._report.conclude(verdict)
        await self._report.write()

    async def _let_in(self) -> bool:
        """Wait for the pod's turn and bind it; return whether it still is to run."""
        slot = self.pod.takes_slot and not self.pod.waits_first
        if self.pod.node:
            self._hold(Request(self.pod.meta.uid, place=True, slot=False))
            self._shared.admissions.take(self._held[0])
            await self._take(Request(self.pod.meta.uid, place=False, slot=slot))
        else:
            await self._until_it_fits()
            await self._take(Request(self.pod.meta.uid, place=True, slot=slot))
            if not self._deleted.is_set():
                await bind(self._shared.cluster, self.pod, self._shared.settings.node)
        return not self._vanished.is_set()

    async def _until_it_fits(self) -> None:
        """Wait while a gate holds the pod, or the node is not what it asks for."""
        told = False
        while not self._deleted.is_set():
            self._news.clear()
            if not is_gated(self.pod):
                if not asks_of_node(self.pod) or fits(self.pod, await self._node()):
                    return
                if not told:
                    await self._report.cannot_schedule()
                    await self._shared.tell(self.pod, "Warning", "FailedScheduling", UNFIT)
                    told = True
            with suppress(TimeoutError):
                async with asyncio.timeout(_LONGEST_PAUSE):
                    await self._news.wait()

    async def _node(self) -> Json:
        return await self._shared.cluster.get(NODES, self._shared.settings.node)

    async def _take(self, request: Request) -> None:
        turn = asyncio.create_task(self._shared.admissions.acquire(request))
        gone = asyncio.create_task(self._deleted.wait())
        try:
            await asyncio.wait({turn, gone}, return_when=asyncio.FIRST_COMPLETED)
            if turn.done():
                self._hold(request)
        finally:
            await _cancel(gone)
            if not turn.done():
                await _cancel(turn)

    def _hold(self, request: Request) -> None:
        self._held.append(request)

    async def _course(self) -> Verdict | None:
        """Run the containers in their order; return once all are done."""
        await self._report.write()
        await self._make_volumes()
        told = asyncio.create_task(self._shared.tell(self.pod, "Normal", "Unisolated", _UNISOLATED))
        renewal = asyncio.create_task(self._renew_tokens())
        try:
            for container in self.pod.init_containers:
                state = await self.runs.until_done(container)
                if not state.succeeded:
                    return None
                if container.name == Container.WAIT and self.pod.takes_slot:
                    await self._take(Request(self.pod.meta.uid, place=False, slot=True))
            await asyncio.gather(*map(self.runs.until_done, self.pod.containers))
        finally:
            await _cancel(renewal)
            await told
        return None

    async def _end_from_outside(self) -> Verdict | None:
        """Return once the pod is deleted, or has been active for too long."""
        deadline = self.pod.active_deadline
        try:
            async with asyncio.timeout(deadline.total_seconds() if deadline else None):
                await self._deleted.wait()
        except TimeoutError:
            await self._shared.tell(self.pod, "Normal", "DeadlineExceeded", _LATE.message)
            return _LATE
        return None

    async def _make_volumes(self) -> None:
        """Read and write what the volumes hold, as soon as all of it is there."""
        pause, told = 0.1, ""
        while True:
            try:
                await self._write_volumes()
            except (NotYetRunnable, ObjectNotFound) as error:
                if str(error) != told:
                    told = str(error)
                    await self._shared.tell(
                        self.pod, "Warning", "FailedMount", f"MountVolume.SetUp failed: {error}"
                    )
            else:
                return
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)

    async def _write_volumes(self) -> None:
        shared, pod = self._shared, self.pod
        material = await read_material(shared.cluster, pod, shared.facts)
        for volume in pod.volumes:
            files = volume_files(volume, pod, material)
            folder = self._folder.make_volume(volume, pod.meta.namespace, files)
            self.runs.volumes[str(volume["name"])] = folder
        self.runs.material = material

    async def _renew_tokens(self) -> None:
        """Write new tokens before the old ones end."""
        while self.runs.material and self.runs.material.tokens:
            shortest = min(request.seconds for request in self.runs.material.tokens)
            await asyncio.sleep(_RENEWED_AT * shortest)
            with suppress(KonductorError):
                await self._write_volumes()

    async def _bury(self) -> None:
        """Let the API server forget a pod that was deleted and has ended."""
        meta = self.pod.meta
        with suppress(ObjectNotFound, Conflict):
            if not self._vanished.is_set():
                await self._shared.cluster.delete(
                    PODS, meta.name, namespace=meta.namespace, uid=meta.uid, grace_seconds=0
                )
        self._folder.remove()


async def _cancel(task: asyncio.Task[object]) -> None:
    task.cancel()
    await asyncio.wait({task})
