"""A cluster as one operator reaches it, until it is killed at one of its writes."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from konductor.cluster.port import Cluster
from konductor.cluster.resource import EVENTS, Resource


class Mortal:
    """Passes everything on until the time has come; then nothing is ever answered."""

    def __init__(self, cluster: Cluster, number: int, *, done: bool) -> None:
        """Say at which write death comes, and whether that one is still done.

        Events do not count: they decide nothing.
        """
        self.died = asyncio.Event()
        self._cluster = cluster
        self._left = number
        self._done = done

    def __getattr__(self, name: str) -> Any:
        """Return what reads."""
        return getattr(self._cluster, name)

    async def create(self, resource: Resource, *words: Any, **named: Any) -> Any:
        """Create, unless dead."""
        return await self._write(self._cluster.create, resource, *words, **named)

    async def patch(self, resource: Resource, *words: Any, **named: Any) -> Any:
        """Patch, unless dead."""
        return await self._write(self._cluster.patch, resource, *words, **named)

    async def delete(self, resource: Resource, *words: Any, **named: Any) -> Any:
        """Delete, unless dead."""
        return await self._write(self._cluster.delete, resource, *words, **named)

    async def _write(
        self, write: Callable[..., Awaitable[Any]], resource: Resource, *words: Any, **named: Any
    ) -> Any:
        if resource != EVENTS and not self.died.is_set():
            self._left -= 1
        if self._left > 0:
            return await write(resource, *words, **named)
        if self._done and not self.died.is_set():
            await write(resource, *words, **named)
        self.died.set()
        return await asyncio.Event().wait()
