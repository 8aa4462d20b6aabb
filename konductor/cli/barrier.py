"""``koncli barrier``: barriers without any pipeline.

As ``wait`` and ``arrive`` run in pods, all of this imports the standard library only.
"""

import argparse

from konductor.cli import barrier_meet, barrier_object
from konductor.cli.arguments import Parser, cluster_options, connect, count, duration
from konductor.cli.barrier_show import FORMS
from konductor.cli.output import tell
from konductor.duration import format_duration
from konductor.errors import ExitCode
from konductor.hooks.arrive import ABSENCE
from konductor.hooks.client import Client
from konductor.hooks.goal import Target
from konductor.hooks.timing import AT_TERMINAL, IN_POD

_DESCRIPTION = """Barriers without any pipeline: create one, let processes arrive, wait for it.

Exit codes: 0 done, 1 failed, 2 usage, 3 timed out, 4 forbidden, 5 not found, 6 unreachable."""


def main(argv: list[str]) -> int:
    """Run one subcommand.

    Raises:
        KonductorError: it failed; the exit code is the error's.
    """
    options = _parser(argv[0] if argv else "").parse_args(argv)
    if options.check:
        options.check(options)
    connection = connect(options)
    where = connection.source or connection.server
    tell(f"{where}, namespace `{connection.namespace}`")
    client = Client(connection, patience=IN_POD if connection.token_file else AT_TERMINAL)
    try:
        options.action(client, options)
    finally:
        client.close()
    return ExitCode.DONE


def _parser(wanted: str = "") -> Parser:
    """Return the parser of all subcommands, or of the one that is wanted: hooks start faster."""
    program = "koncli barrier"
    parser = Parser(prog=program, description=_DESCRIPTION)
    # With its name given, argparse need not ask how wide the terminal is.
    subcommands = parser.add_subparsers(metavar="SUBCOMMAND", required=True, prog=program)
    shared = cluster_options()
    for name, (add_options, action, check, summary) in _SUBCOMMANDS.items():
        if wanted in _SUBCOMMANDS and name != wanted:
            continue
        one = subcommands.add_parser(name, help=summary, description=summary, parents=[shared])
        one.set_defaults(action=action, check=check)
        add_options(one)
    return parser


def _create_options(parser: argparse.ArgumentParser) -> None:
    _name(parser)
    parser.add_argument(
        "--expected", type=count, required=True, metavar="N", help="how many processes meet"
    )
    parser.add_argument("--quorum", type=count, metavar="K", help="how many open it (default: all)")
    parser.add_argument(
        "--timeout", type=duration, metavar="D", help="how long it waits, such as 15m"
    )
    parser.add_argument(
        "--after",
        action="append",
        default=[],
        metavar="NAME",
        help="a barrier that must be open first (may be repeated)",
    )
    _output(parser)


def _list_options(parser: argparse.ArgumentParser) -> None:
    _output(parser)


def _one_options(parser: argparse.ArgumentParser) -> None:
    _name(parser)
    _output(parser)


def _wait_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("names", nargs="+", metavar="NAME", help="a barrier")
    how_many = parser.add_mutually_exclusive_group()
    how_many.add_argument("--any", action="store_true", help="one of them is enough")
    how_many.add_argument("--at-least", type=count, metavar="K", help="that many are enough")
    parser.add_argument(
        "--for",
        dest="target",
        choices=[str(target) for target in Target],
        default=str(Target.OPEN),
        help="what is to become of them; Failed includes timed out (default: Open)",
    )
    parser.add_argument("--timeout", type=duration, metavar="D", help="give up after that time")
    _round(parser)


def _arrive_options(parser: argparse.ArgumentParser) -> None:
    _name(parser)
    _mark_options(parser, "who arrives (default: $KON_PARTICIPANT, the Job, the pod, the host)")
    _round(parser)


def _fail_options(parser: argparse.ArgumentParser) -> None:
    _name(parser)
    _mark_options(parser, "who failed; without it the barrier itself fails")
    _round(parser)


def _delete_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("names", nargs="+", metavar="NAME", help="a barrier")


def _mark_options(parser: argparse.ArgumentParser, who: str) -> None:
    parser.add_argument("--id", dest="participant", default="", metavar="P", help=who)
    parser.add_argument("--message", default="", metavar="TEXT", help="why, in your words")
    parser.add_argument(
        "--timeout",
        type=duration,
        default=ABSENCE,
        metavar="D",
        help=f"how long to wait for an absent barrier (default: {format_duration(ABSENCE)})",
    )


def _name(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="the barrier")


def _round(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--round",
        type=count,
        metavar="N",
        help="the barrier NAME-N, which is made like NAME by whoever comes first",
    )


def _output(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-o", "--output", choices=FORMS, default="", help="the form of the output")


_SUBCOMMANDS = {
    "create": (
        _create_options,
        barrier_object.create,
        barrier_object.check_create,
        "create a barrier",
    ),
    "list": (_list_options, barrier_object.list_all, None, "list the namespace's barriers"),
    "status": (_one_options, barrier_object.status, None, "tell how a barrier stands"),
    "wait": (_wait_options, barrier_meet.wait_for, barrier_meet.check_wait, "wait for barriers"),
    "arrive": (_arrive_options, barrier_meet.arrive_at, None, "arrive at a barrier"),
    "fail": (_fail_options, barrier_meet.fail_at, None, "record a failure, or fail a barrier"),
    "reset": (_one_options, barrier_object.reset, None, "delete a barrier and create it anew"),
    "delete": (_delete_options, barrier_object.delete, None, "delete barriers"),
}
