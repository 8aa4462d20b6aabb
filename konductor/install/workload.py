"""The operator as a Deployment, and what stands around it."""

from typing import Final

from konductor.api.meta import Json
from konductor.install.access import ACCOUNT
from konductor.install.installation import Installation
from konductor.install.label import OPERATOR

PORT: Final = 8080
"""Of metrics and probes, in the pod and of the Service."""
_USER: Final = 65532
_CRITICAL: Final = "system-cluster-critical"
_RESOURCES: Final = {
    "requests": {"cpu": "100m", "memory": "128Mi"},
    "limits": {"cpu": "2", "memory": "512Mi"},
}


def service_account(namespace: str) -> Json:
    """Return the operator's account; its token is mounted by its pods alone."""
    return {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": {"name": ACCOUNT, "namespace": namespace},
        "automountServiceAccountToken": False,
    }


def critical_quota(namespace: str) -> Json:
    """Return what allows our priority here where a cluster keeps it for kube-system."""
    scope = {"scopeName": "PriorityClass", "operator": "In", "values": [_CRITICAL]}
    return {
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        "metadata": {"name": "konductor-critical", "namespace": namespace},
        "spec": {"hard": {"pods": "20"}, "scopeSelector": {"matchExpressions": [scope]}},
    }


def service(namespace: str) -> Json:
    """Return the Service by which Prometheus finds the metrics."""
    annotations = {"prometheus.io/scrape": "true", "prometheus.io/port": str(PORT)}
    port = {"name": "metrics", "port": PORT, "protocol": "TCP", "targetPort": "metrics"}
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": ACCOUNT, "namespace": namespace, "annotations": annotations},
        "spec": {"selector": OPERATOR, "ports": [port]},
    }


def disruption_budget(namespace: str) -> Json:
    """Return what keeps one of two operators while nodes are drained."""
    return {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": {"name": ACCOUNT, "namespace": namespace},
        "spec": {
            "maxUnavailable": 1,
            "selector": {"matchLabels": OPERATOR},
            "unhealthyPodEvictionPolicy": "AlwaysAllow",
        },
    }


def deployment(installation: Installation, namespace: str) -> Json:
    """Return the operators: one works, the others wait for its Lease."""
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": ACCOUNT, "namespace": namespace},
        "spec": {
            "replicas": installation.replicas,
            "revisionHistoryLimit": 3,
            "selector": {"matchLabels": OPERATOR},
            "strategy": {
                "type": "RollingUpdate",
                "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 1},
            },
            "template": {
                "metadata": {
                    "labels": dict(OPERATOR),
                    "annotations": {"kubectl.kubernetes.io/default-container": "operator"},
                },
                "spec": _pod(installation, namespace),
            },
        },
    }


def _pod(installation: Installation, namespace: str) -> Json:
    pod: Json = {
        "serviceAccountName": ACCOUNT,
        "automountServiceAccountToken": True,
        "nodeSelector": {"kubernetes.io/os": "linux"},
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": _USER,
            "runAsGroup": _USER,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "terminationGracePeriodSeconds": 30,
        "topologySpreadConstraints": [
            _spread("kubernetes.io/hostname"),
            _spread("topology.kubernetes.io/zone"),
        ],
        "containers": [_container(installation, namespace)],
    }
    if not installation.namespaced:
        pod["priorityClassName"] = _CRITICAL
    if installation.pull_secret:
        pod["imagePullSecrets"] = [{"name": installation.pull_secret}]
    return pod


def _spread(topology: str) -> Json:
    return {
        "maxSkew": 1,
        "topologyKey": topology,
        "whenUnsatisfiable": "ScheduleAnyway",
        "labelSelector": {"matchLabels": OPERATOR},
    }


def _container(installation: Installation, namespace: str) -> Json:
    own = [f"--namespace={namespace}"] if installation.namespaced else []
    return {
        "name": "operator",
        "image": installation.image,
        "imagePullPolicy": "IfNotPresent",
        "command": ["koncli", "operator"],
        "args": [*own, f"--port={PORT}", "--log-format=json"],
        "ports": [{"name": "metrics", "containerPort": PORT, "protocol": "TCP"}],
        "startupProbe": _probe("/healthz", period=2, failures=30),
        "livenessProbe": _probe("/healthz", period=20, failures=3),
        "readinessProbe": _probe("/readyz", period=5, failures=3),
        "resources": _RESOURCES,
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
    }


def _probe(path: str, *, period: int, failures: int) -> Json:
    return {
        "httpGet": {"path": path, "port": "metrics"},
        "periodSeconds": period,
        "timeoutSeconds": 5,
        "failureThreshold": failures,
    }
