"""The log file of a container: lines as the Container Runtime Interface writes them.

``2026-11-24T10:00:00.123456789Z stdout F text``: time, stream, F for a whole line or P for a part
of one, text. When a file is full it becomes ``….1`` and a new one begins, so that a container can
fill at most twice the limit. Stdlib only: it is written in the reaper.
"""

import os
import time
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

LIMIT = 32 * 1024 * 1024
"""Bytes of one file."""
LONGEST_PART = 16 * 1024
"""A line longer than this is written in parts, as container runtimes do."""


class Line(NamedTuple):
    """One entry of a log."""

    time: str
    stream: str
    whole: bool
    text: bytes


class LogWriter:
    """Appends what comes out of a container to its file."""

    def __init__(self, path: Path, limit: int = LIMIT) -> None:
        self._path = path
        self._limit = limit
        self._rests: dict[str, bytes] = {}
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("ab", buffering=0)
        self._size = self._file.tell()

    def write(self, stream: str, data: bytes, now: int | None = None) -> None:
        """Append what came out of a stream at a time in nanoseconds; an open line waits."""
        *lines, rest = (self._rests.pop(stream, b"") + data).split(b"\n")
        parts = [part for line in lines for part in _parts(line)]
        while len(rest) > LONGEST_PART:
            parts.append((b"P", rest[:LONGEST_PART]))
            rest = rest[LONGEST_PART:]
        if rest:
            self._rests[stream] = rest
        self._append(stream, parts, now)

    def close(self) -> None:
        """Append what is still open, as the parts of lines that they are, and close the file."""
        for stream, rest in self._rests.items():
            self._append(stream, [(b"P", rest)], None)
        self._file.close()

    def _append(self, stream: str, parts: list[tuple[bytes, bytes]], now: int | None) -> None:
        if not parts:
            return
        head = f"{stamp(time.time_ns() if now is None else now)} {stream} ".encode()
        block = b"".join(head + mark + b" " + text + b"\n" for mark, text in parts)
        # A full disk must not end the container: what does not fit is lost.
        with suppress(OSError):
            if self._size and self._size + len(block) > self._limit:
                self._rotate()
            self._size += self._file.write(block)

    def _rotate(self) -> None:
        self._file.close()
        self._path.replace(older(self._path))
        self._file = self._path.open("ab", buffering=0)
        self._size = 0


def older(path: Path) -> Path:
    """Return where the full file before this one is kept."""
    return path.with_name(path.name + ".1")


def stamp(nanoseconds: int) -> str:
    """Return a time since the epoch in RFC 3339 with nanoseconds.

    >>> stamp(1_000_000_001)
    '1970-01-01T00:00:01.000000001Z'
    """
    seconds, rest = divmod(nanoseconds, 1_000_000_000)
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds)) + f".{rest:09d}Z"


def parse(entry: bytes) -> Line:
    """Read one entry, without its line end.

    >>> parse(b"2026-11-24T10:00:00.0Z stdout F a b").text
    b'a b'
    """
    time_text, stream, mark, text = entry.split(b" ", 3)
    return Line(time_text.decode(), stream.decode(), mark == b"F", text)


def _parts(line: bytes) -> list[tuple[bytes, bytes]]:
    cuts = range(0, max(len(line), 1), LONGEST_PART)
    return [
        (b"P" if cut + LONGEST_PART < len(line) else b"F", line[cut : cut + LONGEST_PART])
        for cut in cuts
    ]


def size(path: Path) -> int:
    """Return how many bytes a file holds; none if it is not there."""
    try:
        return os.stat(path).st_size  # noqa: PTH116  # read ten times a second while followed
    except OSError:
        return 0
