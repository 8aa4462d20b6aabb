"""Arrives for the container ``main`` of its own pod, once that has succeeded: a sidecar."""

from collections.abc import Callable, Mapping, Sequence
from typing import TextIO

from konductor.api.names import Env
from konductor.connection import Connection
from konductor.errors import ExitCode, KonductorError, NotFound, UsageError
from konductor.hooks.arrive import Mark, RecordedOtherwise, arrive, describe
from konductor.hooks.client import Client, Stopped
from konductor.hooks.follow import PODS, find
from konductor.hooks.pod import ended_by_itself, own_connection, own_name, teller, watch_main
from konductor.hooks.stop import Stop
from konductor.hooks.timing import ENDLESS, Clock


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
