from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest

from konductor.runner.local.apiserver.node import LogRequest
from konductor.runner.local.kubelet.logfile import LogWriter
from konductor.runner.local.kubelet.logread import read_log

SECOND = 1_000_000_000


def write(path: Path, *lines: str, limit: int = 10_000) -> LogWriter:
    log = LogWriter(path, limit)
    for number, line in enumerate(lines):
        log.write("stdout", line.encode(), number * SECOND)
    return log


def read(path: Path, request: LogRequest | None = None) -> str:
    async def all_of_it() -> bytes:
        wanted = request or LogRequest()
        return b"".join([piece async for piece in read_log(path, wanted, ended=lambda: True)])

    return asyncio.run(all_of_it()).decode()


def test_a_log_is_what_was_printed(tmp_path: Path) -> None:
    write(tmp_path / "log", "a\n", "b\n", "open").close()
    assert read(tmp_path / "log") == "a\nb\nopen"


def test_a_missing_log_is_empty(tmp_path: Path) -> None:
    assert read(tmp_path / "log", LogRequest(follow=True)) == ""


@pytest.mark.parametrize(("tail", "text"), [(0, "open"), (1, "c\nopen"), (9, "a\nb\nc\nopen")])
def test_a_tail_is_the_last_lines(tmp_path: Path, tail: int, text: str) -> None:
    write(tmp_path / "log", "a\n", "b\n", "c\n", "open").close()
    assert read(tmp_path / "log", LogRequest(tail=tail)) == text


def test_times_stand_before_lines_not_before_their_parts(tmp_path: Path) -> None:
    log = write(tmp_path / "log", "a\n")
    log.write("stdout", b"x" * 20_000 + b"\n", 5 * SECOND)
    log.close()
    lines = read(tmp_path / "log", LogRequest(timestamps=True)).splitlines()
    assert lines[0] == "1970-01-01T00:00:00.000000000Z a"
    assert lines[1] == "1970-01-01T00:00:05.000000000Z " + "x" * 20_000


def test_since_leaves_out_what_is_older(tmp_path: Path) -> None:
    write(tmp_path / "log", "a\n", "b\n", "c\n").close()
    since = datetime.fromtimestamp(1, UTC)
    assert read(tmp_path / "log", LogRequest(since=since)) == "b\nc\n"


def test_bytes_can_be_limited(tmp_path: Path) -> None:
    write(tmp_path / "log", "abcdef\n").close()
    assert read(tmp_path / "log", LogRequest(limit_bytes=3)) == "abc"


def test_the_full_file_before_is_read_too(tmp_path: Path) -> None:
    write(tmp_path / "log", *(f"{n}\n" for n in range(3)), limit=90).close()
    assert read(tmp_path / "log") == "0\n1\n2\n"


def test_following_reads_on_across_a_rotation_until_the_end(tmp_path: Path) -> None:
    async def story() -> bytes:
        log = write(tmp_path / "log", "first\n", limit=100)
        over = asyncio.Event()
        pieces = read_log(tmp_path / "log", LogRequest(follow=True), ended=over.is_set)
        text = await anext(pieces)
        log.write("stdout", b"second\n", 0)
        text += await anext(pieces)
        for number in range(2):
            log.write("stdout", b"more %d\n" % number, 0)
        log.close()
        over.set()
        return text + b"".join([piece async for piece in pieces])

    assert asyncio.run(story()).decode() == "first\nsecond\nmore 0\nmore 1\n"
