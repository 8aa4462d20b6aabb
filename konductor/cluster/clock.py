"""The server's time, as the ``Date`` headers of its answers tell it.

A ``Date`` is rounded down to a whole second, so a single one may be a second behind. Of many, the
one that was ahead the most is right to within its way through the network: each answer says that
the server's clock then stood between ``Date`` and ``Date`` + 1 s.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_SECOND = 1.0


class ServerClock:
    """A clock that runs as ours does and stands as the server's."""

    def __init__(
        self,
        steady: Callable[[], float] = time.monotonic,
        ours: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._steady = steady
        self._ours = ours
        self._low: float | None = None  # epoch minus steady: at least this
        self._high = 0.0  # and less than this

    def now(self) -> datetime:
        """Return the server's time; our own before the first answer."""
        if self._low is None:
            return self._ours()
        return datetime.fromtimestamp(self._low + self._steady(), UTC)

    def begin(self) -> float:
        """Return the mark of a request that is about to be sent."""
        return self._steady()

    def learn(self, header: str, begun: float) -> datetime:
        """Take in the ``Date`` of an answer whose request began then; return that ``Date``."""
        date = parsedate_to_datetime(header) if header else self._ours().replace(microsecond=0)
        stamp = date.timestamp()
        low, high = stamp - self._steady(), stamp + _SECOND - begun
        stepped = self._low is None or low >= self._high or high <= self._low
        self._low = low if stepped else max(low, self._low or low)
        self._high = high if stepped else min(high, self._high)
        return date
