"""The labels by which an installation knows its own objects again."""

from typing import Final

from konductor import __version__
from konductor.api.meta import Json, json_map

NAME: Final = "app.kubernetes.io/name"
COMPONENT: Final = "app.kubernetes.io/component"
MANAGED_BY: Final = "app.kubernetes.io/managed-by"
PROGRAM: Final = "koncli"
"""The value of `NAME` on everything that an installation brings."""
OPERATOR: Final = {NAME: PROGRAM, COMPONENT: "operator"}
"""Which pods are the operator; a Deployment's selector never changes, so neither does this."""


def labelled(document: Json, manager: str) -> Json:
    """Return an object with the labels of an installation besides its own."""
    metadata = json_map(document["metadata"])
    labels = {
        NAME: PROGRAM,
        "app.kubernetes.io/part-of": "konductor",
        MANAGED_BY: manager,
        "app.kubernetes.io/version": __version__,
    }
    return document | {"metadata": metadata | {"labels": labels | json_map(metadata.get("labels"))}}


def is_ours(document: Json) -> bool:
    """Tell whether an installation of konductor, by whatever tool, brought an object."""
    labels = json_map(json_map(document.get("metadata")).get("labels"))
    return labels.get(NAME) == PROGRAM
