"""What is in the way of a run is said before anything of it is created."""

import base64
import json
from collections.abc import Iterator

import pytest

from konductor.api.meta import Json
from konductor.cluster.choose import from_kubeconfig
from tests.runs.conftest import SPACE, Cluster

pytestmark = pytest.mark.controlplane


@pytest.fixture(scope="module")
def program(cluster: Cluster) -> str:
    return cluster.program('  stage only { run = "echo done" }', "only")


@pytest.fixture(scope="module")
def others(cluster: Cluster) -> str:
    """Return a namespace whose pods may not take part."""
    return cluster.namespace("others")


def refused(cluster: Cluster, *words: str, code: int = 4) -> str:
    said = cluster.koncli("run", *words, code=code)
    assert not cluster.plane.kubectl("get", "runs", "-n", "others", "-o", "name")
    return said


def test_namespace_has_to_be_there(cluster: Cluster, program: str) -> None:
    said = cluster.koncli("run", program, "-n", "nowhere", code=5)
    assert "there is no namespace `nowhere`" in said


def test_quota_without_room_is_told_with_figures(
    cluster: Cluster, program: str, others: str
) -> None:
    quota = ("create", "quota", "tiny", "-n", others, "--hard=count/jobs.batch=0")
    cluster.plane.kubectl(*quota)
    there = ("quota/tiny", "-n", others, "--timeout=30s")
    cluster.plane.kubectl("wait", "--for=jsonpath={.status.hard}", *there)
    said = refused(cluster, program, "-n", others, "--hooks", "job")
    cluster.plane.kubectl("delete", "quota", "tiny", "-n", others)
    assert "quota `tiny` has 0 of 0 count/jobs.batch left, and the run makes 1" in said


def test_pods_that_may_not_take_part_are_refused_if_asked_for(
    cluster: Cluster, program: str, others: str
) -> None:
    said = refused(cluster, program, "-n", others, "--hooks", "pod")
    assert "service account `default` may not `get barriers.konductor.io`" in said
    assert f"`koncli install --participants {others}`" in said
    path = cluster.program('  hooks = "pod"\n  stage only { run = "true" }', "asks")
    assert "may not" in refused(cluster, path, "-n", others)


def test_pods_that_may_not_take_part_are_counted_by_their_jobs(
    cluster: Cluster, program: str, others: str
) -> None:
    said = cluster.koncli("run", program, "-n", others, "--run", "counted")
    cluster.plane.kubectl("delete", "run", "counted", "-n", others)
    assert 'it runs with hooks = "job"' in said
    assert "only | done" in said


def test_user_needs_each_right_and_is_told_who_grants_them(
    cluster: Cluster, program: str, others: str
) -> None:
    kubeconfig = account(cluster, "runner", others)
    words = ("--kubeconfig", kubeconfig, "-n", others, "--hooks", "job")
    said = refused(cluster, program, *words)
    assert "you may not `create runs.konductor.io`" in said
    grant = (
        f"kubectl create rolebinding koncli -n {others} --clusterrole=konductor-embedded "
        f"--serviceaccount={others}:runner"
    )
    assert f"`{grant}`" in said
    cluster.plane.kubectl(*grant.split()[1:])
    said = cluster.koncli("run", program, *words, "--run", "granted")
    cluster.plane.kubectl("delete", "run", "granted", "-n", others)
    assert "you may not look for an operator here" in said
    assert "only | done" in said
    assert "forbidden" not in said


def account(cluster: Cluster, name: str, namespace: str) -> str:
    """Create a service account without any right; return a kubeconfig of it."""
    cluster.plane.kubectl("create", "serviceaccount", name, "-n", namespace)
    token = cluster.plane.kubectl("create", "token", name, "-n", namespace).strip()
    admin = from_kubeconfig(str(cluster.plane.kubeconfig))
    authority = base64.b64encode(admin.ca_data.encode()).decode()
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "it",
        "contexts": [{"name": "it", "context": {"cluster": "it", "user": "it"}}],
        "clusters": [
            {
                "name": "it",
                "cluster": {"server": admin.server, "certificate-authority-data": authority},
            }
        ],
        "users": [{"name": "it", "user": {"token": token}}],
    }
    path = cluster.folder / f"{name}.kubeconfig"
    path.write_text(json.dumps(document))
    return str(path)


@pytest.fixture
def older_kinds(cluster: Cluster) -> Iterator[None]:
    """Let the cluster serve runs without a field; when it is back, it is published soon after."""
    crd = ("runs.konductor.io", "-o", "json")
    there = json.loads(cluster.plane.kubectl("get", "crd", *crd))
    path = "/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/ttl"
    schema = there["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    field = schema["properties"]["spec"]["properties"]["ttl"]
    change(cluster, {"op": "remove", "path": path})
    yield
    change(cluster, {"op": "add", "path": path, "value": field})


def change(cluster: Cluster, patch: Json) -> None:
    words = ("patch", "crd", "runs.konductor.io", "--type", "json", "-p", json.dumps([patch]))
    cluster.plane.kubectl(*words)


@pytest.mark.usefixtures("older_kinds")
def test_kinds_have_to_be_as_new_as_koncli(cluster: Cluster, program: str) -> None:
    said = cluster.koncli("run", program, "-n", SPACE, code=4)
    assert "the cluster's kinds are older than koncli: no `Run.spec.ttl`" in said
    assert "`koncli install`" in said
