"""The control plane itself: it is the Kubernetes that it says, and leaves nothing behind."""

import json
import subprocess
import tempfile
from pathlib import Path

import pytest

from tests.controlplane.plane import DEADLINE, PROGRAM, ControlPlane

pytestmark = pytest.mark.controlplane


def test_server_says_which_kubernetes_it_is(controlplane: ControlPlane) -> None:
    module = (PROGRAM.parents[1] / "go.mod").read_text("utf-8")
    found = json.loads(controlplane.kubectl("get", "--raw", "/version"))["gitVersion"]
    assert f"k8s.io/kubernetes {found}\n" in module


def test_it_ends_with_its_standard_input_and_leaves_nothing(tmp_path: Path) -> None:
    kubeconfig = tmp_path / "kubeconfig"
    with tempfile.TemporaryDirectory(prefix="t") as folder:
        process = subprocess.Popen(
            (PROGRAM, "-kubeconfig", kubeconfig, "-unsafe-no-fsync"),
            env={"TMPDIR": folder},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        assert process.stdout.readline() == f"ready {kubeconfig}\n"
        assert list(Path(folder).iterdir())
        process.communicate(timeout=DEADLINE)
        assert process.returncode == 0
        assert not list(Path(folder).iterdir())
    assert not kubeconfig.exists()


def test_token_of_a_service_account_verifies_and_is_bound_by_roles(
    controlplane: ControlPlane,
) -> None:
    def may(*words: str, code: int = 0) -> None:
        account = "--as=system:serviceaccount:default:default"
        groups = ("--as-group=system:serviceaccounts", "--as-group=system:authenticated")
        controlplane.kubectl("auth", "can-i", *words, account, *groups, code=code)

    token = controlplane.kubectl("create", "token", "default").strip()
    review = {
        "apiVersion": "authentication.k8s.io/v1",
        "kind": "TokenReview",
        "spec": {"token": token},
    }
    answer = controlplane.kubectl("create", "-f", "-", "-o", "json", text=json.dumps(review))
    status = json.loads(answer)["status"]
    assert status["user"]["username"] == "system:serviceaccount:default:default"
    may("create", "arrivals.konductor.io")
    may("watch", "barriers.konductor.io")
    may("patch", "barriers.konductor.io", "--subresource=status", code=1)
    may("list", "arrivals.konductor.io", code=1)
    may("create", "pods", code=1)


def test_pod_security_refuses_what_a_namespace_forbids(controlplane: ControlPlane) -> None:
    controlplane.kubectl("create", "namespace", "restricted")
    label = "pod-security.kubernetes.io/enforce=restricted"
    controlplane.kubectl("label", "namespace", "restricted", label)
    run = ("run", "p", "--image=x", "-n", "restricted")
    assert "violates PodSecurity" in controlplane.kubectl(*run, code=1)
