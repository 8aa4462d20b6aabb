"""Arrives at a barrier: posts the one Arrival that counts this participant, exactly once.

GET for the barrier's uid, POST, GET again: an Arrival for a barrier that was deleted meanwhile is
accepted by the server and collected seconds later, so one for the new barrier must follow.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, TextIO

from konductor.api.arrival import Arrival, Outcome
from konductor.api.meta import Json, json_map
from konductor.api.names import Env
from konductor.connection import Connection
from konductor.duration import format_duration
from konductor.errors import (
    AlreadyExists,
    ExitCode,
    KonductorError,
    NotFound,
    StageFailed,
    UsageError,
)
from konductor.hooks.client import Client, OutOfTime, Stopped
from konductor.hooks.follow import ARRIVALS, BARRIERS, PODS, find, follow
from konductor.hooks.pod import ended_by_itself, own_connection, own_name, teller, watch_main
from konductor.hooks.stop import Stop
from konductor.hooks.timing import ABSENCE, ENDLESS, Clock

if TYPE_CHECKING:  # 6 ms that who only arrives does not pay
    from konductor.api.barrier import Barrier


class RecordedOtherwise(StageFailed):
    """The participant's one Arrival is there already and says something else."""


@dataclass(frozen=True, slots=True)
class Mark:
    """What one participant has to say at a barrier."""

    participant: str
    outcome: Outcome = Outcome.ARRIVED
    pod: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """That an Arrival is in."""

    document: Json
    """The barrier as it was after the Arrival had been stored; it need not be counted yet."""
    first: bool
    """Whether this call stored it; otherwise it was there."""

    @property
    def barrier(self) -> "Barrier":
        """Return the barrier, read."""
        from konductor.api.barrier import Barrier  # noqa: PLC0415  # see above

        return Barrier.parse(self.document)


def arrive(
    client: Client,
    name: str,
    mark: Mark,
    *,
    timeout: timedelta = ABSENCE,
    tell: Callable[[str], None],
) -> Receipt:
    """Record a mark at a barrier, once, whatever breaks on the way.

    Args:
        client: its namespace is the barrier's.
        name: the barrier; it may not exist yet.
        mark: who arrived, or failed.
        timeout: how long an absent barrier is waited for.
        tell: is given a line when there is something to say.

    Raises:
        RecordedOtherwise: the participant's Arrival is there, with another outcome.
        NotFound: the barrier did not appear in time.
        Unreachable: no answer from the API server for longer than the client's patience.
        Stopped: the client's stop was set.
    """
    deadline = client.clock.steady() + timeout.total_seconds()
    while True:
        barrier = present(client, name, deadline, timeout, tell)
        first = _record(client, barrier, mark)
        after = _standing(find(client, BARRIERS, name))
        if after and after["metadata"]["uid"] == barrier["metadata"]["uid"]:
            return Receipt(after, first)
        tell(f"barrier `{name}` was deleted meanwhile; arriving at the next one of that name")


def run(
    barrier: str,
    *,
    connection: Connection,
    environment: Mapping[str, str],
    output: TextIO,
    term: Stop,
    kill: Stop,
    clock: Clock | None = None,
    more: Sequence[str] = (),
) -> int:
    """Arrive in a pod once its container ``main`` has succeeded; return the exit code.

    It arrives at its stage's barrier, then at the others that ``more`` names: those are raw
    barriers, and one that is gone is no reason to run the program again.

    0: the Arrival is in, or main failed so that there is none, or it could not count any more.
    6: the pod was ended before main had succeeded, or was killed.
    """
    tell = teller(output)
    own = own_connection(connection, environment)
    with kill.wakes(term.set):
        watcher = Client(own, clock=clock, stop=term, patience=ENDLESS)
        poster = Client(own, clock=clock, stop=kill, patience=ENDLESS)
        try:
            pod, mark = own_name(environment), _own_mark(environment)
            end = _until_main_ends(watcher, poster, pod)
            if end is None:
                tell("the pod ended before main had succeeded: no arrival")
                return ExitCode.UNREACHABLE
            if end:
                tell(f"main exited {end}: no arrival")
                return ExitCode.DONE
            return _post(poster, (barrier, *more), mark, tell)
        except Stopped:
            tell("killed before the arrival was in")
            return ExitCode.UNREACHABLE
        except KonductorError as error:
            tell(error.message)
            return error.exit_code
        finally:
            watcher.close()
            poster.close()


