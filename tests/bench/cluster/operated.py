"""The installed operator as a process of its own on the real control plane, and what it costs.

It finds the cluster as a pod does, by a service account with the rights of `konductor-operator`.
"""

import json
import os
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlsplit

from konductor.connection import Connection
from tests.controlplane.plane import ROOT, ControlPlane

SERVED = "bench"
"""The namespace that it serves."""
LEASES = "konductor-system"
_WITHIN = 60.0
_TICKS = os.sysconf("SC_CLK_TCK")
_ROLES = {"konductor-operator": "", "konductor-leader": LEASES}


@dataclass(frozen=True, slots=True)
class Operated:
    """A running operator."""

    pid: int
    port: int
    """Of its metrics."""

    def cpu(self) -> float:
        """Return the seconds of CPU that it has used so far."""
        words = Path(f"/proc/{self.pid}/stat").read_text("ascii").rpartition(")")[2].split()
        return (int(words[11]) + int(words[12])) / _TICKS

    def memory(self) -> float:
        """Return the megabytes that it holds now."""
        return self._status("VmRSS")

    def peak(self) -> float:
        """Return the most megabytes that it has ever held."""
        return self._status("VmHWM")

    def forget_peak(self) -> None:
        """Count the peak from here."""
        Path(f"/proc/{self.pid}/clear_refs").write_text("5", "ascii")

    def _status(self, name: str) -> float:
        for line in Path(f"/proc/{self.pid}/status").read_text("ascii").splitlines():
            if line.startswith(f"{name}:"):
                return int(line.split()[1]) / 1024
        raise AssertionError(name)


@contextmanager
def operated(plane: ControlPlane, connection: Connection, folder: Path) -> Iterator[Operated]:
    """Run ``koncli operator`` on a control plane until the context ends."""
    _grant(plane)
    environment = in_pod(plane, connection, folder, namespace=LEASES, account="operator")
    words = ["-m", "konductor.cli.main", "operator", "--host", "127.0.0.1", "--port", "0"]
    words += ["--namespace", SERVED, "--lease-namespace", LEASES, "--log-format", "json"]
    with (
        (folder / "operator.log").open("w") as log,
        subprocess.Popen([sys.executable, *words], env=environment, stderr=log) as process,
    ):
        try:
            yield Operated(process.pid, _port(folder / "operator.log"))
        finally:
            process.terminate()
    _complain(folder / "operator.log")


def in_pod(
    plane: ControlPlane, connection: Connection, folder: Path, *, namespace: str, account: str
) -> dict[str, str]:
    """Return the environment that a program has in a pod of that service account."""
    mount = folder / account
    mount.mkdir()
    token = plane.kubectl("-n", namespace, "create", "token", account, "--duration=24h")
    (mount / "token").write_text(token.strip(), "ascii")
    (mount / "ca.crt").write_text(connection.ca_data, "ascii")
    (mount / "namespace").write_text(namespace, "ascii")
    server = urlsplit(connection.server)
    environment = dict(os.environ) | {
        "PYTHONPATH": str(ROOT),
        "KUBERNETES_SERVICE_HOST": str(server.hostname),
        "KUBERNETES_SERVICE_PORT": str(server.port),
        "KON_SERVICE_ACCOUNT": str(mount),
    }
    environment.pop("KUBECONFIG", None)
    return environment


def _port(log: Path) -> int:
    """Wait until it serves all that there is; return the port of its probes."""
    end = time.monotonic() + _WITHIN
    while time.monotonic() < end:
        time.sleep(0.1)
        found = re.search(r"probes are on port (\d+)", log.read_text("utf-8"))
        if found and _is_ready(port := int(found[1])):
            return port
    raise TimeoutError(log.read_text("utf-8"))


def _is_ready(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz") as answer:  # ours
            return bool(answer.status == HTTPStatus.OK)
    except urllib.error.HTTPError:
        return False


def _grant(plane: ControlPlane) -> None:
    for namespace in (SERVED, LEASES):
        plane.kubectl("create", "namespace", namespace)
    plane.kubectl("-n", LEASES, "create", "serviceaccount", "operator")
    account = f"--serviceaccount={LEASES}:operator"
    for role, namespace in _ROLES.items():
        kind, place = (
            ("rolebinding", ("-n", namespace)) if namespace else ("clusterrolebinding", ())
        )
        plane.kubectl(*place, "create", kind, role, f"--clusterrole={role}", account)


def _complain(log: Path) -> None:
    """Pass on what the operator warned of: a figure beside a warning may mean something else."""
    for line in log.read_text("utf-8").splitlines():
        if json.loads(line)["level"] in ("warning", "error"):
            sys.stderr.write(f"operator: {line}\n")
