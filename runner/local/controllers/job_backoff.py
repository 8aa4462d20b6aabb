"""How long a Job waits before it replaces failed pods. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from konductor.runner.local.controllers.job_model import JobPod

LONGEST = timedelta(minutes=10)
LOCAL_DELAY = timedelta(seconds=1)
"""The first delay of the local cluster; it doubles with each failure. Kubernetes' own is 10 s."""


@dataclass(frozen=True, slots=True)
class Backoff:
    """Failures in a row; remembered in the controller only, as Kubernetes does."""

    failures: int = 0
    last: datetime | None = None

    def after(self, succeeded: Sequence[JobPod], failed: Sequence[JobPod]) -> "Backoff":
        """Return it with pods taken in that have ended since."""
        if not succeeded and not failed:
            return self
        if not succeeded:
            last = max(pod.finished for pod in failed)
            return Backoff(self.failures + len(failed), last)
        success = max(pod.finished for pod in succeeded)
        later = [pod.finished for pod in failed if pod.finished > success]
        return Backoff(len(later), max(later, default=None))

    def remaining(self, now: datetime, first: timedelta) -> timedelta:
        """Return how long to wait from now, by a first delay that doubles with each failure."""
        if not self.failures or self.last is None:
            return timedelta(0)
        delay = min(first * (1 << min(self.failures - 1, 30)), LONGEST)
        return max(delay - (now - self.last), timedelta(0))


def of_index(last_failed: JobPod | None) -> Backoff:
    """Return the backoff of one index, by the pod that failed last in it."""
    if last_failed is None:
        return Backoff()
    failures = last_failed.failures + last_failed.ignored_failures + 1
    return Backoff(failures, last_failed.finished)
