"""Namespaces, nodes, leases and claims: their defaults, and what they must be."""

from collections.abc import Iterator, Mapping
from typing import Any

from konductor.runner.local.apiserver.builtin import naming
from konductor.runner.local.apiserver.builtin.field import (
    FieldError,
    at_least_zero,
    forbidden,
    invalid,
    required,
    unsupported,
)
from konductor.runner.local.apiserver.builtin.quantity import amount

Object = Mapping[str, Any]
Map = dict[str, Any]
Errors = Iterator[FieldError]

NAME_LABEL = "kubernetes.io/metadata.name"
FINALIZER = "kubernetes"
_PROTECTED = "kubernetes.io/pvc-protection"
_MODES = ("ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod")
_UNREADY = {"key": "node.kubernetes.io/not-ready", "effect": "NoSchedule"}


def prepare_namespace(namespace: Map) -> None:
    """Give a new namespace its label, its finalizer and its phase."""
    metadata = namespace["metadata"]
    metadata.setdefault("labels", {})[NAME_LABEL] = metadata["name"]
    finalizers = namespace["spec"].setdefault("finalizers", [])
    if FINALIZER not in finalizers:
        finalizers.append(FINALIZER)
    namespace["status"] = {"phase": "Active"}


def keep_namespace(namespace: Map, old: Object) -> None:
    """Keep what only the finalize and status subresources may change, and the label."""
    metadata = namespace["metadata"]
    metadata.setdefault("labels", {})[NAME_LABEL] = metadata["name"]
    namespace["spec"], namespace["status"] = old["spec"], old.get("status", {})


def namespace_errors(namespace: Object) -> Errors:
    """Yield what is wrong with a Namespace."""
    for name in namespace["spec"].get("finalizers", ()):
        if name != FINALIZER and "/" not in name:
            detail = "name is neither a standard finalizer name nor is it fully qualified"
            yield invalid("spec.finalizers", name, detail)


def prepare_node(node: Map) -> None:
    """Taint a new node until it is ready, as admission does."""
    taints = node["spec"].setdefault("taints", [])
    if not any(taint.get("key") == _UNREADY["key"] for taint in taints):
        taints.append(dict(_UNREADY))


def lease_errors(lease: Object) -> Errors:
    """Yield what is wrong with a Lease."""
    spec = lease.get("spec", {})
    seconds = spec.get("leaseDurationSeconds")
    if seconds is not None and seconds <= 0:
        yield invalid("spec.leaseDurationSeconds", seconds, "must be greater than 0")
    yield from at_least_zero("spec.leaseTransitions", spec.get("leaseTransitions"))


def prepare_claim(claim: Map) -> None:
    """Give a new claim its finalizer, its mode and its phase."""
    finalizers = claim["metadata"].setdefault("finalizers", [])
    if _PROTECTED not in finalizers:
        finalizers.append(_PROTECTED)
    claim["status"] = {"phase": "Pending"}


def default_claim(claim: Map) -> None:
    """Fill in what a claim leaves open."""
    claim["spec"].setdefault("volumeMode", "Filesystem")


def claim_errors(claim: Object) -> Errors:
    """Yield what is wrong with a PersistentVolumeClaim."""
    spec, path = claim["spec"], "spec.resources[storage]"
    modes = spec.get("accessModes", ())
    if not modes:
        yield required("spec.accessModes", "at least 1 access mode is required")
    for mode in modes:
        if mode not in _MODES:
            yield unsupported("spec.accessModes", mode, _MODES)
    storage = spec.get("resources", {}).get("requests", {}).get("storage")
    if storage is None:
        yield required(path)
    elif amount(storage) <= 0:
        yield invalid(path, storage, "must be greater than zero")
    if name := spec.get("storageClassName"):
        for sentence in naming.dns_subdomain(name):
            yield invalid("spec.storageClassName", name, sentence)


def claim_update(claim: Object, old: Object) -> Errors:
    """Yield what must not be changed of a PersistentVolumeClaim."""
    yield from claim_errors(claim)
    changed = {
        name
        for name in {*claim["spec"], *old["spec"]}
        if claim["spec"].get(name) != old["spec"].get(name)
    }
    bound = old.get("status", {}).get("phase") == "Bound"
    if changed - ({"resources", "volumeAttributesClassName"} if bound else {"volumeName"}):
        detail = (
            "spec is immutable after creation except resources.requests and "
            "volumeAttributesClassName for bound claims"
        )
        yield forbidden("spec", detail)
