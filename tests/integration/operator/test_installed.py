"""``koncli operator`` as a cluster runs it: a process with a Lease, metrics and probes."""

import asyncio
import base64
import json
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from konductor.api.barrier import Phase
from konductor.api.names import OPERATOR_LEASE
from konductor.cluster.resource import LEASES
from konductor.connection import Connection
from tests.controlplane.plane import ControlPlane

Place: TypeAlias = Any
"""What conftest.py gives: a namespace on a local API server."""
Play: TypeAlias = Callable[[Callable[[Place], Any]], Any]
_WITHIN = 30.0


class Process:
    """A running ``koncli operator``."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process
        self.port = 0
        self.lines: list[dict[str, str]] = []
        self.until("metrics and probes are on port")
        self.port = int(self.lines[-1]["message"].rpartition(" ")[2])

    def until(self, words: str) -> None:
        assert self.process.stderr
        end = time.monotonic() + 2 * _WITHIN
        for line in self.process.stderr:
            self.lines.append(json.loads(line))
            if words in self.lines[-1]["message"]:
                return
            assert time.monotonic() < end, self.lines
        raise AssertionError(self.lines)

    def get(self, path: str) -> tuple[int, str]:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}") as answer:  # ours
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def until_counted(self, line: str) -> None:
        """Wait for a metric: whoever watches a barrier may see it open before the operator does."""
        end = time.monotonic() + _WITHIN
        while line not in self.get("/metrics")[1]:
            assert time.monotonic() < end, self.get("/metrics")

    def until_ready(self) -> None:
        end = time.monotonic() + _WITHIN
        while self.get("/readyz")[0] != 200:
            assert time.monotonic() < end, self.get("/readyz")
            assert self.process.poll() is None


@pytest.fixture
def kubeconfig(connection: Connection, tmp_path: Path, real_cluster: ControlPlane | None) -> Path:
    """A kubeconfig of the server; of the local one, as JSON."""
    if real_cluster:
        return real_cluster.kubeconfig
    user = {"token": connection.token} if connection.token else {}
    cluster = {"server": connection.server, "certificate-authority-data": encoded(connection)}
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "it",
        "contexts": [{"name": "it", "context": {"cluster": "it", "user": "it"}}],
        "clusters": [{"name": "it", "cluster": cluster}],
        "users": [{"name": "it", "user": user}],
    }
    path = tmp_path / "kubeconfig"
    path.write_text(json.dumps(document))
    return path


def encoded(connection: Connection) -> str:
    return base64.b64encode(connection.ca_data.encode()).decode()


@contextmanager
def running(kubeconfig: Path, namespace: str) -> Iterator[Process]:
    """Run ``koncli operator`` for one namespace."""
    command = [sys.executable, "-m", "konductor.cli.main", "operator"]
    command += ["--kubeconfig", str(kubeconfig)]
    command += ["-n", namespace, "--lease-namespace", namespace, "--port", "0"]
    command += ["--host", "127.0.0.1", "--log-format", "json"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield Process(process)
        finally:
            process.send_signal(signal.SIGTERM)
            assert process.stderr
            process.stderr.read()
            assert process.wait(_WITHIN) == 0


def test_operator_leads_opens_barriers_and_gives_the_lease_back(
    play: Play, kubeconfig: Path
) -> None:
    async def scene(place: Place) -> None:
        def live() -> None:
            with running(kubeconfig, place.namespace) as operator:
                operator.until_ready()
                loop.call_soon_threadsafe(ready.set)
                done.wait(_WITHIN)
                assert operator.get("/healthz") == (200, "ok\n")
                line = 'konductor_barriers_ended_total{phase="Open",reason="AllArrived"} 1.0'
                operator.until_counted(line)

        loop, ready, done = asyncio.get_running_loop(), asyncio.Event(), threading.Event()
        life = asyncio.create_task(asyncio.to_thread(live))
        await ready.wait()
        await place.barrier("a", 2)
        await place.arrive("a", "x", "y")
        await place.until("a", lambda status: status.phase is Phase.OPEN)
        done.set()
        await life
        lease = await place.cluster.get(LEASES, OPERATOR_LEASE, namespace=place.namespace)
        assert not lease["spec"]["holderIdentity"]

    play(scene)


def test_second_operator_waits_and_takes_over(play: Play, kubeconfig: Path) -> None:
    async def scene(place: Place) -> None:
        def live() -> None:
            with running(kubeconfig, place.namespace) as first:
                first.until_ready()
                second = running(kubeconfig, place.namespace)
                waiting = second.__enter__()
                waiting.until("waiting")
                assert waiting.get("/readyz") == (200, "ok\n")
                assert "konductor_leader 0.0" in waiting.get("/metrics")[1]
            try:
                waiting.until("holds the lease")
                assert "konductor_leader 1.0" in waiting.get("/metrics")[1]
            finally:
                second.__exit__(None, None, None)

        await asyncio.to_thread(live)

    play(scene)


def test_port_that_is_taken_is_a_clear_error(play: Play, kubeconfig: Path) -> None:
    async def scene(place: Place) -> None:
        taken = socket.create_server(("127.0.0.1", 0))
        with taken:
            command = [sys.executable, "-m", "konductor.cli.main", "operator"]
            command += ["--kubeconfig", str(kubeconfig), "-n", place.namespace]
            command += ["--host", "127.0.0.1", "--port", str(taken.getsockname()[1])]
            run = partial(subprocess.run, capture_output=True, text=True, check=False)
            done = await asyncio.to_thread(run, command)
        assert done.returncode == 1
        assert "cannot serve on 127.0.0.1:" in done.stderr

    play(scene)
