"""Starts and ends the process of a local cluster (`konductor.cli.serve`), as a client of it.

A cluster of `koncli run` hangs on a pipe: when its parent is gone, however that ended, it ends all
programs and itself. A cluster of `koncli cluster up` has no such pipe. A folder serves one cluster
at a time: the process holds a lock on it for as long as it lives.
"""

import fcntl
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from konductor.api.meta import Json
from konductor.connection import state_folder
from konductor.errors import ExitCode, KonductorError, Unreachable

KUBECONFIG = "kubeconfig"
LOG = "serve.log"
_LOCK = "lock"
_RUNS = "runs"
_RUNS_KEPT = 10
_PRIVATE = 0o700
_READY_WITHIN = 60.0
_END_WITHIN = 15.0


class NoCluster(KonductorError):
    """The local cluster could not be started."""

    def __init__(self, message: str, *, hint: str = "", code: int = ExitCode.FAILED) -> None:
        super().__init__(message, hint=hint)
        self.exit_code = ExitCode(code)


@dataclass(frozen=True, slots=True)
class Options:
    """What a local cluster is told."""

    jobs: int
    """``-j``: programs of stages at a time."""
    images: Json
    """``[local.images]`` of konductor.toml; relative folders are those of ``base``."""
    inherit: tuple[str, ...] = ()
    """Further variables of the host that pods see."""
    base: str = ""
    work_folder: str = ""
    """Where programs run if neither their pod nor their image says; default: here."""
    workspace: str = ""
    """The folder behind every claim (``koncli run --workspace``)."""
    keep: bool = False
    """Go on without the parent: there is no pipe."""


@dataclass(slots=True)
class Local:
    """A local cluster that runs."""

    kubeconfig: Path
    pid: int
    process: subprocess.Popen[bytes]

    def close(self) -> None:
        """End the cluster and every program of it; return once all are gone."""
        if self.process.stdin:
            with suppress(OSError):
                self.process.stdin.close()
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(_END_WITHIN)
        except subprocess.TimeoutExpired:
            self.process.kill()  # its reaper notices, and ends what is left
            self.process.wait()


def start(folder: Path, options: Options) -> Local:
    """Start a local cluster with its state in a folder; return once it serves.

    Raises:
        NoCluster: it did not come up; the message says why.
    """
    try:
        folder.mkdir(mode=_PRIVATE, parents=True, exist_ok=True)
        log = (folder / LOG).open("ab")
    except OSError as error:
        raise NoCluster(f"{folder}: {error.strerror}") from error
    with log:
        process = subprocess.Popen(  # noqa: S603  # our own module
            (sys.executable, "-P", "-m", "konductor.cli.serve", str(folder), _text(options)),
            stdin=subprocess.DEVNULL if options.keep else subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            start_new_session=True,
        )
    try:
        answer = _first_line(process, folder)
        return Local(Path(answer["kubeconfig"]), int(answer["pid"]), process)
    except BaseException:
        process.kill()
        process.wait()
        if process.stdin:
            process.stdin.close()
        raise
    finally:
        assert process.stdout is not None, "it was asked for"  # noqa: S101
        process.stdout.close()


def run_folder(environment: Mapping[str, str]) -> Path:
    """Return a fresh folder for the cluster of one run; those of the last runs are kept."""
    runs = state_folder(environment) / _RUNS
    runs.mkdir(mode=_PRIVATE, parents=True, exist_ok=True)
    for old in sorted(runs.iterdir(), reverse=True)[_RUNS_KEPT - 1 :]:
        if not is_running(old):
            shutil.rmtree(old, ignore_errors=True)
    return Path(tempfile.mkdtemp(prefix=time.strftime("%Y%m%d-%H%M%S-"), dir=runs))


def lock(folder: Path) -> IO[str] | None:
    """Take a folder for this process, for as long as the file stays open; None if it is taken."""
    file = (folder / _LOCK).open("a+", encoding="ascii")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        return None
    file.truncate(0)
    file.write(str(os.getpid()))
    file.flush()
    return file


def is_running(folder: Path) -> bool:
    """Return whether some process holds a folder."""
    return holder(folder) is not None


def holder(folder: Path) -> int | None:
    """Return the process that holds a folder, if one does."""
    try:
        with (folder / _LOCK).open("r", encoding="ascii") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except OSError:
                return int(file.read() or 0)
    except (OSError, ValueError):
        return None
    return None


def end(folder: Path, *, wait: Callable[[float], None] = time.sleep) -> int | None:
    """End the cluster of a folder; return its pid, or None if there was none.

    Raises:
        Unreachable: it does not end.
    """
    pid = holder(folder)
    if not pid:
        return None
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + _END_WITHIN
    while is_running(folder):
        if time.monotonic() > deadline:
            raise Unreachable(f"the local cluster (process {pid}) does not end")
        wait(0.01)
    return pid


def _text(options: Options) -> str:
    return json.dumps(asdict(options))


def parse_options(text: str) -> Options:
    """Read what `start` hands over."""
    document = json.loads(text)
    return Options(**document | {"inherit": tuple(document["inherit"])})


def _first_line(process: subprocess.Popen[bytes], folder: Path) -> Json:
    """Read what the process says once it serves, or cannot.

    Raises:
        NoCluster: it cannot, or said nothing.
    """
    assert process.stdout is not None, "it was asked for"  # noqa: S101
    readable, _, _ = select.select([process.stdout], [], [], _READY_WITHIN)
    line = process.stdout.readline() if readable else b""
    if not line:
        raise NoCluster(
            "the local cluster did not start",
            hint=f"{folder / LOG} tells why",
            code=ExitCode.UNREACHABLE,
        )
    answer: Json = json.loads(line)
    if "error" in answer:
        raise NoCluster(answer["error"], hint=answer["hint"], code=answer["code"])
    return answer
