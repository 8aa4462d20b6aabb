"""When each stage and barrier may start and finish at the latest: budgets add up along edges.

finish = start + timeout; start = the latest finish of all it waits for, also of ``any`` and
``atleast`` (language.md, 2.6). What has no timeout may finish whenever.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from konductor.dsl.order import generations
from konductor.duration import format_duration

_HALF = 6
"""Steps at each end of a way that are named."""


@dataclass(frozen=True, slots=True)
class Budget:
    """What one stage or barrier may take, and what it waits for."""

    name: str
    timeout: timedelta | None
    upstream: tuple[str, ...] = ()
    """Names; one that has no budget is no cause to wait."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A time after the start of the run, and the slowest way to it."""

    at: timedelta | None = timedelta(0)
    """None: whenever."""
    last: Budget | None = None
    """The last step of the slowest way to it."""
    before: "Moment | None" = None
    """The moment at which that step began: a chain, since a way may have thousands of steps."""

    steps: int = 0
    head: tuple[Budget, ...] = ()
    """The first steps, so that a long way is told of without walking all of it."""

    def then(self, step: Budget, budget: timedelta) -> "Moment":
        """Return the moment at which one more step has taken its budget."""
        at = None if self.at is None else self.at + budget
        head = (*self.head, step) if len(self.head) < _HALF else self.head
        return Moment(at, step, self, self.steps + 1, head)

    @property
    def way(self) -> str:
        """Return the way with its budgets, such as ``extract (1h) -> transform (45m)``."""
        tail: list[Budget] = []
        moment: Moment | None = self
        while moment is not None and moment.last is not None and moment.steps > len(moment.head):
            if len(tail) == _HALF:
                break
            tail.append(moment.last)
            moment = moment.before
        left = self.steps - len(self.head) - len(tail)
        named = [f"{one.name} ({_span(one)})" for one in (*self.head, *reversed(tail))]
        named[_HALF:_HALF] = [f"… {left} more …"] if left else []
        return " -> ".join(named)


@dataclass(frozen=True, slots=True)
class Times:
    """When one stage or barrier may start and finish, at the latest."""

    start: Moment
    finish: Moment


def _span(one: Budget) -> str:
    return "no timeout" if one.timeout is None else format_duration(one.timeout)


def reckon(budgets: Iterable[Budget]) -> Mapping[str, Times]:
    """Return the times of each; what waits for itself is not among it."""
    by_name = {one.name: one for one in budgets}
    times: dict[str, Times] = {}
    for names in generations({name: one.upstream for name, one in by_name.items()}):
        for name in names:
            times[name] = _times(by_name[name], times)
    return times


def _times(one: Budget, times: Mapping[str, Times]) -> Times:
    start = latest([times[up].finish for up in one.upstream if up in times])
    if start.at is None or one.timeout is None:
        return Times(start, Moment(None))
    return Times(start, start.then(one, one.timeout))


def latest(moments: Sequence[Moment]) -> Moment:
    """Return the last of several moments; without any, the start of the run."""
    return max(moments, key=rank, default=Moment())


def rank(moment: Moment) -> timedelta:
    """Return what moments are ordered by; whenever is last."""
    return timedelta.max if moment.at is None else moment.at
