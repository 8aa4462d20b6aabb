"""``koncli run FILE``: compiles a pipeline, runs it on a cluster and shows the cascade.

The cluster is chosen by the one rule of all commands; where it names none, the run brings a local
one, which ends with it.
"""

import argparse
import asyncio
import secrets
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from konductor.cli.arguments import Parser, cluster_options, count
from konductor.cli.compile import name_of_run, with_hooks
from konductor.cli.compiled import (
    add_hook_image_option,
    add_hooks_option,
    add_program_options,
    compile_program,
)
from konductor.cli.place import Place, guarded, place_of, provide_secrets
from konductor.cli.project import read_options
from konductor.cli.ready import Wish, ready
from konductor.cli.shown import (
    add_view_options,
    carrier,
    how_it_goes_on,
    listen,
    note,
    noted_interrupts,
    screen_of,
    warnings_on,
)
from konductor.dsl.emit.name import RunNames
from konductor.dsl.plan import EmptyVolume, Plan
from konductor.errors import ExitCode

if TYPE_CHECKING:
    from konductor.runner.run import Target

_ALPHABET = "bcdfghjklmnpqrstvwxz2456789"
"""No vowels and nothing that looks like another: what Kubernetes draws names from."""
_SUFFIX = 5
_ENDING = (signal.SIGINT, signal.SIGTERM)


def main(argv: list[str]) -> int:
    """Run a pipeline to its end and return the exit code that it deserves.

    Raises:
        KonductorError: it could not be run.
    """
    options = read_options(_parser(), argv)
    compiled, code = compile_program(options)
    if compiled.plan is None or code is not ExitCode.DONE:
        return code
    plan = with_hooks(compiled.plan, options.hooks)
    if options.dry_run:
        from konductor.cli import plan as dry  # noqa: PLC0415  # only for this

        dry.print_page(dry.preview_of(compiled, plan, options.run), most=dry.MOST, verbose=False)
        return code
    name = name_of_run(plan, options.run or f"{plan.pipeline}-{_suffix()}")
    asked = bool(options.hooks) or "hooks" in compiled.written
    wish = Wish(plan, options.file, options.hook_image, hooks_asked=asked)
    with noted_interrupts() as noted, place_of(options) as place:
        namespace = options.namespace or plan.namespace or place.connection.namespace
        place.say(name)
        return asyncio.run(_run(wish, name, namespace, place, options, noted=noted))


def _parser() -> Parser:
    parser = Parser(
        prog="koncli run",
        description="Run a pipeline and show it. Ctrl-C cancels the run; a second one ends it.",
        parents=[cluster_options()],
    )
    add_program_options(parser)
    parser.add_argument("--run", default="", metavar="NAME", help="the run's name")
    parser.add_argument(
        "--dry-run", action="store_true", help="tell what would run, as `koncli plan` does"
    )
    add_hooks_option(parser)
    parser.add_argument(
        "-j",
        "--jobs",
        type=count,
        default=None,
        metavar="N",
        help="programs that run at a time in the run's own local cluster (default: the CPUs)",
    )
    parser.add_argument(
        "--workspace", default="", metavar="DIR", help="the folder of the local workspace"
    )
    add_view_options(parser)
    add_hook_image_option(parser)
    return parser


def _suffix() -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(_SUFFIX))


async def _run(
    wish: Wish,
    name: str,
    namespace: str,
    place: Place,
    options: argparse.Namespace,
    *,
    noted: Sequence[int],
) -> int:
    from konductor.cluster.http import HttpCluster  # noqa: PLC0415  # 0.3 s, not for --help
    from konductor.runner.run import Asked, Following, Target, create  # noqa: PLC0415  # likewise
    from konductor.runner.state import begin  # noqa: PLC0415  # likewise

    asked, target, connection = Asked(), Target(name, namespace), place.connection
    # A closed terminal ends a cluster that hangs on it, and leaves any other to itself.
    if place.folder:
        listen(asked, cancel=(*_ENDING, signal.SIGHUP), leave=())
    else:
        listen(asked, cancel=_ENDING, leave=(signal.SIGHUP,))
    for _ in noted:
        asked.interrupts.put_nowait(None)
    async with HttpCluster(connection) as cluster:
        begun = await ready(cluster, wish, target, place)
        await provide_secrets(cluster, begun.manifests, namespace, place)
        state = begin(begun.plan, name)
        screen = screen_of(options, state)
        carrying = carrier(cluster, connection, target, embeds=begun.embeds)
        with warnings_on(screen):
            async with guarded(place), carrying as carry:
                await create(cluster, begun.manifests, target, carry)
                following = Following(cluster, target, state, screen, cluster.now)
                code = await following.until_over(asked)
            screen.close(following.state, cluster.now(), logs=place.logs(name, namespace))
    if following.has_left:
        note(how_it_goes_on(name, namespace, carried=begun.embeds))
    if workspace := _workspace(begun.plan, target, place, options):
        print(f"$KON_WORKSPACE was {workspace}", file=sys.stderr)
    return code


def _workspace(plan: Plan, target: "Target", place: Place, options: argparse.Namespace) -> str:
    """Return the folder of a run's workspace, where it is one of this machine that stays."""
    if plan.workspace is None or place.folder is None:
        return ""
    names = RunNames(plan, target.name)
    claim = names.workspace if isinstance(plan.workspace, EmptyVolume) else plan.workspace.claim
    own = place.folder / "volumes" / target.namespace / claim
    return str(Path(options.workspace or own).absolute() / "runs" / target.name)
