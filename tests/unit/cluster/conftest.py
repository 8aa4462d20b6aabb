import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import pytest
from aiohttp import web

from konductor.cluster.http import HttpCluster
from konductor.connection import Connection

Answer = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]
T = TypeVar("T")


class ScriptedServer:
    """Answers each request with the next of its script; keeps what was asked."""

    def __init__(self, *script: Answer) -> None:
        self.script = list(script)
        self.requests: list[web.BaseRequest] = []
        self.bodies: list[bytes] = []

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        self.requests.append(request)
        self.bodies.append(await request.read())
        return await self.script.pop(0)(request)

    @asynccontextmanager
    async def serving(self, token_file: str = "") -> AsyncGenerator[HttpCluster, None]:
        runner = web.ServerRunner(web.Server(self.answer))
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0]
        try:
            connection = Connection(f"http://{host}:{port}", token_file=token_file)
            async with HttpCluster(connection) as cluster:
                yield cluster
        finally:
            await runner.cleanup()


@pytest.fixture
def within() -> Callable[[Coroutine[Any, Any, T]], T]:
    """Run a coroutine to its end, with a deadline."""

    def run(coroutine: Coroutine[Any, Any, T]) -> T:
        async def bounded() -> T:
            async with asyncio.timeout(20):
                return await coroutine

        return asyncio.run(bounded())

    return run


@pytest.fixture
def scripted() -> type[ScriptedServer]:
    return ScriptedServer
