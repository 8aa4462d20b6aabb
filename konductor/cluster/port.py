"""The port to an API server: everything that konductor asks of a cluster, in plain JSON objects.

Adapters: `konductor.cluster.http` (any Kubernetes) and `konductor.cluster.memory` (tests). Every
method raises a `konductor.errors.ApiError` for an answer that is no success, and
`konductor.errors.Unreachable` where there is none.

How to follow a kind of object and lose nothing::

    async with aclosing(cluster.watch(JOBS, namespace="etl")) as notices:
        async for notice in notices:
            match notice:
                case Listed(items):                 # at first, and after each gap
                    store.replace(items)            # what is not in it is gone
                case Changed(Change.DELETED, document):
                    store.remove(document)
                case Changed(_, document):
                    store.put(document)
"""

from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import TracebackType
from typing import Protocol, Self, TypeAlias

from konductor.api.meta import Json
from konductor.cluster.resource import Resource


class PatchType(StrEnum):
    """How the API server reads a patch: the value is its media type."""

    MERGE = "application/merge-patch+json"
    JSON = "application/json-patch+json"
    STRATEGIC = "application/strategic-merge-patch+json"
    """Built-in kinds only."""


class Propagation(StrEnum):
    """What a deletion does to the objects that the deleted one owns."""

    BACKGROUND = "Background"
    FOREGROUND = "Foreground"
    ORPHAN = "Orphan"


class Change(StrEnum):
    """What a watch says of one object."""

    ADDED = "ADDED"
    MODIFIED = "MODIFIED"
    DELETED = "DELETED"


@dataclass(frozen=True, slots=True)
class Listed:
    """All objects that there are, as one consistent read began to see them."""

    items: tuple[Json, ...]
    resource_version: str
    date: datetime
    """The server's time of the answer (its ``Date`` header, whole seconds, rounded down)."""


@dataclass(frozen=True, slots=True)
class Changed:
    """One object was created, changed or deleted."""

    change: Change
    document: Json


Notice: TypeAlias = Listed | Changed
Part: TypeAlias = Callable[[tuple[Json, ...]], None]
"""Takes some of the objects of a list."""


class Cluster(Protocol):
    """One API server as one user."""

    def now(self) -> datetime:
        """Return the server's time, as its answers tell it; ours before the first answer."""
        ...

    async def version(self) -> Json:
        """Return what ``/version`` says."""
        ...

    async def schemas(self, group: str, version: str) -> Json:
        """Return the OpenAPI v3 document of a group's version, as the server has it now.

        Raises:
            ObjectNotFound: it serves no such group, or not in that version.
        """
        ...

    async def get(self, resource: Resource, name: str, *, namespace: str = "") -> Json:
        """Return one object."""
        ...

    async def list(
        self,
        resource: Resource,
        *,
        namespace: str = "",
        labels: str = "",
        fields: str = "",
        part: Part | None = None,
    ) -> Listed:
        """Return all objects, of one namespace or of all, by a consistent read.

        ``labels`` and ``fields`` are selectors such as ``konductor.io/run=etl-7k2qf``.
        With ``part`` that is told the objects, some at a time as one state of the server had
        them, and the list is returned without: 100,000 at once would take 600 MB.
        """
        ...

    async def create(self, resource: Resource, document: Json) -> Json:
        """Create an object in the namespace that its metadata names; return it as stored."""
        ...

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
        """Patch an object, or its ``status``; return it as stored.

        With ``resource_version`` a patch of any later version of the object is a `Conflict`
        (not for JSON patches: these carry a ``test`` of their own).
        """
        ...

    async def replace(self, resource: Resource, document: Json, *, subresource: str = "") -> Json:
        """Store a whole object; with a ``resourceVersion`` in it, only over that version."""
        ...

    async def apply(
        self,
        resource: Resource,
        document: Json,
        *,
        manager: str,
        force: bool = False,
        dry_run: bool = False,
    ) -> Json:
        """Put an object in place by server-side apply; return it as stored.

        No field is taken that the server does not know. A field that another manager holds with
        another value is a `Conflict`, unless ``force`` takes it over. With ``dry_run`` the server
        judges and answers, and stores nothing.
        """
        ...

    async def delete(
        self,
        resource: Resource,
        name: str,
        *,
        namespace: str = "",
        uid: str = "",
        propagation: Propagation = Propagation.BACKGROUND,
        grace_seconds: int | None = None,
    ) -> None:
        """Delete an object; with ``uid``, only that one (`Conflict` otherwise)."""
        ...

    def watch(
        self,
        resource: Resource,
        *,
        namespace: str = "",
        labels: str = "",
        fields: str = "",
        patience: timedelta | None = None,
        heard: Callable[[], None] | None = None,
        part: Part | None = None,
    ) -> AsyncGenerator[Notice, None]:
        """List, then tell each change for ever; after a gap that hid something, list again.

        A cut connection, a busy server and expired versions are mended inside. ``patience``
        bounds how long the server may give no answer at a stretch before `Unreachable` is
        raised; None: no bound. Other errors (Forbidden, ObjectNotFound) are raised at once.
        ``heard`` is called with each word of the server, also that there is nothing new.
        ``part`` is told what is listed, as in `list`.
        """
        ...

    def logs(
        self,
        pod: str,
        *,
        namespace: str,
        container: str = "",
        follow: bool = False,
        tail: int | None = None,
        timestamps: bool = False,
    ) -> AsyncGenerator[bytes, None]:
        """Yield the lines of a container's log, without line ends."""
        ...

    async def close(self) -> None:
        """Give back all connections."""
        ...

    async def __aenter__(self) -> Self:
        """Return this cluster, to be closed at the end."""
        ...

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close."""
        ...
