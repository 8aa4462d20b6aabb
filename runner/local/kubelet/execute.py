"""Runs a further program in a container, as ``kubectl exec`` asks for.

It has the container's environment and folder, and streams of its own: pipes, or one terminal.
"""

import asyncio
import fcntl
import os
import struct
import termios
from collections.abc import AsyncGenerator
from contextlib import suppress
from dataclasses import dataclass, replace

from konductor.runner.local.kubelet.image import Launch
from konductor.runner.local.kubelet.processes import Process, Processes

_CHUNK = 65536
STDOUT, STDERR = 1, 2


@dataclass(frozen=True, slots=True)
class Streams:
    """Our ends of a program's standard streams."""

    stdin: int | None
    outputs: dict[int, int]
    """From the number of a stream to our end of it."""


class Execution:
    """A program that runs beside a container's own."""

    def __init__(self, process: Process, streams: Streams) -> None:
        self._process = process
        self._streams = streams

    async def output(self) -> AsyncGenerator[tuple[int, bytes], None]:
        """Yield what it writes, with the number of the stream, until all of its ends are closed."""
        queue: asyncio.Queue[tuple[int, bytes]] = asyncio.Queue()
        loop = asyncio.get_running_loop()
        for number, descriptor in self._streams.outputs.items():
            os.set_blocking(descriptor, False)
            loop.add_reader(descriptor, _read, descriptor, number, queue)
        open_ends = len(self._streams.outputs)
        try:
            while open_ends:
                number, data = await queue.get()
                if data:
                    yield number, data
                else:
                    loop.remove_reader(self._streams.outputs[number])
                    open_ends -= 1
        finally:
            for descriptor in self._streams.outputs.values():
                loop.remove_reader(descriptor)

    async def write(self, data: bytes) -> None:
        """Give it some of its standard input; what nobody reads any more is dropped."""
        if self._streams.stdin is not None:
            with suppress(OSError):
                await asyncio.to_thread(_write_all, self._streams.stdin, data)

    def end_input(self) -> None:
        """Let its standard input end."""
        if self._streams.stdin is not None and self._streams.stdin not in self._outputs:
            os.close(self._streams.stdin)
            self._streams = replace(self._streams, stdin=None)

    def resize(self, width: int, height: int) -> None:
        """Tell it the size of its terminal, if it has one."""
        if self._streams.stdin in self._outputs:
            size = struct.pack("HHHH", height, width, 0, 0)
            fcntl.ioctl(self._streams.outputs[STDOUT], termios.TIOCSWINSZ, size)

    async def wait(self) -> int:
        """Return its exit code."""
        return await self._process.wait()

    async def kill(self) -> None:
        """End it, if it still runs."""
        if not self._process.ended.done():
            await self._process.kill()

    async def close(self) -> None:
        """End it, if it still runs, and give back its streams."""
        await self.kill()
        self.end_input()
        for descriptor in self._outputs:
            os.close(descriptor)

    @property
    def _outputs(self) -> set[int]:
        return set(self._streams.outputs.values())


async def execute(processes: Processes, launch: Launch, *, stdin: bool, tty: bool) -> Execution:
    """Start a program with streams of its own.

    Raises:
        NotStarted: it cannot be executed; the message says why.
    """
    ours, theirs = _terminal() if tty else _pipes(stdin=stdin)
    try:
        process = await processes.spawn(launch, streams=theirs)
    except BaseException:
        for descriptor in {ours.stdin, *ours.outputs.values()} - {None}:
            os.close(descriptor or 0)
        raise
    finally:
        for descriptor in set(theirs):
            os.close(descriptor)
    return Execution(process, ours)


def _terminal() -> tuple[Streams, tuple[int, int, int]]:
    ours, theirs = os.openpty()
    return Streams(ours, {STDOUT: ours}), (theirs, theirs, theirs)


def _pipes(*, stdin: bool) -> tuple[Streams, tuple[int, int, int]]:
    if stdin:
        their_input, our_input = os.pipe()
    else:
        their_input, our_input = os.open(os.devnull, os.O_RDONLY), None
    our_output, their_output = os.pipe()
    our_error, their_error = os.pipe()
    ours = Streams(our_input, {STDOUT: our_output, STDERR: our_error})
    return ours, (their_input, their_output, their_error)


def _read(descriptor: int, number: int, queue: asyncio.Queue[tuple[int, bytes]]) -> None:
    try:
        data = os.read(descriptor, _CHUNK)
    except BlockingIOError:
        return
    except OSError:  # a terminal whose other end is closed
        data = b""
    queue.put_nowait((number, data))


def _write_all(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]
