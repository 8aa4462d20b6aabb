"""Reads the log of a container: from its end, since a time, and as it grows."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from konductor.runner.local.apiserver.node import LogRequest
from konductor.runner.local.kubelet.logfile import Line, older, parse

_CHUNK = 1024 * 1024
_LOOK_EVERY = 0.05
"""Seconds; the standard library has no news of growing files."""


async def read_log(
    path: Path, request: LogRequest, *, ended: Callable[[], bool]
) -> AsyncGenerator[bytes, None]:
    """Yield a log in pieces; following ends once the container has and all was read."""
    left = request.limit_bytes
    async for piece in _pieces(path, request, ended):
        if left is not None:
            piece = piece[:left]  # noqa: PLW2901  # cut to what was asked for
            left -= len(piece)
        if piece:
            yield piece
        if left == 0:
            return


async def _pieces(
    path: Path, request: LogRequest, ended: Callable[[], bool]
) -> AsyncGenerator[bytes, None]:
    form = _Form(request)
    tail = _Tail(path)
    known = [*_entries(older(path)), *tail.read()]
    if request.tail is not None:
        known = _last_lines(known, request.tail)
    yield form.text(known)
    while request.follow:
        over = ended()  # looked at first: what was written before its end is read then
        fresh = tail.read()
        if fresh:
            yield form.text(fresh)
        elif over:
            return
        else:
            await asyncio.sleep(_LOOK_EVERY)


def _entries(path: Path) -> list[Line]:
    try:
        return list(map(parse, path.read_bytes().splitlines()))
    except OSError:
        return []


def _last_lines(entries: list[Line], count: int) -> list[Line]:
    """Return the entries of the last whole lines, and of an open one."""
    kept: deque[Line] = deque()
    for entry in reversed(entries):
        count -= entry.whole
        if count < 0:
            break
        kept.appendleft(entry)
    return list(kept)


class _Tail:
    """Reads what has been added to a file since the last read, across its rotation."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._position = 0
        self._file_number = 0
        self._rest = b""

    def read(self) -> list[Line]:
        """Return the new entries."""
        data = b"".join(self._fresh())
        *lines, self._rest = (self._rest + data).split(b"\n")
        return list(map(parse, lines))

    def _fresh(self) -> Iterator[bytes]:
        with suppress(OSError):
            number = self._path.stat().st_ino
            if self._file_number and number != self._file_number:
                yield from self._from(older(self._path))
                self._position = 0
            self._file_number = number
            yield from self._from(self._path)

    def _from(self, path: Path) -> Iterator[bytes]:
        with path.open("rb") as file:
            file.seek(self._position)
            while data := file.read(_CHUNK):
                self._position += len(data)
                yield data


class _Form:
    """Gives entries the form that is asked for."""

    def __init__(self, request: LogRequest) -> None:
        self._timestamps = request.timestamps
        self._since = request.since
        self._open: set[str] = set()

    def text(self, entries: list[Line]) -> bytes:
        """Return entries as one text."""
        return b"".join(self._one(entry) for entry in entries if self._counts(entry))

    def _counts(self, entry: Line) -> bool:
        # Nine digits of a second are more than `fromisoformat` of 3.11 takes.
        return self._since is None or (
            datetime.fromisoformat(entry.time[:26] + "+00:00") >= self._since
        )

    def _one(self, entry: Line) -> bytes:
        begins = entry.stream not in self._open
        if entry.whole:
            self._open.discard(entry.stream)
        else:
            self._open.add(entry.stream)
        head = f"{entry.time} ".encode() if self._timestamps and begins else b""
        return head + entry.text + (b"\n" if entry.whole else b"")
