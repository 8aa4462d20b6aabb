"""A pod arrives as itself: `konductor/install/admission.yaml` on real pods' tokens."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest

from konductor.api.arrival import Arrival, Outcome
from tests.rights.conftest import Account, Ground, barrier

pytestmark = pytest.mark.controlplane

_INDEX = "batch.kubernetes.io/job-completion-index"
ROOM, OTHER = "arriving", "elsewhere"
CUT_INDEXED: Final = "a" * 61
"""The longest name of a Job with indexes below 10; its pods' names hold 55 characters of it."""
CUT_PLAIN: Final = "b" * 63
JOBS: Final = {
    "sort": {"completionMode": "Indexed", "completions": 12, "parallelism": 12},
    "plain": {},
    CUT_INDEXED: {"completionMode": "Indexed", "completions": 1, "parallelism": 1},
    CUT_PLAIN: {},
}
"""By name: how its spec differs from that of any Job."""


@dataclass
class Gate:
    """Where pods arrive."""

    ground: Ground
    pods: Mapping[str, str]
    """The pod of each Job, and of each index of one, by the name as which it arrives."""

    def arrive(
        self,
        asking: str,
        participant: str,
        *,
        pod: str = "",
        outcome: Outcome = Outcome.ARRIVED,
        room: str = ROOM,
        account: str = "default",
        code: int = 0,
    ) -> str:
        """Post an Arrival with the token of a pod, or of the administrator; return the answer."""
        arrival = Arrival.at("gate", "u", participant, namespace=room, outcome=outcome, pod=pod)
        kubeconfig = self.of_pod(asking, account) if asking else self.ground.plane.kubeconfig
        who = Account(account, ROOM, kubeconfig)
        text = json.dumps(arrival.manifest())
        return who.kubectl("create", "--dry-run=server", "-f", "-", text=text, code=code)

    def of_pod(self, name: str, account: str = "default") -> Path:
        """Return a kubeconfig with a token that belongs to a pod."""
        path = self.ground.folder / f"pod-{name}.kubeconfig"
        if not path.exists():
            bound = ("--bound-object-kind=Pod", f"--bound-object-name={name}")
            create = ("create", "token", account, "-n", ROOM)
            token = self.ground.plane.kubectl(*create, *bound).strip()
            self.ground.kubeconfig(f"pod-{name}", token, ROOM)
        return path


@pytest.fixture(scope="module")
def gate(ground: Ground) -> Gate:
    for room in (ROOM, OTHER):
        ground.namespace(room)
        ground.create(barrier("gate", room))
        ground.bind("konductor-participant", f"system:serviceaccount:{ROOM}:default", room)
    ground.create(*(job(name, spec) for name, spec in JOBS.items()), pod("alone"), pod("x-0"))
    pods = {}
    for name, spec in JOBS.items():
        count = spec.get("completions", 1)
        path = f"--for=jsonpath={{.status.active}}={count}"
        ground.plane.kubectl("wait", f"job/{name}", "-n", ROOM, path, "--timeout=60s")
        selector = ("-l", f"batch.kubernetes.io/job-name={name}", "-o", "json")
        made = json.loads(ground.plane.kubectl("get", "pods", "-n", ROOM, *selector))["items"]
        for one in made:
            index = one["metadata"].get("annotations", {}).get(_INDEX)
            pods[f"{name}-{index}" if index else name] = one["metadata"]["name"]
    return Gate(ground, pods)


def job(name: str, spec: Mapping[str, Any]) -> dict[str, Any]:
    template = {"spec": pod(name)["spec"]}
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": name, "namespace": ROOM},
        "spec": {"template": template, **spec},
    }


def pod(name: str) -> dict[str, Any]:
    """Return a pod that no node takes."""
    spec = {"restartPolicy": "Never", "containers": [{"name": "main", "image": "true"}]}
    nowhere = {"nodeSelector": {"nowhere": "none"}}
    metadata = {"name": name, "namespace": ROOM}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec | nowhere}


@pytest.mark.parametrize(
    "participant", ["sort-0", "sort-11", "plain", f"{CUT_INDEXED}-0", CUT_PLAIN]
)
def test_pod_of_a_job_arrives_as_its_index_or_as_its_job(gate: Gate, participant: str) -> None:
    own = gate.pods[participant]
    gate.arrive(own, participant, pod=own)


def test_pod_arrives_by_its_own_name(gate: Gate) -> None:
    gate.arrive("alone", "alone")


