"""The operator as a cluster's Deployment runs it: by Lease, with metrics and probes.

The Lease and the web server live in the process's own event loop, the operator in a thread of its
own (`konductor.operator.embed`), so a probe is answered even when the operator is not.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

from aiohttp import web

from konductor.api.names import OPERATOR_LEASE, Annotation
from konductor.cluster.http import HttpCluster
from konductor.connection import Connection
from konductor.operator.embed import Operator
from konductor.operator.lease import Candidate
from konductor.operator.metrics import Metrics
from konductor.operator.prune import keep_pruning
from konductor.operator.rights import hold_rights

_log = logging.getLogger(__name__)
_UNAVAILABLE = 503


@dataclass(frozen=True, slots=True)
class Settings:
    """How an installed operator is set up."""

    lease_namespace: str
    """Where its Lease is: the namespace it runs in."""
    holder: str
    """Who it is, unlike any other."""
    namespace: str = ""
    """The only namespace to serve; empty: all."""
    host: str = ""
    """The address to serve metrics and probes on; empty: all."""
    port: int = 8080
    """0: any that is free."""
    arrival_ttl: timedelta = timedelta(hours=24)
    """How long arrivals of an ended raw barrier stay."""


class Installed:
    """One process that is the operator, or waits to become it."""

    def __init__(self, connection: Connection, settings: Settings) -> None:
        self.metrics = Metrics()
        self.stop = asyncio.Event()
        """Set it to end `run` in good order."""
        self.port = 0
        """The port that metrics and probes are served on, once `run` has begun."""
        self._connection = connection
        self._settings = settings
        self._operator: Operator | None = None

    async def run(self) -> None:
        """Serve until stopped; lead whenever the Lease is ours.

        Raises:
            OSError: the port is taken.
            Refused: we lack a right without which barriers would wait for ever.
            Forbidden: we may not even ask for our rights.
        """
        settings = self._settings
        async with self._web(), HttpCluster(self._connection) as cluster:
            await hold_rights(
                cluster,
                namespace=settings.namespace,
                lease_namespace=settings.lease_namespace,
                stop=self.stop,
            )
            candidate = Candidate(
                cluster,
                namespace=settings.lease_namespace,
                name=OPERATOR_LEASE,
                holder=settings.holder,
                metadata={"annotations": {str(Annotation.SERVES): settings.namespace}},
            )
            while await candidate.win(self.stop):
                await self._lead(cluster, candidate)
                await candidate.release()

    async def _lead(self, cluster: HttpCluster, candidate: Candidate) -> None:
        """Be the operator while the Lease is ours."""
        over = asyncio.Event()
        operator = Operator(
            self._connection, namespace=self._settings.namespace or None, measure=self.metrics
        )
        self.metrics.leads(leads=True)
        self._operator = operator
        operator.start()
        pruning = asyncio.create_task(
            keep_pruning(cluster, self._settings.namespace, self._settings.arrival_ttl, over)
        )
        try:
            await candidate.hold(self.stop)
        finally:
            over.set()
            await asyncio.to_thread(operator.stop)
            self._operator = None
            self.metrics.leads(leads=False)
            await pruning

    @asynccontextmanager
    async def _web(self) -> AsyncIterator[None]:
        application = web.Application()
        application.router.add_get("/metrics", self._metrics)
        application.router.add_get("/healthz", self._healthz)
        application.router.add_get("/readyz", self._readyz)
        runner = web.AppRunner(application, access_log=None)
        await runner.setup()
        try:
            site = web.TCPSite(runner, self._settings.host or None, self._settings.port)
            await site.start()
            self.port = int(runner.addresses[0][1])
            _log.info("metrics and probes are on port %s", self.port)
            yield
        finally:
            await runner.cleanup()

    async def _metrics(self, _: web.Request) -> web.Response:
        return web.Response(body=self.metrics.text(), content_type="text/plain", charset="utf-8")

    async def _healthz(self, _: web.Request) -> web.Response:
        """Fail when a watch has long been silent: a restart is then the best that can happen."""
        stale = self.metrics.stale()
        if not stale:
            return web.Response(text="ok\n")
        lines = (f"{name}: not heard of for {age:.0f} s\n" for name, age in sorted(stale.items()))
        return web.Response(text="".join(lines), status=_UNAVAILABLE)

    async def _readyz(self, request: web.Request) -> web.Response:
        """Fail also while the leader has not listed everything; who waits to lead is ready."""
        if self._operator is not None and not self._operator.ready.is_set():
            text = "not everything has been listed yet\n"
            return web.Response(text=text, status=_UNAVAILABLE)
        return await self._healthz(request)