def _post(client: Client, barriers: Sequence[str], mark: Mark, tell: Callable[[str], None]) -> int:
    for number, barrier in enumerate(barriers):
        try:
            receipt = arrive(client, barrier, mark, tell=tell)
        except RecordedOtherwise as error:
            tell(error.message)  # running main again could not change that
        except NotFound as error:
            if number == 0:
                raise
            tell(error.message)
        else:
            tell(describe(receipt, mark))
    return ExitCode.DONE


def describe(receipt: Receipt, mark: Mark) -> str:
    """Return what happened, in a sentence."""
    name = receipt.document["metadata"]["name"]
    phase = json_map(receipt.document.get("status")).get("phase") or "Waiting"
    verb = {
        Outcome.ARRIVED: f"`{mark.participant}` arrived at `{name}`",
        Outcome.FAILED: f"`{mark.participant}` failed at `{name}`",
        Outcome.ABORT: f"`{name}` is to fail",
    }[mark.outcome]
    if not receipt.first:
        return f"{verb}; that was recorded before"
    if phase == "Open":
        return f"{verb}, which is open"
    return verb if phase == "Waiting" else f"{verb}, which is {phase} already"


def _own_mark(environment: Mapping[str, str]) -> Mark:
    if participant := environment.get(Env.PARTICIPANT):
        return Mark(participant, pod=environment.get(Env.POD, ""))
    raise UsageError(f"{Env.PARTICIPANT} is not set: this hook runs in pods that koncli made")


def _until_main_ends(watcher: Client, poster: Client, pod: str) -> int | None:
    """Return main's exit code; None if the pod's end came first."""
    try:
        for end in watch_main(watcher, pod):
            if end is not None:
                return end.exit_code
    except Stopped:
        # The kubelet's last word on main may not have reached us before TERM did.
        document = find(poster, PODS, pod)
        return 0 if document and ended_by_itself(document) else None
    return None


def present(
    client: Client,
    name: str,
    deadline: float,
    timeout: timedelta,
    tell: Callable[[str], None],
) -> Json:
    """Return the barrier, as soon as there is one that is not being deleted.

    Raises:
        NotFound: there is none until the deadline, which lies ``timeout`` after the call began.
    """
    if barrier := _standing(find(client, BARRIERS, name)):
        return barrier
    try:
        with client.until(deadline):
            tell(f"barrier `{name}` does not exist yet; waiting {format_duration(timeout)} for it")
            for barriers in follow(client, BARRIERS, name):
                if barrier := _standing(barriers.get(name)):
                    return barrier
    except OutOfTime as error:
        raise NotFound(
            f"there is no barrier `{name}` in namespace `{client.namespace}`",
            hint="create it with `koncli barrier create`",
        ) from error
    raise AssertionError("a watch of barriers ended by itself")


def _standing(document: Json | None) -> Json | None:
    """Return the barrier, unless there is none or it is on its way out."""
    if document is None or document["metadata"].get("deletionTimestamp"):
        return None
    return document


def _record(client: Client, barrier: Json, mark: Mark) -> bool:
    """Store the mark's Arrival; return whether it was not there yet."""
    arrival = Arrival.at(
        barrier["metadata"]["name"],
        barrier["metadata"]["uid"],
        mark.participant,
        namespace=client.namespace,
        outcome=mark.outcome,
        pod=mark.pod,
        message=mark.message,
    )
    try:
        client.create(client.path(*ARRIVALS), arrival.manifest(), repeatable=True)
    except AlreadyExists:
        _confirm(client, arrival)
        return False
    return True


def _confirm(client: Client, arrival: Arrival) -> None:
    """Hold the Arrival that is there to the one that was to be stored."""
    document = find(client, ARRIVALS, arrival.metadata.name)
    if document is None:
        return  # collected with its barrier, which the second look at that will tell
    there = Arrival.parse(document)
    if (there.participant, there.outcome) != (arrival.participant, arrival.outcome):
        raise RecordedOtherwise(
            f"`{there.participant}` is already recorded as {there.outcome} at `{there.barrier}`",
            hint="the first record of a participant is final; `koncli barrier reset` starts anew",
        )
