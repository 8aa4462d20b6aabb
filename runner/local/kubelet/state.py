"""The states of a container, as values."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Waiting:
    """It has not been started, or waits to be started again."""

    reason: str = ""
    """Empty: what a container waits for that nothing ails (its turn)."""
    message: str = ""


@dataclass(frozen=True, slots=True)
class Running:
    """It runs."""

    started: datetime


@dataclass(frozen=True, slots=True)
class Terminated:
    """It has ended."""

    exit_code: int
    reason: str
    started: datetime | None
    finished: datetime | None
    message: str = ""


@dataclass(frozen=True, slots=True)
class ContainerState:
    """One container as its pod's status tells it."""

    now: Waiting | Running | Terminated = Waiting()
    last: Terminated | None = None
    restarts: int = 0
    identity: str = ""
    """Of the run that ``now`` tells of."""

    @property
    def succeeded(self) -> bool:
        """Return whether it has ended well."""
        return isinstance(self.now, Terminated) and self.now.exit_code == 0

    @property
    def failed(self) -> bool:
        """Return whether it has ended badly."""
        return isinstance(self.now, Terminated) and self.now.exit_code != 0

    def again(self, waiting: Waiting) -> "ContainerState":
        """Return it as it waits to be started once more."""
        last = self.now if isinstance(self.now, Terminated) else self.last
        return replace(self, now=waiting, last=last)

    def starting(self) -> "ContainerState":
        """Return it as it is started, for the first time or once more."""
        return replace(self, restarts=self.restarts + 1) if self.last else self


@dataclass(frozen=True, slots=True)
class Verdict:
    """An end of the whole pod that its containers do not tell."""

    reason: str
    message: str


ContainerStates: TypeAlias = dict[str, ContainerState]
