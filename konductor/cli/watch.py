"""``koncli watch RUN``: shows a run that is there, and carries its operator where nobody else does.

Whoever leaves it, leaves the run as it is: it is cancelled by what runs it, or on the Run itself.
"""

import argparse
import asyncio
import signal
from typing import TYPE_CHECKING

from konductor.api.run import Run
from konductor.cli.arguments import Parser, cluster_options, connect
from konductor.cli.place import Place
from konductor.cli.project import read_options
from konductor.cli.shown import (
    add_view_options,
    carrier,
    how_it_goes_on,
    listen,
    note,
    screen_of,
    warnings_on,
)
from konductor.errors import Refused

if TYPE_CHECKING:
    from konductor.cluster.port import Cluster
    from konductor.runner.run import Target


def main(argv: list[str]) -> int:
    """Show a run to its end and return the exit code that it deserves.

    Raises:
        KonductorError: it is not there, or cannot be followed.
    """
    options = read_options(_parser(), argv)
    place = Place(connect(options))
    place.say(options.run)
    return asyncio.run(_watch(options, place))


def _parser() -> Parser:
    parser = Parser(
        prog="koncli watch",
        description="Show a run until it is over. Ctrl-C ends the view, and leaves the run alone.",
        parents=[cluster_options()],
    )
    parser.add_argument("run", metavar="RUN", help="the run's name")
    add_view_options(parser)
    return parser


async def _watch(options: argparse.Namespace, place: Place) -> int:
    from konductor.cluster.http import HttpCluster  # noqa: PLC0415  # 0.3 s, not for --help
    from konductor.runner.kept import kept_run  # noqa: PLC0415  # likewise
    from konductor.runner.run import Asked, Following, Target  # noqa: PLC0415  # likewise

    asked, target = Asked(), Target(options.run, place.connection.namespace)
    listen(asked, cancel=(), leave=(signal.SIGINT, signal.SIGTERM, signal.SIGHUP))
    async with HttpCluster(place.connection) as cluster:
        document, state = await kept_run(cluster, target.name, target.namespace)
        run = Run.parse(document)
        embeds = not run.status.phase.is_terminal and await _embeds(cluster, target, place)
        screen = screen_of(options, state)
        with warnings_on(screen):
            async with carrier(cluster, place.connection, target, embeds=embeds) as carry:
                carry(run.owner())
                following = Following(cluster, target, state, screen, cluster.now)
                code = await following.until_over(asked)
            logs = place.logs(target.name, target.namespace)
            screen.close(following.state, cluster.now(), logs=logs)
    if following.has_left:
        note(how_it_goes_on(target.name, target.namespace, carried=embeds))
    return code


async def _embeds(cluster: "Cluster", target: "Target", place: Place) -> bool:
    """Tell whether koncli has to carry the operator, and say so."""
    if place.is_local:
        return False
    from konductor.operator.served import Served, served  # noqa: PLC0415  # only for this
    from konductor.runner.preflight.rights import check_rights  # noqa: PLC0415  # likewise

    if await served(cluster, target.namespace) is Served.YES:
        return False
    try:
        await check_rights(cluster, target.namespace, embeds=True, claims=False)
    except Refused as error:
        note(f"nobody may carry this run from here: {error.message}; {error.hint}")
        return False
    note("no operator serves this namespace: koncli carries one, unless another koncli does")
    return True
