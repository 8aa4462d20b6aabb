"""``koncli barrier``: barriers without any pipeline.

As ``wait`` and ``arrive`` run in pods, all of this imports the standard library only, and of
konductor what the one subcommand needs.
"""

import argparse
from datetime import timedelta
from importlib import import_module

from konductor.cli.arguments import (
    Parser,
    barrier_name,
    cluster_options,
    count,
    count_or_all,
    duration,
    limit,
    output_options,
    session,
)
from konductor.cli.leading import command_first
from konductor.duration import format_duration
from konductor.errors import ExitCode
from konductor.garbage import no_garbage_collection
from konductor.hooks.timing import ABSENCE

_DESCRIPTION = """Barriers without any pipeline: create one, let processes arrive, wait for it.

Exit codes: 0 done, 1 failed, 2 usage, 3 timed out, 4 forbidden, 5 not found, 6 unreachable."""
FORMS = ("text", "name", "wide", "json", "yaml")
_UPDATE = timedelta(seconds=5)
"""How long ``--wait-for-update`` waits, as it does in the koncli of the Go konductor."""


def main(argv: list[str]) -> int:
    """Run one subcommand.

    Raises:
        KonductorError: it failed; the exit code is the error's.
    """
    words = command_first(argv)
    name = words[0] if words else ""
    options = _parser(name).parse_args(words)
    _, module, action, check, _ = _SUBCOMMANDS[name]
    with no_garbage_collection():
        code = vars(import_module(f"konductor.cli.{module}"))
    if check:
        code[check](options)
    with session(options) as client:
        code[action](client, options)
    return ExitCode.DONE


def _parser(wanted: str = "") -> Parser:
    """Return the parser of all subcommands, or of the one that is wanted: hooks start faster."""
    program = "koncli barrier"
    parser = Parser(prog=program, description=_DESCRIPTION)
    # With its name given, argparse need not ask how wide the terminal is.
    subcommands = parser.add_subparsers(metavar="SUBCOMMAND", required=True, prog=program)
    shared = [cluster_options(), output_options(FORMS)]
    for name, (add_options, _, _, _, summary) in _SUBCOMMANDS.items():
        if wanted in _SUBCOMMANDS and name != wanted:
            continue
        one = subcommands.add_parser(name, help=summary, description=summary, parents=shared)
        add_options(one)
    return parser


def _create_options(parser: argparse.ArgumentParser) -> None:
    _name(parser)
    parser.add_argument(
        "--expected",
        type=count,
        default=1,
        metavar="N",
        help="how many processes meet (default: 1)",
    )
    parser.add_argument(
        "--quorum", type=count_or_all, metavar="K", help="how many open it (default: all, as 0)"
    )
    parser.add_argument(
        "--timeout",
        type=limit,
        metavar="D",
        help="how long it waits, such as 15m (default: for ever, as 0)",
    )
    parser.add_argument(
        "--after",
        action="append",
        type=barrier_name,
        default=[],
        metavar="NAME",
        help="a barrier that must be open first (may be repeated)",
    )


def _list_options(_: argparse.ArgumentParser) -> None:
    """Add no option: it takes those that all take."""


def _wait_options(parser: argparse.ArgumentParser) -> None:
    from konductor.hooks.goal import Target  # noqa: PLC0415  # 2 ms that `arrive` does not pay

    parser.add_argument("names", nargs="+", type=barrier_name, metavar="NAME", help="a barrier")
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
    parser.add_argument(
        "--timeout", type=limit, metavar="D", help="give up after that time (default: never, as 0)"
    )
    _round(parser)


def _arrive_options(parser: argparse.ArgumentParser) -> None:
    _name(parser)
    parser.add_argument("holder", nargs="?", metavar="HOLDER", help="who arrives, as with --id")
    _mark_options(parser, "who arrives (default: $KON_PARTICIPANT, the Job, the pod, the host)")
    _round(parser)
    parser.add_argument(
        "--wait-for-update",
        action="store_true",
        help="wait until the barrier's status tells of it",
    )
    parser.add_argument(
        "--update-timeout",
        type=duration,
        default=_UPDATE,
        metavar="D",
        help=f"how long that may take (default: {format_duration(_UPDATE)})",
    )


def _fail_options(parser: argparse.ArgumentParser) -> None:
    _name(parser)
    _mark_options(parser, "who failed; without it the barrier itself fails")
    _round(parser)


def _delete_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("names", nargs="+", type=barrier_name, metavar="NAME", help="a barrier")


def _mark_options(parser: argparse.ArgumentParser, who: str) -> None:
    parser.add_argument("--id", "--holder", dest="participant", default="", metavar="P", help=who)
    parser.add_argument("--message", default="", metavar="TEXT", help="why, in your words")
    parser.add_argument(
        "--timeout",
        type=duration,
        default=ABSENCE,
        metavar="D",
        help=f"how long to wait for an absent barrier (default: {format_duration(ABSENCE)})",
    )


def _name(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", type=barrier_name, metavar="NAME", help="the barrier")


def _round(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--round",
        type=count,
        metavar="N",
        help="the barrier NAME-N, which is made like NAME by whoever comes first",
    )


_SUBCOMMANDS = {
    "create": (_create_options, "barrier_object", "create", "check_create", "create a barrier"),
    "list": (_list_options, "barrier_object", "list_all", "", "list the namespace's barriers"),
    "status": (_name, "barrier_object", "status", "", "tell how a barrier stands"),
    "wait": (_wait_options, "barrier_wait", "wait_for", "check_wait", "wait for barriers"),
    "arrive": (_arrive_options, "barrier_meet", "arrive_at", "check_arrive", "arrive at a barrier"),
    "fail": (_fail_options, "barrier_meet", "fail_at", "", "record a failure, or fail a barrier"),
    "reset": (_name, "barrier_object", "reset", "", "delete a barrier and create it anew"),
    "delete": (_delete_options, "barrier_object", "delete", "", "delete barriers"),
}
"""Options, module, action, check before anything is sent, summary."""
