"""Deletes finished Jobs when their ``ttlSecondsAfterFinished`` is over."""

from datetime import datetime, timedelta

from konductor.api.meta import Json, optional_time
from konductor.cluster.port import Propagation
from konductor.cluster.resource import JOBS
from konductor.errors import Conflict, ObjectNotFound
from konductor.runner.local.controllers.job_model import parse_job
from konductor.runner.local.controllers.objects import (
    Objects,
    is_deleting,
    name_of,
    namespace_of,
    uid_of,
)
from konductor.runner.local.controllers.queue import Queue

_GATHER = timedelta(milliseconds=10)


class TtlController:
    """Deletes what has finished, in the foreground as Kubernetes does."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects
        self._queue = Queue("ttl", self._sync, gather=_GATHER)
        objects.follow(JOBS)
        objects.listen(JOBS, self._changed)

    async def close(self) -> None:
        """Delete nothing any more."""
        await self._queue.close()

    def _changed(self, document: Json, gone: bool) -> None:  # noqa: FBT001  # a listener
        if not gone and time_to_go(document) is not None:
            self._queue.add(uid_of(document))

    async def _sync(self, uid: str) -> None:
        document = self._objects.find(JOBS, uid)
        moment = time_to_go(document) if document else None
        if document is None or moment is None:
            return
        left = moment - self._objects.cluster.now()
        if left > timedelta(0):
            self._queue.add_after(uid, left)
            return
        try:
            await self._objects.cluster.delete(
                JOBS,
                name_of(document),
                namespace=namespace_of(document),
                uid=uid_of(document),
                propagation=Propagation.FOREGROUND,
            )
        except (ObjectNotFound, Conflict):
            return


def time_to_go(document: Json) -> datetime | None:
    """Return when a Job is to be deleted; None while it runs, or if never. Pure."""
    job = parse_job(document)
    final = job.has("Complete") or job.has("Failed") or {}
    finished = optional_time(final.get("lastTransitionTime"))
    if job.ttl is None or finished is None or is_deleting(document):
        return None
    return finished + job.ttl
