"""A local cluster of its own, and koncli and kubectl as a shell would run them."""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.controlplane.plane import ControlPlane, node

ROOT = Path(__file__).parents[2]
RAW = ROOT / "examples" / "raw"
PROGRAMS = Path(sys.executable).parent
DEADLINE = 120
"""Seconds that one command may take on a busy machine."""


@dataclass(frozen=True)
class Shell:
    """Runs programs with the environment of the cluster, in one namespace."""

    environment: dict[str, str]
    namespace: str = "default"

    def run(self, *words: str, code: int = 0, text: str = "") -> str:
        """Return what a program prints; it must end with that code."""
        ended = subprocess.run(
            words,
            env=self.environment,
            input=text,
            capture_output=True,
            text=True,
            timeout=DEADLINE,
            check=False,
        )
        assert ended.returncode == code, f"{words}: {ended.returncode}\n{ended.stderr}"
        return ended.stdout

    def koncli(self, *words: str, code: int = 0) -> str:
        """Run ``koncli barrier``."""
        return self.run("koncli", "barrier", *words, "-n", self.namespace, code=code)

    def kubectl(self, *words: str, code: int = 0, text: str = "") -> str:
        """Run kubectl."""
        return self.run("kubectl", "-n", self.namespace, *words, code=code, text=text)

    def field(self, barrier: str, path: str) -> str:
        """Return a field of a barrier, as kubectl prints it."""
        return self.kubectl("get", "barrier", barrier, "-o", f"jsonpath={{{path}}}")

    def start(self, *words: str) -> "subprocess.Popen[str]":
        """Start a program that is looked at while it runs."""
        return subprocess.Popen(
            words,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )


@pytest.fixture(scope="module")
def environment(
    tmp_path_factory: pytest.TempPathFactory, real_cluster: ControlPlane | None
) -> Iterator[dict[str, str]]:
    home = tmp_path_factory.mktemp("home")
    variables = {
        "HOME": str(home),
        "KONDUCTOR_HOME": str(home / "konductor"),
        "KUBECONFIG": str(home / "konductor" / "kubeconfig"),
        "PATH": os.pathsep.join((str(RAW / "bin"), str(PROGRAMS), "/usr/bin", "/bin")),
        "PYTHONPATH": str(ROOT),
    }
    if real_cluster:
        variables |= {"KUBECONFIG": str(real_cluster.kubeconfig)}
        (home / "node").mkdir()
        with node(real_cluster.kubeconfig, home / "node", variables):
            yield variables
        return
    shell = Shell(variables)
    shell.run("koncli", "cluster", "up")
    yield variables
    shell.run("koncli", "cluster", "down")


@pytest.fixture
def shell(environment: dict[str, str], request: pytest.FixtureRequest) -> Shell:
    """Return a shell in a namespace that only this test has."""
    name = "t" + str(abs(hash(request.node.nodeid)))
    one = Shell(environment, name)
    one.kubectl("create", "namespace", name)
    return one
