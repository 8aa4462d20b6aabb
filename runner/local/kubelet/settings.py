"""What a kubelet is told when it starts, and what its workers share."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from konductor.cluster.port import Cluster
from konductor.connection import Connection
from konductor.runner.local.event import record
from konductor.runner.local.kubelet.admit import Admissions
from konductor.runner.local.kubelet.fields import Facts
from konductor.runner.local.kubelet.image import Image
from konductor.runner.local.kubelet.node import CAPACITY, NAME
from konductor.runner.local.kubelet.pod import Pod
from konductor.runner.local.kubelet.podfolder import StateFolder
from konductor.runner.local.kubelet.processes import Processes

_CRASH_DELAYS = (timedelta(0), *(timedelta(seconds=10 * 2**step) for step in range(5)))
_LONGEST_CRASH_DELAY = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Settings:
    """What a kubelet is told."""

    folder: Path
    slots: int
    """``-j``: programs of stages at a time."""
    environment: Mapping[str, str]
    """The host's variables; those that pods see are named in `launching.HOST_VARIABLES`."""
    work_folder: str
    """Where a program runs if neither its pod nor its image says."""
    images: tuple[Image, ...] = ()
    workspace: str = ""
    """The folder behind every claim; empty: each has one of its own in the state folder."""
    inherit: tuple[str, ...] = ()
    """Further host variables that pods see."""
    node: str = NAME
    address: str = "127.0.0.1"
    capacity: int = CAPACITY
    binds: bool = True
    """Whether pods without a node are taken: there is no scheduler."""
    heartbeat: timedelta | None = None
    """How often the node's Lease is renewed; None where nobody looks at it."""
    crash_delays: tuple[timedelta, ...] = _CRASH_DELAYS
    """Before the first, second, … restart of a container, as Kubernetes' kubelet waits."""

    def crash_delay(self, restarts: int) -> timedelta:
        """Return how long a container waits that has been restarted so often."""
        known = self.crash_delays
        return known[restarts] if restarts < len(known) else _LONGEST_CRASH_DELAY


@dataclass(frozen=True, slots=True)
class Shared:
    """What all workers of a kubelet use."""

    settings: Settings
    cluster: Cluster
    connection: Connection
    """How the pods reach the API server; its token is not given to them."""
    processes: Processes
    folder: StateFolder
    admissions: Admissions
    facts: Facts = field(default_factory=Facts)

    async def tell(self, pod: Pod, kind: str, reason: str, message: str) -> None:
        """Record an Event about a pod."""
        await record(self.cluster, pod.document, kind, reason, message, source="kubelet")
