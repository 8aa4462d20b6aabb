"""``koncli run FILE``: compiles a pipeline, runs it on a cluster and shows the cascade.

The cluster is chosen by the one rule of all commands; where it names none, the run brings a local
one, which ends with it.
"""

import argparse
import asyncio
import os
import secrets
import signal
import sys
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from konductor.api.meta import Json
from konductor.api.names import OPERATOR_LEASE, Container, Label
from konductor.cli.arguments import Parser, cluster_options, count
from konductor.cli.compile import name_of_run, with_hooks
from konductor.cli.compiled import add_hooks_option, add_program_options, compile_program
from konductor.cli.project import local_settings, read_options
from konductor.cluster.choose import LOCAL, NothingChosen, choose
from konductor.connection import Connection, json_kubeconfig
from konductor.dsl.emit import emit
from konductor.dsl.emit.name import RunNames
from konductor.dsl.plan import EmptyVolume, Plan
from konductor.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from konductor.cluster.port import Cluster
    from konductor.runner.local.process import Local
    from konductor.runner.run import Target
    from konductor.runner.screen import Screen
    from konductor.runner.state import RunState

_ALPHABET = "bcdfghjklmnpqrstvwxz2456789"
"""No vowels and nothing that looks like another: what Kubernetes draws names from."""
_SUFFIX = 5
_OPERATOR_WITHIN = 30.0


@dataclass(frozen=True, slots=True)
class Place:
    """Where a run takes place."""

    connection: Connection
    folder: Path | None = None
    """The state folder of the run's own local cluster; None: the cluster is somebody else's."""
    own: "Local | None" = None
    """That cluster's process."""


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
    with _noted_interrupts() as noted, _place(options) as place:
        namespace = options.namespace or plan.namespace or place.connection.namespace
        _say_where(name, place)
        return asyncio.run(_run(plan, name, namespace, place, options, noted=noted))


@contextmanager
def _noted_interrupts() -> Iterator[list[int]]:
    """Note each Ctrl-C besides raising it: Python drops what is raised within a destructor."""
    noted: list[int] = []

    def interrupt(number: int, _: object) -> None:
        noted.append(number)
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, interrupt)
    try:
        yield noted
    finally:
        signal.signal(signal.SIGINT, before)


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
    parser.add_argument(
        "--view",
        choices=("auto", "live", "plain"),
        default="auto",
        help="a live view, or plain lines (default: live on a terminal)",
    )
    parser.add_argument(
        "--svg", default="", metavar="FILE", help="write the last view as a picture"
    )
    return parser


def _suffix() -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(_SUFFIX))


@contextmanager
def _place(options: argparse.Namespace) -> Iterator[Place]:
    """Give the cluster that is chosen, or bring up a local one for as long as the run lasts."""
    try:
        chosen = choose(os.environ, context=options.context, kubeconfig=options.kubeconfig)
    except NothingChosen:
        with _own(options) as place:
            yield place
        return
    if options.jobs or options.workspace:
        raise UsageError(
            f"-j and --workspace are for a run's own local cluster, and this is {chosen.source}",
            hint="use `parallelism` in the program, or `koncli cluster up -j N`",
        )
    yield Place(chosen)


@contextmanager
def _own(options: argparse.Namespace) -> Iterator[Place]:
    """Bring up a local cluster."""
    from konductor.runner.local import process  # noqa: PLC0415  # only where one is brought up

    settings, here = local_settings(Path.cwd()), Path(options.file).absolute().parent
    local = process.start(
        folder := process.run_folder(os.environ),
        process.Options(
            jobs=options.jobs or os.cpu_count() or 1,
            images=settings.images,
            inherit=settings.inherit,
            base=settings.base,
            work_folder=str(here),
            workspace=str(Path(options.workspace).absolute()) if options.workspace else "",
        ),
    )
    try:
        connection = json_kubeconfig(local.kubeconfig, source="a local cluster of its own")
        assert connection is not None, "we wrote it"  # noqa: S101
        yield Place(connection, folder, local)
    finally:
        local.close()


def _at_home(
    manifests: Iterable[Json], place: Place, options: argparse.Namespace
) -> tuple[Json, ...]:
    """Let programs start beside the .kon file, on the local cluster that stays.

    A run's own cluster is started there; on any other the image's folder counts.
    """
    found = tuple(manifests)
    if place.connection.source != LOCAL:
        return found
    here = str(Path(options.file).absolute().parent)
    for document in found:
        if document["kind"] == "Job":
            for container in document["spec"]["template"]["spec"]["containers"]:
                if container["name"] == Container.MAIN:
                    container.setdefault("workingDir", here)
    return found


def _say_where(name: str, place: Place) -> None:
    kept = f", state in {place.folder}" if place.folder else ""
    print(f"run {name} on {place.connection.source}{kept}", file=sys.stderr)


