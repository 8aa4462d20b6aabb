"""All controllers of the local cluster, started and ended together."""

from datetime import timedelta
from typing import Self

from konductor.cluster.port import Cluster
from konductor.runner.local.controllers.garbage_collector import GarbageCollector
from konductor.runner.local.controllers.job_backoff import LOCAL_DELAY
from konductor.runner.local.controllers.job_controller import JobController
from konductor.runner.local.controllers.namespaces import NamespaceController
from konductor.runner.local.controllers.objects import Objects
from konductor.runner.local.controllers.ttl import TtlController


class Controllers:
    """What a kube-controller-manager is to a cluster."""

    def __init__(
        self, cluster: Cluster, *, certificates: str, first_delay: timedelta = LOCAL_DELAY
    ) -> None:
        self._cluster = cluster
        self._certificates = certificates
        self._first_delay = first_delay

    async def __aenter__(self) -> Self:
        """Start all controllers; return once each knows what there is."""
        self._objects = Objects(self._cluster)
        self._parts = (
            JobController(self._objects, first_delay=self._first_delay),
            NamespaceController(self._objects, certificates=self._certificates),
            GarbageCollector(self._objects),
            TtlController(self._objects),
        )
        await self._objects.ready()
        return self

    async def __aexit__(self, *_: object) -> None:
        """End all controllers."""
        await self._objects.close()
        for part in self._parts:
            await part.close()
