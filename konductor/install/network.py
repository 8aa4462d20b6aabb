"""Who may speak to whom: the operator, and hooks where a namespace lets nothing out."""

from typing import Final

from konductor.api.meta import Json
from konductor.api.names import Label
from konductor.install.access import ACCOUNT
from konductor.install.label import OPERATOR
from konductor.install.workload import PORT

_API_PORTS: Final = (443, 6443, 8443, 16443)
"""Where API servers listen: a policy is held to the port behind the Service `kubernetes`, too."""
_DNS: Final = 53


def operator_policy(namespace: str) -> Json:
    """Return what the operator needs: the API server and names; metrics come in."""
    spec = {
        "podSelector": {"matchLabels": OPERATOR},
        "policyTypes": ["Ingress", "Egress"],
        "ingress": [{"ports": [{"protocol": "TCP", "port": PORT}]}],
        "egress": _egress(),
    }
    return _policy(ACCOUNT, namespace, spec)


def hook_policy(namespace: str) -> Json:
    """Return what lets the pods of runs reach the API server.

    Only for a namespace that denies all traffic out already: elsewhere it would be the policy
    that first denies the rest, to the programs beside the hooks as well.
    """
    runs = {"matchExpressions": [{"key": str(Label.RUN), "operator": "Exists"}]}
    spec = {"podSelector": runs, "policyTypes": ["Egress"], "egress": _egress()}
    return _policy("konductor-hooks", namespace, spec)


def _egress() -> list[Json]:
    names = [{"protocol": protocol, "port": _DNS} for protocol in ("UDP", "TCP")]
    return [
        {"ports": [{"protocol": "TCP", "port": port} for port in _API_PORTS]},
        {"ports": names},
    ]


def _policy(name: str, namespace: str, spec: Json) -> Json:
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": name, "namespace": namespace},
        "spec": spec,
    }
