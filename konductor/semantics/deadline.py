"""When a barrier times out, and when that is certain."""

from datetime import datetime, timedelta

from konductor.api.barrier import BarrierStatus
from konductor.semantics.observation import Observed

GRACE = timedelta(seconds=2)
"""After the deadline: an Arrival is stamped, in whole seconds, before it is stored, so one that
is in time may become visible until then."""
_SECOND = timedelta(seconds=1)


def deadline(observed: Observed, status: BarrierStatus, now: datetime) -> datetime | None:
    """Return the deadline of a barrier that has started, in whole seconds.

    A patched timeout moves it, never into the past. The status keeps what was decided, so that
    "now" is the moment when the patch was first seen.
    """
    barrier, before = observed.barrier, observed.barrier.status
    if barrier.spec.timeout is None or status.started_at is None:
        return None
    seen = before.observed_generation == barrier.metadata.generation
    if before.deadline and seen:
        return before.deadline
    wanted = whole_second(status.started_at + barrier.spec.timeout)
    patched = before.started_at is not None and wanted != before.deadline
    return max(wanted, whole_second(now)) if patched else wanted


def whole_second(moment: datetime) -> datetime:
    """Return the moment rounded up to a whole second."""
    floor = moment.replace(microsecond=0)
    return floor if floor == moment else floor + _SECOND
