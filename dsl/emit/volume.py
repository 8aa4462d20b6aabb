"""The volumes of a stage's pods; koncli's own mounts lie under /konductor (docs/design.md)."""

from dataclasses import dataclass

from konductor.api.meta import Json
from konductor.dsl.emit.environment import (
    ARRIVALS,
    ITEMS,
    SCRIPT,
    SHARED,
    WORKSPACE,
    source_arrivals,
)
from konductor.dsl.emit.name import RunNames
from konductor.dsl.emit.placement import mounted
from konductor.dsl.plan import Cell, ClaimedVolume, EmptyVolume, Stage

_EXECUTABLE = 0o755


@dataclass(frozen=True, slots=True)
class Volumes:
    """The volumes of a pod and where its main container mounts them."""

    volumes: tuple[Json, ...]
    mounts: tuple[Json, ...]


def cell_volumes(stage: Stage, cell: Cell, names: RunNames, *, script_is_file: bool) -> Volumes:
    """Return what a cell's main container mounts."""
    volumes: list[Json] = []
    mounts: list[Json] = []
    if (workspace := names.plan.workspace) is not None:
        claim = workspace.claim if isinstance(workspace, ClaimedVolume) else names.workspace
        volumes.append({"name": "workspace", "persistentVolumeClaim": {"claimName": claim}})
        folder = f"runs/{names.run}"
        mounts.append({"name": "workspace", "mountPath": WORKSPACE, "subPath": folder})
        mounts.append({"name": "workspace", "mountPath": SHARED})
    if stage.source:
        source = {"name": source_arrivals(stage, names), "optional": True}
        volumes.append({"name": "arrivals", "configMap": source})
        mounts.append({"name": "arrivals", "mountPath": ARRIVALS, "readOnly": True})
    if script_is_file:
        script = {"name": names.script(stage, cell), "defaultMode": _EXECUTABLE}
        volumes.append({"name": "script", "configMap": script})
        mounts.append({"name": "script", "mountPath": SCRIPT, "readOnly": True})
    if cell.items:
        volumes.append({"name": "items", "configMap": {"name": names.items(stage, cell)}})
        mounts.append({"name": "items", "mountPath": ITEMS, "readOnly": True})
    own, own_mounts = mounted(cell)
    return Volumes((*volumes, *own), (*mounts, *own_mounts))


def workspace_claim(workspace: EmptyVolume, names: RunNames) -> Json:
    """Return the claim of a workspace that goes with the run."""
    spec: Json = {
        "accessModes": ["ReadWriteMany"],
        "resources": {"requests": {"storage": workspace.size}},
    }
    if workspace.storage_class:
        spec["storageClassName"] = workspace.storage_class
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": names.metadata(names.workspace).manifest(),
        "spec": spec,
    }
