"""The process that starts every program of a pod, and ends them all when its parent is gone.

``python -m konductor.runner.local.kubelet.reaper FD`` serves the socket ``FD``: one JSON object a
line, file descriptors for a program's streams beside it (SCM_RIGHTS). It is asked::

    {"do": "spawn", "id": …, "argv": […], "env": {…}, "cwd": …, "log": …, "limits": […], "fds": n}
    {"do": "stop", "id": …}          TERM to the program's process group
    {"do": "kill", "id": …}          end the whole tree of the program

and tells::

    {"id": …, "event": "started", "pid": …}
    {"id": …, "event": "failed", "error": …}
    {"id": …, "event": "exited", "code": …}      128 + signal for a killed one

When the socket ends, because the parent ended it or died, everything below the reaper is ended
before it exits; there is no way for a program to outlive it but the reaper's own death, upon
which the kernel tells each keeper to do the same (Linux).
Stdlib only, so that it is small: each program costs a fork of it.
"""

import gc
import json
import os
import selectors
import signal
import socket
import sys
from contextlib import suppress
from typing import Any

from konductor.runner.local.kubelet.keeper import Program, keep
from konductor.runner.local.kubelet.tree import KEEPS_EVERYTHING, adopt_orphans, end_descendants

_CHUNK = 65536
_MOST_DESCRIPTORS = 16


class Reaper:
    """Serves one socket until it ends."""

    def __init__(self, link: socket.socket) -> None:
        self._link = link
        self._buffer = b""
        self._descriptors: list[int] = []
        self._keepers: dict[str, int] = {}
        self._ids: dict[int, str] = {}

    def serve(self) -> None:
        """Do what is asked until the other end is gone; then end everything."""
        adopt_orphans()
        read, write = os.pipe()
        os.set_blocking(read, False)
        os.set_blocking(write, False)
        signal.set_wakeup_fd(write, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)  # only the socket's end ends the reaper
        with selectors.DefaultSelector() as selector, suppress(ConnectionError):
            selector.register(read, selectors.EVENT_READ)
            selector.register(self._link, selectors.EVENT_READ)
            while self._turn(selector, read):
                pass
        self._end_everything()

    def _turn(self, selector: selectors.DefaultSelector, wakeup: int) -> bool:
        for key, _ in selector.select():
            if key.fd == wakeup:
                with suppress(BlockingIOError):
                    os.read(wakeup, _CHUNK)
                self._report_ended()
            elif not self._receive():
                return False
        return True

    def _receive(self) -> bool:
        data, descriptors, _, _ = socket.recv_fds(self._link, _CHUNK, _MOST_DESCRIPTORS)
        for descriptor in descriptors:
            os.set_inheritable(descriptor, False)  # noqa: FBT003  # its own API
        self._descriptors.extend(descriptors)
        if not data:
            return False
        *lines, self._buffer = (self._buffer + data).split(b"\n")
        for line in lines:
            self._obey(json.loads(line))
        return True

    def _obey(self, message: dict[str, Any]) -> None:
        identity = str(message["id"])
        keeper = self._keepers.get(identity)
        if message["do"] == "spawn":
            self._spawn(identity, message)
        elif keeper is not None:  # an ended one: its report is under way
            os.kill(keeper, signal.SIGUSR1 if message["do"] == "stop" else signal.SIGTERM)

    def _spawn(self, identity: str, message: dict[str, Any]) -> None:
        count = int(message.get("fds", 0))
        streams, self._descriptors = self._descriptors[:count], self._descriptors[count:]
        program = Program(
            argv=message["argv"],
            env=message["env"],
            cwd=message["cwd"],
            log=message.get("log", ""),
            limits=message.get("limits", ()),
            streams=streams,
        )
        read, write = os.pipe()
        keeper = os.fork()
        if keeper == 0:
            self._become_keeper(program, read, write)
        os.close(write)
        for stream in streams:
            os.close(stream)
        with os.fdopen(read, "rb") as pipe:
            answer = pipe.read().decode()
        if answer.isdigit():
            self._keepers[identity] = keeper
            self._ids[keeper] = identity
            self._tell(id=identity, event="started", pid=int(answer))
        else:
            error = answer.removeprefix("error ") or "its keeper ended at once"
            self._tell(id=identity, event="failed", error=error)

    def _become_keeper(self, program: Program, read: int, write: int) -> None:
        try:
            self._link.close()
            os.close(read)
            keep(program, write)
        except BaseException as error:  # noqa: BLE001  # a fork must never return into our loop
            with suppress(OSError):
                os.write(write, f"error {error}".encode())
        finally:
            os._exit(1)

    def _report_ended(self) -> None:
        with suppress(ChildProcessError):
            while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                identity = self._ids.pop(ended[0], None)
                if identity is not None:
                    del self._keepers[identity]
                    code = os.waitstatus_to_exitcode(ended[1])
                    self._tell(id=identity, event="exited", code=code if code >= 0 else 128 - code)

    def _tell(self, **message: object) -> None:
        self._link.sendall(json.dumps(message).encode() + b"\n")

    def _end_everything(self) -> None:
        if KEEPS_EVERYTHING:
            end_descendants()
            return
        for keeper in self._keepers.values():
            with suppress(ProcessLookupError):
                os.kill(keeper, signal.SIGTERM)
        with suppress(ChildProcessError):
            while True:
                os.wait()


def main() -> None:
    """Serve the socket whose descriptor is the one argument."""
    link = socket.socket(fileno=int(sys.argv[1]))
    os.setsid()  # a Ctrl-C in the terminal is for koncli alone
    gc.freeze()  # forks share these pages for longer
    Reaper(link).serve()


if __name__ == "__main__":
    main()
