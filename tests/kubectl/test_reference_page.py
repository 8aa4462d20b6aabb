"""What the reference page promises of raw barriers, by koncli and kubectl alone."""

import json
import subprocess
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.controlplane.plane import ControlPlane
from tests.kubectl.conftest import DEADLINE, RAW, Shell

pytestmark = pytest.mark.xdist_group("kubectl")


def create(shell: Shell, name: str, *words: str) -> None:
    """Create a barrier and wait until the operator looks after it."""
    shell.koncli("create", name, *words)
    shell.kubectl("wait", "--for=condition=Ready", f"barrier/{name}", "--timeout=60s")


def arrive(shell: Shell, name: str, participants: Iterable[str]) -> None:
    for one in participants:
        shell.koncli("arrive", name, "--id", one)


@pytest.mark.parametrize("path", sorted(RAW.glob("[0-9]*.yaml")), ids=lambda path: path.stem)
def test_each_manifest_of_the_page_is_taken(shell: Shell, path: Path) -> None:
    namespaced = "namespace:" in path.read_text("utf-8")
    one = Shell(shell.environment) if namespaced else shell
    assert "created" in one.kubectl("apply", "-f", str(path))
    assert "NAME" in one.kubectl("get", "barriers")


def test_barrier_opens_when_all_have_arrived(shell: Shell) -> None:
    create(shell, "a", "--expected", "2")
    arrive(shell, "a", ["p", "q"])
    assert shell.koncli("wait", "a", "--timeout", "60s") == "a Open 2/2\n"
    assert json.loads(shell.field("a", ".status.arrivals")) == ["p", "q"]
    assert shell.field("a", ".status.openedAt")


def test_quorum_opens_and_later_arrivals_still_count(shell: Shell) -> None:
    create(shell, "a", "--expected", "3", "--quorum", "2")
    arrive(shell, "a", "pq")
    shell.koncli("wait", "a", "--timeout", "60s")
    arrive(shell, "a", "r")
    shell.kubectl("wait", "--for=jsonpath={.status.progress}=3/3", "barrier/a", "--timeout=60s")


def test_timeout_ends_a_wait_with_3(shell: Shell) -> None:
    create(shell, "a", "--expected", "1", "--timeout", "1s")
    shell.koncli("wait", "a", code=3)
    assert shell.field("a", ".status.phase") == "Timeout"
    assert "TimedOut" in shell.kubectl("describe", "barrier", "a")


def test_longer_timeout_moves_the_deadline(shell: Shell) -> None:
    create(shell, "a", "--expected", "1", "--timeout", "10m")
    before = shell.field("a", ".status.deadline")
    patch = '-p={"spec":{"timeout":"1h"}}'
    assert "patched" in shell.kubectl("patch", "barrier", "a", "--type=merge", patch)
    shell.kubectl(
        "wait", "--for=jsonpath={.status.observedGeneration}=2", "barrier/a", "--timeout=60s"
    )
    assert shell.field("a", ".status.deadline") > before


def test_failures_beyond_the_quorum_end_a_wait_with_1(shell: Shell) -> None:
    create(shell, "a", "--expected", "3", "--quorum", "2")
    shell.koncli("fail", "a", "--id", "p")
    shell.koncli("fail", "a", "--id", "q")
    shell.koncli("wait", "a", "--timeout", "60s", code=1)
    assert "QuorumUnreachable" in shell.koncli("status", "a")


def test_failure_without_a_participant_aborts(shell: Shell) -> None:
    create(shell, "a", "--expected", "3")
    shell.koncli("fail", "a", "--message", "no data today")
    shell.koncli("wait", "a", "--timeout", "60s", code=1)
    assert "no data today" in shell.kubectl("describe", "barrier", "a")


def test_open_barrier_is_reset_by_deleting_and_applying_it(shell: Shell) -> None:
    (path,) = RAW.glob("*-multi-stage-etl-pipeline.yaml")
    shell.kubectl("apply", "-f", str(path))
    arrive(shell, "transform-complete", "abc")
    shell.koncli("wait", "transform-complete", "--timeout", "60s")
    shell.kubectl("delete", "barrier", "transform-complete")
    shell.kubectl("apply", "-f", str(path))
    shell.kubectl("wait", "--for=condition=Started", "barrier/transform-complete", "--timeout=60s")
    assert shell.field("transform-complete", ".status.phase") == "Waiting"
    assert shell.field("transform-complete", ".status.arrivals") == ""


