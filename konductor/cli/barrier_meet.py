"""``koncli barrier wait|arrive|fail``: what a process does at a barrier."""

import argparse
import os
import socket

from konductor.api.arrival import Outcome
from konductor.cli.output import tell
from konductor.errors import UsageError
from konductor.hooks.arrive import ABSENCE, Mark, arrive, describe
from konductor.hooks.client import Client
from konductor.hooks.goal import Goal, Target
from konductor.hooks.participant import Identity, identify
from konductor.hooks.round import ensure_round
from konductor.hooks.wait import wait


def check_wait(options: argparse.Namespace) -> None:
    """Refuse what can never be.

    Raises:
        UsageError: more barriers must hold than are named, or rounds of several are asked for.
    """
    names = list(dict.fromkeys(options.names))
    if options.at_least and options.at_least > len(names):
        raise UsageError(f"--at-least {options.at_least} of {len(names)} barriers can never be")
    options.names = names


def wait_for(client: Client, options: argparse.Namespace) -> None:
    """Wait until the barriers are as asked for, and say how they are."""
    if options.round:
        patience = options.timeout or ABSENCE
        options.names = [
            ensure_round(client, name, options.round, timeout=patience, tell=tell)
            for name in options.names
        ]
    at_least = 1 if options.any else options.at_least
    goal = Goal(tuple(options.names), Target(options.target), at_least)
    barriers = wait(client, goal, timeout=options.timeout, tell=tell)
    for barrier in barriers.values():
        status = barrier.status
        print(f"{barrier.metadata.name} {status.phase} {status.arrived}/{barrier.spec.expected}")


def arrive_at(client: Client, options: argparse.Namespace) -> None:
    """Arrive, as the one that --id or the surroundings name."""
    if options.participant:
        identity = Identity(options.participant)
    else:
        identity = identify(client, os.environ, host=socket.gethostname, tell=tell)
    mark = Mark(identity.participant, Outcome.ARRIVED, identity.pod, options.message)
    _record(client, options, mark)


def fail_at(client: Client, options: argparse.Namespace) -> None:
    """Record that a participant will not arrive or, without one, that the barrier is to fail."""
    if options.participant:
        mark = Mark(options.participant, Outcome.FAILED, message=options.message)
    else:
        mark = Mark(_person(), Outcome.ABORT, message=options.message)
    _record(client, options, mark)


def _person() -> str:
    """Return who ends a barrier; unlike a participant's, the name has an ``@``."""
    return f"{os.environ.get('USER') or f'uid-{os.getuid()}'}@{socket.gethostname()}"


def _record(client: Client, options: argparse.Namespace, mark: Mark) -> None:
    name: str = options.name
    if options.round:
        name = ensure_round(client, name, options.round, timeout=options.timeout, tell=tell)
    receipt = arrive(client, name, mark, timeout=options.timeout, tell=tell)
    print(describe(receipt, mark))
