"""What pods are provided with that no program holds: Secrets, ConfigMaps, nodes with taints."""

from dataclasses import dataclass
from enum import StrEnum


class SourceKind(StrEnum):
    """Where texts come from that never pass through koncli."""

    SECRET = "secret"  # noqa: S105  # a kind's name
    CONFIG = "config"


@dataclass(frozen=True, slots=True)
class Variables:
    """Every key of a Secret or ConfigMap, as a variable: ``secret_env(name)``."""

    kind: SourceKind
    name: str


@dataclass(frozen=True, slots=True)
class Files:
    """Every key of a Secret or ConfigMap, as a file: ``secret_files(name)``."""

    kind: SourceKind
    name: str


@dataclass(frozen=True, slots=True)
class Toleration:
    """A taint of nodes that a pod puts up with, in the words of Kubernetes."""

    key: str = ""
    operator: str = ""
    value: str = ""
    effect: str = ""
    seconds: int | None = None
    """How long, for the effect ``NoExecute``; None: as long as it takes."""
