"""Pods with hooks where a namespace enforces PodSecurity ``restricted``, or a quota."""

import json
import re
from functools import partial
from pathlib import Path
from typing import Any, Final

import pytest

from konductor.cli.program import loader
from konductor.dsl.compile import compile_source
from konductor.dsl.emit import emit
from tests.controlplane.plane import ROOT
from tests.rights.conftest import Ground

pytestmark = pytest.mark.controlplane

RESTRICTED, METERED = "restricted", "metered"
EXAMPLES = sorted((ROOT / "examples").glob("*.kon"))
FITTING: Final = """
pipeline fitting {
  defaults {
    image     = "acme/loader:3"
    resources { cpu = 1, memory = 512Mi }
    pod {
      securityContext {
        runAsNonRoot   = true
        runAsUser      = 1000
        seccompProfile = { type = "RuntimeDefault" }
      }
    }
  }
  workspace = empty(1Gi)
  stage one { run = 'echo one' }
  map many over ["a", "b"] after one { run = 'echo $KON_ITEM' }
  reduce all of many { run = 'cat "$KON_ARRIVALS_FILE"' }
  finally report { run = 'echo $KON_RUN_STATUS' }
}
"""


@pytest.fixture(scope="module")
def rooms(ground: Ground) -> Ground:
    ground.namespace(RESTRICTED, "pod-security.kubernetes.io/enforce=restricted")
    ground.namespace(METERED)
    amounts = [f"{what}.{unit}=1k" for what in ("requests", "limits") for unit in ("cpu", "memory")]
    hard = ",".join(amounts).replace("memory=1k", "memory=1Ti")
    ground.plane.kubectl("create", "quota", "metered", "-n", METERED, f"--hard={hard}")
    return ground


def pods(program: str, namespace: str, name: str = "p.kon") -> list[dict[str, Any]]:
    """Return a pod of each Job of a program, as the Job controller makes it."""
    plan = compile_source(program, path=name, loader=loader(str(ROOT / "examples" / name))).plan
    assert plan is not None
    jobs = [one for one in emit(plan, "r") if one["kind"] == "Job"]
    return [
        {"apiVersion": "v1", "kind": "Pod"}
        | {"metadata": {"name": one["metadata"]["name"], "namespace": namespace}}
        | {"spec": one["spec"]["template"]["spec"]}
        for one in jobs
    ]


def created(ground: Ground, made: list[dict[str, Any]], code: int) -> str:
    listed = json.dumps({"apiVersion": "v1", "kind": "List", "items": made})
    words = ("create", "--dry-run=server", "-f", "-")
    return ground.plane.kubectl(*words, text=listed, code=code)


@pytest.mark.parametrize("room", [RESTRICTED, METERED])
def test_pods_of_a_program_that_fits_are_taken(rooms: Ground, room: str) -> None:
    made = pods(FITTING, room)
    taken = created(rooms, made, code=0)
    assert len(taken.splitlines()) == len(made) == 4


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_hooks_of_an_example_are_no_reason_to_refuse_its_pods(rooms: Ground, path: Path) -> None:
    made = pods(path.read_text("utf-8"), RESTRICTED, path.name)
    refused = created(rooms, made, code=1).strip().splitlines()
    assert len(refused) == len(made)
    for line in refused:
        assert 'violates PodSecurity "restricted' in line
        assert set(re.findall(r'containers? ((?:"[\w-]+"(?:, )?)+)', line)) == {'"main"'}


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_hooks_of_an_example_say_what_a_quota_asks_for(rooms: Ground, path: Path) -> None:
    made = pods(path.read_text("utf-8"), METERED, path.name)
    refused = created(rooms, made, code=1).strip().splitlines()
    for line in refused:
        assert "failed quota: metered" in line
        assert set(re.findall(r"for: ([\w,-]+)", line)) == {"main"}


def test_quota_counts_what_hooks_may_use(rooms: Ground) -> None:
    one = pods(FITTING, METERED)[0]
    rooms.create(one)
    used = partial(rooms.find, "quota", "metered", METERED)
    hooks = [*one["spec"]["initContainers"], *one["spec"]["containers"][1:]]
    assert {each["name"] for each in hooks} == {"konductor-wait", "konductor-arrive"}
    assert used()["status"]["used"] == {
        "requests.cpu": "1010m",
        "limits.cpu": "1200m",
        "requests.memory": "544Mi",
        "limits.memory": "608Mi",
    }


@pytest.mark.parametrize(
    ("room", "code", "words"),
    [
        (RESTRICTED, 3, 'pod or container "main" must set securityContext.runAsNonRoot=true'),
        (METERED, 4, "quota `metered` wants `limits.cpu` of every pod"),
    ],
    ids=[RESTRICTED, METERED],
)
def test_run_says_what_keeps_its_pods_from_being_made(
    rooms: Ground, room: str, code: int, words: str
) -> None:
    runner = rooms.account("runner", room)
    rooms.bind("konductor-embedded", runner.user, room)
    rooms.bind("konductor-participant", f"system:serviceaccount:{room}:default", room)
    path = rooms.folder / f"{room}.kon"
    path.write_text('pipeline p { timeout = 2s, stage a { image = "b:1", run = "true" } }')
    options = ("--kubeconfig", str(runner.kubeconfig), "-n", room, "--view", "plain")
    assert words in runner.koncli("run", str(path), *options, code=code)
