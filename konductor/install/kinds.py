"""The kinds of object that an installation consists of."""

from typing import Final

from konductor.api.meta import Json
from konductor.cluster.resource import (
    CONFIGMAPS,
    CRDS,
    NAMESPACES,
    QUOTAS,
    SERVICEACCOUNTS,
    Resource,
)

_ACCESS: Final = "rbac.authorization.k8s.io"
_ADMISSION: Final = "admissionregistration.k8s.io"
CLUSTER_ROLES: Final = Resource(_ACCESS, "v1", "clusterroles", "ClusterRole", namespaced=False)
CLUSTER_ROLE_BINDINGS: Final = Resource(
    _ACCESS, "v1", "clusterrolebindings", "ClusterRoleBinding", namespaced=False
)
ROLES: Final = Resource(_ACCESS, "v1", "roles", "Role")
ROLE_BINDINGS: Final = Resource(_ACCESS, "v1", "rolebindings", "RoleBinding")
DEPLOYMENTS: Final = Resource("apps", "v1", "deployments", "Deployment")
SERVICES: Final = Resource("", "v1", "services", "Service")
DISRUPTION_BUDGETS: Final = Resource("policy", "v1", "poddisruptionbudgets", "PodDisruptionBudget")
NETWORK_POLICIES: Final = Resource("networking.k8s.io", "v1", "networkpolicies", "NetworkPolicy")
FLOW_SCHEMAS: Final = Resource(
    "flowcontrol.apiserver.k8s.io", "v1", "flowschemas", "FlowSchema", namespaced=False
)
POLICIES: Final = Resource(
    _ADMISSION, "v1", "validatingadmissionpolicies", "ValidatingAdmissionPolicy", namespaced=False
)
POLICY_BINDINGS: Final = Resource(
    _ADMISSION,
    "v1",
    "validatingadmissionpolicybindings",
    "ValidatingAdmissionPolicyBinding",
    namespaced=False,
)
KINDS: Final = (
    NAMESPACES,
    CRDS,
    CLUSTER_ROLES,
    ROLES,
    SERVICEACCOUNTS,
    CLUSTER_ROLE_BINDINGS,
    ROLE_BINDINGS,
    CONFIGMAPS,
    POLICIES,
    POLICY_BINDINGS,
    FLOW_SCHEMAS,
    NETWORK_POLICIES,
    QUOTAS,
    SERVICES,
    DISRUPTION_BUDGETS,
    DEPLOYMENTS,
)
"""In the order in which they are put in place; they are removed in the opposite one."""
_BY_KIND: Final = {(one.api_version, one.kind): one for one in KINDS}


def kind_of(document: Json) -> Resource:
    """Return the kind of an object of an installation."""
    return _BY_KIND[document["apiVersion"], document["kind"]]


def shown(resource: Resource, name: str) -> str:
    """Return an object as kubectl names it.

    >>> shown(DEPLOYMENTS, "a"), shown(SERVICES, "a")
    ('deployment.apps/a', 'service/a')
    """
    group = f".{resource.group}" if resource.group else ""
    return f"{resource.kind.lower()}{group}/{name}"
