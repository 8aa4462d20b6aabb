"""Runs konductor's own hook containers inside the kubelet: no process, no Python start.

A hook is a blocking function of `konductor.hooks`, so each runs in a thread of its own; it speaks
to the API server with the token of its pod, like the process it stands for.
"""

import asyncio
import io
import logging
import threading
import uuid
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path

from konductor.connection import in_pod
from konductor.hooks import sidecar, wait
from konductor.hooks.stop import Stop
from konductor.runner.local.kubelet.image import Launch
from konductor.runner.local.kubelet.logfile import LogWriter
from konductor.runner.local.kubelet.processes import NotStarted

_log = logging.getLogger(__name__)
_WORDS = 4  # koncli hook wait|arrive BARRIER; arrive may name more
_FAILED = 1
_RUNS: dict[str, Callable[..., int]] = {"wait": wait.run, "arrive": sidecar.run}


class Hook:
    """A hook that runs; it ends as a process does."""

    def __init__(self, ended: asyncio.Future[int]) -> None:
        self.identity = uuid.uuid4().hex
        self.ended = ended
        self.term = Stop()
        self.killed = Stop()

    async def wait(self) -> int:
        """Return its exit code."""
        return await asyncio.shield(self.ended)

    async def stop(self) -> None:
        """Ask it to end, as TERM does."""
        self.term.set()

    async def kill(self) -> None:
        """Have it end at once."""
        self.killed.set()


def start(launch: Launch, log: Path) -> Hook:
    """Start a hook in a thread.

    Raises:
        NotStarted: its command is none that a hook has, or its pod has no token for it.
    """
    if not _is_hook(launch.argv):
        raise NotStarted(f"`{' '.join(launch.argv)}` is no hook: koncli hook wait|arrive BARRIER")
    connection = in_pod(launch.env)
    if connection is None:
        raise NotStarted("a hook needs its pod's service account token, and none is mounted")
    loop = asyncio.get_running_loop()
    hook = Hook(loop.create_future())
    verb, barrier, *more = launch.argv[2:]
    run = _RUNS[verb]
    if more:
        run = partial(run, more=more)

    def work() -> None:
        code = _FAILED
        output = _LogText(LogWriter(log))
        try:
            code = run(
                barrier,
                connection=connection,
                environment=launch.env,
                output=output,
                term=hook.term,
                kill=hook.killed,
            )
        except Exception:  # noqa: BLE001  # a bug in a hook must not leave its pod waiting
            _log.exception("hook %s: please report this", " ".join(launch.argv))
        finally:
            output.close()
            with suppress(RuntimeError):  # the kubelet is gone
                loop.call_soon_threadsafe(_settle, hook.ended, code)

    threading.Thread(target=work, name=f"hook {barrier}", daemon=True).start()
    return hook


def _is_hook(argv: Sequence[str]) -> bool:
    if len(argv) < _WORDS or argv[2] not in _RUNS:
        return False
    return len(argv) == _WORDS or argv[2] == "arrive"


def _settle(ended: asyncio.Future[int], code: int) -> None:
    if not ended.done():
        ended.set_result(code)


class _LogText(io.TextIOBase):
    """The standard output of a hook: its container's log."""

    def __init__(self, writer: LogWriter) -> None:
        self._writer = writer

    def write(self, text: str, /) -> int:
        self._writer.write("stdout", text.encode())
        return len(text)

    def close(self) -> None:
        if not self.closed:
            self._writer.close()
        super().close()
