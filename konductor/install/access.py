"""Who may do what: the roles as they are written in this folder, and whom they are given to."""

from konductor.api.meta import Json
from konductor.api.names import ClusterRole
from konductor.cluster.written import INSTALLATION, written
from konductor.install.installation import Installation
from konductor.install.kinds import CLUSTER_ROLE_BINDINGS, CLUSTER_ROLES, ROLE_BINDINGS, ROLES

ACCOUNT = str(ClusterRole.OPERATOR)
"""The operator's service account, its role, and whatever else there is one of."""
LEADER = str(ClusterRole.LEADER)
PARTICIPANT = str(ClusterRole.PARTICIPANT)
SERVED = str(ClusterRole.SERVED)
_GROUP = "rbac.authorization.k8s.io"


def cluster_roles() -> tuple[Json, ...]:
    """Return the ClusterRoles."""
    return tuple(one for one in written(INSTALLATION) if one["kind"] == CLUSTER_ROLES.kind)


def admission() -> tuple[Json, ...]:
    """Return everything written in this folder that is no role: the admission policies."""
    return tuple(one for one in written(INSTALLATION) if one["kind"] != CLUSTER_ROLES.kind)


def roles(namespace: str) -> tuple[Json, ...]:
    """Return what an operator and its pods need in one namespace, as Roles."""
    by_name = {one["metadata"]["name"]: one for one in cluster_roles()}
    return tuple(
        {
            "apiVersion": ROLES.api_version,
            "kind": ROLES.kind,
            "metadata": {"name": name, "namespace": namespace},
            "rules": by_name[name]["rules"],
        }
        for name in (ACCOUNT, LEADER, SERVED, PARTICIPANT)
    )


def operator_bindings(installation: Installation) -> tuple[Json, ...]:
    """Return what gives the operators their rights, and lets everybody see that they are there."""
    everybody = [_group("system:authenticated")]
    if installation.namespaced:
        return tuple(
            _bound(name, ROLES.kind, subjects, home)
            for home in installation.namespaced
            for name, subjects in (
                (ACCOUNT, [_account(home)]),
                (LEADER, [_account(home)]),
                (SERVED, everybody),
            )
        )
    home, subjects = installation.namespace, [_account(installation.namespace)]
    return (
        _bound(ACCOUNT, CLUSTER_ROLES.kind, subjects),
        _bound(LEADER, CLUSTER_ROLES.kind, subjects, home),
        _bound(SERVED, CLUSTER_ROLES.kind, everybody, home),
    )


def participant_bindings(installation: Installation) -> tuple[Json, ...]:
    """Return what lets the pods of namespaces take part: each service account of them."""
    kind = ROLES.kind if installation.namespaced else CLUSTER_ROLES.kind
    return tuple(
        _bound(PARTICIPANT, kind, [_group(f"system:serviceaccounts:{namespace}")], namespace)
        for namespace in installation.participants
    )


def readers(name: str, configmap: str, namespace: str) -> tuple[Json, ...]:
    """Return what lets everybody who is known to the cluster read one ConfigMap."""
    metadata = {"name": name, "namespace": namespace}
    rule = {
        "apiGroups": [""],
        "resources": ["configmaps"],
        "resourceNames": [configmap],
        "verbs": ["get"],
    }
    role = {
        "apiVersion": ROLES.api_version,
        "kind": ROLES.kind,
        "metadata": metadata,
        "rules": [rule],
    }
    return role, _bound(name, ROLES.kind, [_group("system:authenticated")], namespace)


def _bound(name: str, kind: str, subjects: list[Json], namespace: str = "") -> Json:
    resource = ROLE_BINDINGS if namespace else CLUSTER_ROLE_BINDINGS
    return {
        "apiVersion": resource.api_version,
        "kind": resource.kind,
        "metadata": {"name": name} | ({"namespace": namespace} if namespace else {}),
        "roleRef": {"apiGroup": _GROUP, "kind": kind, "name": name},
        "subjects": subjects,
    }


def _account(namespace: str) -> Json:
    return {"kind": "ServiceAccount", "name": ACCOUNT, "namespace": namespace}


def _group(name: str) -> Json:
    return {"apiGroup": _GROUP, "kind": "Group", "name": name}
