"""Following a kind of object over HTTP: list, watch, and mend every way in which a watch ends.

What may have hidden a change (a fault, a cut line, an expired version, an ERROR in the stream) is
mended by listing again. Only a stream that the server ended in good order is taken up where it
stopped.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, aclosing
from datetime import timedelta
from typing import Final

import orjson

from konductor.api.meta import Json
from konductor.cluster.port import Change, Changed, Listed, Notice
from konductor.errors import Expired, ServerBusy, Unreachable

_PAUSES: Final = (0.05, 0.1, 0.2, 0.5, 1.0)
_BOOKMARK: Final = "BOOKMARK"
_ERROR: Final = "ERROR"

Open = Callable[[str], AbstractAsyncContextManager[AsyncIterator[bytes]]]
"""Opens the watch from a resource version and gives the chunks of its stream."""


async def lines(chunks: AsyncIterator[bytes]) -> AsyncGenerator[bytes, None]:
    """Yield whole lines, and at the end what is left without a line end."""
    rest = b""
    async for chunk in chunks:
        *whole, rest = (rest + chunk if rest else chunk).split(b"\n")
        for line in whole:
            yield line
    if rest:
        yield rest


class _Gap(Exception):  # a signal between these functions, no error of the caller's
    """The watch ended in a way that may have hidden changes."""


class _Follower:
    """One watch and where it stands."""

    def __init__(
        self, read: Callable[[], Awaitable[Listed]], connect: Open, tell: Callable[[], None] | None
    ) -> None:
        self._read = read
        self._connect = connect
        self._tell = tell
        self.version = ""
        self.attempts = 0
        """How many times in a row was listed or watched and no change was told."""
        self.heard = time.monotonic()

    def hear(self) -> None:
        """Note that the server has said something."""
        self.heard = time.monotonic()
        if self._tell:
            self._tell()

    def silent_for(self, patience: timedelta | None) -> bool:
        if patience is None:
            return False
        return time.monotonic() - self.heard > patience.total_seconds()

    def begin_anew(self) -> None:
        """Have everything listed again, and not at once: the same might happen again."""
        self.version, self.attempts = "", max(self.attempts, 1)

    async def list_all(self) -> Listed:
        listed = await self._read()
        self.version = listed.resource_version
        self.hear()
        return listed

    async def watch(self) -> AsyncGenerator[Changed, None]:
        """Yield changes until the server ends the stream in good order.

        Raises:
            _Gap: changes may have been missed.
        """
        async with self._connect(self.version) as chunks, aclosing(lines(chunks)) as whole:
            async for line in whole:
                self.hear()
                try:
                    event = orjson.loads(line)
                except orjson.JSONDecodeError as error:  # cut in the middle
                    raise _Gap from error
                document: Json = event["object"]
                if event["type"] == _ERROR:
                    raise _Gap
                self.attempts = 0
                self.version = document["metadata"]["resourceVersion"]
                if event["type"] != _BOOKMARK:
                    yield Changed(Change(event["type"]), document)


async def follow(
    read: Callable[[], Awaitable[Listed]],
    connect: Open,
    patience: timedelta | None,
    heard: Callable[[], None] | None = None,
) -> AsyncGenerator[Notice, None]:
    """Yield what `konductor.cluster.port.Cluster.watch` promises.

    Raises:
        Unreachable: no answer for longer than ``patience``.
        ApiError: the server refuses, or does not know the kind.
    """
    follower = _Follower(read, connect, heard)
    while True:
        follower.attempts += 1
        asked = 0.0
        try:
            if not follower.version:
                yield await follower.list_all()
            async with aclosing(follower.watch()) as changes:
                async for change in changes:
                    yield change
        except (Unreachable, ServerBusy) as error:
            if follower.silent_for(patience):
                raise Unreachable(error.message, hint=error.hint) from error
            follower.begin_anew()
            asked = error.retry_after if isinstance(error, ServerBusy) else 0.0
        except (Expired, _Gap):
            follower.begin_anew()
        if follower.attempts:
            pause = _PAUSES[min(follower.attempts, len(_PAUSES)) - 1]
            await asyncio.sleep(max(pause, asked))
