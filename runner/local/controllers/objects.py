"""The objects that the controllers look at: each kind is followed once for all of them."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import aclosing
from typing import TypeAlias

from konductor.api.meta import Json, json_list, json_map
from konductor.cluster.port import Change, Changed, Cluster, Listed
from konductor.cluster.resource import Resource
from konductor.errors import KonductorError

Listener: TypeAlias = Callable[[Json, bool], None]
"""Takes an object and whether it is gone."""
_PAUSE = 1.0


class Objects:
    """The newest known version of every object of the followed kinds.

    What a controller writes is put in at once, so that it never acts on what it has changed.
    """

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self._known: dict[Resource, dict[str, Json]] = {}
        self._owned: dict[str, set[tuple[Resource, str]]] = defaultdict(set)
        self._listeners: dict[Resource, list[Listener]] = defaultdict(list)
        self._listed: dict[Resource, asyncio.Event] = {}
        self._tasks: dict[Resource, asyncio.Task[None]] = {}
        self._gone: dict[str, None] = {}

    def listen(self, resource: Resource, listener: Listener) -> None:
        """Have a listener told of each change of a kind."""
        self._listeners[resource].append(listener)

    def follow(self, resource: Resource) -> None:
        """Follow a kind from now on."""
        if resource not in self._tasks:
            self._known[resource] = {}
            self._listed[resource] = asyncio.Event()
            self._tasks[resource] = asyncio.create_task(self._follow(resource))

    async def ready(self) -> None:
        """Wait until every followed kind has been listed."""
        await asyncio.gather(*(listed.wait() for listed in self._listed.values()))

    async def close(self) -> None:
        """Follow nothing any more."""
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    @property
    def followed(self) -> tuple[Resource, ...]:
        """Return the kinds that are followed and have been listed."""
        return tuple(resource for resource, listed in self._listed.items() if listed.is_set())

    def all(self, resource: Resource) -> list[Json]:
        """Return every object of a kind."""
        return list(self._known.get(resource, {}).values())

    def find(self, resource: Resource, uid: str) -> Json | None:
        """Return one object, if it is known."""
        return self._known.get(resource, {}).get(uid)

    def owned(self, uid: str) -> Iterator[tuple[Resource, Json]]:
        """Yield the objects that name an owner in their ownerReferences."""
        for resource, child in tuple(self._owned.get(uid, ())):
            if (document := self.find(resource, child)) is not None:
                yield resource, document

    def put(self, resource: Resource, document: Json) -> None:
        """Take in an object as the server has stored it, unless a newer one is known."""
        known = self._known.get(resource)
        uid = uid_of(document)
        if known is None or uid in self._gone:
            return
        if uid in known and _version(known[uid]) > _version(document):
            return
        self._unlink(resource, known.get(uid))
        known[uid] = document
        for owner in owners_of(document):
            self._owned[str(owner.get("uid"))].add((resource, uid))
        for listener in self._listeners[resource]:
            listener(document, False)  # noqa: FBT003  # positional by the type of a listener

    def drop(self, resource: Resource, document: Json) -> None:
        """Take in that an object is gone."""
        uid = uid_of(document)
        self._gone[uid] = None
        if len(self._gone) > 10_000:  # noqa: PLR2004  # far more than can be under way
            del self._gone[next(iter(self._gone))]
        if (before := self._known.get(resource, {}).pop(uid, None)) is not None:
            self._unlink(resource, before)
        for listener in self._listeners[resource]:
            listener(document, True)  # noqa: FBT003  # positional by the type of a listener

    def _unlink(self, resource: Resource, document: Json | None) -> None:
        for owner in owners_of(document or {}):
            children = self._owned[str(owner.get("uid"))]
            children.discard((resource, uid_of(document or {})))
            if not children:
                del self._owned[str(owner.get("uid"))]

    async def _follow(self, resource: Resource) -> None:
        while True:
            try:
                async with aclosing(self.cluster.watch(resource)) as notices:
                    async for notice in notices:
                        match notice:
                            case Listed(items):
                                self._replace(resource, items)
                            case Changed(Change.DELETED, document):
                                self.drop(resource, document)
                            case Changed(_, document):
                                self.put(resource, document)
            except KonductorError:  # such as a kind that is being defined just now
                await asyncio.sleep(_PAUSE)

    def _replace(self, resource: Resource, items: tuple[Json, ...]) -> None:
        there = {uid_of(item) for item in items}
        for document in self.all(resource):
            if uid_of(document) not in there:
                self.drop(resource, document)
        for item in items:
            self.put(resource, item)
        self._listed[resource].set()


def uid_of(document: Json) -> str:
    """Return an object's uid."""
    return str(json_map(document.get("metadata")).get("uid") or "")


def name_of(document: Json) -> str:
    """Return an object's name."""
    return str(json_map(document.get("metadata")).get("name") or "")


def namespace_of(document: Json) -> str:
    """Return an object's namespace, or an empty string."""
    return str(json_map(document.get("metadata")).get("namespace") or "")


def owners_of(document: Json) -> list[Json]:
    """Return an object's ownerReferences."""
    return list(map(json_map, json_list(json_map(document.get("metadata")).get("ownerReferences"))))


def is_deleting(document: Json) -> bool:
    """Return whether an object has been deleted and waits for its finalizers."""
    return bool(json_map(document.get("metadata")).get("deletionTimestamp"))


def _version(document: Json) -> int:
    text = str(json_map(document.get("metadata")).get("resourceVersion") or "0")
    return int(text) if text.isdigit() else 0
