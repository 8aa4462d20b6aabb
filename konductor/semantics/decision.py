"""What `decide` answers: the status to write, and what else is to be done.

In this order: `Decision.publish`, then the status (where it differs from the one observed), then
`Decision.effects`. Whatever is cut short by a crash comes out of the next decision again, and
nothing comes out twice once it has been done.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

from konductor.api.barrier import BarrierStatus


@dataclass(frozen=True, slots=True)
class PublishArrivals:
    """Create the immutable ConfigMap `names.arrivals_name`; one that exists is right as it is."""

    participants: tuple[str, ...]
    """Its lines: who was counted at Open, without ``<run>-``, in index order."""


@dataclass(frozen=True, slots=True)
class ReleaseJob:
    """Set ``suspend: false`` and the annotation `Annotation.RELEASED` in one patch.

    The patch names the Job's uid; a Job that carries the annotation by then is left alone.
    """

    name: str
    uid: str


@dataclass(frozen=True, slots=True)
class SuspendJob:
    """Set ``suspend: true``, which ends the Job's pods and keeps its record."""

    name: str
    uid: str


@dataclass(frozen=True, slots=True)
class DeleteJob:
    """Delete the Job and its pods (background, uid as precondition)."""

    name: str
    uid: str


class EventType(StrEnum):
    """The two types that Kubernetes has for Events."""

    NORMAL = "Normal"
    WARNING = "Warning"


@dataclass(frozen=True, slots=True)
class EmitEvent:
    """Record an Event about the object that was decided on."""

    type: EventType
    reason: str
    message: str


Effect: TypeAlias = ReleaseJob | SuspendJob | DeleteJob | EmitEvent
"""What is done after the status has been written."""


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision on one barrier."""

    status: BarrierStatus
    publish: PublishArrivals | None = None
    """To be done before the status is written."""
    effects: tuple[Effect, ...] = ()
    """To be done after it, in this order."""
    wake_at: datetime | None = None
    """When time alone may change the decision; decide again then."""
    needs_read: bool = False
    """A phase other than Open is due: read Arrivals and Jobs, not before `wake_at` if that is set,
    then decide again with that read."""
