"""Namespaces, accounts, access, leases, discovery and the server itself."""

from typing import Any

from tests.recordings.step import Group, Kubectl, Probe

_ROLE: dict[str, Any] = {
    "apiVersion": "rbac.authorization.k8s.io/v1",
    "kind": "Role",
    "metadata": {"name": "reader"},
    "rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}],
}
_BINDING: dict[str, Any] = {
    "apiVersion": "rbac.authorization.k8s.io/v1",
    "kind": "RoleBinding",
    "metadata": {"name": "reads"},
    "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "reader"},
    "subjects": [{"kind": "ServiceAccount", "name": "default", "namespace": "{ns}"}],
}
_LEASE = {
    "apiVersion": "coordination.k8s.io/v1",
    "kind": "Lease",
    "metadata": {"name": "leader"},
    "spec": {"holderIdentity": "me", "leaseDurationSeconds": 15},
}
_CLAIM = {
    "apiVersion": "v1",
    "kind": "PersistentVolumeClaim",
    "metadata": {"name": "data"},
    "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
}
_REVIEWS = "/apis/authorization.k8s.io/v1"

CLUSTER = Group(
    "cluster",
    (
        Kubectl("get a namespace", "get namespace {ns}"),
        Kubectl("get a namespace as YAML", "get namespace {ns} -o yaml"),
        Kubectl("describe a namespace", "describe namespace {ns}"),
        Kubectl("create a namespace that is there", "create namespace {ns}"),
        Kubectl(
            "create a namespace in a dry run", "create namespace rec-dry --dry-run=server -o yaml"
        ),
        Kubectl("create a namespace with a bad name", "create namespace A_b"),
        Kubectl("get in a namespace that is not there", "get pods -n rec-nope"),
        Kubectl("create in a namespace that is not there", "create cm a -n rec-nope"),
        Kubectl("create an account", "create serviceaccount robot"),
        Kubectl("get accounts", "get serviceaccounts"),
        Kubectl("describe an account", "describe sa robot"),
        Kubectl("create a role", "create -f -", _ROLE),
        Kubectl("create a role by verbs", "create role writer --verb=create --resource=pods"),
        Kubectl("get roles", "get roles"),
        Kubectl("describe a role", "describe role reader"),
        Kubectl(
            "apply a role changed",
            "apply -f -",
            {
                **_ROLE,
                "rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list"]}],
            },
        ),
        Kubectl(
            "create a role without verbs",
            "create -f -",
            {**_ROLE, "metadata": {"name": "x"}, "rules": [{"resources": ["pods"]}]},
        ),
        Kubectl("create a role binding", "create -f -", _BINDING),
        Kubectl("get role bindings wide", "get rolebindings -o wide"),
        Kubectl(
            "change the role of a binding",
            'patch rolebinding reads --type=merge -p \'{"roleRef":{"name":"other"}}\'',
        ),
        Kubectl("create a lease", "create -f -", _LEASE),
        Kubectl("get leases", "get leases"),
        Kubectl("get a lease as YAML", "get lease leader -o yaml"),
        Kubectl(
            "create a bad lease",
            "create -f -",
            {**_LEASE, "metadata": {"name": "x"}, "spec": {"leaseDurationSeconds": 0}},
        ),
        Kubectl("create a claim", "create -f -", _CLAIM),
        Kubectl("get claims", "get pvc"),
        Kubectl("get a claim as YAML", "get pvc data -o yaml"),
        Kubectl("get nodes", "get nodes"),
        Kubectl("get a definition", "get crd barriers.konductor.io"),
        Kubectl("get a definition wide", "get crd barriers.konductor.io -o wide"),
        Kubectl("resources of konductor", "api-resources --api-group=konductor.io"),
        Kubectl("resources of konductor wide", "api-resources --api-group=konductor.io -o wide"),
        Kubectl(
            "resources of coordination", "api-resources --api-group=coordination.k8s.io -o wide"
        ),
        Kubectl(
            "resources of access", "api-resources --api-group=rbac.authorization.k8s.io -o wide"
        ),
        Kubectl("resources of events", "api-resources --api-group=events.k8s.io -o wide"),
        Kubectl("explain what the core knows", "explain pod.spec.restartPolicy"),
        Kubectl("explain a lease", "explain lease.spec"),
        Kubectl("may I", "auth can-i list pods"),
        Kubectl("may I do anything", "auth can-i '*' '*'"),
        Kubectl("is it healthy", "get --raw /healthz"),
        Kubectl("is it alive", "get --raw /livez"),
        Kubectl("is it ready", "get --raw /readyz"),
        Kubectl("what is not there", "get --raw /nope"),
        Probe(
            "a review of access",
            "POST",
            f"{_REVIEWS}/selfsubjectaccessreviews",
            {"spec": {"resourceAttributes": {"verb": "get", "resource": "pods"}}},
        ),
        Probe("a review of nothing", "POST", f"{_REVIEWS}/selfsubjectaccessreviews", {"spec": {}}),
        Probe(
            "a token for too short",
            "POST",
            "/api/v1/namespaces/{ns}/serviceaccounts/robot/token",
            {"spec": {"expirationSeconds": 5}},
        ),
        Probe(
            "a token for nobody",
            "POST",
            "/api/v1/namespaces/{ns}/serviceaccounts/nope/token",
            {"spec": {}},
        ),
        Probe("no such group", "GET", "/apis/nope.example.com/v1"),
        Probe("no such version", "GET", "/apis/konductor.io/v9"),
        Probe("no such resource", "GET", "/apis/konductor.io/v1/namespaces/{ns}/nopes"),
        Probe("resources of a group", "GET", "/apis/konductor.io/v1"),
        Probe("versions of a group", "GET", "/apis/konductor.io"),
        Probe("resources of leases", "GET", "/apis/coordination.k8s.io/v1"),
        Probe("versions of the core", "GET", "/api"),
        Probe("a method that is not there", "PUT", "/api/v1/namespaces/{ns}/configmaps", {}),
        Probe("delete a namespace that is not there", "DELETE", "/api/v1/namespaces/rec-nope"),
    ),
)
