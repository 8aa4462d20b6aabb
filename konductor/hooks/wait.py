"""Waits for barriers: watches them until they are as asked for, or never can be."""

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from math import inf
from typing import TextIO

from konductor.api.barrier import Barrier
from konductor.api.meta import Json
from konductor.connection import Connection
from konductor.duration import format_duration
from konductor.errors import ExitCode, KonductorError, NotFound, TimedOut
from konductor.hooks.client import Client, OutOfTime, Stopped
from konductor.hooks.follow import BARRIERS, follow
from konductor.hooks.goal import Goal, Target, absent, failure, is_met, progress
from konductor.hooks.pod import own_connection, teller
from konductor.hooks.retry import pause_before
from konductor.hooks.stop import Stop
from konductor.hooks.timing import ENDLESS, Clock

_FIRST_LOOK = 5.0
"""Seconds that the first look at the barriers may take, though the timeout be shorter."""
_BETWEEN_REPORTS = 2.0
"""Seconds between two lines about progress; what appears or vanishes is told at once."""


def wait(
    client: Client,
    goal: Goal,
    *,
    timeout: timedelta | None = None,
    tell: Callable[[str], None],
) -> Mapping[str, Json]:
    """Return the barriers, as the API server gives them, once the goal is met.

    A barrier that does not exist yet, or is deleted and created anew meanwhile, is waited for.
    ``tell`` is given a line whenever there is something to say.

    Raises:
        StageFailed: it can never be met any more.
        TimedOut: the barriers, or ``timeout``, ran out of time.
        NotFound: ``timeout`` passed, and a barrier still does not exist.
        Unreachable: no answer from the API server for longer than the client's patience.
        Stopped: the client's stop was set.
    """
    deadline = client.clock.steady() + timeout.total_seconds() if timeout is not None else inf
    reporter = _Reporter(goal, tell, client.clock)
    barriers: dict[str, Barrier] = {}
    try:
        for documents in _states(client, goal, deadline):
            barriers = {name: Barrier.parse(one) for name, one in documents.items()}
            if is_met(goal, barriers):
                return documents
            if error := failure(goal, barriers):
                raise error
            reporter.report(barriers)
    except OutOfTime as error:
        if timeout is None:  # the caller's own deadline
            raise
        raise _out_of_time(goal, barriers, timeout) from error
    raise AssertionError("a watch of barriers ended by itself")


def run(
    barrier: str,
    *,
    connection: Connection,
    environment: Mapping[str, str],
    output: TextIO,
    term: Stop,
    kill: Stop,
    clock: Clock | None = None,
) -> int:
    """Wait in a pod until its stage's barrier starts; return the container's exit code.

    A pod that tries again waits out its back-off, too.

    0: started. 1, 3: the barrier ended without this pod. 6: TERM came first, or kill.
    """
    tell = teller(output)
    goal = Goal((barrier,), Target.STARTED)
    with kill.wakes(term.set):
        client = Client(
            own_connection(connection, environment), clock=clock, stop=term, patience=ENDLESS
        )
        try:
            wait(client, goal, tell=tell)
            _back_off(client, pause_before(environment), tell)
        except Stopped:
            tell("ended before its turn came")
            return ExitCode.UNREACHABLE
        except KonductorError as error:
            tell(f"{error.message}")
            return error.exit_code
        finally:
            client.close()
    return ExitCode.DONE


def _back_off(client: Client, pause: timedelta, tell: Callable[[str], None]) -> None:
    if pause:
        tell(f"trying again in {format_duration(pause)}")
        if client.clock.pause(client.stop, pause.total_seconds()):
            raise Stopped


class _Reporter:
    """Says what is waited for, not more often than one can read."""

    def __init__(self, goal: Goal, tell: Callable[[str], None], clock: Clock) -> None:
        self._goal = goal
        self._tell = tell
        self._clock = clock
        self._told: tuple[str, ...] | None = None
        self._uids: dict[str, str] = {}
        self._next = 0.0

    def report(self, barriers: Mapping[str, Barrier]) -> None:
        lines, uids = progress(self._goal, barriers), _uids(barriers)
        if self._told is None:
            self._tell(f"waiting for {self._goal.describe()}")
        elif uids != self._uids:
            for change in _changes(self._uids, uids):
                self._tell(change)
        elif lines == self._told or self._clock.steady() < self._next:
            return
        for line in lines:
            self._tell(line)
        self._told, self._uids = lines, uids
        self._next = self._clock.steady() + _BETWEEN_REPORTS


def _states(client: Client, goal: Goal, deadline: float) -> Iterator[dict[str, Json]]:
    """Yield the goal's barriers, at once and after each change.

    However little time there is, one look is taken: without it nobody knows what is missing.
    """
    states = follow(client, BARRIERS, goal.names[0] if len(goal.names) == 1 else "")
    with client.until(max(deadline, client.clock.steady() + _FIRST_LOOK)):
        yield _chosen(goal, next(states))
    with client.until(deadline):
        yield from (_chosen(goal, documents) for documents in states)


def _uids(barriers: Mapping[str, Barrier]) -> dict[str, str]:
    return {name: barrier.metadata.uid for name, barrier in barriers.items()}


def _changes(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    gone = [f"`{name}` was deleted; waiting for it to come back" for name in before.keys() - after]
    anew = [
        f"`{name}` was deleted and created anew"
        for name in before.keys() & after.keys()
        if before[name] != after[name]
    ]
    return sorted(gone + anew)


def _chosen(goal: Goal, documents: Mapping[str, Json]) -> dict[str, Json]:
    return {name: documents[name] for name in goal.names if name in documents}


def _out_of_time(
    goal: Goal, barriers: Mapping[str, Barrier], timeout: timedelta
) -> TimedOut | NotFound:
    waited = f"waited {format_duration(timeout)} for {goal.describe()}"
    lines = "; ".join(progress(goal, barriers))
    if absent(goal, barriers):
        return NotFound(f"{waited}: {lines}", hint="create it with `koncli barrier create`")
    return TimedOut(f"{waited}: {lines}")
