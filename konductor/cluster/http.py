"""The cluster over HTTP: a Kubernetes API server, spoken to with aiohttp and orjson.

Reads are tried again with back-off, and so is an apply, which is the same done twice. Another
write is sent again only where the server cannot have done it: it answered 429, or was never
connected to.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager
from datetime import datetime, timedelta
from types import TracebackType
from typing import Final, NamedTuple, Self

import aiohttp
import orjson

from konductor.api.meta import Json, json_list, json_map
from konductor.cluster.answer import api_error, never_done, read_document, retry_after
from konductor.cluster.clock import ServerClock
from konductor.cluster.follow import follow, lines
from konductor.cluster.port import Listed, Notice, Part, PatchType, Propagation
from konductor.cluster.resource import PODS, Resource
from konductor.connection import Connection, trust
from konductor.errors import ApiError, Forbidden, KonductorError, ServerBusy, Unreachable
from konductor.readiness import READY, Readiness

_FAULTS: Final = (aiohttp.ClientError, TimeoutError, OSError)
_BACK_OFF: Final = (0.05, 0.2, 0.5, 1.0, 2.0)
_FAILED: Final = 400
_JSON: Final = "application/json"
_APPLY: Final = "application/apply-patch+yaml"
_ANSWER: Final = aiohttp.ClientTimeout(total=60, sock_connect=10)
_STREAM: Final = aiohttp.ClientTimeout(total=None, sock_connect=10, sock_read=90)
"""A server sends a bookmark at least each minute: 90 silent seconds are a dead connection."""
_LOGS: Final = aiohttp.ClientTimeout(total=None, sock_connect=10)
_WATCH_SECONDS: Final = "290"
_CONNECTIONS: Final = 128
_STARTING: Final = 5.0
"""Seconds for which a server may refuse what it was asked, and not say that it is ready."""
_PART: Final = "1000"
"""Objects that are told at a time: a list of all may not fit into the memory of a pod."""


class _Request(NamedTuple):
    """What is sent, and may be sent again."""

    method: str
    path: str
    body: Json | Sequence[Json] | None = None
    media: str = _JSON
    """Of the body."""
    query: Mapping[str, str] | None = None


class HttpCluster:
    """One API server as one user, over HTTP; used within one event loop."""

    def __init__(self, connection: Connection, *, clock: ServerClock | None = None) -> None:
        self.connection = connection
        self._clock = clock or ServerClock()
        self._session: aiohttp.ClientSession | None = None
        self._readiness = Readiness()

    def now(self) -> datetime:
        """Return the server's time, as its answers tell it; ours before the first answer."""
        return self._clock.now()

    async def version(self) -> Json:
        """Return what ``/version`` says."""
        return (await self._read("/version", {}))[0]

    async def schemas(self, group: str, version: str) -> Json:
        """Return the OpenAPI v3 document of a group's version."""
        return (await self._read(f"/openapi/v3/apis/{group}/{version}", {}))[0]

    async def get(self, resource: Resource, name: str, *, namespace: str = "") -> Json:
        """Return one object."""
        return (await self._read(resource.path(namespace, name), {}))[0]

    async def list(
        self,
        resource: Resource,
        *,
        namespace: str = "",
        labels: str = "",
        fields: str = "",
        part: Part | None = None,
    ) -> Listed:
        """Return all objects, of one namespace or of all, by a consistent read."""
        path, query = resource.path(namespace), _selectors(labels, fields)
        if part is None:
            document, date = await self._read(path, query)
            return Listed(_items(resource, document), _listed_at(document)["resourceVersion"], date)
        document, date = await self._read(path, query | {"limit": _PART})
        while token := _listed_at(document).get("continue"):
            part(_items(resource, document))
            document, _ = await self._read(path, query | {"limit": _PART, "continue": token})
        part(_items(resource, document))
        return Listed((), _listed_at(document)["resourceVersion"], date)

    async def create(self, resource: Resource, document: Json) -> Json:
        """Create an object in the namespace that its metadata names; return it as stored."""
        path = resource.path(_namespace(document))
        return await self._write("POST", path, document)

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
        body = over_version(patch, resource_version) if isinstance(patch, dict) else patch
        path = resource.path(namespace, name, subresource)
        return await self._write("PATCH", path, body, media=kind)

    async def replace(self, resource: Resource, document: Json, *, subresource: str = "") -> Json:
        """Store a whole object; with a ``resourceVersion`` in it, only over that version."""
        path = resource.path(_namespace(document), document["metadata"]["name"], subresource)
        return await self._write("PUT", path, document)

    async def apply(
        self,
        resource: Resource,
        document: Json,
        *,
        manager: str,
        force: bool = False,
        dry_run: bool = False,
    ) -> Json:
        """Put an object in place by server-side apply; return it as stored."""
        query = {"fieldManager": manager, "fieldValidation": "Strict"}
        query |= {"force": "true"} if force else {}
        query |= {"dryRun": "All"} if dry_run else {}
        path = resource.path(_namespace(document), document["metadata"]["name"])
        return (await self._try(_Request("PATCH", path, document, _APPLY, query), lambda _: True))[
            0
        ]

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
        options: Json = {
            "apiVersion": "v1",
            "kind": "DeleteOptions",
            "propagationPolicy": str(propagation),
        }
        if uid:
            options["preconditions"] = {"uid": uid}
        if grace_seconds is not None:
            options["gracePeriodSeconds"] = grace_seconds
        await self._write("DELETE", resource.path(namespace, name), options)

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
        """List, then tell each change for ever; after a gap that hid something, list again."""
        path = resource.path(namespace)

        async def read() -> Listed:
            return await self.list(
                resource, namespace=namespace, labels=labels, fields=fields, part=part
            )

        def connect(version: str) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
            query = _selectors(labels, fields) | {
                "watch": "true",
                "allowWatchBookmarks": "true",
                "timeoutSeconds": _WATCH_SECONDS,
                "resourceVersion": version,
            }
            return self._stream(path, query, _STREAM)

        return follow(read, connect, patience, heard)

    async def logs(
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
        query = {"container": container} if container else {}
        query |= {"follow": "true"} if follow else {}
        query |= {"tailLines": str(tail)} if tail is not None else {}
        query |= {"timestamps": "true"} if timestamps else {}
        path = PODS.path(namespace, pod, "log")
        async with self._stream(path, query, _LOGS) as chunks, aclosing(lines(chunks)) as whole:
            async for line in whole:
                yield line

    async def close(self) -> None:
        """Give back all connections."""
        if self._session:
            await self._session.close()
            self._session = None

    async def __aenter__(self) -> Self:
        """Return this cluster, to be closed at the end."""
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close."""
        await self.close()

    async def _read(self, path: str, query: Mapping[str, str]) -> tuple[Json, datetime]:
        return await self._try(_Request("GET", path, query=query), lambda _: True)

    async def _write(
        self, method: str, path: str, body: Json | Sequence[Json], *, media: str = _JSON
    ) -> Json:
        return (await self._try(_Request(method, path, body, media), never_done))[0]

    async def _try(
        self, request: _Request, again: Callable[[KonductorError], bool]
    ) -> tuple[Json, datetime]:
        """Send a request, and send it again as long as a fault is of that kind."""
        for pause in _BACK_OFF:
            try:
                return await self._send(request)
            except (Unreachable, ServerBusy) as error:
                if not again(error):
                    raise
                await asyncio.sleep(retry_after(error, pause))
        return await self._send(request)

    async def _send(self, request: _Request) -> tuple[Json, datetime]:
        try:
            return await self._send_once(request)
        except Forbidden as refusal:
            if self._readiness.proven:
                raise
            await self._ask_whether_ready(refusal)
            return await self._send_once(request)

    async def _ask_whether_ready(self, refusal: Forbidden) -> None:
        """Return if the server says that it is ready, or knows no such question.

        Raises:
            Forbidden: it has not said so for too long.
            ServerBusy: it does not say so yet.
        """
        try:
            await self._send_once(_Request("GET", READY))
        except (Forbidden, ServerBusy) as error:
            now = time.monotonic()
            raise self._readiness.still_starting(refusal, now, _STARTING) from error
        except ApiError:
            return

    async def _send_once(self, request: _Request) -> tuple[Json, datetime]:
        session, headers = await self._ready()
        if request.body is not None:
            headers["Content-Type"] = request.media
        begun = self._clock.begin()
        try:
            async with session.request(
                request.method,
                self.connection.server + request.path,
                params=request.query,
                data=_encoded(request.body) if request.body is not None else None,
                headers=headers,
                timeout=_ANSWER,
                server_hostname=self.connection.server_name or None,
            ) as answer:
                content = await answer.read()
                date = self._clock.learn(answer.headers.get("Date", ""), begun)
        except _FAULTS as error:
            raise self._unreachable(error) from error
        if answer.status >= _FAILED:
            raise api_error(answer, content)
        self._readiness.allowed()
        return read_document(content), date

    @asynccontextmanager
    async def _stream(
        self, path: str, query: Mapping[str, str], limits: aiohttp.ClientTimeout
    ) -> AsyncGenerator[AsyncIterator[bytes], None]:
        session, headers = await self._ready()
        try:
            async with session.get(
                self.connection.server + path,
                params=query,
                headers=headers,
                timeout=limits,
                server_hostname=self.connection.server_name or None,
            ) as answer:
                if answer.status >= _FAILED:
                    refusal = api_error(answer, await answer.read())
                    if isinstance(refusal, Forbidden) and not self._readiness.proven:
                        await self._ask_whether_ready(refusal)
                    raise refusal
                yield answer.content.iter_any()
        except _FAULTS as error:
            raise self._unreachable(error) from error

    async def _ready(self) -> tuple[aiohttp.ClientSession, dict[str, str]]:
        if self._session is None:
            connector = aiohttp.TCPConnector(limit=_CONNECTIONS, ssl=trust(self.connection))
            proxy = self.connection.proxy or None
            self._session = aiohttp.ClientSession(connector=connector, proxy=proxy)
        headers = {"Accept": "application/json", "User-Agent": "koncli"}
        renews = self.connection.renew is not None  # may run a program, so not in this loop
        bearer = self.connection.bearer
        if token := await asyncio.to_thread(bearer) if renews else bearer():
            headers["Authorization"] = f"Bearer {token}"
        return self._session, headers

    def _unreachable(self, error: BaseException) -> Unreachable:
        self._readiness.lost()
        reason = str(error) or type(error).__name__
        return Unreachable(f"no answer from {self.connection.server}: {reason}")


def over_version(patch: Json, resource_version: str) -> Json:
    """Return a merge patch that any later version of the object refuses."""
    if not resource_version:
        return patch
    metadata = json_map(patch.get("metadata")) | {"resourceVersion": resource_version}
    return patch | {"metadata": metadata}


def _items(resource: Resource, document: Json) -> tuple[Json, ...]:
    head = {"apiVersion": resource.api_version, "kind": resource.kind}
    return tuple(head | item for item in json_list(document.get("items")))


def _listed_at(document: Json) -> Json:
    """Return the version that a list shows and, if there is more of it, where that begins."""
    return {"resourceVersion": ""} | json_map(document.get("metadata"))


def _selectors(labels: str, fields: str) -> dict[str, str]:
    query = {"labelSelector": labels} if labels else {}
    return query | ({"fieldSelector": fields} if fields else {})


def _namespace(document: Json) -> str:
    return str(json_map(document.get("metadata")).get("namespace") or "")


def _encoded(body: Json | Sequence[Json]) -> bytes:
    return orjson.dumps(body, option=orjson.OPT_NON_STR_KEYS)  # labels are keyed by StrEnum
