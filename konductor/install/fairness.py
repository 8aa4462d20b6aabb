"""How the API server queues the operator's requests (API priority and fairness).

A storm of arrivals is thousands of requests from service accounts, all in the same queue. The
operator's own go ahead of them, in the levels that every cluster has for its controllers.
"""

from konductor.api.meta import Json
from konductor.install.access import ACCOUNT, LEADER

_LEASE_FIRST = 200
_BEFORE_SERVICE_ACCOUNTS = 1000
"""Everybody's service accounts are matched at 9000."""


def flow_schemas(namespace: str) -> tuple[Json, ...]:
    """Return how the requests of the operator are matched: its Lease, then all others."""
    lease = {
        "apiGroups": ["coordination.k8s.io"],
        "resources": ["leases"],
        "verbs": ["get", "create", "update", "patch"],
        "namespaces": [namespace],
    }
    anything = {
        "apiGroups": ["*"],
        "resources": ["*"],
        "verbs": ["*"],
        "namespaces": ["*"],
        "clusterScope": True,
    }
    return (
        _schema(LEADER, "leader-election", _LEASE_FIRST, lease, namespace),
        _schema(ACCOUNT, "workload-high", _BEFORE_SERVICE_ACCOUNTS, anything, namespace),
    )


def _schema(name: str, level: str, precedence: int, rule: Json, namespace: str) -> Json:
    account = {"name": ACCOUNT, "namespace": namespace}
    subject = {"kind": "ServiceAccount", "serviceAccount": account}
    return {
        "apiVersion": "flowcontrol.apiserver.k8s.io/v1",
        "kind": "FlowSchema",
        "metadata": {"name": name},
        "spec": {
            "distinguisherMethod": {"type": "ByUser"},
            "matchingPrecedence": precedence,
            "priorityLevelConfiguration": {"name": level},
            "rules": [{"subjects": [subject], "resourceRules": [rule]}],
        },
    }
