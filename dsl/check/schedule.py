"""When each stage and barrier may start and finish at the latest: budgets add up along edges.

What has no timeout may finish whenever, which no rule reports.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from konductor.dsl.pipeline import Checked, CheckedPipeline
from konductor.dsl.scope import What
from konductor.duration import format_duration

_HALF = 6
"""Steps at each end of a way that are named."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A time after the start of the run, and the slowest way to it."""

    at: timedelta | None = timedelta(0)
    """None: whenever."""
    last: Checked | None = None
    """The last step of the slowest way to it."""
    before: "Moment | None" = None
    """The moment at which that step began: a chain, since a way may have thousands of steps."""
    steps: int = 0
    head: tuple[Checked, ...] = ()
    """The first steps, so that a long way is told of without walking all of it."""

    def then(self, step: Checked, budget: timedelta) -> "Moment":
        """Return the moment at which one more step has taken its budget."""
        at = None if self.at is None else self.at + budget
        head = (*self.head, step) if len(self.head) < _HALF else self.head
        return Moment(at, step, self, self.steps + 1, head)

    @property
    def way(self) -> str:
        """Return the way with its budgets, such as ``extract (1h) -> transform (45m)``."""
        tail: list[Checked] = []
        moment: Moment | None = self
        while moment is not None and moment.last is not None and moment.steps > len(moment.head):
            if len(tail) == _HALF:
                break
            tail.append(moment.last)
            moment = moment.before
        left = self.steps - len(self.head) - len(tail)
        named = [f"{one.name} ({_budget(one)})" for one in (*self.head, *reversed(tail))]
        named[_HALF:_HALF] = [f"… {left} more …"] if left else []
        return " -> ".join(named)


@dataclass(frozen=True, slots=True)
class Times:
    """When one stage or barrier may start and finish, at the latest."""

    start: Moment
    finish: Moment


def _budget(one: Checked) -> str:
    value = one.value("timeout")
    return format_duration(value) if isinstance(value, timedelta) else "no timeout"


def schedule(pipeline: CheckedPipeline) -> Mapping[str, Times]:
    """Return the times of everything but ``finally``; what waits for itself is not among it."""
    objects = {one.name: one for one in pipeline.running if one.what is not What.FINALLY}
    waiting = {name: sum(up in objects for up in _upstream(one)) for name, one in objects.items()}
    followers: dict[str, list[str]] = {}
    for name, one in objects.items():
        for up in _upstream(one):
            followers.setdefault(up, []).append(name)
    ready = [name for name, count in waiting.items() if not count]
    times: dict[str, Times] = {}
    for name in ready:
        times[name] = _times(objects[name], times)
        for follower in followers.get(name, ()):
            waiting[follower] -= 1
            if not waiting[follower]:
                ready.append(follower)
    return times


def _upstream(one: Checked) -> list[str]:
    return [up for link in one.links for up in link.upstream]


def _times(one: Checked, times: Mapping[str, Times]) -> Times:
    start = latest([times[up].finish for up in _upstream(one) if up in times])
    own = one.value("timeout")
    if start.at is None or not isinstance(own, timedelta):
        return Times(start, Moment(None))
    return Times(start, start.then(one, own))


def latest(moments: Sequence[Moment]) -> Moment:
    """Return the last of several moments; without any, the start of the run."""
    return max(moments, key=rank, default=Moment())


def rank(moment: Moment) -> timedelta:
    """Return what moments are ordered by; whenever is last."""
    return timedelta.max if moment.at is None else moment.at
