"""``koncli status``: how barriers stand, as scripts of the Go konductor's koncli ask for it.

``-o json`` is one flat line a barrier here, for ``jq -r .phase``; the objects themselves are what
``koncli barrier status`` and ``koncli barrier list`` print.
"""

import argparse
import json

from konductor.api.barrier import Barrier
from konductor.api.meta import json_list, time_text, without_empty
from konductor.cli import barrier_object
from konductor.cli.arguments import Parser, cluster_options, output_options, session
from konductor.cli.leading import command_first
from konductor.errors import ExitCode
from konductor.hooks.client import Client
from konductor.hooks.follow import BARRIERS

_ALL = "all"


def main(argv: list[str]) -> int:
    """Show one barrier, or all that there are in the namespace.

    Raises:
        KonductorError: it failed; the exit code is the error's.
    """
    words = command_first(argv)
    if not words or (words[0].startswith("-") and words[0] not in ("-h", "--help")):
        words = [_ALL, *words]
    options = _parser().parse_args(words)
    with session(options) as client:
        options.action(client, options)
    return ExitCode.DONE


def _parser() -> Parser:
    parser = Parser(prog="koncli status", description="Tell how barriers stand.")
    kinds = parser.add_subparsers(metavar="KIND", required=True)
    shared = [cluster_options(), output_options(("text", "json"))]
    summary = "tell how a barrier stands"
    one = kinds.add_parser("barrier", help=summary, description=summary, parents=shared)
    one.add_argument("name", metavar="NAME", help="the barrier")
    one.set_defaults(action=_show_one)
    summary = "tell how all barriers of the namespace stand (the default)"
    every = kinds.add_parser(_ALL, help=summary, description=summary, parents=shared)
    every.set_defaults(action=_show_every)
    return parser


def _show_one(client: Client, options: argparse.Namespace) -> None:
    if options.output == "text":
        barrier_object.status(client, options)
    else:
        print(_line(Barrier.parse(barrier_object.existing(client, options.name))))


def _show_every(client: Client, options: argparse.Namespace) -> None:
    if options.output == "text":
        barrier_object.list_all(client, options)
        return
    for document in json_list(client.read(client.path(*BARRIERS)).get("items")):
        print(_line(Barrier.parse(document)))


def _line(barrier: Barrier) -> str:
    """Return a barrier as one line of JSON."""
    status = barrier.status
    flat = {
        "name": barrier.metadata.name,
        "namespace": barrier.metadata.namespace,
        "expected": barrier.spec.expected,
        "arrived": status.arrived,
        "phase": str(status.phase),
        "quorum": barrier.spec.quorum,
        "opened": time_text(status.opened_at),
        "arrivals": list(status.arrivals),
    }
    return json.dumps(without_empty(flat), ensure_ascii=False)
