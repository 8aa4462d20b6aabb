"""What runs on the local cluster runs on a real control plane, with the same results."""

import json
import re
import signal
import subprocess
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import product

import pytest

from tests.controlplane.plane import ROOT
from tests.runs.conftest import DEADLINE, SPACE, Cluster

pytestmark = pytest.mark.controlplane

AT_ONCE = 3
"""Runs side by side, as a cluster has them."""
FAILS = """
  stage fine { run = "echo fine" }
  stage broken after fine { run = "echo so it is >&2; exit 3" }
  stage later after broken { run = "true" }
  finally tidy { run = 'echo "the run $KON_RUN_STATUS by $KON_FAILED_STAGE"' }
  finally cheer on success { run = "true" }
"""
SAYS: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("wordcount", "pod"): ("tokenize opened at 18/20 without", "succeeded"),
    ("wordcount", "job"): ("tokenize opened at 18/20 without", "succeeded"),
    ("cascade", "pod"): ("rollback: skipped", "enough | two of three", "the run ended Succeeded"),
    ("cascade", "job"): ("rollback: skipped", "enough | two of three", "the run ended Succeeded"),
    ("matrix", "pod"): ("! pack opened at 6/7 without pack-5-0", "smallest of 5 cells"),
    ("matrix", "job"): ("! pack opened at 6/7 without pack-5-0", "smallest of 5 cells"),
    ("archive", "pod"): (r"json\.tar\.gz: \d+ files",),
    ("flights", "job"): ("336,776 flights over 350,217,607 miles",),
    ("fails", "pod"): (
        "✘ broken-0 failed: exit code 3",
        "so it is",
        "later: Failed/UpstreamFailed",
        "tidy | the run Failed by broken",
        "cheer: skipped",
    ),
    ("fails", "job"): ("✘ broken-0 failed: exit code 3", "tidy | the run Failed by broken"),
}
"""By program and hooks: what koncli says in the end."""


@pytest.fixture(scope="module")
def said(cluster: Cluster) -> dict[tuple[str, str], str]:
    fails = cluster.program(FAILS, "fails")

    def play(case: tuple[str, str]) -> str:
        name, hooks = case
        path = fails if name == "fails" else str(ROOT / "examples" / f"{name}.kon")
        words = ("run", path, "-n", SPACE, "--hooks", hooks, "--run", f"{name}-{hooks}")
        return cluster.koncli(*words, code=int(name == "fails"))

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return dict(zip(SAYS, pool.map(play, SAYS), strict=True))


@pytest.mark.parametrize("case", SAYS, ids="-".join)
def test_program_ends_as_on_the_local_cluster(
    said: dict[tuple[str, str], str], case: tuple[str, str]
) -> None:
    for words in SAYS[case]:
        assert re.search(words, said[case]), f"{words}\n{said[case]}"


def test_koncli_carries_a_run_where_there_is_no_operator(
    cluster: Cluster, said: dict[tuple[str, str], str]
) -> None:
    for name, hooks in product(("cascade", "matrix"), ("pod", "job")):
        assert "koncli carries one for this run" in said[name, hooks]
        lease = json.loads(
            cluster.plane.kubectl(
                "get", "lease", "-n", SPACE, f"konductor-{name}-{hooks}", "-o", "json"
            )
        )
        assert not lease["spec"].get("holderIdentity"), "it was not given back"
        assert lease["metadata"]["ownerReferences"][0]["kind"] == "Run"


def test_run_that_is_left_is_carried_on_by_who_watches_it(cluster: Cluster) -> None:
    path = cluster.program(
        """
  stage first { run = "sleep 3" }
  stage second after first { run = "echo carried on" }
""",
        "left",
    )
    words = ("run", path, "-n", SPACE, "--run", "left", "--hooks", "job", "--view", "plain")
    with cluster.start(*words) as process:
        until(process, "first: started")
        process.send_signal(signal.SIGHUP)
        said, _ = process.communicate(timeout=DEADLINE)
    assert process.returncode == 130, said
    assert "what has not started waits: `koncli watch left -n work` carries on" in said
    said = cluster.koncli("watch", "left", "-n", SPACE)
    assert "second | carried on" in said
    assert "run left succeeded" in said
    again = cluster.koncli("watch", "left", "-n", SPACE)
    assert "second: open at 1/1" in again
    assert "carries" not in again


def test_what_keeps_pods_from_starting_is_shown(cluster: Cluster) -> None:
    path = cluster.program(
        """
  stage big {
    timeout = 5s
    resources { cpu = 400 }
    run = "true"
  }
""",
        "big",
    )
    said = cluster.koncli("run", path, "-n", SPACE, "--hooks", "job", code=3)
    assert re.search(r"big: cannot start: Unschedulable: .* Insufficient cpu", said)
    assert "its pods could not start: Unschedulable" in said


def until(process: "subprocess.Popen[str]", words: str) -> None:
    """Wait until a program says something."""
    assert process.stdout
    for line in process.stdout:
        if words in line:
            return
    raise AssertionError(f"it ended without {words!r}")
