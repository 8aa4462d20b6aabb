"""A control plane of its own, as Kubernetes is, and koncli as its administrator."""

import io
import json
import os
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from konductor.cli.main import main
from konductor.install.apply import FIELD_MANAGER
from konductor.install.installation import Installation
from konductor.install.objects import objects
from tests.controlplane.plane import ControlPlane, control_plane, node

HOME = "konductor-system"


@dataclass(frozen=True)
class Answer:
    """What a command printed."""

    out: str
    error: str

    @property
    def outcomes(self) -> dict[str, str]:
        """Return what was said of each object."""
        lines = (line.partition(" ") for line in self.out.splitlines())
        return {name: outcome for name, _, outcome in lines}


@dataclass(frozen=True)
class Administrator:
    """Somebody at a terminal, with a kubeconfig."""

    kubeconfig: Path

    def koncli(self, *words: str, code: int = 0) -> Answer:
        """Run a command; it must end with that code."""
        with redirect_stdout(io.StringIO()) as out, redirect_stderr(io.StringIO()) as error:
            ended = main([*words, "--kubeconfig", str(self.kubeconfig)])
        assert ended == code, f"{words}: {ended}\n{out.getvalue()}\n{error.getvalue()}"
        return Answer(out.getvalue(), error.getvalue())


@pytest.fixture(scope="session")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    with control_plane(tmp_path_factory.mktemp("bare"), furnished=False) as bare:
        namespace = objects(Installation())[0]
        apply = ("apply", "--server-side", f"--field-manager={FIELD_MANAGER}", "-f", "-")
        bare.kubectl(*apply, text=json.dumps(namespace))
        bare.kubectl("create", "secret", "generic", "regcred", "-n", HOME)
        yield bare


@pytest.fixture(scope="session")
def admin(plane: ControlPlane) -> Administrator:
    return Administrator(plane.kubeconfig)


@pytest.fixture
def bare(plane: ControlPlane, admin: Administrator) -> Iterator[ControlPlane]:
    """Give the plane without anything of konductor but a namespace, and leave it so.

    A namespace takes 5 s to go: a Secret in it keeps it.
    """
    yield plane
    admin.koncli("uninstall", "--crds", "--delete-all-runs")


@pytest.fixture
def machine(bare: ControlPlane, admin: Administrator, tmp_path: Path) -> Iterator[ControlPlane]:
    """Give the plane a node that runs pods, for as long as there are any."""
    with node(bare.kubeconfig, tmp_path / "node", dict(os.environ), operates=False):
        yield bare
        admin.koncli("uninstall", "--crds", "--delete-all-runs")
    bare.kubectl("delete", "nodes", "--all")


@pytest.fixture
def account(plane: ControlPlane, tmp_path: Path) -> Callable[[str, str], Administrator]:
    """Return who makes an administrator of a service account, by its token."""

    def of(namespace: str, name: str) -> Administrator:
        plane.kubectl("create", "serviceaccount", name, "-n", namespace)
        token = plane.kubectl("create", "token", name, "-n", namespace).strip()
        words = ("config", "view", "--raw", "--flatten", "-o", "json")
        document: Any = json.loads(plane.kubectl(*words))
        document["users"][0]["user"] = {"token": token}
        path = tmp_path / f"{name}.kubeconfig"
        path.write_text(json.dumps(document))
        return Administrator(path)

    return of
