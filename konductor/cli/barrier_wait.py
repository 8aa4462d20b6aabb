"""``koncli barrier wait``: returns once barriers are as asked for."""

import argparse

from konductor.api.barrier import Barrier
from konductor.cli.barrier_show import print_line, show_all
from konductor.errors import UsageError
from konductor.hooks.client import Client
from konductor.hooks.goal import Goal, Target
from konductor.hooks.timing import ABSENCE
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
        options.names = [_of_round(client, name, options) for name in options.names]
    at_least = 1 if options.any else options.at_least
    goal = Goal(tuple(options.names), Target(options.target), at_least)
    documents = wait(client, goal, timeout=options.timeout, tell=options.tell)
    if options.output == "text":
        for document in documents.values():
            print_line(Barrier.parse(document))
    else:
        show_all(list(documents.values()), options.output, single=len(goal.names) == 1)


def _of_round(client: Client, name: str, options: argparse.Namespace) -> str:
    from konductor.hooks.round import ensure_round  # noqa: PLC0415  # most waits are of no round

    patience = options.timeout or ABSENCE
    return ensure_round(client, name, options.round, timeout=patience, tell=options.tell)
