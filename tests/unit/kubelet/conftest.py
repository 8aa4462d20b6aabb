from __future__ import annotations

from typing import Any

from konductor.runner.local.kubelet.pod import Pod, parse_pod


def make_pod(**changes: Any) -> Pod:
    """Return a pod with one container ``main``; keyword arguments change its spec."""
    meta = {
        "name": "p",
        "namespace": "ns",
        "uid": "u1",
        "labels": {"app": "a", "b": 'x"y'},
        "annotations": {"note": "n"},
    } | changes.pop("metadata", {})
    status = changes.pop("status", {})
    spec = {
        "restartPolicy": "Never",
        "nodeName": "node",
        "serviceAccountName": "robot",
        "containers": [{"name": "main", "image": "x", "command": ["true"]}],
    } | changes
    return parse_pod({"metadata": meta, "spec": spec, "status": status})


def container(**fields: Any) -> dict[str, Any]:
    return {"name": "main", "image": "x", "command": ["true"]} | fields
