"""The whole local cluster, as a process of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from konductor.runner.local.process import Local, NoCluster, Options, end, is_running, start

from .conftest import marked, wait_until

NASTY = str(Path(__file__).with_name("nasty.py"))
PARENT = """
import sys
from pathlib import Path
from konductor.runner.local.process import Options, start
start(Path(sys.argv[1]), Options(jobs=2, images={}))
print("ready", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def local(tmp_path: Path) -> Iterator[Local]:
    cluster = start(tmp_path / "state", Options(jobs=2, images={}, work_folder=str(tmp_path)))
    yield cluster
    cluster.close()


def kubectl(kubeconfig: Path, *arguments: str, text: str = "") -> str:
    program = Path(sys.executable).with_name("kubectl")
    done = subprocess.run(
        [program, "--kubeconfig", kubeconfig, *arguments],
        input=text,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return done.stdout


def pod(name: str, *command: str) -> str:
    container = {"name": "main", "image": "x", "command": command}
    spec = {"restartPolicy": "Never", "containers": [container]}
    document = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": spec}
    return json.dumps(document)


def test_a_pod_runs_its_log_is_read_and_programs_run_beside_it(local: Local) -> None:
    script = "echo hello; koncli barrier arrive b; sleep 60"
    barrier = {
        "apiVersion": "konductor.io/v1",
        "kind": "Barrier",
        "metadata": {"name": "b"},
        "spec": {"expected": 1},
    }
    kubectl(local.kubeconfig, "create", "-f", "-", text=json.dumps(barrier))
    kubectl(local.kubeconfig, "create", "-f", "-", text=pod("p", "sh", "-c", script))
    kubectl(local.kubeconfig, "wait", "--for=condition=Open", "barrier/b", "--timeout=30s")
    assert kubectl(local.kubeconfig, "logs", "p").startswith("hello\n")
    assert (
        kubectl(local.kubeconfig, "exec", "-i", "p", "--", "cat", text="in and out") == "in and out"
    )
    kubectl(local.kubeconfig, "delete", "pod", "p", "--grace-period=1")


def test_a_folder_serves_one_cluster_at_a_time(local: Local) -> None:
    with pytest.raises(NoCluster, match=f"in use by another local cluster .process {local.pid}"):
        start(local.kubeconfig.parent, Options(jobs=1, images={}))


def test_a_cluster_that_stays_is_ended_by_its_folder(tmp_path: Path) -> None:
    local = start(tmp_path, Options(jobs=1, images={}, keep=True))
    assert is_running(tmp_path)
    assert end(tmp_path) == local.pid
    assert local.process.wait(10) == 0
    assert not local.kubeconfig.exists()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has subreapers")
def test_nothing_outlives_a_killed_parent_and_the_folder_works_again(
    tmp_path: Path, marker: str
) -> None:
    state = tmp_path / "state"
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, state], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"ready\n"
        text = pod("nasty", sys.executable, NASTY, marker)
        kubectl(state / "kubeconfig", "create", "-f", "-", text=text)
        wait_until(lambda: len(marked(marker)) > 4)
        os.kill(parent.pid, signal.SIGKILL)
    wait_until(lambda: not marked(marker), 2)
    wait_until(lambda: not is_running(state))
    again = start(state, Options(jobs=1, images={}))
    failed = "jsonpath={.status.phase}=Failed"
    kubectl(again.kubeconfig, "wait", f"--for={failed}", "pod/nasty", "--timeout=30s")
    assert not marked(marker)
    again.close()
