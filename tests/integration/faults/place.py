"""A namespace of a server, and operators that reach it through a proxy each."""

import asyncio
import itertools
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta

from konductor.cluster.http import HttpCluster
from konductor.cluster.resource import NAMESPACES
from konductor.connection import Connection
from konductor.operator.embed import Operator
from tests.integration.faults.oracle import Ended
from tests.integration.faults.proxy import Proxy, Rule, no_faults
from tests.integration.faults.scenario import Scene

WITHIN = 60.0
"""Seconds that one step may take on a busy machine."""
_NUMBERS = itertools.count(1)


@dataclass
class Place:
    """A namespace of its own."""

    cluster: HttpCluster
    """As people and pods reach it, whom nothing disturbs."""
    namespace: str
    server: Connection
    """As the operators' proxies reach it."""
    ahead: timedelta = timedelta(0)
    proxies: list[Proxy] = field(default_factory=list)

    @staticmethod
    async def make(cluster: HttpCluster, name: str, server: Connection | None = None) -> "Place":
        """Create a namespace."""
        namespace = f"{name}-{next(_NUMBERS)}"
        document = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}}
        await cluster.create(NAMESPACES, document)
        return Place(cluster, namespace, server or cluster.connection)

    async def another(self) -> "Place":
        """Create one more namespace on the same server."""
        return await Place.make(self.cluster, "another", self.server)

    @property
    def scene(self) -> Scene:
        """Return the scenario, to be played here."""
        return Scene(self.cluster, self.namespace, self.advance)

    def advance(self, span: timedelta) -> None:
        """Set the server's clock forward, as operators see it; such a jump cuts watches."""
        self.ahead += span
        for one in self.proxies:
            one.leap(span)

    @asynccontextmanager
    async def proxy(self, rule: Rule = no_faults) -> AsyncGenerator[Proxy, None]:
        """Serve a way to the server."""
        async with Proxy(self.server, rule, ahead=self.ahead).serve() as proxy:
            self.proxies.append(proxy)
            try:
                yield proxy
            finally:
                self.proxies.remove(proxy)

    @asynccontextmanager
    async def operator(self, rule: Rule = no_faults) -> AsyncGenerator[Proxy, None]:
        """Run an operator for this namespace, behind a proxy."""
        async with self.proxy(rule) as proxy:
            operator = Operator(proxy.connection, namespace=self.namespace)
            operator.start()
            try:
                yield proxy
            finally:
                await asyncio.to_thread(operator.stop)

    async def survive(self, rule: Rule) -> tuple[bool, Ended]:
        """Play the scenario with an operator that a rule kills, and another one after it.

        Return whether it was killed at all, and how everything ended.
        """
        playing = asyncio.create_task(self.scene.play())
        async with self.operator(rule) as first:
            death = asyncio.create_task(first.died.wait())
            await asyncio.wait((playing, death), return_when=asyncio.FIRST_COMPLETED)
            death.cancel()
        if playing.done():
            return False, await playing
        async with self.operator():
            return True, await playing
