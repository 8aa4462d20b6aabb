"""Watches over a run's own local cluster: what keeps it from working ends the run, with a reason.

Without this a run would wait for a cluster that was killed (such as for want of memory), or that
can store nothing, until somebody interrupts it.
"""

import asyncio
import shutil
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from konductor.errors import Unreachable
from konductor.runner.local.process import LOG

_EVERY = 0.5
_FULL_FOR = 10.0
"""Seconds that a full disk is waited for: whoever filled it may give room back."""
_NEEDED = 32 * 1024
"""Bytes that one write takes at least: some pages of the database and of its log."""


class Process(Protocol):
    """What is known of the cluster's process."""

    def poll(self) -> int | None:
        """Return how it ended: its exit code, or minus a signal's number; None: it runs."""


def _free(folder: Path) -> int:
    return shutil.disk_usage(folder).free


@dataclass(slots=True)
class Guard:
    """What is looked at, and since when the disk has been full."""

    process: Process
    folder: Path
    free: Callable[[Path], int] = _free
    """Gives the bytes that are left on a folder's disk."""
    _full_since: float | None = None

    def trouble(self, now: float) -> Unreachable | None:
        """Return what keeps the cluster from working at this time (seconds), if anything does."""
        ended = self.process.poll()
        if ended is not None:
            return Unreachable(
                f"the run's local cluster is gone: {_how(ended)}",
                hint=f"its log is {self.folder / LOG}; what ran there has ended, run it anew",
            )
        if self.free(self.folder) >= _NEEDED:
            self._full_since = None
            return None
        if self._full_since is None:
            self._full_since = now
        if now - self._full_since < _FULL_FOR:
            return None
        return Unreachable(
            f"the disk is full: nothing can be stored in {self.folder}",
            hint="make room there (or set KONDUCTOR_HOME to a larger disk), and run it anew",
        )


def _how(code: int) -> str:
    if code >= 0:
        return f"it ended with exit code {code}"
    return f"it was ended by {signal.Signals(-code).name}"


@asynccontextmanager
async def guarded(guard: Guard) -> AsyncIterator[None]:
    """Do something for as long as the cluster works.

    Raises:
        Unreachable: it does not any more; what was being done is cancelled.
    """
    try:
        async with asyncio.TaskGroup() as group:
            watch = group.create_task(_watch(guard))
            yield
            watch.cancel()
    except BaseExceptionGroup as errors:
        raise errors.exceptions[0] from errors


async def _watch(guard: Guard) -> None:
    clock = asyncio.get_running_loop().time
    while True:
        trouble = guard.trouble(clock())
        if trouble is not None:
            raise trouble
        await asyncio.sleep(_EVERY)
