"""A cluster in memory: the port's test double.

It keeps what callers rely on: uids, resource versions and conflicts, generations, the ``status``
subresource, selectors, watches, and the deletion of what a deleted object owned. It validates
nothing and runs no controllers.
"""

import asyncio
import copy
import itertools
import uuid
from collections import defaultdict
from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Final, Self, TypeAlias

import jsonpatch

from konductor.api.meta import Json, json_list, json_map, merge_patch, time_text
from konductor.cluster.port import Change, Changed, Listed, Notice, Part, PatchType, Propagation
from konductor.cluster.resource import Resource, resource_of
from konductor.errors import ApiError

Key: TypeAlias = tuple[Resource, str, str]
"""Resource, namespace, name."""
_STATUS: Final = "status"
_PART: Final = 2
"""Objects that are told at a time where a list is taken in parts."""


class _Watch:
    """One open watch: its selection and what it has yet to tell; None: list again."""

    def __init__(self, select: Callable[[Json], bool]) -> None:
        self.select = select
        self.queue: asyncio.Queue[Changed | None] = asyncio.Queue()

    def tell(self, change: Change, before: Json | None, after: Json) -> None:
        was, fits = before is not None and self.select(before), self.select(after)
        if change is Change.DELETED and was:
            self.queue.put_nowait(Changed(change, copy.deepcopy(after)))
        elif change is not Change.DELETED and (was or fits):
            seen = Change.DELETED if not fits else Change.MODIFIED if was else Change.ADDED
            self.queue.put_nowait(Changed(seen, copy.deepcopy(after)))


