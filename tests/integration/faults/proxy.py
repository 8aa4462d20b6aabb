"""A proxy between one operator and its API server, which does what networks and servers do.

It passes every request on. A rule is asked about each first, and may name a `Fault` instead; open
watches can be cut, and the `Date` of every answer moved.
"""

import asyncio
import json
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from functools import cache
from typing import Any, Final, TypeAlias

import aiohttp
from aiohttp import web

from konductor.connection import Connection, trust

EXPIRED: Final = (
    b'{"type":"ERROR","object":{"kind":"Status","apiVersion":"v1","metadata":{},"code":410,'
    b'"status":"Failure","reason":"Expired","message":"too old resource version"}}\n'
)
"""What a server says in a watch whose version it has forgotten."""
HALF_A_LINE: Final = b'{"type":"MODIFIED","object":{"apiVersion":"konductor.io/v1","ki'
_trusted = cache(trust)
_PASSED_ON: Final = ("Accept", "Content-Type", "User-Agent")
_TO_THE_CLIENT: Final = ("Content-Type", "Retry-After", "Warning")


@dataclass(frozen=True, slots=True)
class Asked:
    """One request."""

    method: str
    path: str
    """Without its query."""
    watches: bool
    at: float
    """When it came, in seconds of the event loop's clock."""

    @property
    def writes(self) -> bool:
        """Whether it decides anything: Events do not."""
        return self.method != "GET" and not self.path.endswith("/events")


@dataclass(frozen=True, slots=True)
class Refuse:
    """The server answers with an error, and does nothing."""

    code: int
    after: int | None = None
    """Its ``Retry-After``, in seconds."""


@dataclass(frozen=True, slots=True)
class Drop:
    """The connection is cut before an answer came."""

    done: bool
    """Whether the server had done by then what it was asked for."""


@dataclass(frozen=True, slots=True)
class Die:
    """Whoever asks is killed at this request: nothing that it sends later comes through."""

    done: bool
    """Whether the server had done by then what it was asked for."""


Fault: TypeAlias = Refuse | Drop | Die
Rule: TypeAlias = Callable[["Proxy", Asked], Fault | None]


def no_faults(_: "Proxy", __: Asked) -> None:
    """Let every request through."""


