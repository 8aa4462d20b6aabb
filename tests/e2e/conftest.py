"""koncli as a person has it: a real process, with a state folder that nobody else uses.

Each test's processes carry its home folder in their environment or command line (pods see HOME),
so what is left over is found in ``/proc``, whoever its parent is by now.
"""

import contextlib
import fcntl
import os
import pty
import re
import select
import selectors
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
PROGRAMS = Path(sys.executable).parent
DEADLINE = 150.0
"""Seconds that one command may take on a busy machine."""
ROWS, COLUMNS = 40, 120
_ON_A_TERMINAL = """
import fcntl, os, sys, termios
os.setsid()
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.argv[1], sys.argv[1:])
"""


def on_a_busy_machine(seconds: float) -> float:
    """Return how long that takes here, where others may run too."""
    return seconds * max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


def wait_until(fact: Callable[[], bool], seconds: float = DEADLINE) -> None:
    """Wait for a fact of which no event tells: files and ``/proc``."""
    ends = time.monotonic() + seconds
    while not fact():
        assert time.monotonic() < ends, f"it did not come true within {seconds:.0f} s"
        select.select([], [], [], 0.01)


@dataclass
class Running:
    """A koncli that runs, and what it has said so far on both of its streams."""

    process: subprocess.Popen[bytes]
    output: int
    terminal: int | None = None
    said: str = ""
    code: int | None = None

    @property
    def text(self) -> str:
        """Return what it has said, without colours."""
        return re.sub(r"\x1b\[[0-9;]*m", "", self.said)

    def until(self, words: str, seconds: float = DEADLINE) -> re.Match[str]:
        """Wait until it has said something that matches."""
        ends = time.monotonic() + seconds
        with selectors.DefaultSelector() as selector:
            selector.register(self.output, selectors.EVENT_READ)
            while (found := re.search(words, self.text)) is None:
                assert selector.select(ends - time.monotonic()), f"no {words!r} in\n{self.said}"
                assert self._hear(), f"it ended without {words!r}\n{self.said}"
        return found

    def end(self, seconds: float = DEADLINE) -> int:
        """Wait for its end; return its exit code."""
        ends = time.monotonic() + seconds
        with selectors.DefaultSelector() as selector:
            selector.register(self.output, selectors.EVENT_READ)
            while True:
                assert selector.select(max(ends - time.monotonic(), 0)), f"no end of\n{self.said}"
                if not self._hear():
                    break
        self.code = self.process.wait(max(ends - time.monotonic(), 1))
        return self.code

    def _hear(self) -> bool:
        try:
            data = os.read(self.output, 65536)
        except OSError:  # how Linux tells that nobody holds the terminal any more
            return False
        self.said += data.decode(errors="replace")
        return bool(data)

    def interrupt(self) -> None:
        """Press Ctrl-C, or do what that does where there is no terminal."""
        if self.terminal is None:
            self.process.send_signal(signal.SIGINT)
        else:
            os.write(self.terminal, b"\x03")

    def close(self) -> None:
        """End it, if it has not ended."""
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()
        self.process.wait()
        os.close(self.output)


