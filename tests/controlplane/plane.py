"""A real control plane that lasts as long as its context, with konductor's kinds and roles."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from tests.recordings.play import kubectl_path

ROOT = Path(__file__).parents[2]
PROGRAM = Path(__file__).parent / "build" / "cluster"
DEADLINE = 180.0
"""Seconds that one command may take on a busy machine."""
_PARTICIPANTS = ("--clusterrole=konductor-participant", "--group=system:serviceaccounts")


@dataclass(frozen=True)
class ControlPlane:
    """A control plane that serves."""

    kubeconfig: Path
    process: "subprocess.Popen[str] | None" = None
    """Of whom its API server can be taken."""

    @contextmanager
    def without_apiserver(self) -> Iterator[None]:
        """Have no API server for a while: it is killed, and started again."""
        self._order("down")
        try:
            yield
        finally:
            self._order("up")

    def _order(self, word: str) -> None:
        assert self.process is not None
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        print(word, file=self.process.stdin, flush=True)
        assert self.process.stdout.readline() == f"{word}\n"

    def kubectl(self, *words: str, text: str = "", code: int = 0) -> str:
        """Return what kubectl prints; it must end with that code."""
        ended = subprocess.run(
            (kubectl_path(), "--kubeconfig", str(self.kubeconfig), *words),
            input=text,
            capture_output=True,
            text=True,
            timeout=DEADLINE,
            check=False,
        )
        assert ended.returncode == code, f"{words}: {ended.returncode}\n{ended.stderr}"
        return ended.stdout if code == 0 else ended.stderr


@contextmanager
def control_plane(
    folder: Path,
    *,
    schedules: bool = True,
    participants: bool = True,
    furnished: bool = True,
    audit: Path | None = None,
    durable: bool = False,
) -> Iterator[ControlPlane]:
    """Run a control plane, with kinds, roles and policies.

    Args:
        folder: where its kubeconfig is written.
        schedules: without kube-scheduler pods stay where they are: nowhere.
        participants: every pod has the right to take part.
        furnished: it has our kinds, roles and policies; else it is as Kubernetes is.
        audit: a file that gets a line of JSON for each request that has been answered.
        durable: etcd answers only once its writes are on the disk.

    Raises:
        FileNotFoundError: it has not been built.
    """
    if not PROGRAM.is_file():
        raise FileNotFoundError(f"{PROGRAM} is not there: `make controlplane` builds it")
    kubeconfig = folder / "kubeconfig"
    words: tuple[str, ...] = (str(PROGRAM), "-kubeconfig", str(kubeconfig))
    words += () if durable else ("-unsafe-no-fsync",)
    words += ("-scheduler",) if schedules else ()
    words += ("-audit-log", str(audit)) if audit else ()
    with _until_ready(words, dict(os.environ)) as process:
        plane = ControlPlane(kubeconfig, process)
        if furnished:
            _furnish(plane)
        if furnished and participants:
            plane.kubectl("create", "clusterrolebinding", "participants", *_PARTICIPANTS)
        yield plane


def _furnish(plane: ControlPlane) -> None:
    for package, pattern in (("konductor.crds", ".yaml"), ("konductor.install", ".yaml")):
        for file in sorted(files(package).iterdir(), key=lambda file: file.name):
            if file.name.endswith(pattern):
                plane.kubectl("create", "-f", "-", text=file.read_text(encoding="utf-8"))
    plane.kubectl("wait", "--for=condition=Established", "crd", "--all", "--timeout=60s")


@contextmanager
def node(
    kubeconfig: Path, folder: Path, environment: dict[str, str], *, operates: bool = True
) -> Iterator[None]:
    """Run the project's own kubelet as the control plane's node, with an operator beside it."""
    words = (sys.executable, "-m", "tests.controlplane.node", str(kubeconfig), str(folder))
    more = ("--operator",) if operates else ()
    with _until_ready((*words, *more), environment | {"PYTHONPATH": str(ROOT)}):
        yield


@contextmanager
def _until_ready(
    words: tuple[str, ...], environment: dict[str, str]
) -> Iterator["subprocess.Popen[str]"]:
    """Run a program that says ``ready`` and ends with its standard input."""
    with subprocess.Popen(
        words, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            line = process.stdout.readline()
            assert line.startswith("ready"), f"{words[0]} ended instead of serving: {line!r}"
            yield process
        finally:
            process.stdin.close()
            process.wait(DEADLINE)
