"""The operator that a koncli brings along for one run, for as long as that run's Lease is its own.

Others who follow the same run wait for the Lease, and carry on when it is given back or runs out;
an operator of the whole cluster takes over in the same way (`konductor.operator.carried`).
"""

import asyncio
import logging
import secrets
import socket
from types import TracebackType
from typing import Self

from konductor.api.meta import Owner
from konductor.api.names import Label
from konductor.cluster.port import Cluster
from konductor.connection import Connection
from konductor.operator.embed import Operator
from konductor.operator.lease import Candidate

_log = logging.getLogger(__name__)


def lease_name(run: str) -> str:
    """Return the name of a run's Lease, in the run's namespace."""
    return f"konductor-{run}"


class Carrier:
    """One koncli's operator of one run; ends with the context."""

    def __init__(
        self, cluster: Cluster, connection: Connection, *, run: str, namespace: str
    ) -> None:
        """Say which run, and as whom to write."""
        self._cluster = cluster
        self._connection = connection
        self._run = run
        self._namespace = namespace
        self._holder = f"{socket.gethostname()}_{secrets.token_hex(8)}"
        self._stop = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def begin(self, owner: Owner) -> None:
        """Begin to carry, or to wait for the Lease, which goes when its owner, the Run, goes."""
        self._task = asyncio.create_task(self._carry(owner))

    async def __aenter__(self) -> Self:
        """Return this; nothing is carried before `begin`."""
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop, and give the Lease back."""
        self._stop.set()
        if self._task:
            await self._task

    async def _carry(self, owner: Owner) -> None:
        candidate = Candidate(
            self._cluster,
            namespace=self._namespace,
            name=lease_name(self._run),
            holder=self._holder,
            metadata={
                "labels": {str(Label.RUN): self._run},
                "ownerReferences": [owner.manifest()],
            },
        )
        while await candidate.win(self._stop):
            operator = Operator(self._connection, run=self._run, namespace=self._namespace)
            operator.start()
            try:
                await candidate.hold(self._stop)
            finally:
                await asyncio.to_thread(operator.stop)
            await candidate.release()