@dataclass
class Home:
    """A home folder, a state folder in it, and koncli with both."""

    path: Path
    running: list[Running] = field(default_factory=list)

    @property
    def state(self) -> Path:
        """Return the folder of all that koncli keeps."""
        return self.path / "konductor"

    @property
    def environment(self) -> dict[str, str]:
        """Return what koncli sees: nothing that this machine says."""
        return {
            "HOME": str(self.path),
            "KONDUCTOR_HOME": str(self.state),
            "PATH": os.pathsep.join((str(PROGRAMS), "/usr/bin", "/bin")),
            "LANG": "C.UTF-8",
            "TERM": "xterm-256color",
        }

    def program(self, text: str, name: str = "program.kon") -> str:
        """Write a program; return its path."""
        path = self.path / name
        path.write_text(text, encoding="utf-8")
        return str(path)

    def koncli(
        self, *words: str, code: int = 0, under: tuple[str, ...] = ()
    ) -> subprocess.CompletedProcess[str]:
        """Run koncli to its end, which must come with that exit code."""
        return self._run((*under, str(PROGRAMS / "koncli"), *words), code)

    def kubectl(self, *words: str) -> str:
        """Return what kubectl prints of the local cluster that stays."""
        kubeconfig = str(self.state / "kubeconfig")
        program = (str(PROGRAMS / "kubectl"), "--kubeconfig", kubeconfig, *words)
        return self._run(program, 0).stdout

    def _run(self, words: tuple[str, ...], code: int) -> subprocess.CompletedProcess[str]:
        ended = subprocess.run(
            words,
            env=self.environment,
            cwd=self.path,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=DEADLINE,
            check=False,
        )
        assert ended.returncode == code, f"{words}: {ended.returncode}\n{_both(ended)}"
        return ended

    def start(self, *words: str, under: tuple[str, ...] = ()) -> Running:
        """Start koncli without a terminal."""
        read, write = os.pipe()
        process = subprocess.Popen(
            (*under, str(PROGRAMS / "koncli"), *words),
            env=self.environment,
            cwd=self.path,
            stdin=subprocess.DEVNULL,
            stdout=write,
            stderr=write,
            start_new_session=True,
        )
        os.close(write)
        return self._remember(Running(process, read))

    def start_on_terminal(self, *words: str) -> Running:
        """Start koncli as a shell does on a terminal of a known size."""
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        process = subprocess.Popen(
            (sys.executable, "-c", _ON_A_TERMINAL, str(PROGRAMS / "koncli"), *words),
            env=self.environment,
            cwd=self.path,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
        )
        os.close(theirs)
        return self._remember(Running(process, ours, terminal=ours))

    def _remember(self, running: Running) -> Running:
        self.running.append(running)
        return running

    def processes(self) -> list[str]:
        """Return the living processes that belong here, each by its command line."""
        return [_command(pid) for pid in _living() if _carries(pid, str(self.path))]

    def until_nothing_is_left(self, seconds: float) -> None:
        """Wait until no process of this home lives."""
        try:
            wait_until(lambda: not self.processes(), on_a_busy_machine(seconds))
        except AssertionError as error:
            raise AssertionError("\n".join(("left:", *self.processes()))) from error

    def found(self, name: str) -> Path:
        """Return the one file of that name, wherever a run keeps its workspace."""
        (path,) = self.path.rglob(name)
        return path

    def close(self) -> None:
        """End what a failed test has left."""
        for running in self.running:
            running.close()
        for pid in _living():
            if _carries(pid, str(self.path)):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)


def _both(ended: subprocess.CompletedProcess[str]) -> str:
    return f"{ended.stdout}\n{ended.stderr}"


def _living() -> Iterator[int]:
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            with contextlib.suppress(OSError):
                state = (entry / "stat").read_bytes().rpartition(b")")[2].split()[0]
                if state not in (b"Z", b"X"):
                    yield int(entry.name)


def _carries(pid: int, marker: str) -> bool:
    texts = b""
    with contextlib.suppress(OSError):
        texts = b"".join(
            Path(f"/proc/{pid}/{name}").read_bytes() for name in ("environ", "cmdline")
        )
    return marker.encode() in texts


def _command(pid: int) -> str:
    try:
        return f"{pid} " + Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    except OSError:
        return f"{pid} (gone)"


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    """Return a home of the test's own; whatever it starts is gone after it."""
    fresh = Home(tmp_path / "home")
    fresh.path.mkdir()
    yield fresh
    fresh.close()


@pytest.fixture
def cluster(home: Home) -> Iterator[Home]:
    """Return a home with a local cluster that stays."""
    home.koncli("cluster", "up")
    yield home
    home.koncli("cluster", "down")
