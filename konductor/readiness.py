"""Whether to believe that a server forbids something.

One that starts refuses everybody until it has read its roles
(https://github.com/kubernetes/kubernetes/issues/121635), and so for about a second looks like one
that took all rights away. It says when it is ready, at `READY`. Stdlib only, since hooks use it.
"""

from math import inf

from konductor.errors import Forbidden, ServerBusy

READY = "/readyz"
_TOO_MANY = 429


class Readiness:
    """What is known of the server at the other end."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self.proven = False
        """Whether it has allowed something since it was last out of reach, so knows its roles."""
        self._refused_since = inf

    def allowed(self) -> None:
        """Note that it allowed something."""
        self.proven, self._refused_since = True, inf

    def lost(self) -> None:
        """Note that it was out of reach: another one may answer next."""
        self.proven = False

    def still_starting(
        self, refusal: Forbidden, now: float, within: float
    ) -> Forbidden | ServerBusy:
        """Return what a refusal is of a server that does not say that it is ready.

        Args:
            refusal: what it answered.
            now: seconds that only ever grow.
            within: after so many of them it is final: a server may say that to nobody.
        """
        self._refused_since = min(now, self._refused_since)
        if now - self._refused_since > within:
            return refusal
        # As too many requests at once: nothing has been done.
        return ServerBusy(f"the server starts: {refusal.message}", code=_TOO_MANY)
