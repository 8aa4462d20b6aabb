"""kopf, embedded: it watches Barriers and Runs, and tells us each event. It writes nothing.

Only ``on.event`` handlers, which never touch an object; everything that kopf would do besides
(scanning for CRDs, posting events, keeping progress and diffs) is off, for it costs half of each
event. kopf keeps no cache and never says where a list ends, so whoever listens lists for
themselves after each ``None`` (see `konductor.operator.engine`).

kopf raises out of ``operator()`` on many a fault of the API (5xx after its retries, 404 when the
CRD is gone, a cut line): `feed` starts it again.
"""

import asyncio
import logging
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final, TypeAlias

from konductor.api.meta import Json
from konductor.api.names import Label
from konductor.cluster.port import Change
from konductor.cluster.resource import BARRIERS, RUNS, Resource
from konductor.connection import Connection, trust


@contextmanager
def _hidden(module: str) -> Iterator[None]:
    """Keep a module from being imported meanwhile, unless it has been already."""
    if module in sys.modules:
        yield
        return
    sys.modules[module] = None  # type: ignore[assignment]  # what makes `import` raise ImportError
    try:
        yield
    finally:
        del sys.modules[module]


with _hidden("kubernetes"):  # kopf would import it, in 0.25 s, only to find credentials with it
    import aiohttp
    import kopf
    from kopf import DiffBaseStorage, ProgressStorage

_log = logging.getLogger(__name__)
logging.getLogger("kopf._core.reactor.running").setLevel(logging.ERROR)
"""It warns each time that signals do not reach a thread, which is why this is one."""
_PAUSE: Final = 0.1
_LONGEST_PAUSE: Final = 2.0

Hear: TypeAlias = Callable[[Resource, Change | None, Json], None]
"""Takes each event; ``None`` as its change means: it exists, as a list just said."""


async def feed(connection: Connection, hear: Hear, *, namespace: str, run: str) -> None:
    """Tell `hear` of every Barrier and Run for ever, in all namespaces if ``namespace`` is empty.

    With ``run``, only of those labelled with that run.
    """
    pause = _PAUSE
    while True:
        begun = asyncio.get_running_loop().time()
        try:
            await _operator(connection, hear, namespace, run)
        except Exception as error:  # noqa: BLE001  # kopf raises its own, aiohttp's and json's errors
            _log.warning("the watch of barriers ended and starts again: %r", error)
        lived = asyncio.get_running_loop().time() - begun
        pause = _PAUSE if lived > _LONGEST_PAUSE else min(pause * 2, _LONGEST_PAUSE)
        await asyncio.sleep(pause)


async def _operator(connection: Connection, hear: Hear, namespace: str, run: str) -> None:
    async with _session(connection) as session:
        await kopf.operator(
            registry=_registry(connection, session, hear),
            settings=_settings(run),
            clusterwide=not namespace,
            namespaces=[namespace] if namespace else [],
            standalone=True,
        )


def _session(connection: Connection) -> aiohttp.ClientSession:
    async def sign(
        request: aiohttp.ClientRequest, handler: Callable[..., Awaitable[aiohttp.ClientResponse]]
    ) -> aiohttp.ClientResponse:
        if token := await asyncio.to_thread(connection.bearer):
            request.headers["Authorization"] = f"Bearer {token}"
        return await handler(request)

    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(ssl=trust(connection)),
        proxy=connection.proxy or None,
        middlewares=(sign,),
    )


def _registry(
    connection: Connection, session: aiohttp.ClientSession, hear: Hear
) -> kopf.OperatorRegistry:
    registry = kopf.OperatorRegistry()

    @kopf.on.login(registry=registry)
    def login(**_: Any) -> kopf.AiohttpSession:  # noqa: ANN401  # kopf's own signature
        return kopf.AiohttpSession(server=connection.server, aiohttp_session=session)

    for one in (BARRIERS, RUNS):
        _listen(registry, one, hear)
    return registry


def _listen(registry: kopf.OperatorRegistry, watched: Resource, hear: Hear) -> None:
    @kopf.on.event(watched.group, watched.version, watched.plural, registry=registry)
    async def tell(event: kopf.RawEvent, **_: Any) -> None:  # noqa: ANN401  # kopf's own signature
        change = Change(event["type"]) if event["type"] else None
        hear(watched, change, dict(event["object"]))


def _settings(run: str) -> kopf.OperatorSettings:
    settings = kopf.OperatorSettings()
    settings.scanning.disabled = True
    settings.posting.enabled = False
    settings.process.ultimate_exiting_timeout = None
    settings.networking.error_backoffs = (0.05, 0.1, *(0.5,) * 20)
    settings.queueing.error_delays = (0.05, 0.1, 0.2, 0.5, 1)
    settings.queueing.idle_timeout = 0.5
    settings.persistence.diffbase_storage = _NoDiffs()
    settings.persistence.progress_storage = _NoProgress()
    if run:
        for resource in (BARRIERS, RUNS):
            key = resource.group, resource.version, resource.plural
            settings.watching.label_selectors[key] = f"{Label.RUN}={run}"
    return settings


class _NoDiffs(DiffBaseStorage):
    """Keeps no last-handled state: ``on.event`` asks for none."""

    def build(self, **_: Any) -> kopf.BodyEssence:  # noqa: ANN401  # kopf's own signature
        return kopf.BodyEssence({})

    def fetch(self, **_: Any) -> None:  # noqa: ANN401  # likewise
        return None

    def store(self, **_: Any) -> None:  # noqa: ANN401  # likewise
        return None


class _NoProgress(ProgressStorage):
    """Keeps no progress of handlers, for the same reason."""

    def fetch(self, **_: Any) -> None:  # noqa: ANN401  # kopf's own signature
        return None

    def store(self, **_: Any) -> None:  # noqa: ANN401  # likewise
        return None

    def purge(self, **_: Any) -> None:  # noqa: ANN401  # likewise
        return None

    def touch(self, **_: Any) -> None:  # noqa: ANN401  # likewise
        return None

    def clear(self, *, essence: kopf.BodyEssence) -> kopf.BodyEssence:
        return essence
