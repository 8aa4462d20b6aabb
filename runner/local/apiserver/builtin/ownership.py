"""What ``metadata.ownerReferences`` and ``metadata.finalizers`` must be."""

from collections.abc import Iterator, Mapping
from typing import Any

from konductor.runner.local.apiserver.builtin import naming
from konductor.runner.local.apiserver.builtin.field import FieldError, invalid, required

Object = Mapping[str, Any]

_STANDARD = ("orphan", "foregroundDeletion", "kubernetes")


def owner_errors(metadata: Object) -> Iterator[FieldError]:
    """Yield what is wrong with the references to an object's owners."""
    controllers = []
    for index, owner in enumerate(metadata.get("ownerReferences") or ()):
        path = f"metadata.ownerReferences[{index}]"
        for name in ("apiVersion", "kind", "name", "uid"):
            if not owner.get(name):
                yield required(f"{path}.{name}", "must not be empty")
        if owner.get("controller"):
            controllers.append(owner)
    if len(controllers) > 1:
        first, second = (f"{one.get('kind')}/{one.get('name')}" for one in controllers[:2])
        detail = (
            'Only one reference can have Controller set to true. Found "true" in references for '
            f"{first} and {second}"
        )
        yield invalid("metadata.ownerReferences", metadata["ownerReferences"], detail)


def finalizer_errors(metadata: Object, *, custom: bool) -> Iterator[FieldError]:
    """Yield what is wrong with an object's finalizers; custom kinds may name them freely."""
    for index, name in enumerate(metadata.get("finalizers") or ()):
        path = f"metadata.finalizers[{index}]"
        for sentence in naming.qualified_name(name):
            yield invalid(path, name, sentence)
        if not custom and "/" not in name and name not in _STANDARD:
            detail = "name is neither a standard finalizer name nor is it fully qualified"
            yield invalid(path, name, detail)
