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
import sys
from contextlib import AsyncExitStack, suppress
from importlib.resources import files
from pathlib import Path

# kopf takes the official client along if it is there: 0.25 s that nothing here needs.
sys.modules["kubernetes"] = None  # type: ignore[assignment]  # how an import is barred

import yaml

from konductor.api.meta import Json
from konductor.cluster.http import HttpCluster
from konductor.cluster.resource import CRDS
from konductor.connection import Connection
from konductor.errors import AlreadyExists, ExitCode, KonductorError
from konductor.operator.embed import Operator
from konductor.runner.local.apiserver.server import serve
from konductor.runner.local.controllers.control import Controllers
from konductor.runner.local.kubelet.agent import Kubelet
from konductor.runner.local.kubelet.image import parse_images
from konductor.runner.local.kubelet.settings import Settings
from konductor.runner.local.process import KUBECONFIG, Options, holder, lock, parse_options

_log = logging.getLogger(__name__)


def main(argv: list[str]) -> int:
    """Serve until told to end."""
    folder, options = Path(argv[0]), parse_options(argv[1])
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s: %(message)s")
    held = lock(folder)
    if held is None:
        text = f"{folder} is in use by another local cluster (process {holder(folder)})"
        return _refuse(text, "end it with `koncli cluster down`", ExitCode.FAILED)
    gc.set_threshold(50_000, 20, 50)  # thousands of small JSON objects, hardly ever a cycle
    try:
        asyncio.run(_serve(folder, options), loop_factory=None)
    except KonductorError as error:
        return _refuse(error.message, error.hint, error.exit_code)
    except OSError as error:
        return _refuse(f"{folder}: {error.strerror or error}", "", ExitCode.FAILED)
    return ExitCode.DONE
