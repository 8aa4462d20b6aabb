"""What a wait is for, and what the barriers say to it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum, auto

from konductor.api.barrier import Barrier, ConditionType, Phase
from konductor.errors import KonductorError, StageFailed, TimedOut


class Target(StrEnum):
    """What is to become of a barrier (``--for``)."""

    OPEN = "Open"
    DONE = "Done"
    """Any phase but Waiting."""
    FAILED = "Failed"
    """Failed or Timeout."""
    STARTED = "Started"


class Standing(Enum):
    """How a barrier stands to a target."""

    MET = auto()
    PENDING = auto()
    MISSED = auto()
    """It can never be met any more."""


_VERBS = {
    Target.OPEN: "open",
    Target.DONE: "end",
    Target.FAILED: "fail",
    Target.STARTED: "start",
}


@dataclass(frozen=True, slots=True)
class Goal:
    """Barriers of one namespace, and how many of them must meet a target."""

    names: tuple[str, ...]
    target: Target = Target.OPEN
    at_least: int | None = None
    """How many; None: all."""

    @property
    def needed(self) -> int:
        """Return how many barriers must meet the target."""
        return len(self.names) if self.at_least is None else self.at_least

    def describe(self) -> str:
        """Return what is waited for, as the end of a sentence.

        >>> Goal(("a", "b"), Target.OPEN, 1).describe()
        '1 of `a`, `b` to open'
        """
        names = ", ".join(f"`{name}`" for name in self.names)
        if self.needed < len(self.names):
            names = f"{self.needed} of {names}"
        return f"{names} to {_VERBS[self.target]}"


def standing(barrier: Barrier | None, target: Target) -> Standing:
    """Return how a barrier stands to a target; one that is absent may still come."""
    if barrier is None or barrier.metadata.deleted is not None:
        return Standing.PENDING
    phase = barrier.status.phase
    if target is Target.STARTED:
        met = phase is Phase.OPEN or (
            phase is Phase.WAITING and barrier.status.started_at is not None
        )
    else:
        met = phase in _PHASES[target]
    if met:
        return Standing.MET
    return Standing.MISSED if phase.is_terminal else Standing.PENDING


_PHASES: Mapping[Target, frozenset[Phase]] = {
    Target.OPEN: frozenset({Phase.OPEN}),
    Target.DONE: frozenset({Phase.OPEN, Phase.FAILED, Phase.TIMEOUT}),
    Target.FAILED: frozenset({Phase.FAILED, Phase.TIMEOUT}),
}


def is_met(goal: Goal, barriers: Mapping[str, Barrier]) -> bool:
    """Tell whether enough barriers meet the target."""
    states = (standing(barriers.get(name), goal.target) for name in goal.names)
    return sum(state is Standing.MET for state in states) >= goal.needed


def failure(goal: Goal, barriers: Mapping[str, Barrier]) -> KonductorError | None:
    """Return why the goal can never be met any more, or None while it can.

    It is a `TimedOut` where nothing but time was in the way.
    """
    missed = [
        barriers[name]
        for name in goal.names
        if standing(barriers.get(name), goal.target) is Standing.MISSED
    ]
    if len(goal.names) - len(missed) >= goal.needed:
        return None
    reason = "; ".join(_ending(barrier) for barrier in missed)
    only_time = all(barrier.status.phase is Phase.TIMEOUT for barrier in missed)
    return TimedOut(reason) if only_time else StageFailed(reason)


def progress(goal: Goal, barriers: Mapping[str, Barrier]) -> tuple[str, ...]:
    """Return one line for each barrier that is still waited for."""
    return tuple(
        _pending(name, barriers.get(name))
        for name in goal.names
        if standing(barriers.get(name), goal.target) is Standing.PENDING
    )


def absent(goal: Goal, barriers: Mapping[str, Barrier]) -> tuple[str, ...]:
    """Return the names that are still waited for and do not exist."""
    return tuple(name for name in goal.names if name not in barriers)


def _ending(barrier: Barrier) -> str:
    status, name = barrier.status, barrier.metadata.name
    condition = status.condition(ConditionType.OPEN)
    why = f" ({condition.reason}): {condition.message}" if condition else ""
    return f"barrier `{name}` is {status.phase}{why}"


def _pending(name: str, barrier: Barrier | None) -> str:
    if barrier is None:
        return f"`{name}` does not exist yet"
    status = barrier.status
    condition = status.condition(ConditionType.OPEN)
    if condition and condition.message:
        return f"`{name}`: {condition.message}"
    count = f"`{name}`: {status.arrived} of {barrier.spec.expected} arrived"
    return count if condition else f"{count}; no operator has looked at it yet"
