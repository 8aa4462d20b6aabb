"""What an installation consists of, by the choices of whoever installs."""

from dataclasses import replace
from typing import Any

import pytest

from konductor.install.installation import Installation
from konductor.install.kinds import KINDS, kind_of
from konductor.install.objects import objects

PLAIN = Installation()
TENANT = Installation(namespaced=("etl", "ml"), participants=("etl",), hook_egress=True)
EACH = {
    "plain": PLAIN,
    "tenant": TENANT,
    "full": replace(PLAIN, participants=("etl",), hook_egress=True, replicas=3),
    "elsewhere": Installation(namespace="kube-system"),
}
Objects = dict[tuple[str, str, str], Any]


def found(installation: Installation) -> Objects:
    listed = objects(installation)
    by_key = {
        (one["kind"], one["metadata"].get("namespace", ""), one["metadata"]["name"]): one
        for one in listed
    }
    assert len(by_key) == len(listed)
    return by_key


def names(installation: Installation, kind: str) -> set[tuple[str, str]]:
    return {(namespace, name) for one, namespace, name in found(installation) if one == kind}


def pod(installation: Installation, namespace: str = "konductor-system") -> Any:
    key = "Deployment", namespace, "konductor-operator"
    return found(installation)[key]["spec"]["template"]["spec"]


@pytest.mark.parametrize("installation", EACH.values(), ids=EACH)
def test_every_object_is_of_a_known_kind_and_knows_where_it_belongs(
    installation: Installation,
) -> None:
    for one in objects(installation):
        assert bool(one["metadata"].get("namespace")) is kind_of(one).namespaced, one["metadata"]


@pytest.mark.parametrize("installation", EACH.values(), ids=EACH)
def test_every_object_carries_our_labels(installation: Installation) -> None:
    for one in objects(installation):
        labels = one["metadata"]["labels"]
        assert labels["app.kubernetes.io/name"] == "koncli"
        assert labels["app.kubernetes.io/managed-by"] == "koncli"


@pytest.mark.parametrize("installation", EACH.values(), ids=EACH)
def test_what_is_needed_comes_before_who_needs_it(installation: Installation) -> None:
    kinds = [one["kind"] for one in objects(installation)]
    order = ["CustomResourceDefinition", "ServiceAccount", "Deployment"]
    assert [kinds.index(kind) for kind in order] == sorted(kinds.index(kind) for kind in order)
    assert kinds[-1] == "Deployment"
    assert set(kinds) <= {one.kind for one in KINDS}


@pytest.mark.parametrize("installation", EACH.values(), ids=EACH)
def test_every_binding_gives_a_role_that_is_there(installation: Installation) -> None:
    there = found(installation)
    for (kind, namespace, _), one in there.items():
        if kind.endswith("Binding") and "roleRef" in one:
            role = one["roleRef"]
            home = namespace if role["kind"] == "Role" else ""
            assert (role["kind"], home, role["name"]) in there


def test_namespace_enforces_the_restricted_pod_security() -> None:
    (namespace,) = (one for one in objects(PLAIN) if one["kind"] == "Namespace")
    assert namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"


def test_namespaces_of_the_cluster_and_of_tenants_are_not_ours_to_label() -> None:
    assert not names(EACH["elsewhere"], "Namespace")
    assert not names(TENANT, "Namespace")


def test_namespaced_installation_has_roles_and_nothing_of_the_cluster_but_the_kinds() -> None:
    of_the_cluster = {kind for kind, namespace, _ in found(TENANT) if not namespace}
    assert of_the_cluster == {"CustomResourceDefinition"}
    assert {namespace for namespace, _ in names(TENANT, "Deployment")} == {"etl", "ml"}


def test_operator_of_a_tenant_serves_its_own_namespace_and_asks_for_no_priority() -> None:
    own = pod(TENANT, "ml")
    assert own["containers"][0]["args"][0] == "--namespace=ml"
    assert "priorityClassName" not in own


def test_roles_of_a_tenant_give_what_the_cluster_roles_give() -> None:
    role = found(TENANT)["Role", "etl", "konductor-operator"]
    assert role["rules"] == found(PLAIN)["ClusterRole", "", "konductor-operator"]["rules"]


def test_operator_is_critical_where_a_quota_of_its_own_allows_it() -> None:
    quota = found(PLAIN)["ResourceQuota", "konductor-system", "konductor-critical"]
    (scope,) = quota["spec"]["scopeSelector"]["matchExpressions"]
    assert scope["values"] == [pod(PLAIN)["priorityClassName"]]


def test_operator_is_confined() -> None:
    (container,) = pod(PLAIN)["containers"]
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert pod(PLAIN)["securityContext"]["runAsNonRoot"]
    assert pod(PLAIN)["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert set(container["resources"]) == {"requests", "limits"}


def test_images_replicas_and_pull_secret_are_the_callers_choice() -> None:
    names = {"image": "a:1", "hook_image": "b:2", "pull_secret": "s"}
    chosen = replace(PLAIN, replicas=5, **names)  # type: ignore[arg-type]  # all are strings
    there = found(chosen)
    assert pod(chosen)["containers"][0]["image"] == "a:1"
    assert pod(chosen)["imagePullSecrets"] == [{"name": "s"}]
    settings = there["ConfigMap", "kube-public", "konductor-settings"]
    assert settings["data"]["hookImage"] == "b:2"
    assert there["Deployment", "konductor-system", "konductor-operator"]["spec"]["replicas"] == 5
    assert "imagePullSecrets" not in pod(PLAIN)


def test_participants_are_the_service_accounts_of_a_namespace() -> None:
    binding = found(EACH["full"])["RoleBinding", "etl", "konductor-participant"]
    assert [one["name"] for one in binding["subjects"]] == ["system:serviceaccounts:etl"]
    assert binding["roleRef"]["kind"] == "ClusterRole"
    tenants = found(TENANT)["RoleBinding", "etl", "konductor-participant"]
    assert tenants["roleRef"]["kind"] == "Role"


@pytest.mark.parametrize(
    ("installation", "home", "kind"),
    [(PLAIN, "konductor-system", "ClusterRole"), (TENANT, "ml", "Role")],
)
def test_everybody_sees_whether_an_operator_is_there(
    installation: Installation, home: str, kind: str
) -> None:
    binding = found(installation)["RoleBinding", home, "konductor-served"]
    assert [one["name"] for one in binding["subjects"]] == ["system:authenticated"]
    assert binding["roleRef"]["kind"] == kind
    namespace = home if kind == "Role" else ""
    (rule,) = found(installation)[kind, namespace, "konductor-served"]["rules"]
    assert rule["resourceNames"] == ["konductor-operator"]
    assert rule["verbs"] == ["get"]


def test_hooks_are_let_out_only_where_that_is_asked_for() -> None:
    assert names(EACH["full"], "NetworkPolicy") - names(PLAIN, "NetworkPolicy") == {
        ("etl", "konductor-hooks")
    }