def test_reset_barrier_starts_from_nothing(shell: Shell) -> None:
    create(shell, "a", "--expected", "1")
    arrive(shell, "a", "p")
    shell.koncli("wait", "a", "--timeout", "60s")
    shell.koncli("reset", "a")
    shell.kubectl("wait", "--for=condition=Started", "barrier/a", "--timeout=60s")
    assert shell.field("a", ".status.progress") == "0/1"
    arrive(shell, "a", "p")
    shell.koncli("wait", "a", "--timeout", "60s")


def test_list_is_what_kubectl_gets(shell: Shell) -> None:
    create(shell, "b", "--expected", "1")
    create(shell, "a", "--expected", "2", "--quorum", "1")
    ours = [line.split()[:4] for line in shell.koncli("list").splitlines()]
    theirs = [line.split()[:4] for line in shell.kubectl("get", "barriers").splitlines()]
    assert ours == theirs


def test_cascade_waits_for_its_upstream(shell: Shell) -> None:
    create(shell, "first", "--expected", "1")
    create(shell, "second", "--expected", "1", "--after", "first")
    arrive(shell, "second", ["early"])
    assert shell.field("second", ".status.startedAt") == ""
    arrive(shell, "first", ["p"])
    shell.koncli("wait", "first", "second", "--timeout", "60s")


def test_round_is_made_by_whoever_comes_first(shell: Shell) -> None:
    create(shell, "loop", "--expected", "1")
    for number in "12":
        shell.koncli("arrive", "loop", "--round", number, "--id", "p")
        shell.koncli("wait", "loop", "--round", number, "--timeout", "60s")
    assert shell.field("loop-2", ".status.phase") == "Open"


def test_watch_of_kubectl_shows_the_barrier_open(shell: Shell) -> None:
    create(shell, "a", "--expected", "1")
    watch = shell.start("kubectl", "-n", shell.namespace, "get", "barrier", "a", "-w")
    assert watch.stdout is not None
    shown = [watch.stdout.readline() for _ in range(2)]
    arrive(shell, "a", "p")
    shown.append(watch.stdout.readline())
    watch.terminate()
    watch.communicate(timeout=DEADLINE)
    assert "Waiting" in shown[1]
    assert "Open" in shown[2]


def test_jobs_of_the_page_wait_and_arrive(shell: Shell) -> None:
    (path,) = RAW.glob("*-etl-pipeline-stage.yaml")
    shell.kubectl("apply", "-f", str(path))
    create(shell, "transform-complete", "--expected", "1")
    arrive(shell, "extract-complete", (f"extract-{index}" for index in range(5)))
    shell.koncli("wait", "transform-complete", "--timeout", "60s")
    shell.kubectl("wait", "--for=condition=Complete", "job/transform-job", "--timeout=60s")
    assert json.loads(shell.field("transform-complete", ".status.arrivals")) == ["transform-job"]
    assert "transformed" in shell.kubectl("logs", "job/transform-job")


def test_five_processes_meet_in_the_middle_of_their_program(shell: Shell) -> None:
    shell.kubectl("apply", "-f", str(RAW / "meet.yaml"))
    shell.kubectl("wait", "--for=condition=Complete", "job/meet", "--timeout=100s")
    arrivals = json.loads(shell.field("meet", ".status.arrivals"))
    assert sorted(arrivals) == [f"meet-{index}" for index in range(5)]
    logs = shell.kubectl("logs", "-l", "job-name=meet", "--tail=-1")
    assert logs.count("first half done") == logs.count("all five have met") == 5


def test_demo_comes_true(environment: dict[str, str], real_cluster: ControlPlane | None) -> None:
    chosen = {} if real_cluster else {"KUBECONFIG": ""}
    ended = subprocess.run(
        ["sh", str(RAW / "demo.sh")],
        env=environment | chosen,
        capture_output=True,
        text=True,
        timeout=4 * DEADLINE,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout[-3000:] + ended.stderr[-3000:]
