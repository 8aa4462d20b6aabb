"""What can be settled, and how urgently."""

from enum import IntEnum, StrEnum
from typing import NamedTuple, TypeAlias

from konductor.operator.table import Key


class Kind(StrEnum):
    """What can be settled."""

    BARRIER = "barrier"
    RUN = "run"


class Subject(NamedTuple):
    """A barrier or a run to be settled."""

    kind: Kind
    key: Key


class Urgency(IntEnum):
    """What is settled first."""

    OPENING = 0
    CHANGE = 1
    PROGRESS = 2
    """Nobody waits for it: it is paced."""


Touched: TypeAlias = dict[Subject, Urgency]


def barrier_at(key: Key) -> Subject:
    """Return the subject that a barrier is."""
    return Subject(Kind.BARRIER, key)


def merge(touched: Touched, more: Touched) -> None:
    """Add what else was touched; the more urgent news of a subject holds."""
    for subject, urgency in more.items():
        touched[subject] = min(urgency, touched.get(subject, urgency))
