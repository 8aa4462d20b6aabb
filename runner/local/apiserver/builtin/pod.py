"""Pods as they are created, changed and bound to a node."""

import copy
from collections.abc import Iterator, Mapping
from typing import Any

from konductor.runner.local.apiserver.builtin.field import (
    FieldError,
    forbidden,
    immutable,
    invalid,
    unsupported,
)
from konductor.runner.local.apiserver.builtin.poddefault import containers
from konductor.runner.local.apiserver.builtin.podrule import spec_errors
from konductor.runner.local.apiserver.builtin.quality import quality

Object = Mapping[str, Any]
Map = dict[str, Any]
Errors = Iterator[FieldError]

_CHANGEABLE = (
    "pod updates may not change fields other than `spec.containers[*].image`,"
    "`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only "
    "additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set "
    "to 1 if it was previously negative)"
)


class AlreadyBound(Exception):
    """The pod runs on a node already, or is not to be bound."""


def prepare(pod: Map) -> None:
    """Give a new pod the status that every pod begins with."""
    pod["status"] = {"phase": "Pending", "qosClass": quality(pod["spec"])}
    if pod["spec"].get("schedulingGates"):
        pod["status"]["conditions"] = [
            {
                "type": "PodScheduled",
                "status": "False",
                "lastProbeTime": None,
                "lastTransitionTime": None,
                "reason": "SchedulingGated",
                "message": "Scheduling is blocked due to non-empty scheduling gates",
            }
        ]


def keep(pod: Map, old: Object) -> None:
    """Keep of a changed pod what is not for its writer to change."""
    pod["status"] = copy.deepcopy(old.get("status", {}))


def create_errors(pod: Object) -> Errors:
    """Yield what is wrong with a new pod."""
    spec = pod["spec"]
    yield from spec_errors(spec)
    if spec.get("ephemeralContainers"):
        yield forbidden("spec.ephemeralContainers", "cannot be set on create")
    if (system := spec.get("os", {}).get("name")) not in (None, "linux", "windows"):
        yield unsupported("spec.os", system, ("linux", "windows"))
    if spec.get("schedulingGates") and spec.get("nodeName"):
        detail = "cannot be set until all schedulingGates have been cleared"
        yield forbidden("spec.nodeName", detail)


def update_errors(pod: Object, old: Object) -> Errors:
    """Yield what is wrong with a changed pod, and what must not be changed."""
    spec, before = pod["spec"], old["spec"]
    for kind in ("containers", "initContainers"):
        if len(spec.get(kind) or ()) != len(before.get(kind) or ()):
            yield forbidden(f"spec.{kind}", "pod updates may not add or remove containers")
            return
    yield from spec_errors(spec)
    yield from _deadline(spec, before)
    yield from _tolerations(spec.get("tolerations", ()), before.get("tolerations", ()))
    yield from _gates(spec.get("schedulingGates", ()), before.get("schedulingGates", ()))
    if _essence(spec, before) != _essence(before, before):
        yield forbidden("spec", _CHANGEABLE)


def status_errors(pod: Object, old: Object) -> Errors:
    """Yield what must not be changed of a pod's status."""
    new, before = pod.get("status", {}), old.get("status", {})
    yield from immutable("status.qosClass", new.get("qosClass"), before.get("qosClass"))
    was = before.get("nominatedNodeName")
    node = pod["spec"].get("nodeName")
    if node and was and new.get("nominatedNodeName") not in (was, None):
        detail = "may not be changed after the pod is bound"
        yield forbidden("status.nominatedNodeName", detail)


def bind(pod: Map, binding: Object, now: str) -> Map:
    """Return a pod that is bound to a node.

    Args:
        pod: the pod.
        binding: a Binding.
        now: the time, canonical.

    Raises:
        AlreadyBound: it has a node already, is being deleted or is not ready to be scheduled.
    """
    name, node = pod["metadata"]["name"], binding.get("target", {}).get("name", "")
    if "deletionTimestamp" in pod["metadata"]:
        raise AlreadyBound(f"pod {name} is being deleted, cannot be assigned to a host")
    if current := pod["spec"].get("nodeName"):
        raise AlreadyBound(f'pod {name} is already assigned to node "{current}"')
    if pod["spec"].get("schedulingGates"):
        raise AlreadyBound(f"pod {name} has non-empty .spec.schedulingGates")
    bound = copy.deepcopy(pod)
    bound["spec"]["nodeName"] = node
    annotations = binding.get("metadata", {}).get("annotations")
    if annotations:
        bound["metadata"].setdefault("annotations", {}).update(annotations)
    conditions = bound.setdefault("status", {}).setdefault("conditions", [])
    conditions[:] = [found for found in conditions if found["type"] != "PodScheduled"]
    conditions.append(
        {
            "type": "PodScheduled",
            "status": "True",
            "lastProbeTime": None,
            "lastTransitionTime": now,
        }
    )
    return bound


def binding_errors(binding: Object) -> Errors:
    """Yield what is wrong with a Binding."""
    target = binding.get("target", {})
    if target.get("kind") not in ("", None, "Node"):
        yield unsupported("target.kind", target["kind"], ("Node", "<empty>"))
    if not target.get("name"):
        yield FieldError("target.name", "FieldValueRequired", "Required value")


def _deadline(spec: Object, before: Object) -> Errors:
    path, new = "spec.activeDeadlineSeconds", spec.get("activeDeadlineSeconds")
    was = before.get("activeDeadlineSeconds")
    if was is None or new == was:
        return
    if new is None:
        yield invalid(path, None, "must not update from a positive integer to nil value")
    elif new > was:
        yield invalid(path, new, f"must be less than or equal to previous value {was}")


def _tolerations(new: Any, old: Any) -> Errors:  # noqa: ANN401  # JSON
    def essence(toleration: Object) -> Object:
        return {key: value for key, value in toleration.items() if key != "tolerationSeconds"}

    kept = [essence(toleration) for toleration in new]
    if any(essence(toleration) not in kept for toleration in old):
        detail = "existing toleration can not be modified except its tolerationSeconds"
        yield forbidden("spec.tolerations", detail)


def _gates(new: Any, old: Any) -> Errors:  # noqa: ANN401  # JSON
    known = [gate["name"] for gate in old]
    for index, gate in enumerate(new):
        if gate["name"] not in known:
            name = gate["name"]
            detail = f"only deletion is allowed, but found new scheduling gate '{name}'"
            yield forbidden(f"spec.schedulingGates[{index}].name", detail)


def _essence(spec: Object, before: Object) -> Map:
    """Return a spec with all that may change set to what it was."""
    essence = copy.deepcopy(dict(spec))
    for name in ("activeDeadlineSeconds", "tolerations", "schedulingGates"):
        essence.pop(name, None)
    if before.get("schedulingGates"):
        for name in ("nodeSelector", "affinity"):
            essence.pop(name, None)
    if before["terminationGracePeriodSeconds"] < 0:
        essence.pop("terminationGracePeriodSeconds")
    for container in containers(essence, ephemeral=False):
        container.pop("image", None)
    return essence
