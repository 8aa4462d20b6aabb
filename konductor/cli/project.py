"""What ``konductor.toml`` says for the local cluster."""

from dataclasses import dataclass, field
from pathlib import Path

from konductor.api.meta import Json
from konductor.cluster.choose import project
from konductor.errors import UsageError


@dataclass(frozen=True, slots=True)
class LocalSettings:
    """The table ``[local]``."""

    images: Json = field(default_factory=dict)
    inherit: tuple[str, ...] = ()
    base: str = ""
    """The folder of the file: its relative paths begin there."""


def local_settings(folder: Path) -> LocalSettings:
    """Return ``[local]`` of the nearest ``konductor.toml``.

    Raises:
        UsageError: the file is no TOML, or holds something else there.
    """
    document, path = project(folder)
    local = document.get("local", {})
    if not isinstance(local, dict):
        raise UsageError(f"`local` in {path} is no table")
    images, inherit = local.get("images", {}), local.get("inherit_env", [])
    if not isinstance(images, dict):
        raise UsageError(f"`local.images` in {path} is no table")
    if not isinstance(inherit, list) or not all(isinstance(name, str) for name in inherit):
        raise UsageError(f"`local.inherit_env` in {path} is no list of names")
    return LocalSettings(images, tuple(inherit), str(path.parent))