@dataclass
class Proxy:
    """One operator's way to the API server."""

    upstream: Connection
    rule: Rule = no_faults
    url: str = ""
    ahead: timedelta = timedelta(0)
    """How far the clock of the server seems to be ahead."""
    asked: list[Asked] = field(default_factory=list)
    """Every request that was heard."""
    died: asyncio.Event = field(default_factory=asyncio.Event)
    kill: Callable[[], None] | None = None
    """What else is to be done at the moment of death: a process has to be ended."""
    _session: aiohttp.ClientSession | None = None
    _streams: dict[web.StreamResponse, Callable[[], None]] = field(default_factory=dict)
    _free: asyncio.Event = field(default_factory=asyncio.Event)
    _passing: set[asyncio.Task[Any]] = field(default_factory=set)
    _before_leap: set[str] = field(default_factory=set)
    """Collections that have not been listed again since the server's clock jumped."""

    @property
    def connection(self) -> Connection:
        """How the operator reaches the server: without a word of who it is, which we add."""
        return Connection(server=self.url, source="a proxy")

    @property
    def writes(self) -> int:
        """How many writes were heard."""
        return sum(one.writes for one in self.asked)

    def leap(self, span: timedelta) -> None:
        """Let the server's clock jump; all watches are cut, those on their way too."""
        self.ahead += span
        self._before_leap = {one.path for one in self.asked if one.watches}
        self.cut_watches()

    def cut_watches(self, last: bytes = b"", *, in_order: bool = False) -> None:
        """End every open watch, after some last bytes; in order: as if that were all."""
        for stream, leave in tuple(self._streams.items()):
            self._cut(stream, leave, last, in_order=in_order)

    def _cut(
        self, stream: web.StreamResponse, leave: Callable[[], None], last: bytes, *, in_order: bool
    ) -> None:
        writer = stream._payload_writer
        assert writer
        if transport := writer.transport:
            chunk = b"%x\r\n%s\r\n" % (len(last), last) if last else b""
            transport.write(chunk + (b"0\r\n\r\n" if in_order else b""))
            transport.close()
        leave()

    async def hold(self) -> None:
        """Let whoever asks wait from now on, and those through who are on their way."""
        self._free.clear()
        if self._passing:
            await asyncio.wait(self._passing)

    def go_on(self) -> None:
        """Let those through who wait."""
        self._free.set()

    @asynccontextmanager
    async def serve(self) -> AsyncGenerator["Proxy", None]:
        """Pass on until the context is left."""
        application = web.Application(client_max_size=2**24)
        application.router.add_route("*", "/{path:.*}", self._answer)
        runner = web.AppRunner(
            application, access_log=None, handler_cancellation=True, shutdown_timeout=0.1
        )
        await runner.setup()
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout()) as self._session:
            try:
                site = web.TCPSite(runner, "127.0.0.1", 0)
                await site.start()
                self._free.set()
                self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
                yield self
            finally:
                await runner.cleanup()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        now = asyncio.get_running_loop().time()
        asked = Asked(request.method, request.path, request.query.get("watch") == "true", now)
        if self.died.is_set():
            return self._silent(request)
        self.asked.append(asked)
        if asked.path in self._before_leap:
            self._before_leap.remove(asked.path)
            if asked.watches:
                return self._silent(request)
        match self.rule(self, asked):
            case Refuse(code, after):
                return self._refused(code, after)
            case Drop(done):
                return await self._dropped(request, done=done)
            case Die(done):
                silence = await self._dropped(request, done=done)
                self._die()
                return silence
            case None:
                return await self._passed_on(request, asked)

    def _die(self) -> None:
        self.died.set()
        if self.kill:
            self.kill()
        self.cut_watches()

    async def _dropped(self, request: web.Request, *, done: bool) -> web.StreamResponse:
        if done:
            async with self._ask(request, await request.read()) as answer:
                await answer.read()
        return self._silent(request)

    def _silent(self, request: web.Request) -> web.StreamResponse:
        if request.transport:
            request.transport.abort()
        return web.Response()

    def _refused(self, code: int, after: int | None) -> web.Response:
        status = {"kind": "Status", "apiVersion": "v1", "code": code, "reason": "Fault"}
        status["message"] = "a fault of the test"
        headers = {"Date": format_datetime(datetime.now(UTC) + self.ahead, usegmt=True)}
        headers |= {"Retry-After": str(after)} if after is not None else {}
        return web.Response(
            status=code,
            text=json.dumps(status),
            headers=headers,
            content_type="application/json",
        )

    async def _passed_on(self, request: web.Request, asked: Asked) -> web.StreamResponse:
        body = await request.read()
        await self._free.wait()
        task = asyncio.current_task()
        if task and not asked.watches:
            self._passing.add(task)
        try:
            async with self._ask(request, body) as answer:
                headers = {
                    key: answer.headers[key] for key in _TO_THE_CLIENT if key in answer.headers
                }
                date = parsedate_to_datetime(answer.headers["Date"]) + self.ahead
                headers["Date"] = format_datetime(date, usegmt=True)
                if asked.watches:
                    return await self._stream(request, answer, headers)
                content = await answer.read()
                return web.Response(status=answer.status, body=content, headers=headers)
        except aiohttp.ClientError:
            return self._silent(request)
        finally:
            self._passing.discard(task)

    def _ask(self, request: web.Request, body: bytes) -> "aiohttp.client._RequestContextManager":
        assert self._session
        headers = {key: request.headers[key] for key in _PASSED_ON if key in request.headers}
        headers["Accept-Encoding"] = "identity"
        if token := self.upstream.bearer():
            headers["Authorization"] = f"Bearer {token}"
        url = self.upstream.server + request.path_qs
        return self._session.request(
            request.method, url, data=body or None, headers=headers, ssl=_trusted(self.upstream)
        )

    async def _stream(
        self, request: web.Request, answer: aiohttp.ClientResponse, headers: dict[str, str]
    ) -> web.StreamResponse:
        stream = web.StreamResponse(status=answer.status, headers=headers)
        stream.enable_chunked_encoding()
        await stream.prepare(request)
        self._streams[stream] = answer.close
        try:
            async for chunk in answer.content.iter_any():
                if self.died.is_set():
                    break
                await stream.write(chunk)
        except (ConnectionError, aiohttp.ClientError):
            self._silent(request)
        finally:
            del self._streams[stream]
        return stream
