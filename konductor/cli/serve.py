"""The local cluster's process: ``python -m konductor.cli.serve FOLDER OPTIONS``.

It composes API server, controllers, kubelet and operator, prints one line of JSON once it serves
(or cannot), and ends with the end of its standard input, or on TERM: programs first.
Started by `konductor.runner.local.process`, not by people.
"""

import asyncio
import gc
import json
import logging
import os
import signal
import sqlite3
import sys
import threading
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from importlib import import_module
from pathlib import Path

import uvloop

from konductor.api.meta import Json
from konductor.cluster.http import HttpCluster
from konductor.cluster.port import Cluster
from konductor.cluster.resource import CRDS
from konductor.cluster.written import KINDS, written
from konductor.errors import AlreadyExists, ExitCode, KonductorError
from konductor.operator.embed import Operator
from konductor.runner.local.apiserver.server import serve
from konductor.runner.local.controllers.control import Controllers
from konductor.runner.local.kubelet.agent import Kubelet
from konductor.runner.local.kubelet.image import parse_images
from konductor.runner.local.kubelet.settings import Settings
from konductor.runner.local.process import (
    KUBECONFIG,
    NoCluster,
    Options,
    holder,
    lock,
    parse_options,
)

_log = logging.getLogger(__name__)
_OPERATOR_WITHIN = 30.0


def main(argv: list[str]) -> int:
    """Serve until told to end."""
    folder, options = Path(argv[0]), parse_options(argv[1])
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s: %(message)s")
    # kopf takes the official client along if it is there: 0.25 s that nothing here needs.
    sys.modules["kubernetes"] = None  # type: ignore[assignment]  # how an import is barred
    # It is slow even so, so it begins beside everything else.
    threading.Thread(target=import_module, args=["konductor.operator.engine"], daemon=True).start()
    gc.set_threshold(50_000, 20, 50)  # thousands of small JSON objects, hardly ever a cycle
    try:
        with _held(folder):
            uvloop.run(_run(folder, options))
    except KonductorError as error:
        return _refuse(error.message, error.hint, error.exit_code)
    except OSError as error:
        place = error.filename or folder
        return _refuse(f"{place}: {error.strerror or error}", "", ExitCode.FAILED)
    except sqlite3.Error as error:  # such as a full disk
        return _refuse(f"{folder}: {error}", "", ExitCode.FAILED)
    except Exception as error:  # noqa: BLE001  # the last resort: who waits for our line must hear
        _log.exception("please report this")
        return _refuse(f"the local cluster fell over: {error!r}", "", ExitCode.FAILED)
    return ExitCode.DONE


@contextmanager
def _held(folder: Path) -> Iterator[None]:
    """Hold the state folder; no kubeconfig is left to find once nobody serves.

    Raises:
        NoCluster: another process holds it.
    """
    file = lock(folder)
    if file is None:
        raise NoCluster(
            f"{folder} is in use by another local cluster (process {holder(folder)})",
            hint="end it with `koncli cluster down`",
        )
    with file:
        yield
        (folder / KUBECONFIG).unlink(missing_ok=True)


async def _run(folder: Path, options: Options) -> None:
    """Compose the cluster, say that it serves, and wait for the end."""
    end = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, end.set)
    if not options.keep:
        loop.add_reader(sys.stdin.fileno(), _at_end_of_input, end)
    settings = _settings(folder, options)
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(serve(folder))
        connection = server.connection
        cluster = await stack.enter_async_context(HttpCluster(connection))
        await _define(cluster)
        operator = Operator(connection)
        operator.start()
        stack.callback(operator.stop)
        controllers = Controllers(cluster, certificates=connection.ca_data)
        await stack.enter_async_context(controllers)
        server.agent = await stack.enter_async_context(Kubelet(settings, cluster, connection))
        await asyncio.to_thread(operator.ready.wait, _OPERATOR_WITHIN)
        _say({"kubeconfig": str(folder / KUBECONFIG), "pid": os.getpid()})
        await end.wait()


def _at_end_of_input(end: asyncio.Event) -> None:
    if not os.read(sys.stdin.fileno(), 4096):
        asyncio.get_running_loop().remove_reader(sys.stdin.fileno())
        end.set()


def _settings(folder: Path, options: Options) -> Settings:
    return Settings(
        folder=folder,
        slots=options.jobs,
        environment=dict(os.environ),
        work_folder=options.work_folder or str(Path.cwd()),
        images=parse_images(options.images, Path(options.base)),
        inherit=options.inherit,
        workspace=options.workspace,
    )


async def _define(cluster: Cluster) -> None:
    """Bring konductor's own kinds up to date."""
    for definition in written(KINDS):
        try:
            await cluster.create(CRDS, definition)
        except AlreadyExists:
            patch = {"spec": definition["spec"]}
            await cluster.patch(CRDS, definition["metadata"]["name"], patch)


def _refuse(error: str, hint: str, code: int) -> int:
    _say({"error": error, "hint": hint, "code": int(code)})
    return int(code)


def _say(line: Json) -> None:
    try:
        print(json.dumps(line), flush=True)
    except OSError:  # who started us is gone: the end of the pipe tells the rest
        _log.warning("nobody hears: %s", line)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
