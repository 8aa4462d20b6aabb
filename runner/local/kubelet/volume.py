"""What the volumes of a pod hold, and which real folder stands for each mountPath. Pure."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from konductor.api.meta import Json, json_list, json_map
from konductor.api.names import MOUNT_ROOT
from konductor.connection import SERVICE_ACCOUNT
from konductor.runner.local.kubelet.environment import Sources, expand
from konductor.runner.local.kubelet.failure import NeverRunnable, NotYetRunnable, config_error
from konductor.runner.local.kubelet.fields import Facts, pod_field
from konductor.runner.local.kubelet.needs import TokenRequest, kind_of, parts_of, token_request
from konductor.runner.local.kubelet.pod import ContainerSpec, Mount, Pod

_DEFAULT_MODE = 0o644
_TOKEN_MODE = 0o600


@dataclass(frozen=True, slots=True)
class File:
    """One file of a volume."""

    path: str
    data: bytes
    mode: int = _DEFAULT_MODE


@dataclass(frozen=True, slots=True)
class Material:
    """What was read."""

    sources: Sources
    facts: Facts
    tokens: Mapping[TokenRequest, str] = field(default_factory=dict)


def volume_files(volume: Json, pod: Pod, material: Material) -> tuple[File, ...]:
    """Return the files of a volume that the kubelet writes; none for the other kinds.

    Raises:
        NotYetRunnable: a ConfigMap, a Secret or a key that is not optional is absent.
    """
    kind = kind_of(volume)
    if kind not in {"configMap", "secret", "projected", "downwardAPI"}:
        return ()
    default = json_map(volume[kind]).get("defaultMode")
    mode = _DEFAULT_MODE if default is None else int(default)
    return tuple(
        file for part in parts_of(volume) for file in _part_files(part, pod, material, mode)
    )


def refuse_unsupported(pod: Pod) -> None:
    """Say at once what this kubelet can never run.

    Raises:
        NeverRunnable: a volume, a mount or an init container is of a kind that is not built.
    """
    for volume in pod.volumes:
        if not kind_of(volume):
            kinds = ", ".join(sorted(volume.keys() - {"name"}))
            raise _never(
                f'volume "{volume.get("name")}" is of a kind the local cluster lacks: {kinds}'
            )
    for container in pod.init_containers:
        if container.sidecar:
            raise _never(
                f'init container "{container.name}" has restartPolicy Always: '
                "the local cluster runs no sidecars yet"
            )
    volumes = {str(volume.get("name")): volume for volume in pod.volumes}
    for container in pod.every_container:
        for mount in container.mounts:
            _refuse_mount(container, mount, volumes.get(mount.volume, {}))


def mount_folders(
    container: ContainerSpec, folders: Mapping[str, Path], variables: Mapping[str, str]
) -> dict[str, str]:
    """Return, for each mountPath of a container, the real folder or file that stands for it."""
    return {
        mount.path: str(
            folders[mount.volume]
            / safe_path(mount.sub_path or expand(mount.sub_path_expression, variables))
        )
        for mount in container.mounts
        if mount.volume in folders
    }


def safe_path(path: str) -> str:
    """Return a relative path that stays below the volume.

    Raises:
        NotYetRunnable: it leads out of it.
    """
    pure = PurePosixPath(path)
    if pure.is_absolute() or ".." in pure.parts:
        raise config_error(f"path `{path}` leads out of its volume")
    return path


def _refuse_mount(container: ContainerSpec, mount: Mount, volume: Json) -> None:
    if mount.path == MOUNT_ROOT or mount.path.startswith(MOUNT_ROOT + "/"):
        return
    if mount.path == str(SERVICE_ACCOUNT):  # told by KON_SERVICE_ACCOUNT
        return
    host = json_map(volume.get("hostPath")).get("path")
    if host and not mount.sub_path and Path(str(host)).resolve() == Path(mount.path).resolve():
        return
    raise _never(
        f'container "{container.name}" mounts volume "{mount.volume}" at {mount.path}: the local '
        "cluster runs plain processes, which see the host's own files there; write below "
        f"$KON_WORKSPACE, or mount below {MOUNT_ROOT} and hand the path over in the environment"
    )


def _never(message: str) -> NeverRunnable:
    return NeverRunnable("UnsupportedPod", message)


def _part_files(part: Json, pod: Pod, material: Material, mode: int) -> list[File]:
    if token := json_map(part.get("serviceAccountToken")):
        text = material.tokens[token_request(token)]
        return [File(safe_path(str(token.get("path"))), text.encode(), _TOKEN_MODE)]
    if downward := json_map(part.get("downwardAPI")):
        return [
            _downward(item, pod, material.facts, mode) for item in json_list(downward.get("items"))
        ]
    if config_map := json_map(part.get("configMap")):
        name = str(config_map.get("name"))
        return _chosen(config_map, "configmap", name, material.sources.config_maps.get(name), mode)
    secret = json_map(part.get("secret"))
    name = str(secret.get("secretName") or secret.get("name"))
    return _chosen(secret, "secret", name, material.sources.secrets.get(name), mode)


def _chosen(
    source: Json, kind: str, name: str, values: Mapping[str, bytes] | None, mode: int
) -> list[File]:
    """Return all keys as files, or those that ``items`` names."""
    optional = bool(source.get("optional"))
    if values is None:
        if optional:
            return []
        raise NotYetRunnable("FailedMount", f'{kind} "{name}" not found')
    items = json_list(source.get("items"))
    if not items:
        return [File(key, values[key], mode) for key in sorted(values)]
    missing = [str(item["key"]) for item in items if item["key"] not in values]
    if missing and not optional:
        message = f"{kind} references non-existent config key: {missing[0]}"
        raise NotYetRunnable("FailedMount", message)
    return [
        File(safe_path(str(item["path"])), values[item["key"]], int(item.get("mode", mode)))
        for item in items
        if item["key"] in values
    ]


def _downward(item: Json, pod: Pod, facts: Facts, mode: int) -> File:
    if "fieldRef" not in item:
        raise config_error(f"downwardAPI item {json.dumps(item)}: only fieldRef is supported")
    text = pod_field(str(item["fieldRef"].get("fieldPath")), pod, facts)
    return File(safe_path(str(item["path"])), text.encode(), int(item.get("mode", mode)))
