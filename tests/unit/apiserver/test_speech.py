import asyncio
from collections.abc import AsyncGenerator
from datetime import UTC, datetime

import aiohttp
import pytest
from aiohttp import web

from konductor.runner.local.apiserver.builtin.registry import kind_of
from konductor.runner.local.apiserver.form import Form
from konductor.runner.local.apiserver.reading import Happening
from konductor.runner.local.apiserver.served import of_builtin
from konductor.runner.local.apiserver.speech import stream

NOW = datetime(2026, 1, 1, tzinfo=UTC)


async def answer(request: web.Request) -> web.StreamResponse:
    """Answer a watch whose watcher goes just when there is something to tell."""
    kind = kind_of("", "configmaps")
    assert kind

    async def events() -> AsyncGenerator[Happening | None, None]:
        assert request.transport
        request.transport.close()
        yield Happening("ADDED", {"metadata": {"name": "a"}})
        yield None

    served, form = of_builtin(kind), Form()
    return await stream(request, served, events(), form=form, include="Object", now=lambda: NOW)


def test_watcher_that_has_gone_is_no_error(caplog: pytest.LogCaptureFixture) -> None:
    async def scenario() -> None:
        application = web.Application()
        application.router.add_get("/", answer)
        runner = web.AppRunner(application)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        address = f"http://127.0.0.1:{runner.addresses[0][1]}/"
        try:
            async with aiohttp.ClientSession() as session, session.get(address) as watch:
                with pytest.raises(aiohttp.ClientError):
                    await watch.read()
        finally:
            await runner.cleanup()

    asyncio.run(scenario())
    assert caplog.records == []
