"""Who may run now: ``-j`` slots for stages, and the node's own number of pods. Pure.

A request is granted whole or not at all, and no request for a slot overtakes an earlier one: so
nobody holds one thing while waiting for another that will not come.
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Request:
    """What a pod asks for before it goes on."""

    uid: str
    place: bool
    """One of the node's places for pods."""
    slot: bool
    """One of the slots that ``-j`` bounds."""


@dataclass(frozen=True, slots=True)
class Free:
    """What nobody holds; below zero where a restart found more running than there may be."""

    places: int
    slots: int


def grant(requests: Sequence[Request], free: Free) -> tuple[Request, ...]:
    """Return the requests that are granted now, the earliest first.

    >>> grant([Request("a", True, True), Request("b", True, False)], Free(places=5, slots=0))
    (Request(uid='b', place=True, slot=False),)
    """
    granted = []
    places, slots = free.places, free.slots
    for request in requests:
        if request.slot > max(slots, 0) or request.place > max(places, 0):
            continue
        granted.append(request)
        places -= request.place
        slots -= request.slot
    return tuple(granted)
