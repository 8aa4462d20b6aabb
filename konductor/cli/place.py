"""Where a run takes place: the cluster that is chosen, or a local one of the run's own."""

import argparse
import os
import sys
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from konductor.api.meta import Json
from konductor.api.names import Container, Label
from konductor.cli.project import local_settings
from konductor.cluster.choose import LOCAL, NothingChosen, choose
from konductor.connection import Connection, json_kubeconfig
from konductor.errors import UsageError

if TYPE_CHECKING:
    from konductor.cluster.port import Cluster
    from konductor.runner.local.process import Local


@dataclass(frozen=True, slots=True)
class Place:
    """Where a run takes place."""

    connection: Connection
    folder: Path | None = None
    """The state folder of the run's own local cluster; None: the cluster is somebody else's."""
    own: "Local | None" = None
    """That cluster's process."""

    @property
    def is_local(self) -> bool:
        """Tell whether it is a local cluster, which has an operator and lets everybody do all."""
        return self.folder is not None or self.connection.source == LOCAL

    def say(self, run: str) -> None:
        """Tell a person where a run is, and where its state is kept."""
        kept = f", state in {self.folder}" if self.folder else ""
        print(f"run {run} on {self.connection.source}{kept}", file=sys.stderr)

    def logs(self, run: str, namespace: str) -> str:
        """Return where the logs of a run's pods are."""
        if self.folder:
            return str(self.folder / "logs")
        return f"kubectl logs -n {namespace} -l {Label.RUN}={run} --prefix"


@contextmanager
def place_of(options: argparse.Namespace) -> Iterator[Place]:
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
        assert connection is not None, "we wrote it"  # noqa: S101  # the process has just said so
        yield Place(connection, folder, local)
    finally:
        local.close()


@asynccontextmanager
async def guarded(place: Place) -> AsyncIterator[None]:
    """Watch over the run's own cluster, if it has one."""
    if place.own is None or place.folder is None:
        yield
        return
    from konductor.runner.local import guard  # noqa: PLC0415  # only where one is brought up

    async with guard.guarded(guard.Guard(place.own.process, place.folder)):
        yield


async def provide_secrets(
    cluster: "Cluster", manifests: Sequence[Json], namespace: str, place: Place
) -> None:
    """Give a local cluster the Secrets that ``konductor.toml`` says where to find."""
    if not place.is_local:
        return
    from konductor.cli.local_secret import provide  # noqa: PLC0415  # not for --help

    settings = local_settings(Path.cwd())
    await provide(
        cluster,
        settings.secrets,
        manifests,
        namespace,
        base=settings.base,
        environment=os.environ,
    )


def at_home(manifests: Iterable[Json], place: Place, program: str) -> tuple[Json, ...]:
    """Let programs start beside the .kon file, on the local cluster that stays.

    A run's own cluster is started there; on any other the image's folder counts.
    """
    found = tuple(manifests)
    if place.connection.source != LOCAL:
        return found
    here = str(Path(program).absolute().parent)
    for document in found:
        if document["kind"] == "Job":
            for container in document["spec"]["template"]["spec"]["containers"]:
                if container["name"] == Container.MAIN:
                    container.setdefault("workingDir", here)
    return found
