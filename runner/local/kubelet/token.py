"""The service account token that every pod has unless it says otherwise.

On a cluster, admission adds this volume to each new pod; the local API server leaves it to us.
"""

from konductor.api.meta import Json, json_list, json_map
from konductor.connection import SERVICE_ACCOUNT

_VOLUME = "kube-api-access"
_LIFETIME = 3607
"""Seconds: what a cluster's admission asks for."""


def with_token(spec: Json) -> Json:
    """Return a pod's spec in which each container can speak to the API server.

    A container that mounts something there, and a pod that wants no token, stay as they are.
    """
    if spec.get("automountServiceAccountToken") is False:
        return spec
    containers = {
        kind: [_mounted(json_map(one)) for one in json_list(spec.get(kind))]
        for kind in ("initContainers", "containers")
    }
    if not any(_has(one, _VOLUME) for kind in containers.values() for one in kind):
        return spec
    return spec | containers | {"volumes": [*json_list(spec.get("volumes")), _volume()]}


def _mounted(container: Json) -> Json:
    mounts = json_list(container.get("volumeMounts"))
    if any(json_map(mount).get("mountPath") == str(SERVICE_ACCOUNT) for mount in mounts):
        return container
    mount = {"name": _VOLUME, "mountPath": str(SERVICE_ACCOUNT), "readOnly": True}
    return container | {"volumeMounts": [*mounts, mount]}


def _has(container: Json, volume: str) -> bool:
    return any(json_map(one).get("name") == volume for one in json_list(container["volumeMounts"]))


def _volume() -> Json:
    field = {"path": "namespace", "fieldRef": {"fieldPath": "metadata.namespace"}}
    authority = {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}
    sources: list[Json] = [
        {"serviceAccountToken": {"path": "token", "expirationSeconds": _LIFETIME}},
        {"configMap": authority},
        {"downwardAPI": {"items": [field]}},
    ]
    return {"name": _VOLUME, "projected": {"sources": sources}}