@pytest.mark.parametrize(
    ("own", "forged"),
    [
        ("sort-0", "sort-1"),
        ("sort-1", "sort-11"),
        ("sort-11", "sort-1"),
        ("sort-0", "sort"),
        ("sort-0", "plain"),
        ("plain", "sort-0"),
        ("plain", "p"),
        ("plain", "somebody"),
        (f"{CUT_INDEXED}-0", f"{CUT_INDEXED}-1"),
        (f"{CUT_INDEXED}-0", f"{CUT_INDEXED}-0-0"),
        (CUT_PLAIN, "b" * 57),
    ],
)
def test_pod_does_not_arrive_as_another(gate: Gate, own: str, forged: str) -> None:
    asking = gate.pods[own]
    answer = gate.arrive(asking, forged, code=1)
    assert f"pod `{asking}` cannot arrive as `{forged}`" in answer
    assert "leave out --id" in answer


def test_pod_does_not_say_that_it_is_another(gate: Gate) -> None:
    answer = gate.arrive(gate.pods["sort-0"], "sort-0", pod=gate.pods["sort-1"], code=1)
    assert "leave spec.pod out, or say its own name" in answer


def test_pod_does_not_arrive_where_its_name_means_nothing(gate: Gate) -> None:
    answer = gate.arrive("x-0", "x-0", room=OTHER, code=1)
    assert f"pod `x-0` of namespace `{ROOM}` cannot arrive in another" in answer


def test_pod_ends_a_barrier_as_itself_alone(gate: Gate) -> None:
    own = gate.pods["sort-0"]
    gate.arrive(own, "uid-65532@sort-0", outcome=Outcome.ABORT)
    answer = gate.arrive(own, "uid-65532@sort-1", outcome=Outcome.ABORT, code=1)
    assert "cannot arrive as `uid-65532@sort-1`" in answer
    gate.arrive(own, "sort-1", outcome=Outcome.ABORT, code=1)


def test_pod_does_not_fail_for_another(gate: Gate) -> None:
    own = gate.pods["sort-0"]
    gate.arrive(own, "sort-0", outcome=Outcome.FAILED)
    gate.arrive(own, "sort-1", outcome=Outcome.FAILED, code=1)


def test_people_arrive_as_whom_they_say(gate: Gate) -> None:
    gate.arrive("", "anybody", pod="any-pod")


def test_token_of_no_pod_arrives_as_whom_it_says(gate: Gate) -> None:
    account = gate.ground.account("runner", ROOM)
    gate.ground.bind("konductor-participant", account.user, ROOM)
    account.koncli("barrier", "arrive", "gate", "--id=anybody", "-n", ROOM)


def test_account_that_vouches_for_others_arrives_as_whom_it_says(gate: Gate) -> None:
    voucher = gate.ground.account("voucher", ROOM)
    gate.ground.create(pod("controller") | {"spec": vouching(voucher.name)})
    for room in (ROOM, OTHER):
        gate.ground.bind("konductor-participant", voucher.user, room)
    gate.arrive("controller", "sort-0", account=voucher.name, code=1)
    kubectl = gate.ground.plane.kubectl
    for room in (ROOM, OTHER):
        words = ("--verb=vouch", "--resource=arrivals.konductor.io", "-n", room)
        kubectl("create", "role", "vouches", *words)
        kubectl(
            "create",
            "rolebinding",
            "vouches",
            "--role=vouches",
            f"--user={voucher.user}",
            "-n",
            room,
        )
        gate.arrive("controller", "sort-0", pod="any", room=room, account=voucher.name)


def vouching(account: str) -> dict[str, Any]:
    spec: dict[str, Any] = pod("")["spec"]
    return spec | {"serviceAccountName": account}


def test_koncli_says_what_was_refused_and_ends_with_4(gate: Gate) -> None:
    account = Account("default", ROOM, gate.of_pod(gate.pods["sort-0"]))
    said = account.koncli("barrier", "arrive", "gate", "--id=sort-1", "-n", ROOM, code=4)
    assert "cannot arrive as `sort-1`" in said


def test_policy_is_understood_in_full(gate: Gate) -> None:
    found = gate.ground.find("validatingadmissionpolicy", "konductor-arrivals", "")
    assert found["status"]["observedGeneration"] == found["metadata"]["generation"]
    assert not found["status"].get("typeChecking", {}).get("expressionWarnings")
