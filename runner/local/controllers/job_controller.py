"""The Job controller: reads, asks `job.sync`, writes."""

import asyncio
from collections.abc import Coroutine, Iterable
from datetime import timedelta

from konductor.api.meta import Json, json_list, json_map
from konductor.cluster.port import PatchType
from konductor.cluster.resource import JOBS, PODS
from konductor.errors import BadRequest, Forbidden, ObjectNotFound
from konductor.runner.local.controllers.job import Decision, sync
from konductor.runner.local.controllers.job_backoff import LOCAL_DELAY, Backoff
from konductor.runner.local.controllers.job_model import (
    FINALIZER,
    Job,
    JobPod,
    parse_job,
    parse_job_pod,
)
from konductor.runner.local.controllers.job_pods import NewPod, pod_manifest
from konductor.runner.local.controllers.objects import Objects, name_of, owners_of, uid_of
from konductor.runner.local.controllers.queue import Queue
from konductor.runner.local.event import record

_GATHER = timedelta(milliseconds=5)
_SOURCE = "job-controller"


class JobController:
    """Keeps Jobs and their pods as `job.sync` decides."""

    def __init__(self, objects: Objects, *, first_delay: timedelta = LOCAL_DELAY) -> None:
        self._objects = objects
        self._cluster = objects.cluster
        self._first_delay = first_delay
        self._backoffs: dict[str, Backoff] = {}
        self._queue = Queue("job", self._sync, gather=_GATHER)
        self._telling: set[asyncio.Task[None]] = set()
        objects.follow(JOBS)
        objects.follow(PODS)
        objects.listen(JOBS, self._job_changed)
        objects.listen(PODS, self._pod_changed)

    async def close(self) -> None:
        """Control nothing any more."""
        await self._queue.close()
        for task in tuple(self._telling):
            task.cancel()

    def _job_changed(self, document: Json, gone: bool) -> None:  # noqa: FBT001  # a listener
        if gone:
            self._backoffs.pop(uid_of(document), None)
        self._queue.add(uid_of(document))

    def _pod_changed(self, document: Json, _gone: bool) -> None:  # noqa: FBT001  # a listener
        if owner := _job_of(document):
            self._queue.add(owner)

    async def _sync(self, uid: str) -> None:
        await self._objects.ready()
        pods = [
            parse_job_pod(document)
            for resource, document in self._objects.owned(uid)
            if resource == PODS and _job_of(document) == uid
        ]
        document = self._objects.find(JOBS, uid)
        if document is None:
            await self._release(pod for pod in pods if pod.tracked)
            return
        job = parse_job(document)
        if job.is_ours:
            await self._step(job, pods)

    async def _step(self, job: Job, pods: list[JobPod]) -> None:
        uid = job.meta.uid
        decision = sync(
            job,
            pods,
            self._backoffs.get(uid, Backoff()),
            now=self._cluster.now(),
            first_delay=self._first_delay,
        )
        await self._change_pods(job, decision)
        if decision.status is not None:
            stored = await self._cluster.replace(
                JOBS, job.document | {"status": decision.status}, subresource="status"
            )
            self._objects.put(JOBS, stored)
            self._backoffs[uid] = decision.backoff
        for note in decision.notes:
            self._tell(job, note.kind, note.reason, note.message)
        await self._release(decision.release)
        if decision.wait is not None:
            self._queue.add_after(uid, decision.wait)

    async def _change_pods(self, job: Job, decision: Decision) -> None:
        await self._release(decision.remove)
        await _all(self._delete(job, pod) for pod in (*decision.remove, *decision.end))
        await _all(self._create(job, new) for new in decision.create)

    async def _create(self, job: Job, new: NewPod) -> None:
        try:
            pod = await self._cluster.create(PODS, pod_manifest(job, new))
        except (BadRequest, Forbidden) as error:
            self._tell(job, "Warning", "FailedCreate", f"Error creating: {error}")
            raise
        self._objects.put(PODS, pod)
        self._tell(job, "Normal", "SuccessfulCreate", f"Created pod: {name_of(pod)}")

    async def _delete(self, job: Job, pod: JobPod) -> None:
        meta = pod.meta
        known = self._objects.find(PODS, meta.uid)
        try:
            await self._cluster.delete(PODS, meta.name, namespace=meta.namespace, uid=meta.uid)
        except ObjectNotFound:
            self._objects.drop(PODS, pod.document)
            return
        if known is not None:
            # Until the watch tells of it: what is deleted must not be counted as active.
            now = self._cluster.now().isoformat()
            deleted = known["metadata"] | {"deletionTimestamp": now}
            self._objects.put(PODS, known | {"metadata": deleted})
        self._tell(job, "Normal", "SuccessfulDelete", f"Deleted pod: {meta.name}")

    async def _release(self, pods: Iterable[JobPod]) -> None:
        """Take the finalizer off pods, so that they can go and are counted."""
        await _all(self._take_finalizer(pod) for pod in pods)

    async def _take_finalizer(self, pod: JobPod) -> None:
        document = self._objects.find(PODS, pod.meta.uid) or pod.document
        finalizers = json_list(json_map(document.get("metadata")).get("finalizers"))
        if FINALIZER not in finalizers:
            return
        path = f"/metadata/finalizers/{finalizers.index(FINALIZER)}"
        patch: list[Json] = [
            {"op": "test", "path": "/metadata/uid", "value": pod.meta.uid},
            {"op": "test", "path": path, "value": FINALIZER},
            {"op": "remove", "path": path},
        ]
        try:
            stored = await self._cluster.patch(
                PODS, pod.meta.name, patch, namespace=pod.meta.namespace, kind=PatchType.JSON
            )
        except ObjectNotFound:
            self._objects.drop(PODS, document)
        else:
            self._objects.put(PODS, stored)

    def _tell(self, job: Job, kind: str, reason: str, message: str) -> None:
        telling = record(self._cluster, job.document, kind, reason, message, source=_SOURCE)
        task = asyncio.create_task(telling)
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)


def _job_of(pod: Json) -> str:
    """Return the uid of the Job that controls a pod, or an empty string."""
    for owner in owners_of(pod):
        if owner.get("kind") == "Job" and owner.get("controller"):
            return str(owner.get("uid"))
    return ""


async def _all(steps: Iterable[Coroutine[None, None, None]]) -> None:
    """Take all steps side by side; all are taken before the first failure is raised."""
    results = await asyncio.gather(*steps, return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            raise result
