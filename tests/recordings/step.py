"""What is said to an API server, step by step, and what came back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

MERGE, JSON_PATCH, STRATEGIC, APPLY = (
    f"application/{kind}+{form}"
    for kind, form in (
        ("merge-patch", "json"),
        ("json-patch", "json"),
        ("strategic-merge-patch", "json"),
        ("apply-patch", "yaml"),
    )
)
TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io"
PARTIAL = "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io"
PARTIAL_LIST = "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io"


@dataclass(frozen=True, slots=True)
class Kubectl:
    """One kubectl command, in the namespace of its group."""

    label: str
    arguments: str
    """As in a shell; ``{ns}`` stands for the namespace."""
    stdin: Any = None
    """A manifest, or several, for ``-f -``."""


@dataclass(frozen=True, slots=True)
class Probe:
    """One HTTP request."""

    label: str
    method: str
    path: str
    """``{ns}`` stands for the namespace, ``{rv:NAME}`` for a resource version that was kept."""
    body: Any = None
    """JSON, or a string that is sent as it stands."""
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    keep: str = ""
    """Keep the answer's resource version under this name."""


Step = Kubectl | Probe


@dataclass(frozen=True, slots=True)
class Group:
    """Steps that share a namespace of their own and are taken in order."""

    name: str
    steps: tuple[Step, ...]

    def __post_init__(self) -> None:
        """Hold labels unique: they name the recorded answers.

        Raises:
            ValueError: two steps have the same label.
        """
        labels = [step.label for step in self.steps]
        if twice := {label for label in labels if labels.count(label) > 1}:
            raise ValueError(f"{self.name}: {sorted(twice)} are there twice")
