"""kopf, embedded: it watches Barriers and Runs, and tells us each event. It writes nothing.

Only ``on.event`` handlers, which never touch an object; everything that kopf would do besides
(scanning for CRDs, posting events, keeping progress and diffs) is off, for it costs half of each
event. kopf keeps no cache and never says where a list ends, so whoever listens lists for
themselves after each ``None`` (see `konductor.operator.engine`).

kopf raises out of ``operator()`` on many a fault of the API (5xx after its retries, 404 when the
CRD is gone, a cut line): `feed` starts it again, without the 5 s that kopf gives to tasks of its
own by then. Nor does kopf ever look again for a kind that was not there when it started, unless it
may watch all CRDs: `feed` sees that in the answers to kopf's discovery, and starts it again too.
"""

import asyncio
import logging
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final, TypeAlias

from konductor.api.meta import Json, json_list, json_map
from konductor.api.names import API_VERSION, GROUP, Label
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


def _without_traceback(record: logging.LogRecord) -> bool:
    record.exc_info = None
    return True


logging.getLogger("kopf._core.reactor.running").setLevel(logging.CRITICAL)
"""It warns each time that signals do not reach a thread, which is why this is one, and tells once
more what the next one has told."""
logging.getLogger("kopf._core.reactor.orchestration").addFilter(_without_traceback)
"""A watch that failed is one line; where in kopf it failed tells nobody anything."""
logging.getLogger("kopf.objects").setLevel(logging.WARNING)
"""It says of each event that it was handled: a line for each write of a status."""
_PAUSE: Final = 0.1
_LONGEST_PAUSE: Final = 2.0

_LOOK_AGAIN: Final = 1.0
"""After so many seconds it is looked again for a kind that is not there."""
_OK: Final = 200
_NOT_FOUND: Final = 404
_WATCHER: Final = "watcher for "
"""How the names of kopf's own tasks begin that watch a kind."""
_WATCHED: Final = (BARRIERS, RUNS)

Hear: TypeAlias = Callable[[Resource, Change | None, Json], None]
"""Takes each event; ``None`` as its change means: it exists, as a list just said."""


async def feed(
    connection: Connection, hear: Hear, begin: Callable[[], None], *, namespace: str, run: str
) -> None:
    """Tell `hear` of every Barrier and Run for ever, in all namespaces if ``namespace`` is empty.

    With ``run``, only of those labelled with that run. `begin` is called each time that kopf
    starts: what was deleted since it last watched, it does not tell.
    """
    pause = _PAUSE
    while True:
        begun = asyncio.get_running_loop().time()
        begin()
        try:
            await _operator(connection, hear, namespace, run)
        except Exception as error:  # noqa: BLE001  # kopf raises its own, aiohttp's and json's errors
            _log.warning("the watch of barriers ended and starts again: %r", error)
        lived = asyncio.get_running_loop().time() - begun
        pause = _PAUSE if lived > _LONGEST_PAUSE else min(pause * 2, _LONGEST_PAUSE)
        await asyncio.sleep(pause)


async def _operator(connection: Connection, hear: Hear, namespace: str, run: str) -> None:
    """Run kopf until it ends, or has found a kind missing a while ago.

    Raises:
        Exception: whatever kopf raises.
    """
    blind = asyncio.Event()
    async with _session(connection, blind) as session:
        waiting = asyncio.create_task(blind.wait())  # before kopf, which ends what comes after it
        serving = asyncio.create_task(
            kopf.operator(
                registry=_registry(connection, session, hear),
                settings=_settings(run),
                clusterwide=not namespace,
                namespaces=[namespace] if namespace else [],
                standalone=True,
            )
        )
        try:
            await asyncio.wait((waiting, serving), return_when=asyncio.FIRST_COMPLETED)
        finally:
            waiting.cancel()
            _end_watchers()
            serving.cancel()
            _, ended = await asyncio.gather(waiting, serving, return_exceptions=True)
        if isinstance(ended, Exception):
            raise ended


def _end_watchers() -> None:
    for task in asyncio.all_tasks():
        if task.get_name().startswith(_WATCHER):
            task.cancel()


async def _is_blind(answer: aiohttp.ClientResponse) -> bool:
    """Tell from an answer to kopf's discovery whether it lacks a kind, which kopf then ignores."""
    path = answer.url.path
    if answer.status not in (_OK, _NOT_FOUND):
        return False  # kopf asks again, or ends
    if path.endswith("/apis"):
        return GROUP not in await _names(answer, "groups", "name")
    if path.endswith(f"/apis/{API_VERSION}"):
        known = await _names(answer, "resources", "name")
        return not known.issuperset(one.plural for one in _WATCHED)
    return False


async def _names(answer: aiohttp.ClientResponse, rows: str, member: str) -> set[str]:
    document = json_map(await answer.json()) if answer.ok else {}
    return {one[member] for one in json_list(document.get(rows))}


def _session(connection: Connection, blind: asyncio.Event) -> aiohttp.ClientSession:
    loop = asyncio.get_running_loop()

    async def sign(
        request: aiohttp.ClientRequest, handler: Callable[..., Awaitable[aiohttp.ClientResponse]]
    ) -> aiohttp.ClientResponse:
        if token := await asyncio.to_thread(connection.bearer):
            request.headers["Authorization"] = f"Bearer {token}"
        answer = await handler(request)
        if await _is_blind(answer):
            loop.call_later(_LOOK_AGAIN, blind.set)
        return answer

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

    @kopf.on.cleanup(registry=registry)
    async def end(**_: Any) -> None:  # noqa: ANN401  # likewise
        _end_watchers()  # kopf gives them 5 s, though they wait for credentials that never come

    for one in _WATCHED:
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
        for resource in _WATCHED:
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
