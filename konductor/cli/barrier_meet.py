"""``koncli barrier arrive|fail``: what a process says at a barrier.

It starts in pods, so what only some of its ways need is imported on those.
"""

import argparse
import os
import socket

from konductor.api.arrival import Outcome
from konductor.api.names import Env
from konductor.errors import UsageError
from konductor.hooks.arrive import Mark, Receipt, arrive, describe
from konductor.hooks.client import Client


def check_arrive(options: argparse.Namespace) -> None:
    """Take who arrives from either place.

    Raises:
        UsageError: they are two.
    """
    named = {one for one in (options.holder, options.participant) if one}
    if len(named) > 1:
        raise UsageError(f"`{options.holder}` and --id {options.participant} are two participants")
    options.participant = "".join(named)


def arrive_at(client: Client, options: argparse.Namespace) -> None:
    """Arrive, as the one that the options or the surroundings name."""
    if options.participant:
        mark = Mark(options.participant, message=options.message)
    else:
        mark = _own_mark(client, options)
    receipt = _record(client, options, mark)
    if options.wait_for_update:
        receipt = _counted(client, options, receipt, mark)
    _answer(options, receipt, mark)


def fail_at(client: Client, options: argparse.Namespace) -> None:
    """Record that a participant will not arrive or, without one, that the barrier is to fail."""
    if options.participant:
        mark = Mark(options.participant, Outcome.FAILED, message=options.message)
    else:
        mark = Mark(_person(), Outcome.ABORT, message=options.message)
    _answer(options, _record(client, options, mark), mark)


def _own_mark(client: Client, options: argparse.Namespace) -> Mark:
    from konductor.hooks.participant import identify  # noqa: PLC0415  # not with --id

    identity = identify(client, os.environ, host=socket.gethostname, tell=options.tell)
    return Mark(identity.participant, Outcome.ARRIVED, identity.pod, options.message)


def _person() -> str:
    """Return who ends a barrier; unlike a participant's, the name has an ``@``."""
    user = os.environ.get("USER") or f"uid-{os.getuid()}"
    return f"{user}@{os.environ.get(Env.POD) or socket.gethostname()}"


def _record(client: Client, options: argparse.Namespace, mark: Mark) -> Receipt:
    name: str = options.name
    timeout, tell = options.timeout, options.tell
    if options.round:
        from konductor.hooks.round import ensure_round  # noqa: PLC0415  # only for rounds

        name = ensure_round(client, name, options.round, timeout=timeout, tell=tell)
    return arrive(client, name, mark, timeout=timeout, tell=tell)


def _counted(client: Client, options: argparse.Namespace, receipt: Receipt, mark: Mark) -> Receipt:
    """Return the receipt with the barrier as it is once it tells of the mark."""
    from konductor.hooks.counted import until_counted  # noqa: PLC0415  # only if asked for

    timeout = options.update_timeout
    document = until_counted(client, receipt.document, mark.participant, timeout=timeout)
    if document is None:
        options.warn("the arrival is recorded; the barrier's status does not tell of it yet")
        return receipt
    return Receipt(document, receipt.first)


def _answer(options: argparse.Namespace, receipt: Receipt, mark: Mark) -> None:
    if options.output != "text":
        from konductor.cli.barrier_show import show_all  # noqa: PLC0415  # only if asked for

        show_all([receipt.document], options.output, single=True)
        return
    print(describe(receipt, mark))
    if vars(options).get("wait_for_update"):
        from konductor.cli.barrier_show import print_line  # noqa: PLC0415  # only if asked for

        print_line(receipt.barrier)
