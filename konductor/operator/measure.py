"""What an operator tells of its own work, to whoever counts it.

`Silent` is for the homes in which nobody asks; `konductor.operator.metrics` counts for Prometheus.
"""

from datetime import datetime
from typing import Protocol

from konductor.api.barrier import BarrierStatus
from konductor.cluster.resource import Resource


class Measure(Protocol):
    """Takes in what happens. Called from the operator's thread; must not wait."""

    def wrote(
        self, old: BarrierStatus, new: BarrierStatus, *, at: datetime, latency: float
    ) -> None:
        """A barrier's status was stored at that server time, `latency` seconds after its cause."""
        ...

    def failed(self, error: Exception) -> None:
        """The API server refused something, or did not answer."""
        ...

    def heard(self, resource: Resource) -> None:
        """A list, an event or a bookmark of a kind of object came."""
        ...

    def waiting(self, subjects: int) -> None:
        """So many barriers and runs wait to be settled."""
        ...


class Silent:
    """Counts nothing."""

    def wrote(
        self, old: BarrierStatus, new: BarrierStatus, *, at: datetime, latency: float
    ) -> None:
        """Take no notice."""

    def failed(self, error: Exception) -> None:
        """Take no notice."""

    def heard(self, resource: Resource) -> None:
        """Take no notice."""

    def waiting(self, subjects: int) -> None:
        """Take no notice."""