class MemoryCluster:
    """One API server, in memory."""

    def __init__(self, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._now = now
        self._objects: dict[Key, Json] = {}
        self._versions = itertools.count(1)
        self._version = "0"
        self._watches: dict[Resource, list[_Watch]] = defaultdict(list)
        self._faults: list[ApiError] = []
        self.log_lines: dict[tuple[str, str], tuple[bytes, ...]] = {}
        """What `logs` yields for a namespace and a pod."""
        self.openapi: dict[str, Json] = {}
        """What `schemas` returns for a ``group/version``."""
        self.writes: list[tuple[str, str]] = []
        """Every write that was let in: what was done, and the path it was done to."""

    def fail_next_write(self, *errors: ApiError) -> None:
        """Answer the next writes with these errors instead of doing them."""
        self._faults.extend(errors)

    def cut_watches(self) -> None:
        """End every watch in a way that makes its follower list again."""
        for watch in itertools.chain.from_iterable(self._watches.values()):
            while not watch.queue.empty():
                watch.queue.get_nowait()
            watch.queue.put_nowait(None)

    def now(self) -> datetime:
        """Return the time of the clock that this cluster was given."""
        return self._now()

    async def version(self) -> Json:
        """Return what ``/version`` would say."""
        return {"gitVersion": "v1.37.0+memory"}

    async def schemas(self, group: str, version: str) -> Json:
        """Return what a test put into `openapi`."""
        if found := self.openapi.get(f"{group}/{version}"):
            return copy.deepcopy(found)
        raise _error(404, "NotFound", f"{group}/{version} not found")

    async def get(self, resource: Resource, name: str, *, namespace: str = "") -> Json:
        """Return one object."""
        return copy.deepcopy(self._stored((resource, namespace, name)))

    async def list(
        self,
        resource: Resource,
        *,
        namespace: str = "",
        labels: str = "",
        fields: str = "",
        part: Part | None = None,
    ) -> Listed:
        """Return all objects, of one namespace or of all."""
        select = selection(namespace, labels, fields)
        items = (one for (kind, *_), one in self._objects.items() if kind == resource)
        found = tuple(copy.deepcopy(one) for one in items if select(one))
        if part is not None:
            for start in range(0, len(found), _PART):
                part(found[start : start + _PART])
            found = ()
        return Listed(found, self._version, self._now().replace(microsecond=0))

    async def create(self, resource: Resource, document: Json) -> Json:
        """Create an object in the namespace that its metadata names; return it as stored."""
        created = copy.deepcopy(document)
        metadata = created.setdefault("metadata", {})
        if not metadata.get("name"):
            metadata["name"] = f"{metadata['generateName']}{next(self._versions):05}"
        key = resource, str(metadata.get("namespace", "")), str(metadata["name"])
        self._begin("create", key)
        if key in self._objects:
            raise _error(409, "AlreadyExists", f'{resource.plural} "{key[2]}" already exists')
        metadata |= {
            "uid": str(uuid.uuid4()),
            "creationTimestamp": time_text(self._now()),
            "generation": 1,
        }
        return self._put(key, {"apiVersion": resource.api_version, "kind": resource.kind} | created)

    async def patch(
        self,
        resource: Resource,
        name: str,
        patch: Json | Sequence[Json],
        *,
        namespace: str = "",
        kind: PatchType = PatchType.MERGE,
        subresource: str = "",
        resource_version: str = "",
    ) -> Json:
        """Patch an object, or its ``status``; return it as stored."""
        key = resource, namespace, name
        self._begin("patch", key, subresource)
        before = self._stored(key)
        _same(before, "resourceVersion", resource_version)
        if not isinstance(patch, dict):
            after = jsonpatch.apply_patch(copy.deepcopy(before), list(patch))
        elif kind is PatchType.MERGE:
            after = merge_patch(before, patch)
        else:
            raise _error(415, "UnsupportedMediaType", "the cluster in memory merges no lists")
        return self._update(key, before, after, subresource)

    async def replace(self, resource: Resource, document: Json, *, subresource: str = "") -> Json:
        """Store a whole object; with a ``resourceVersion`` in it, only over that version."""
        metadata = document["metadata"]
        key = resource, str(metadata.get("namespace", "")), str(metadata["name"])
        self._begin("replace", key, subresource)
        before = self._stored(key)
        _same(before, "resourceVersion", str(metadata.get("resourceVersion", "")))
        return self._update(key, before, document, subresource)

    async def apply(
        self,
        resource: Resource,
        document: Json,
        *,
        manager: str,  # noqa: ARG002  # nobody holds a field here
        force: bool = False,  # noqa: ARG002  # likewise
        dry_run: bool = False,
    ) -> Json:
        """Create an object, or merge into the one there is; return it as it then is."""
        metadata = document["metadata"]
        key = resource, str(metadata.get("namespace", "")), str(metadata["name"])
        before = self._objects.get(key)
        after = merge_patch(before, document) if before else document
        if dry_run:
            return copy.deepcopy(after)
        if before is None:
            return await self.create(resource, after)
        self._begin("apply", key)
        return self._update(key, before, after, "")

    async def delete(
        self,
        resource: Resource,
        name: str,
        *,
        namespace: str = "",
        uid: str = "",
        propagation: Propagation = Propagation.BACKGROUND,
        grace_seconds: int | None = None,  # noqa: ARG002  # nothing runs here that could be waited for
    ) -> None:
        """Delete an object; with ``uid``, only that one (`Conflict` otherwise)."""
        key = resource, namespace, name
        self._begin("delete", key)
        _same(self._stored(key), "uid", uid)
        self._remove(key, collect=propagation is not Propagation.ORPHAN)

    async def watch(
        self,
        resource: Resource,
        *,
        namespace: str = "",
        labels: str = "",
        fields: str = "",
        patience: timedelta | None = None,  # noqa: ARG002  # this cluster always answers
        heard: Callable[[], None] | None = None,
        part: Part | None = None,
    ) -> AsyncGenerator[Notice, None]:
        """List, then tell each change for ever; list again after `cut_watches`."""
        watch = _Watch(selection(namespace, labels, fields))
        self._watches[resource].append(watch)
        try:
            notice: Changed | None = None
            while True:
                if heard:
                    heard()
                if notice is None:
                    yield await self.list(
                        resource, namespace=namespace, labels=labels, fields=fields, part=part
                    )
                else:
                    yield notice
                notice = await watch.queue.get()
        finally:
            self._watches[resource].remove(watch)

    async def logs(
        self,
        pod: str,
        *,
        namespace: str,
        container: str = "",  # noqa: ARG002  # a pod has one log here
        follow: bool = False,  # noqa: ARG002  # and that has ended
        tail: int | None = None,
        timestamps: bool = False,  # noqa: ARG002  # without times
    ) -> AsyncGenerator[bytes, None]:
        """Yield the lines that a test put into `log_lines`."""
        found = self.log_lines.get((namespace, pod), ())
        for line in found if tail is None else found[max(len(found) - tail, 0) :]:
            yield line

    async def close(self) -> None:
        """Do nothing: there are no connections."""

    async def __aenter__(self) -> Self:
        """Return this cluster."""
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close."""

    def _begin(self, verb: str, key: Key, subresource: str = "") -> None:
        if self._faults:
            raise self._faults.pop(0)
        resource, namespace, name = key
        self.writes.append((verb, resource.path(namespace, name, subresource)))

    def _stored(self, key: Key) -> Json:
        if found := self._objects.get(key):
            return found
        resource, _, name = key
        raise _error(404, "NotFound", f'{resource.plural}.{resource.group} "{name}" not found')

    def _update(self, key: Key, before: Json, after: Json, subresource: str) -> Json:
        if subresource == _STATUS:
            stored = before | {_STATUS: after.get(_STATUS, {})}
        else:
            stored = {k: v for k, v in after.items() if k != _STATUS}
            stored |= {_STATUS: before[_STATUS]} if _STATUS in before else {}
        stored = copy.deepcopy(stored)
        for name in ("uid", "creationTimestamp", "generation", "resourceVersion"):
            stored["metadata"][name] = before["metadata"][name]
        if stored == before:
            return copy.deepcopy(before)
        if stored.get("spec") != before.get("spec"):
            stored["metadata"]["generation"] += 1
        return self._put(key, stored)

    def _put(self, key: Key, document: Json) -> Json:
        before = self._objects.get(key)
        document["metadata"]["resourceVersion"] = self._version = str(next(self._versions))
        self._objects[key] = document
        change = Change.MODIFIED if before else Change.ADDED
        for watch in self._watches[key[0]]:
            watch.tell(change, before, document)
        return copy.deepcopy(document)

    def _remove(self, key: Key, *, collect: bool) -> None:
        gone = self._objects.pop(key)
        self._version = str(next(self._versions))
        last = copy.deepcopy(gone)
        last["metadata"]["resourceVersion"] = self._version
        for watch in self._watches[key[0]]:
            watch.tell(Change.DELETED, gone, last)
        uid = gone["metadata"]["uid"]
        owned = [one for one, document in self._objects.items() if uid in _owners(document)]
        for one in owned if collect else ():
            if one in self._objects:
                self._remove(one, collect=True)


def selection(namespace: str, labels: str, fields: str) -> Callable[[Json], bool]:
    """Return the predicate of a namespace, a label and a field selector.

    Labels: ``key``, ``!key``, ``key=value``, ``key!=value``; fields: ``path=value``.
    """
    wanted = [one.strip() for one in labels.split(",") if one.strip()]
    paths = [one.partition("=") for one in fields.split(",") if one]

    def fits(document: Json) -> bool:
        metadata = document["metadata"]
        if namespace and metadata.get("namespace") != namespace:
            return False
        has = json_map(metadata.get("labels"))
        return all(_label(one, has) for one in wanted) and all(
            str(_at(document, path.split("."))) == value.lstrip("=") for path, _, value in paths
        )

    return fits


def put_all(cluster: MemoryCluster, documents: Iterable[Json]) -> None:
    """Create objects before anything runs, such as at the start of a test."""

    async def create() -> None:
        for document in documents:
            await cluster.create(resource_of(document), document)

    asyncio.run(create())


def _label(term: str, labels: Json) -> bool:
    if "!=" in term:
        key, _, value = term.partition("!=")
        return bool(labels.get(key) != value)
    if "=" in term:
        key, _, value = term.partition("=")
        return bool(labels.get(key) == value.lstrip("="))
    return term[1:] not in labels if term.startswith("!") else term in labels


def _at(document: object, path: Sequence[str]) -> object:
    for part in path:
        document = json_map(document).get(part, "")
    return document


def _owners(document: Json) -> set[str]:
    return {one["uid"] for one in json_list(document["metadata"].get("ownerReferences"))}


def _same(document: Json, member: str, wanted: str) -> None:
    if wanted and document["metadata"][member] != wanted:
        raise _error(409, "Conflict", f"the object has another {member} than {wanted}")


def _error(code: int, reason: str, message: str) -> ApiError:
    return ApiError.of(code, {"reason": reason, "message": message})
