"""``koncli install`` and ``uninstall`` on a real control plane, as an administrator sees them."""

import asyncio
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from konductor.api.meta import Json
from konductor.cluster.choose import from_kubeconfig
from konductor.cluster.http import HttpCluster
from konductor.install.apply import FIELD_MANAGER
from konductor.install.installation import Installation
from konductor.install.objects import objects
from konductor.install.ready import available
from tests.controlplane.plane import ControlPlane
from tests.integration.install.conftest import HOME, Administrator

pytestmark = pytest.mark.controlplane

Account = Callable[[str, str], Administrator]
CRD = "customresourcedefinition.apiextensions.k8s.io"
METERED = ("requests.cpu", "limits.cpu", "requests.memory", "limits.memory")
MANAGED = "app.kubernetes.io/managed-by"
LABEL = "app.kubernetes.io/name=koncli"
OPERATOR = "deployment.apps/konductor-operator"
READER = "--serviceaccount=default:nobody"
BARRIER = {"apiVersion": "konductor.io/v1", "kind": "Barrier", "spec": {"expected": 1}}


def stored(plane: ControlPlane, *words: str) -> Any:
    return json.loads(plane.kubectl("get", *words, "-o", "json"))


def put(plane: ControlPlane, document: object, *words: str) -> None:
    plane.kubectl(*(words or ("create",)), "-f", "-", text=json.dumps(document))


def barrier(name: str, namespace: str) -> Any:
    return BARRIER | {"metadata": {"name": name, "namespace": namespace}}


def until_available(plane: ControlPlane, namespace: str) -> None:
    """Wait as `koncli install` does, with operators that take any port: they share this host."""
    words = ("patch", "deployment", "konductor-operator", "-n", namespace, "--type=json")
    path = "/spec/template/spec/containers/0/args/-"
    plane.kubectl(*words, "-p", json.dumps([{"op": "add", "path": path, "value": "--port=0"}]))

    async def wait() -> None:
        async with HttpCluster(from_kubeconfig(str(plane.kubeconfig))) as cluster:
            await available(cluster, namespace, within=timedelta(seconds=60))

    asyncio.run(wait())


def test_dry_run_is_judged_by_the_server_and_changes_nothing(
    bare: ControlPlane, admin: Administrator
) -> None:
    before = bare.kubectl("get", "ns,crd,clusterroles,flowschemas", "-o", "name")
    answer = admin.koncli("install", "--dry-run", "--participants", "default", "-n", "new")
    assert answer.outcomes[f"{CRD}/barriers.konductor.io"] == "created (server dry run)"
    assert len(answer.outcomes) == len(objects(Installation(participants=("default",))))
    alone = admin.koncli("install", "--dry-run", "--namespaced", "default").outcomes
    assert alone[f"{CRD}/barriers.konductor.io"] == "created (server dry run)"
    assert alone[OPERATOR] == "created in default (server dry run)"
    assert bare.kubectl("get", "ns,crd,clusterroles,flowschemas", "-o", "name") == before


def test_first_install_creates_all_of_it_and_the_second_changes_nothing(
    bare: ControlPlane, admin: Administrator
) -> None:
    words = ("install", "--no-wait", "--participants", "default", "--hook-egress")
    wanted = objects(Installation(participants=("default",), hook_egress=True))
    first = admin.koncli(*words).outcomes
    assert first.pop(f"namespace/{HOME}") == "unchanged"
    assert {outcome.partition(" ")[0] for outcome in first.values()} == {"created"}
    second = admin.koncli(*words).outcomes
    assert {outcome.partition(" ")[0] for outcome in second.values()} == {"unchanged"}
    assert len(first) + 1 == len(second) == len(wanted)
    managers = stored(bare, "deployment/konductor-operator", "-n", HOME, "--show-managed-fields")
    assert managers["metadata"]["managedFields"][0]["manager"] == "koncli-install"
    assert "unchanged" in admin.koncli("install", "--dry-run").outcomes[OPERATOR]


def aged(document: Json) -> Json:
    """Return an object as an older version brought it."""
    older: Json = json.loads(json.dumps(document))
    if older["kind"] == "CustomResourceDefinition":
        del older["spec"]["versions"][0]["additionalPrinterColumns"]
    if older["kind"] == "Deployment":
        (container,) = older["spec"]["template"]["spec"]["containers"]
        container |= {"image": "logiciq/koncli:0.0.1", "env": [{"name": "OLD", "value": "1"}]}
    return older


