"""The hook containers of a pod: one waits for its barrier's start, one arrives at it.

They alone hold a token. They satisfy PodSecurity ``restricted`` and say what they need, so that
quotas and policies of a namespace do not refuse the pod.
"""

from collections.abc import Sequence

from konductor.api.meta import Json
from konductor.api.names import Container
from konductor.dsl.emit.environment import backoff_environment, hook_environment
from konductor.dsl.emit.name import RunNames
from konductor.dsl.plan import Cell, Stage

HOOK_IMAGE = "logiciq/koncli:latest"
"""The image that has koncli on its PATH; the reference page's own."""
_TOKEN_VOLUME = "konductor-token"  # noqa: S105  # a volume's name
_TOKEN_LIFETIME = 3600
_NOBODY = 65532
_SERVICE_ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount"
"""Where a client in a pod looks for its credentials."""


def wait_container(stage: Stage, cell: Cell, names: RunNames, image: str) -> Json:
    """Return the init container that waits until the stage's barrier starts."""
    container = _hook(Container.WAIT, "wait", stage, cell, names, image=image)
    container["env"] += backoff_environment(cell)
    return container


def arrive_container(stage: Stage, cell: Cell, names: RunNames, image: str) -> Json:
    """Return the container that arrives once main has exited 0."""
    more = [names.barrier(name) for name in stage.arrive]
    return _hook(Container.ARRIVE, "arrive", stage, cell, names, image=image, more=more)


def token_volume() -> Json:
    """Return the projected volume that makes a hook a client of its own cluster."""
    field = {"path": "namespace", "fieldRef": {"fieldPath": "metadata.namespace"}}
    sources: list[Json] = [
        {"serviceAccountToken": {"path": "token", "expirationSeconds": _TOKEN_LIFETIME}},
        {
            "configMap": {
                "name": "kube-root-ca.crt",
                "items": [{"key": "ca.crt", "path": "ca.crt"}],
            }
        },
        {"downwardAPI": {"items": [field]}},
    ]
    return {"name": _TOKEN_VOLUME, "projected": {"sources": sources}}


def _hook(
    name: Container,
    verb: str,
    stage: Stage,
    cell: Cell,
    names: RunNames,
    *,
    image: str,
    more: Sequence[str] = (),
) -> Json:
    return {
        "name": str(name),
        "image": image,
        "command": ["koncli", "hook", verb, names.barrier(stage.name), *more],
        "env": hook_environment(stage, cell, names),
        "volumeMounts": [{"name": _TOKEN_VOLUME, "mountPath": _SERVICE_ACCOUNT, "readOnly": True}],
        "resources": {
            "requests": {"cpu": "10m", "memory": "32Mi"},
            "limits": {"cpu": "200m", "memory": "96Mi"},
        },
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "runAsNonRoot": True,
            "runAsUser": _NOBODY,
            "capabilities": {"drop": ["ALL"]},
            "seccompProfile": {"type": "RuntimeDefault"},
        },
    }
