from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from konductor.runner.local.kubelet.execute import STDERR, STDOUT, Execution, execute
from konductor.runner.local.kubelet.image import Launch
from konductor.runner.local.kubelet.processes import LOST, NotStarted, Processes


@asynccontextmanager
async def reaper(folder: Path) -> AsyncIterator[Processes]:
    processes = Processes.start(folder)
    try:
        async with asyncio.timeout(20):
            yield processes
    finally:
        await processes.close()


def launch(*argv: str) -> Launch:
    return Launch(argv, {"PATH": os.environ["PATH"]}, "/")


async def all_output(execution: Execution) -> dict[int, bytes]:
    result: dict[int, bytes] = {}
    async for number, data in execution.output():
        result[number] = result.get(number, b"") + data
    return result


def with_execution(
    folder: Path, *argv: str, stdin: bool, tty: bool, story: Callable[[Execution], Awaitable[None]]
) -> None:
    async def run() -> None:
        async with reaper(folder) as processes:
            execution = await execute(processes, launch(*argv), stdin=stdin, tty=tty)
            await story(execution)
            await execution.close()

    asyncio.run(run())


def test_streams_are_apart_and_the_exit_code_is_told(tmp_path: Path) -> None:
    async def story(execution: Execution) -> None:
        assert await all_output(execution) == {STDOUT: b"out\n", STDERR: b"err\n"}
        assert await execution.wait() == 3

    with_execution(
        tmp_path, "sh", "-c", "echo out; echo err >&2; exit 3", stdin=False, tty=False, story=story
    )


def test_input_reaches_the_program_and_ends(tmp_path: Path) -> None:
    async def story(execution: Execution) -> None:
        await execution.write(b"hello ")
        await execution.write(b"there")
        execution.end_input()
        assert await all_output(execution) == {STDOUT: b"hello there"}

    with_execution(tmp_path, "cat", stdin=True, tty=False, story=story)


def test_a_terminal_has_a_size_and_echoes(tmp_path: Path) -> None:
    async def story(execution: Execution) -> None:
        execution.resize(120, 40)
        await execution.write(b"\n")
        text = (await all_output(execution))[STDOUT]
        assert b"40 120" in text
        assert b"/dev/" in text

    script = "read line; stty size; tty"
    with_execution(tmp_path, "sh", "-c", script, stdin=True, tty=True, story=story)


def test_what_is_closed_is_ended(tmp_path: Path) -> None:
    async def story(execution: Execution) -> None:
        await execution.close()
        assert await execution.wait() == 137

    async def run() -> None:
        async with reaper(tmp_path) as processes:
            execution = await execute(processes, launch("sleep", "60"), stdin=True, tty=False)
            await story(execution)

    asyncio.run(run())


def test_what_cannot_be_executed_says_why(tmp_path: Path) -> None:
    async def run() -> None:
        async with reaper(tmp_path) as processes:
            with pytest.raises(NotStarted, match="executable file not found"):
                await execute(processes, launch("nowhere-to-be-found"), stdin=True, tty=False)

    asyncio.run(run())


def test_without_their_owner_programs_are_lost_and_none_starts(tmp_path: Path) -> None:
    async def run() -> None:
        async with reaper(tmp_path) as processes:
            process = await processes.spawn(launch("sleep", "60"), log=tmp_path / "log")
            os.kill(processes.pid, 9)
            assert await process.wait() == LOST
            with pytest.raises(NotStarted, match="is gone"):
                await processes.spawn(launch("true"), log=tmp_path / "log")

    asyncio.run(run())
