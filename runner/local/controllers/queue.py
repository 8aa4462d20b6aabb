"""A queue of keys to look at: each at most once at a time, again after failures."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta

from konductor.errors import KonductorError

_log = logging.getLogger(__name__)
_FIRST_PAUSE = 0.05
_LONGEST_PAUSE = 5.0


class Queue:
    """Calls a handler for every key that was added since its last call began."""

    def __init__(
        self, name: str, handle: Callable[[str], Awaitable[None]], *, gather: timedelta
    ) -> None:
        self._name = name
        self._handle = handle
        self._gather = gather.total_seconds()
        self._dirty: set[str] = set()
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._timers: dict[str, asyncio.TimerHandle] = {}

    def add(self, key: str) -> None:
        """Have a key looked at; several additions within ``gather`` cost one look."""
        self._dirty.add(key)
        if key not in self._tasks:
            self._tasks[key] = asyncio.create_task(self._work(key), name=f"{self._name} {key}")

    def add_after(self, key: str, delay: timedelta) -> None:
        """Have a key looked at after a time; a later call replaces the time."""
        if timer := self._timers.pop(key, None):
            timer.cancel()
        loop = asyncio.get_running_loop()
        self._timers[key] = loop.call_later(delay.total_seconds(), self._due, key)

    async def close(self) -> None:
        """Look at nothing any more."""
        for timer in self._timers.values():
            timer.cancel()
        tasks = tuple(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _due(self, key: str) -> None:
        self._timers.pop(key, None)
        self.add(key)

    async def _work(self, key: str) -> None:
        pause = _FIRST_PAUSE
        try:
            while key in self._dirty:
                await asyncio.sleep(self._gather)
                self._dirty.discard(key)
                if await self._try(key):
                    pause = _FIRST_PAUSE
                else:
                    await asyncio.sleep(pause)
                    pause = min(2 * pause, _LONGEST_PAUSE)
                    self._dirty.add(key)
        finally:
            del self._tasks[key]

    async def _try(self, key: str) -> bool:
        try:
            await self._handle(key)
        except KonductorError as error:  # a conflict, a busy server: look again
            _log.debug("%s %s: %s", self._name, key, error)
            return False
        except Exception:  # noqa: BLE001  # a bug with one object must not end the others' controller
            _log.exception("%s %s: please report this", self._name, key)
            return False
        return True
