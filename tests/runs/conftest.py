"""``koncli run`` on a real control plane, whose pods the kubelet of the local cluster runs."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.controlplane.plane import ROOT, ControlPlane, control_plane, node

DEADLINE = 180.0
"""Seconds that one run may take on a busy machine."""
SPACE = "work"
"""The namespace whose pods may take part."""
_VOLUMES = 12
PROGRAMS = Path(sys.executable).parent


@dataclass(frozen=True)
class Cluster:
    """The control plane with a node, and koncli as its user has it."""

    plane: ControlPlane
    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        """Return what koncli and its pods see: nothing that this machine says."""
        return {
            "HOME": str(self.folder),
            "KUBECONFIG": str(self.plane.kubeconfig),
            "PATH": os.pathsep.join((str(PROGRAMS), "/usr/bin", "/bin")),
            "PYTHONPATH": str(ROOT),
            "LANG": "C.UTF-8",
        }

    def start(self, *words: str) -> "subprocess.Popen[str]":
        """Start koncli; both of its streams are one."""
        return subprocess.Popen(
            (sys.executable, "-m", "konductor.cli.main", *words),
            env=self.environment,
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def koncli(self, *words: str, code: int = 0) -> str:
        """Run koncli to its end, which must come with that exit code; return what it said."""
        with self.start(*words) as process:
            said, _ = process.communicate(timeout=DEADLINE)
        assert process.returncode == code, f"{words}: {process.returncode}\n{said}"
        return said

    def program(self, text: str, name: str) -> str:
        """Write a program; return its path."""
        path = self.folder / f"{name}.kon"
        path.write_text(
            f'pipeline {name} {{\n  defaults {{ image = "busybox:1.37" }}\n{text}\n}}\n'
        )
        return str(path)

    def namespace(self, name: str) -> str:
        """Create a namespace, and wait until pods can be made in it."""
        self.plane.kubectl("create", "namespace", name)
        wait = ("--for=jsonpath={.metadata.name}=default", "serviceaccount/default")
        self.plane.kubectl("wait", "-n", name, *wait, "--timeout=30s")
        return name


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    folder = tmp_path_factory.mktemp("runs")
    home, pods = folder / "home", folder / "node"
    home.mkdir()
    pods.mkdir()
    with control_plane(folder, participants=False) as plane:
        found = Cluster(plane, home)
        found.namespace(SPACE)
        group = f"--group=system:serviceaccounts:{SPACE}"
        plane.kubectl(
            "create",
            "rolebinding",
            "-n",
            SPACE,
            "take-part",
            "--clusterrole=konductor-participant",
            group,
        )
        plane.kubectl("create", "-f", "-", text=json.dumps(volumes()))
        with node(plane.kubeconfig, pods, found.environment, operates=False):
            yield found


def volumes() -> dict[str, object]:
    """Return what the claims of workspaces are bound to; the node has folders of its own."""
    spec = {
        "capacity": {"storage": "100Gi"},
        "accessModes": ["ReadWriteMany"],
        "hostPath": {"path": "/nowhere"},
    }
    items = [
        {
            "apiVersion": "v1",
            "kind": "PersistentVolume",
            "metadata": {"name": f"volume-{one}"},
            "spec": spec,
        }
        for one in range(_VOLUMES)
    ]
    return {"apiVersion": "v1", "kind": "List", "items": items}
