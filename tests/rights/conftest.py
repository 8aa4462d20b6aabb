"""A real control plane of its own, whose API server notes each request; nobody is administrator."""

import asyncio
import base64
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from konductor.api.arrival import Arrival
from konductor.api.barrier import Barrier
from konductor.api.meta import Json
from konductor.cluster.choose import from_kubeconfig
from konductor.cluster.resource import BARRIERS, Resource
from konductor.connection import Connection
from tests.controlplane.plane import ROOT, ControlPlane, control_plane, node
from tests.rights.audit import Audit

PROGRAMS = Path(sys.executable).parent
DEADLINE = 60.0
"""Seconds that anything may take on a busy machine."""


@dataclass(frozen=True)
class Account:
    """A service account, as whom programs ask."""

    name: str
    namespace: str
    kubeconfig: Path

    @property
    def user(self) -> str:
        """Return the name by which the API server knows it."""
        return f"system:serviceaccount:{self.namespace}:{self.name}"

    def connection(self) -> Connection:
        """Return how it reaches the API server."""
        return from_kubeconfig(str(self.kubeconfig))

    def koncli(self, *words: str, code: int = 0) -> str:
        """Run koncli as this account; return both of its streams."""
        command = (sys.executable, "-m", "konductor.cli.main", *words)
        ended = subprocess.run(
            command,
            env=environment(self.kubeconfig),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=2 * DEADLINE,
            check=False,
        )
        assert ended.returncode == code, f"{words}: {ended.returncode}\n{ended.stdout}"
        return ended.stdout

    def kubectl(self, *words: str, text: str = "", code: int = 0) -> str:
        """Run kubectl as this account."""
        return ControlPlane(self.kubeconfig).kubectl(*words, text=text, code=code)


@dataclass(frozen=True)
class Ground:
    """The control plane, as its administrator."""

    plane: ControlPlane
    audit: Audit
    folder: Path

    def namespace(self, name: str, *labels: str) -> str:
        """Create a namespace with labels, and wait until pods can be made in it."""
        self.plane.kubectl("create", "namespace", name)
        if labels:
            self.plane.kubectl("label", "namespace", name, *labels)
        wait = ("--for=jsonpath={.metadata.name}=default", "serviceaccount/default")
        self.plane.kubectl("wait", "-n", name, *wait, "--timeout=30s")
        return name

    def account(self, name: str, namespace: str) -> Account:
        """Create a service account without any right, and take a token of it."""
        self.plane.kubectl("create", "serviceaccount", name, "-n", namespace)
        token = self.plane.kubectl("create", "token", name, "-n", namespace).strip()
        return Account(name, namespace, self.kubeconfig(f"{namespace}-{name}", token, namespace))

    def kubeconfig(self, name: str, token: str, namespace: str) -> Path:
        """Write a kubeconfig for whom a token stands."""
        admin = from_kubeconfig(str(self.plane.kubeconfig))
        authority = base64.b64encode(admin.ca_data.encode()).decode()
        cluster = {"server": admin.server, "certificate-authority-data": authority}
        context = {"cluster": "it", "user": "it", "namespace": namespace}
        document = {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "it",
            "contexts": [{"name": "it", "context": context}],
            "clusters": [{"name": "it", "cluster": cluster}],
            "users": [{"name": "it", "user": {"token": token}}],
        }
        path = self.folder / f"{name}.kubeconfig"
        path.write_text(json.dumps(document))
        return path

    def bind(self, role: str, user: str, namespace: str = "") -> None:
        """Give a user a ClusterRole, in one namespace or in all."""
        kind = ("rolebinding", "-n", namespace) if namespace else ("clusterrolebinding",)
        name = f"{role}-{user.replace(':', '-')}"
        self.plane.kubectl("create", *kind, name, f"--clusterrole={role}", f"--user={user}")

    def create(self, *documents: dict[str, Any], code: int = 0) -> str:
        """Create objects."""
        listed = json.dumps({"apiVersion": "v1", "kind": "List", "items": documents})
        return self.plane.kubectl("create", "-f", "-", text=listed, code=code)

    def arrive(self, namespace: str, *names: str, as_whom: tuple[str, ...] = ("x",)) -> None:
        """Arrive at barriers as people do."""
        uids = {name: self.barrier(name, namespace).metadata.uid for name in names}
        arrivals = [
            Arrival.at(name, uid, one, namespace=namespace).manifest()
            for name, uid in uids.items()
            for one in as_whom
        ]
        self.create(*arrivals)

    def find(self, kind: str, name: str, namespace: str) -> dict[str, Any]:
        """Return an object."""
        text = self.plane.kubectl("get", kind, name, "-n", namespace, "-o", "json")
        found: dict[str, Any] = json.loads(text)
        return found

    def barrier(self, name: str, namespace: str) -> Barrier:
        """Return a barrier."""
        return Barrier.parse(self.find("barrier", name, namespace))


def environment(kubeconfig: Path) -> dict[str, str]:
    """Return the variables of a program that asks as that kubeconfig says."""
    path = os.pathsep.join((str(PROGRAMS), "/usr/bin", "/bin"))
    home = str(kubeconfig.parent)
    return {"HOME": home, "PATH": path, "KUBECONFIG": str(kubeconfig), "PYTHONPATH": str(ROOT)}


async def until(fact: Callable[[], bool]) -> None:
    """Wait for a fact of which no event tells."""
    async with asyncio.timeout(DEADLINE):
        while not await asyncio.to_thread(fact):  # noqa: ASYNC110  # no event of ours
            await asyncio.sleep(0.05)


def barrier(name: str, namespace: str, expected: int = 1, **spec: Any) -> dict[str, Any]:
    """Return a Barrier to create."""
    metadata = {"name": name, "namespace": namespace}
    return document(BARRIERS, metadata, {"expected": expected} | spec)


def document(resource: Resource, metadata: Json, spec: Json) -> dict[str, Any]:
    """Return an object to create."""
    head = {"apiVersion": resource.api_version, "kind": resource.kind}
    return head | {"metadata": metadata, "spec": spec}


@contextmanager
def operator(
    account: Account, *words: str, lease_namespace: str
) -> Iterator["subprocess.Popen[str]"]:
    """Run ``koncli operator`` as an account, from when it leads; it must end in good order."""
    command = [sys.executable, "-m", "konductor.cli.main", "operator", *words]
    command += ["--lease-namespace", lease_namespace, "--port", "0", "--host", "127.0.0.1"]
    with subprocess.Popen(
        command, env=environment(account.kubeconfig), stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            read_until(process, "holds the lease")
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=DEADLINE)
    assert process.returncode == 0


def read_until(process: "subprocess.Popen[str]", words: str) -> str:
    """Return what an operator says until it says those words."""
    assert process.stderr
    said, ends = "", time.monotonic() + DEADLINE
    for line in process.stderr:
        said += line
        if words in line:
            return said
        assert time.monotonic() < ends, said
    raise AssertionError(said)


@pytest.fixture(scope="session")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    folder = tmp_path_factory.mktemp("rights")
    log = folder / "audit.log"
    with control_plane(folder, participants=False, audit=log) as plane:
        yield Ground(plane, Audit(log), folder)


@pytest.fixture(scope="session")
def kubelet(ground: Ground) -> Iterator[None]:
    """Let pods run."""
    folder = ground.folder / "node"
    folder.mkdir()
    variables = environment(ground.plane.kubeconfig)
    with node(ground.plane.kubeconfig, folder, variables, operates=False):
        yield
