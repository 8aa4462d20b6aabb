"""The downward API: what a pod may know of itself. Pure."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from konductor.api.meta import Json
from konductor.api.quantity import whole
from konductor.runner.local.kubelet.failure import config_error
from konductor.runner.local.kubelet.pod import ContainerSpec, Pod

_SUBSCRIPT = re.compile(r"metadata\.(labels|annotations)\['([^']+)'\]")


@dataclass(frozen=True, slots=True)
class Facts:
    """What the node knows and the pod's JSON does not say."""

    address: str = "127.0.0.1"
    """The pod's and the node's IP: a plain process has its host's."""
    allocatable: Mapping[str, str] = field(default_factory=lambda: {"cpu": "1", "memory": "1Gi"})
    """What a container without limits may use at most."""


def pod_field(path: str, pod: Pod, facts: Facts) -> str:
    """Return the value of a fieldPath such as ``metadata.labels['a']``.

    Raises:
        NotYetRunnable: a pod has no such field.
    """
    if match := _SUBSCRIPT.fullmatch(path):
        texts = pod.meta.labels if match[1] == "labels" else pod.meta.annotations
        return texts.get(match[2], "")
    values = {
        "metadata.name": pod.meta.name,
        "metadata.namespace": pod.meta.namespace,
        "metadata.uid": pod.meta.uid,
        "metadata.labels": _lines(pod.meta.labels),
        "metadata.annotations": _lines(pod.meta.annotations),
        "spec.nodeName": pod.node,
        "spec.serviceAccountName": pod.service_account,
        **dict.fromkeys(("status.hostIP", "status.hostIPs"), facts.address),
        **dict.fromkeys(("status.podIP", "status.podIPs"), facts.address),
    }
    if path not in values:
        raise config_error(f"unsupported fieldPath: {path}")
    return values[path]


def container_resource(selector: Json, container: ContainerSpec, facts: Facts) -> str:
    """Return the value of a resourceFieldRef such as ``limits.cpu``.

    Raises:
        NotYetRunnable: there is no such resource.
    """
    name = str(selector.get("resource"))
    kind, _, resource = name.partition(".")
    if kind not in {"limits", "requests"}:
        raise config_error(f"unsupported resource: {name}")
    stated = container.limits if kind == "limits" else container.requests
    missing = facts.allocatable.get(resource, "0") if kind == "limits" else "0"
    try:
        return str(whole(stated.get(resource, missing), str(selector.get("divisor") or "1")))
    except ValueError as error:
        raise config_error(f"{name} of container {container.name}: {error}") from error


def _lines(texts: Mapping[str, str]) -> str:
    return "\n".join(f"{key}={json.dumps(texts[key], ensure_ascii=False)}" for key in sorted(texts))
