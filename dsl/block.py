"""What a plan knows of the blocks that become no Job: approvals, semaphores, gates, and probes.

This version does not run them yet (K0999), so a plan that has any is for people to look at only.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from konductor.dsl.plan import Edge, Pairs


class OnTimeout(StrEnum):
    """What becomes of a wait that nobody ended in time."""

    FAIL = "fail"
    SKIP = "skip"


@dataclass(frozen=True, slots=True)
class Probe:
    """One way to see whether something is ready."""

    way: str
    """``tcp``, ``http``, ``exec`` or ``ready``."""
    target: tuple[str, ...]
    """A port, an address, an object or, for ``exec``, the words of a command."""
    every: timedelta
    name: str = ""
    """Of a barrier's probe: the participant that it stands for."""


@dataclass(frozen=True, slots=True)
class Approval:
    """A barrier whose participants are people."""

    name: str
    required: int
    doc: str = ""
    message: str = ""
    approvers: tuple[str, ...] = ()
    """Users, and groups as ``group:name``; empty: whoever has the right."""
    timeout: timedelta | None = None
    on_timeout: OnTimeout = OnTimeout.FAIL
    edges: "tuple[Edge, ...]" = ()


@dataclass(frozen=True, slots=True)
class Semaphore:
    """Permits, of which each pod of some stages holds one while it runs."""

    name: str
    permits: int
    doc: str = ""
    object_name: str = ""
    """The object's name as written; empty: ``<run>-<name>``."""
    lease: timedelta | None = None


@dataclass(frozen=True, slots=True)
class ConditionGate:
    """A gate that opens once all its conditions hold."""

    name: str
    conditions: "tuple[Pairs, ...]"
    timeout: timedelta | None = None
    latch: bool = True
    """Whether it stays open once it has opened."""
