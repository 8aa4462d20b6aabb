"""Deletes finished Jobs and Runs when the time that they stay is over."""

from datetime import datetime, timedelta

from konductor.api.meta import Json, json_map, optional_time
from konductor.cluster.port import Propagation
from konductor.cluster.resource import JOBS, RUNS, Resource
from konductor.duration import parse_duration
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
        for resource in (JOBS, RUNS):
            objects.follow(resource)
            objects.listen(resource, self._changed)

    async def close(self) -> None:
        """Delete nothing any more."""
        await self._queue.close()

    def _changed(self, document: Json, gone: bool) -> None:  # noqa: FBT001  # a listener
        if not gone and time_to_go(document) is not None:
            self._queue.add(uid_of(document))

    async def _sync(self, uid: str) -> None:
        for resource in (JOBS, RUNS):
            document = self._objects.find(resource, uid)
            moment = time_to_go(document) if document else None
            if document is not None and moment is not None:
                left = moment - self._objects.cluster.now()
                if left > timedelta(0):
                    self._queue.add_after(uid, left)
                else:
                    await self._delete(resource, document)

    async def _delete(self, resource: Resource, document: Json) -> None:
        try:
            await self._objects.cluster.delete(
                resource,
                name_of(document),
                namespace=namespace_of(document),
                uid=uid_of(document),
                propagation=Propagation.FOREGROUND,
            )
        except (ObjectNotFound, Conflict):
            return


def time_to_go(document: Json) -> datetime | None:
    """Return when a Job or Run is to be deleted; None while it runs, or if never. Pure."""
    if is_deleting(document):
        return None
    return _of_run(document) if document.get("kind") == RUNS.kind else _of_job(document)


def _of_job(document: Json) -> datetime | None:
    job = parse_job(document)
    final = job.has("Complete") or job.has("Failed") or {}
    finished = optional_time(final.get("lastTransitionTime"))
    return None if job.ttl is None or finished is None else finished + job.ttl


def _of_run(document: Json) -> datetime | None:
    text = json_map(document.get("spec")).get("ttl")
    finished = optional_time(json_map(document.get("status")).get("finishedAt"))
    return finished + parse_duration(str(text)) if text and finished else None
