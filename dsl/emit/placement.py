"""Where pods run and what they are given beside their program, as members of a pod's spec."""

import json

from konductor.api.meta import Json, merge_patch, without_empty
from konductor.dsl.plan import Cell, ClaimedVolume, EmptyVolume, Mount
from konductor.dsl.provision import Files, SourceKind, Toleration, Variables

_REFERENCES = {SourceKind.SECRET: "secretRef", SourceKind.CONFIG: "configMapRef"}


def spec_members(cell: Cell) -> Json:
    """Return the members of a pod's spec that say where it runs and as whom."""
    return without_empty(
        {
            "serviceAccountName": cell.service_account,
            "imagePullSecrets": [{"name": name} for name in cell.image_pull_secrets],
            "nodeSelector": dict(cell.node_selector),
            "tolerations": [_toleration(one) for one in cell.tolerations],
            "priorityClassName": cell.priority,
        }
    )


def patched(spec: Json, cell: Cell) -> Json:
    """Return a pod's spec after the program's own patch."""
    return merge_patch(spec, json.loads(cell.pod)) if cell.pod else spec


def confinement(cell: Cell) -> Json:
    """Return what keeps a program from becoming root, where the patch says that it is not.

    With a seccomp profile of the pod that is what PodSecurity ``restricted`` demands of each
    container; the patch itself reaches none.
    """
    context = json.loads(cell.pod).get("securityContext") if cell.pod else None
    if not context or context.get("runAsNonRoot") is not True:
        return {}
    return {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}


def env_from(cell: Cell) -> list[Json]:
    """Return ``envFrom`` of a cell's main container."""
    return [_source(one) for one in cell.env_from]


def mounted(cell: Cell) -> tuple[list[Json], list[Json]]:
    """Return the volumes that ``mounts`` names, each once, and where they are mounted."""
    volumes: dict[Mount, str] = {}
    mounts: list[Json] = []
    for path, mount in cell.mounts:
        name = volumes.setdefault(mount, f"mount-{len(volumes)}")
        is_files = {"readOnly": True} if isinstance(mount, Files) else {}
        mounts.append({"name": name, "mountPath": path, **is_files})
    return [{"name": name, **_volume(mount)} for mount, name in volumes.items()], mounts


def _source(variables: Variables) -> Json:
    return {_REFERENCES[variables.kind]: {"name": variables.name}}


def _volume(mount: Mount) -> Json:
    if isinstance(mount, ClaimedVolume):
        return {"persistentVolumeClaim": {"claimName": mount.claim}}
    if isinstance(mount, EmptyVolume):
        return _empty(mount)
    if mount.kind is SourceKind.SECRET:
        return {"secret": {"secretName": mount.name}}
    return {"configMap": {"name": mount.name}}


def _empty(volume: EmptyVolume) -> Json:
    """Return a volume of the pod's own: on its node, or of a storage class."""
    if not volume.storage_class:
        return {"emptyDir": {"sizeLimit": volume.size}}
    spec: Json = {
        "accessModes": ["ReadWriteOnce"],
        "storageClassName": volume.storage_class,
        "resources": {"requests": {"storage": volume.size}},
    }
    return {"ephemeral": {"volumeClaimTemplate": {"spec": spec}}}


def _toleration(one: Toleration) -> Json:
    document = without_empty(
        {"key": one.key, "operator": one.operator, "value": one.value, "effect": one.effect}
    )
    return document if one.seconds is None else document | {"tolerationSeconds": one.seconds}