def test_upgrade_changes_what_differs_and_keeps_what_people_have(
    bare: ControlPlane, admin: Administrator
) -> None:
    older = [aged(one) for one in objects(Installation())]
    words = ("apply", "--server-side", f"--field-manager={FIELD_MANAGER}")
    put(bare, {"apiVersion": "v1", "kind": "List", "items": older}, *words)
    bare.kubectl("wait", "--for=condition=Established", "crd", "--all")
    old = ("create", "clusterrole", "konductor-old", "--verb=get", "--resource=pods")
    bare.kubectl(*old)
    bare.kubectl("label", "clusterrole", "konductor-old", LABEL, f"{MANAGED}=koncli")
    put(bare, barrier("kept", "default"))
    outcomes = admin.koncli("install", "--no-wait").outcomes
    assert outcomes["clusterrole.rbac.authorization.k8s.io/konductor-old"] == "deleted"
    changed = {name.rpartition("/")[2] for name, one in outcomes.items() if one == "configured"}
    kinds = {"barriers.konductor.io", "arrivals.konductor.io", "runs.konductor.io"}
    assert changed == {"konductor-operator"} | kinds
    pod = stored(bare, "deployment/konductor-operator", "-n", HOME)["spec"]["template"]["spec"]
    assert pod["containers"][0]["image"] == Installation().image
    assert "env" not in pod["containers"][0]
    assert bare.kubectl("get", "barrier", "kept", "-o", "name")


def foreign() -> Any:
    """Return the kind of another project of that name."""
    schema = {
        "type": "object",
        "properties": {"spec": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}},
    }
    version = {
        "name": "v1",
        "served": True,
        "storage": True,
        "schema": {"openAPIV3Schema": schema},
    }
    names = {"kind": "Barrier", "plural": "barriers"}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "barriers.konductor.io"},
        "spec": {
            "group": "konductor.io",
            "scope": "Namespaced",
            "names": names,
            "versions": [version],
        },
    }


def test_kind_of_others_is_refused_until_it_is_adopted(
    bare: ControlPlane, admin: Administrator
) -> None:
    put(bare, foreign())
    refused = admin.koncli("install", "--no-wait", code=1)
    assert "barriers.konductor.io` is there already, and not by koncli" in refused.error
    assert "x-kubernetes-preserve-unknown-fields: True would go" in refused.error
    assert not refused.out
    assert not bare.kubectl("get", "clusterroles", "-l", LABEL, "-o", "name")
    adopted = admin.koncli("install", "--no-wait", "--adopt")
    assert adopted.outcomes[f"{CRD}/barriers.konductor.io"] == "configured"
    assert "takes over" in adopted.error
    there = stored(bare, "crd", "barriers.konductor.io")["spec"]["versions"][0]
    assert "x-kubernetes-validations" in there["schema"]["openAPIV3Schema"]
    assert admin.koncli("install", "--no-wait").outcomes[OPERATOR] == "unchanged"


def test_kinds_that_kubectl_applied_are_ours_all_the_same(
    bare: ControlPlane, admin: Administrator
) -> None:
    for document in objects(Installation()):
        if document["kind"] == "CustomResourceDefinition":
            plain = document | {"metadata": {"name": document["metadata"]["name"]}}
            put(bare, plain, "apply")
    admin.koncli("install", "--no-wait")


def test_newer_storage_version_is_never_taken_back(
    bare: ControlPlane, admin: Administrator
) -> None:
    admin.koncli("install", "--crds-only")
    newer = stored(bare, "crd", "runs.konductor.io")["spec"]["versions"][0]
    spec = {"versions": [newer | {"name": "v2"}, newer | {"storage": False}]}
    patch = json.dumps({"spec": spec})
    bare.kubectl("patch", "crd", "runs.konductor.io", "--type=merge", "-p", patch)
    refused = admin.koncli("install", "--adopt", code=1)
    assert "stores objects at version v2, which this koncli does not know" in refused.error


def test_field_that_another_holds_is_left_to_it_until_it_is_adopted(
    bare: ControlPlane, admin: Administrator
) -> None:
    admin.koncli("install", "--no-wait")
    words = ("patch", "deployment", "konductor-operator", "-n", HOME, "--field-manager=autoscaler")
    bare.kubectl(*words, "--type=merge", "-p", '{"spec": {"replicas": 3}}')
    refused = admin.koncli("install", "--no-wait", code=1)
    assert '.spec.replicas (conflict with "autoscaler"' in refused.error
    assert "objects are in place" in refused.error
    assert admin.koncli("install", "--no-wait", "--adopt").outcomes[OPERATOR] == "configured"
    assert stored(bare, "deployment/konductor-operator", "-n", HOME)["spec"]["replicas"] == 2


def test_operator_of_another_namespace_is_not_robbed_of_its_rights(
    bare: ControlPlane, admin: Administrator
) -> None:
    admin.koncli("install", "--no-wait")
    refused = admin.koncli("install", "--no-wait", "-n", "elsewhere", code=1)
    assert f"is installed in namespace `{HOME}`" in refused.error
    assert bare.kubectl("get", "ns", "elsewhere", code=1)


