"""The state machine of a barrier (semantics.md, 2): facts in, status and effects out."""

from datetime import datetime

from konductor.semantics.decision import Decision
from konductor.semantics.observation import Observed


def decide(observed: Observed, now: datetime) -> Decision:
    """Return what a barrier's status is to be, and what else is to be done.

    Pure, monotone (what was counted stays counted, a terminal phase stays), idempotent (decided
    again on its own result it changes nothing), independent of the order of its inputs.
    With nothing new it costs O(log n) of the arrivals; a status with new names costs O(n), so
    decide at once where `opens` says so, else as often as progress may be written.

    Args:
        observed: all that is known of the barrier.
        now: the server's time (its ``Date``), as well as the operator knows it.
    """
    raise NotImplementedError


def opens(observed: Observed) -> bool:
    """Tell in O(log n) whether a started barrier has its quorum, so must be decided now."""
    raise NotImplementedError
