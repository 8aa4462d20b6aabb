"""From a container, its pod and what was read for it to a program that can be started."""

import os
import resource
import sys
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from konductor.api.quantity import whole
from konductor.connection import SERVICE_ACCOUNT, Connection
from konductor.runner.local.kubelet.environment import resolve_environment
from konductor.runner.local.kubelet.failure import config_error
from konductor.runner.local.kubelet.image import Launch, find_image, launch
from konductor.runner.local.kubelet.pod import ContainerSpec, Pod
from konductor.runner.local.kubelet.settings import Settings
from konductor.runner.local.kubelet.volume import Material, mount_folders

HOST_VARIABLES = ("HOME", "PATH", "LANG", "TZ", "TMPDIR")
"""What every pod sees of the host's environment (language.md, konductor.toml)."""


def prepare(
    container: ContainerSpec,
    pod: Pod,
    material: Material,
    volumes: Mapping[str, Path],
    *,
    settings: Settings,
    connection: Connection,
) -> tuple[Launch, dict[str, str]]:
    """Return what to start, and the real folder behind each of its mountPaths.

    Raises:
        NotYetRunnable: something that it needs is absent.
    """
    below = host_environment(settings) | api_address(connection) | {"HOSTNAME": pod.hostname}
    plain = resolve_environment(
        container, pod, material.sources, facts=material.facts, folders={}, below=below
    )
    folders = mount_folders(container, volumes, plain)
    if account := folders.get(str(SERVICE_ACCOUNT)):
        below["KON_SERVICE_ACCOUNT"] = account
    env = resolve_environment(
        container, pod, material.sources, facts=material.facts, folders=folders, below=below
    )
    image = find_image(settings.images, container.image)
    return launch(container, image, env, settings.work_folder), folders


def host_environment(settings: Settings) -> dict[str, str]:
    """Return what a pod sees of the host's variables; koncli's own folder is first on PATH."""
    names = (*HOST_VARIABLES, *settings.inherit)
    seen = {name: settings.environment[name] for name in names if name in settings.environment}
    seen["PATH"] = os.pathsep.join(
        (str(Path(sys.executable).parent), seen.get("PATH") or os.defpath)
    )
    return seen


def api_address(connection: Connection) -> dict[str, str]:
    """Return the variables by which every client in a pod finds the API server."""
    server = urlsplit(connection.server)
    port = str(server.port or 443)
    return {
        "KUBERNETES_SERVICE_HOST": server.hostname or "",
        "KUBERNETES_SERVICE_PORT": port,
        "KUBERNETES_SERVICE_PORT_HTTPS": port,
    }


def resource_limits(container: ContainerSpec) -> tuple[tuple[int, int], ...]:
    """Return the limits of the operating system that stand for a container's.

    Memory bounds what the program may write to (RLIMIT_DATA): beyond it an allocation fails, while
    a cluster would kill. A limit of CPU has no counterpart.

    Raises:
        NotYetRunnable: a limit is no quantity.
    """
    if "memory" not in container.limits:
        return ()
    try:
        return ((resource.RLIMIT_DATA, whole(container.limits["memory"])),)
    except ValueError as error:
        raise config_error(f"limits.memory of container {container.name}: {error}") from error