def test_uninstall_keeps_kinds_and_objects_and_names_what_would_be_lost(
    bare: ControlPlane, admin: Administrator
) -> None:
    admin.koncli("install", "--no-wait", "--participants", "default")
    put(bare, barrier("kept", "default"))
    told = admin.koncli("uninstall", "--dry-run").outcomes
    assert told[OPERATOR] == "deleted (dry run)"
    removed = admin.koncli("uninstall").outcomes
    assert removed[f"{CRD}/barriers.konductor.io"].startswith("kept")
    assert removed[f"namespace/{HOME}"] == "kept: secret/regcred is in it"
    assert bare.kubectl("get", "barrier", "kept", "-o", "name")
    assert not bare.kubectl(
        "get", "clusterroles,rolebindings,flowschemas", "-A", "-l", LABEL, "-o", "name"
    )
    refused = admin.koncli("uninstall", "--crds", code=2)
    assert "lost: barrier default/kept" in refused.error
    assert bare.kubectl("get", "barrier", "kept", "-o", "name")
    admin.koncli("uninstall", "--crds", "--delete-all-runs")
    assert not bare.kubectl("get", "crd", "-o", "name")


def test_who_lacks_a_right_is_told_which(bare: ControlPlane, account: Account) -> None:
    nobody = account("default", "nobody")
    refused = nobody.koncli("install", code=4)
    assert 'cannot get resource "namespaces"' in refused.error
    bare.kubectl("create", "clusterrolebinding", "reader", "--clusterrole=view", READER)
    reads = "--verb=get", "--resource=*.*,namespaces"
    bare.kubectl("create", "clusterrole", "read-all", *reads)
    bare.kubectl("create", "clusterrolebinding", "reads", "--clusterrole=read-all", READER)
    refused = nobody.koncli("install", code=4)
    assert 'cannot patch resource "namespaces"' in refused.error
    assert "nothing has been changed" in refused.error
    bare.kubectl("delete", "clusterrolebinding", "reader", "reads")
    bare.kubectl("delete", "clusterrole", "read-all")


def test_tenant_installs_in_its_own_namespace_by_its_own_rights(
    machine: ControlPlane, admin: Administrator, account: Account
) -> None:
    admin.koncli("install", "--crds-only")
    for namespace in ("team", "other"):
        machine.kubectl("create", "namespace", namespace)
    machine.kubectl("label", "namespace", "team", "pod-security.kubernetes.io/enforce=restricted")
    metered = ("create", "quota", "metered", "-n", "team")
    machine.kubectl(*metered, f"--hard={','.join(f'{kind}=8Gi' for kind in METERED)}")
    tenant = account("team", "lead")
    grant = ("create", "rolebinding", "lead", "-n", "team", "--serviceaccount=team:lead")
    machine.kubectl(*grant, "--clusterrole=cluster-admin")
    words = ("--namespaced", "team", "--participants", "team", "--no-wait")
    answer = tenant.koncli("install", *words)
    until_available(machine, "team")
    assert answer.outcomes[OPERATOR] == "created in team"
    assert "only an administrator may read it" in answer.outcomes[f"{CRD}/runs.konductor.io"]
    assert not machine.kubectl("get", "clusterroles", "-l", LABEL, "-o", "name")
    for namespace in ("team", "other"):
        put(machine, barrier("meet", namespace))
        machine.kubectl("wait", "barrier/meet", "-n", "team", "--for=condition=Ready")
    assert "status" not in stored(machine, "barrier", "meet", "-n", "other")
    assert stored(machine, "lease", "konductor-operator", "-n", "team")
    removed = tenant.koncli("uninstall", "--namespaced", "team").outcomes
    assert set(removed.values()) == {"deleted in team"}
    assert not machine.kubectl("get", "lease,deployment,pod", "-n", "team", "-o", "name")
    machine.kubectl("delete", "namespace", "team", "other", "--wait=false")


def test_operator_that_is_installed_runs_and_opens_barriers(
    machine: ControlPlane, admin: Administrator
) -> None:
    admin.koncli("install", "--no-wait")
    until_available(machine, HOME)
    pods = stored(machine, "pods", "-n", HOME)["items"]
    assert {one["spec"]["priority"] for one in pods} == {2_000_000_000}
    put(machine, barrier("meet", "default"))
    admin.koncli("barrier", "arrive", "meet", "--id", "p")
    admin.koncli("barrier", "wait", "meet", "--timeout", "20s")


@pytest.mark.usefixtures("bare")
def test_operator_that_does_not_come_up_is_told_with_the_reason(admin: Administrator) -> None:
    told = admin.koncli("install", "--timeout", "2s", code=3)
    assert f"waiting for the operator in namespace `{HOME}`" in told.error
    assert "is not ready after 2s" in told.error
    assert "Unschedulable: no nodes available" in told.error


def test_namespace_goes_with_the_installation_that_brought_it(
    bare: ControlPlane, admin: Administrator
) -> None:
    admin.koncli("install", "--no-wait", "-n", "brief")
    assert admin.koncli("uninstall").outcomes["namespace/brief"] == "deleted"
    assert bare.kubectl("get", "ns", "brief", code=1)
    admin.koncli("uninstall", "--crds", "--delete-all-runs")
