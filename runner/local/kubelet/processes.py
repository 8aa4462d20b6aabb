"""The kubelet's end of the reaper: starts programs and learns how they ended."""

import asyncio
import json
import socket
import subprocess
import sys
import uuid
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from konductor.errors import KonductorError
from konductor.runner.local.kubelet.image import Launch

_CHUNK = 65536
LOST = 137
"""What a program that nobody saw end is taken to have ended with."""


class NotStarted(KonductorError):
    """A program could not be executed."""


class Process:
    """One program and all that it starts."""

    def __init__(self, identity: str, reaper: "Processes") -> None:
        self.identity = identity
        self._reaper = reaper
        loop = asyncio.get_running_loop()
        self.started: asyncio.Future[int] = loop.create_future()
        self.ended: asyncio.Future[int] = loop.create_future()

    async def wait(self) -> int:
        """Return its exit code, 128 + signal if it was killed."""
        return await asyncio.shield(self.ended)

    async def stop(self) -> None:
        """Ask it to end: TERM to its process group."""
        await self._reaper.ask({"do": "stop", "id": self.identity})

    async def kill(self) -> None:
        """End it, and all that it started, at once."""
        await self._reaper.ask({"do": "kill", "id": self.identity})


class Processes:
    """Owns the reaper; everything ends when this is closed or its process dies."""

    def __init__(self, link: socket.socket, reaper: subprocess.Popen[bytes]) -> None:
        self._link = link
        self._reaper = reaper
        self._known: dict[str, Process] = {}
        self._sending = asyncio.Lock()
        self._reading = asyncio.create_task(self._read())

    @staticmethod
    def start(folder: Path) -> "Processes":
        """Start the reaper, with a folder to stand in."""
        ours, theirs = socket.socketpair()
        with theirs:
            reaper = subprocess.Popen(  # noqa: S603  # our own module
                (
                    sys.executable,
                    "-P",
                    "-m",
                    "konductor.runner.local.kubelet.reaper",
                    str(theirs.fileno()),
                ),
                cwd=folder,
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
            )
        ours.setblocking(False)  # noqa: FBT003  # the socket's own API
        return Processes(ours, reaper)

    @property
    def pid(self) -> int:
        """Return the reaper's own."""
        return self._reaper.pid

    async def spawn(
        self,
        launch: Launch,
        *,
        log: Path | None = None,
        limits: Sequence[tuple[int, int]] = (),
        streams: Sequence[int] = (),
    ) -> Process:
        """Start a program with its output in a log, or with streams of its own.

        Raises:
            NotStarted: it cannot be executed; the message says why.
        """
        process = Process(uuid.uuid4().hex, self)
        self._known[process.identity] = process
        message = {
            "do": "spawn",
            "id": process.identity,
            "argv": launch.argv,
            "env": launch.env,
            "cwd": launch.folder,
            "log": str(log or ""),
            "limits": limits,
            "fds": len(streams),
        }
        await self.ask(message, streams)
        await asyncio.shield(process.started)
        return process

    async def ask(self, message: dict[str, object], streams: Sequence[int] = ()) -> None:
        """Send one message, file descriptors first.

        Raises:
            NotStarted: the reaper is gone.
        """
        data = json.dumps(message).encode("utf-8", "surrogateescape") + b"\n"
        loop = asyncio.get_running_loop()
        try:
            async with self._sending:
                if streams:
                    await self._send_streams(data[:1], streams)
                    data = data[1:]
                await loop.sock_sendall(self._link, data)
        except OSError as error:
            raise NotStarted("the process that owns all programs is gone") from error

    async def close(self) -> None:
        """End every program, then return."""
        with suppress(OSError):
            self._link.shutdown(socket.SHUT_WR)
        await self._reading
        await asyncio.to_thread(self._reaper.wait)
        self._link.close()

    async def _read(self) -> None:
        loop = asyncio.get_running_loop()
        rest = b""
        with suppress(OSError):
            while data := await loop.sock_recv(self._link, _CHUNK):
                *lines, rest = (rest + data).split(b"\n")
                for line in lines:
                    self._hear(json.loads(line))
        for process in list(self._known.values()):
            self._finish(process, LOST, "the process that owns all programs is gone")

    async def _send_streams(self, first: bytes, streams: Sequence[int]) -> None:
        """Send file descriptors; they travel with the first byte of their message."""
        while True:
            with suppress(BlockingIOError):
                socket.send_fds(self._link, [first], list(streams))
                return
            await asyncio.sleep(0.001)

    def _hear(self, message: dict[str, object]) -> None:
        process = self._known[str(message["id"])]
        match message["event"]:
            case "started":
                process.started.set_result(int(str(message["pid"])))
            case "failed":
                self._finish(process, LOST, str(message["error"]))
            case _:
                self._finish(process, int(str(message["code"])), "")

    def _finish(self, process: Process, code: int, error: str) -> None:
        del self._known[process.identity]
        if not process.started.done():
            process.started.set_exception(NotStarted(error))
        process.ended.set_result(code)