async def _run(
    plan: Plan,
    name: str,
    namespace: str,
    place: Place,
    options: argparse.Namespace,
    *,
    noted: Sequence[int],
) -> int:
    from konductor.cluster.http import HttpCluster  # noqa: PLC0415  # 0.3 s, not for --help
    from konductor.runner.run import Following, Target, create  # noqa: PLC0415  # likewise
    from konductor.runner.state import begin  # noqa: PLC0415  # likewise

    interrupts: asyncio.Queue[None] = asyncio.Queue()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, interrupts.put_nowait, None)
    for _ in noted:
        interrupts.put_nowait(None)
    target, state = Target(name, namespace), begin(plan, name)
    screen = _screen(options, state)
    async with HttpCluster(place.connection) as cluster:
        await _preflight(cluster, plan, target, place)
        await _secrets(cluster, emit(plan, name), target, place)
        async with _guarded(place), _operator(cluster, target, place):
            await create(cluster, _at_home(emit(plan, name), place, options), target)
            following = Following(cluster, target, state, screen, cluster.now)
            code = await following.until_over(interrupts)
        screen.close(following.state, cluster.now(), logs=_logs(target, place))
    if workspace := _workspace(plan, target, place, options):
        print(f"$KON_WORKSPACE was {workspace}", file=sys.stderr)
    return code


def _screen(options: argparse.Namespace, state: "RunState") -> "Screen":
    from rich.console import Console  # noqa: PLC0415  # not for --help

    from konductor.runner import screen  # noqa: PLC0415  # likewise

    console = Console(highlight=False)
    live = console.is_terminal if options.view == "auto" else options.view == "live"
    if live:
        shown: screen.Screen = screen.LiveScreen(console)
    else:
        shown = screen.PlainScreen(console, state, datetime.now(UTC))
    return screen.Picture(shown, Path(options.svg), screen.recorder) if options.svg else shown


async def _preflight(cluster: "Cluster", plan: Plan, target: "Target", place: Place) -> None:
    """Look whether the barriers of others are as the program says, and whether any serves them."""
    from konductor.runner.preflight import preflight  # noqa: PLC0415  # not for --help

    await preflight(cluster, plan, target.namespace)
    others = next((one.object_name for one in plan.barriers if one.external), "")
    if others and not await _has_operator(cluster, place):
        raise UsageError(
            f"nobody serves external barrier `{others}`: the cluster has no operator of its own",
            hint="`koncli operator` serves every barrier; a run's own operator only the run's",
        )


async def _secrets(
    cluster: "Cluster", manifests: Sequence[Json], target: "Target", place: Place
) -> None:
    """Give a local cluster the Secrets that ``konductor.toml`` says where to find."""
    if not place.folder and place.connection.source != LOCAL:
        return
    from konductor.cli.local_secret import provide  # noqa: PLC0415  # not for --help

    settings = local_settings(Path.cwd())
    await provide(
        cluster,
        settings.secrets,
        manifests,
        target.namespace,
        base=settings.base,
        environment=os.environ,
    )


async def _has_operator(cluster: "Cluster", place: Place) -> bool:
    """Tell whether an operator looks after this cluster: the local one, or one that is installed.

    An installed one renews its Lease, wherever its namespace is.
    """
    if place.folder or place.connection.source == LOCAL:
        return True
    from konductor.cluster.resource import LEASES  # noqa: PLC0415  # not for --help
    from konductor.operator.lease import is_live  # noqa: PLC0415  # likewise

    leases = await cluster.list(LEASES, fields=f"metadata.name={OPERATOR_LEASE}")
    return any(is_live(lease, cluster.now()) for lease in leases.items)


@asynccontextmanager
async def _guarded(place: Place) -> AsyncIterator[None]:
    """Watch over the run's own cluster, if it has one."""
    if place.own is None or place.folder is None:
        yield
        return
    from konductor.runner.local.guard import Guard, guarded  # noqa: PLC0415  # likewise

    async with guarded(Guard(place.own.process, place.folder)):
        yield


@asynccontextmanager
async def _operator(cluster: "Cluster", target: "Target", place: Place) -> AsyncIterator[None]:
    """Carry an operator for this run alone, where there is none."""
    if await _has_operator(cluster, place):
        yield
        return
    from konductor.operator.embed import Operator  # noqa: PLC0415  # kopf takes 0.5 s

    operator = Operator(place.connection, run=target.name, namespace=target.namespace)
    operator.start()
    try:
        await asyncio.to_thread(operator.ready.wait, _OPERATOR_WITHIN)
        yield
    finally:
        await asyncio.to_thread(operator.stop)


def _workspace(plan: Plan, target: "Target", place: Place, options: argparse.Namespace) -> str:
    """Return the folder of a run's workspace, where it is one of this machine that stays."""
    if plan.workspace is None or place.folder is None:
        return ""
    names = RunNames(plan, target.name)
    claim = names.workspace if isinstance(plan.workspace, EmptyVolume) else plan.workspace.claim
    own = place.folder / "volumes" / target.namespace / claim
    return str(Path(options.workspace or own).absolute() / "runs" / target.name)


def _logs(target: "Target", place: Place) -> str:
    """Return where the logs of the run's pods are."""
    if place.folder:
        return str(place.folder / "logs")
    return f"kubectl logs -n {target.namespace} -l {Label.RUN}={target.name} --prefix"
