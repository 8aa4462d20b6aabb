"""Keeps one container: starts its program, writes its log, and ends everything it left behind.

A keeper is a fork of the reaper and the subreaper of one program: what that program starts stays
below the keeper and ends with it, as a container ends with its first process. Signals:

- USR1: pass TERM on to the program's process group (the polite end),
- TERM: end the whole tree now; also what the kernel sends if the reaper dies.

The keeper's exit code is the program's, or 128 + signal. Stdlib only.
"""

import fcntl
import os
import resource
import selectors
import signal
import sys
import termios
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from konductor.runner.local.kubelet.logfile import LogWriter
from konductor.runner.local.kubelet.tree import adopt_orphans, end_descendants, end_with_parent

_CHUNK = 65536
_SIGNAL_BASE = 128
_STREAMS = ("stdout", "stderr")


@dataclass(frozen=True, slots=True)
class Program:
    """What to run."""

    argv: Sequence[str]
    env: Mapping[str, str]
    cwd: str
    log: str = ""
    """Where its output goes, if not to ``streams``."""
    limits: Sequence[tuple[int, int]] = ()
    """Resource limits: the number of the limit and its value."""
    streams: Sequence[int] = ()
    """File descriptors for standard input, output and error."""


def keep(program: Program, report: int) -> NoReturn:
    """Run a program to its end; tell ``report`` its pid, or why it did not start."""
    adopt_orphans()
    wakeup = _listen_to_signals()
    end_with_parent(signal.SIGTERM)
    pipes = [os.pipe() for _ in _STREAMS] if program.log else []
    streams = program.streams or [
        os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC),
        *(write for _, write in pipes),
    ]
    pid, error = _start(program, streams)
    for stream in streams:
        os.close(stream)
    os.write(report, f"error {error}".encode() if error else str(pid).encode())
    os.close(report)
    if error:
        os._exit(0)
    log = LogWriter(Path(program.log)) if program.log else None
    code = _Watch(pid, [read for read, _ in pipes], log, wakeup).run()
    os._exit(code)


def _listen_to_signals() -> int:
    read, write = os.pipe()
    os.set_blocking(write, False)
    os.set_blocking(read, False)
    signal.set_wakeup_fd(write, warn_on_full_buffer=False)
    for number in (signal.SIGUSR1, signal.SIGTERM, signal.SIGCHLD):
        signal.signal(number, lambda *_: None)
    return read


def _start(program: Program, streams: Sequence[int]) -> tuple[int, str]:
    """Fork and execute; return the pid and, if the program could not be executed, why."""
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            _become(program, streams)
        except BaseException as error:  # noqa: BLE001  # whatever it is: the child must not go on
            os.write(write, _why(program, error).encode())
        os._exit(_SIGNAL_BASE)
    os.close(write)
    with os.fdopen(read, "rb") as pipe:
        error_text = pipe.read().decode()
    if error_text:
        os.waitpid(pid, 0)
    return pid, error_text


def _become(program: Program, streams: Sequence[int]) -> None:
    signal.set_wakeup_fd(-1)
    for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
        with suppress(OSError, ValueError):  # the C library keeps some real-time signals
            signal.signal(number, signal.SIG_DFL)
    os.setsid()
    for target, stream in enumerate(streams):
        os.dup2(stream, target)
    if os.isatty(0):
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    for limit, value in program.limits:
        resource.setrlimit(limit, (value, value))
    os.chdir(program.cwd)
    os.execvpe(program.argv[0], list(program.argv), dict(program.env))  # noqa: S606  # its purpose


def _why(program: Program, error: BaseException) -> str:
    name = program.argv[0]
    if not Path(program.cwd).is_dir():
        return f"chdir to working directory {program.cwd!r} failed: no such directory"
    if isinstance(error, FileNotFoundError):
        where = "no such file or directory" if "/" in name else "executable file not found in $PATH"
        return f'exec: "{name}": {where}'
    if isinstance(error, PermissionError):
        return f'exec: "{name}": permission denied'
    return f'exec: "{name}": {error}'


class _Watch:
    """Waits for a program's end, copying its output meanwhile."""

    def __init__(self, pid: int, outputs: list[int], log: LogWriter | None, wakeup: int) -> None:
        self._pid = pid
        self._log = log
        self._wakeup = wakeup
        self._code: int | None = None
        self._selector = selectors.DefaultSelector()
        self._selector.register(wakeup, selectors.EVENT_READ, "")
        self._open = dict(zip(outputs, _STREAMS, strict=False))
        for output, name in self._open.items():
            os.set_blocking(output, False)
            self._selector.register(output, selectors.EVENT_READ, name)

    def run(self) -> int:
        self._reap()
        while self._code is None:
            for key, _ in self._selector.select():
                if key.fd == self._wakeup:
                    self._obey(os.read(self._wakeup, _CHUNK))
                else:
                    self._copy(key.fd)
        if sys.platform == "linux":
            end_descendants()
        else:
            _signal_group(self._pid, signal.SIGKILL)
        while any(self._copy(output) for output in list(self._open)):
            pass
        if self._log:
            self._log.close()
        return self._code

    def _obey(self, numbers: bytes) -> None:
        if signal.SIGUSR1 in numbers:
            _signal_group(self._pid, signal.SIGTERM)
        if signal.SIGTERM in numbers:
            _signal_group(self._pid, signal.SIGKILL)
        self._reap()

    def _reap(self) -> None:
        """Take in ended children: the program, or orphans it left."""
        with suppress(ChildProcessError):
            while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                if ended[0] == self._pid:
                    code = os.waitstatus_to_exitcode(ended[1])
                    self._code = code if code >= 0 else _SIGNAL_BASE - code

    def _copy(self, output: int) -> bool:
        """Copy what a stream holds now; return whether there may be more."""
        try:
            data = os.read(output, _CHUNK)
        except BlockingIOError:
            return False
        if data and self._log:
            self._log.write(self._open[output], data)
        if not data:
            self._selector.unregister(output)
            os.close(output)
            del self._open[output]
        return bool(data)


def _signal_group(leader: int, number: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, number)
