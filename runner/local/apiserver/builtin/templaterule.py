"""What of a Job's pod template may change, and when (KEP-2926).

Nothing while the job runs. While it is suspended and no pod of it is active: where its pods may go
(node affinity, node selector, tolerations, scheduling gates), their labels and annotations, and
what their containers ask for.
"""

import copy
from collections.abc import Iterator, Mapping
from typing import Any

from konductor.runner.local.apiserver.builtin.field import FieldError, immutable

Object = Mapping[str, Any]

_PLACING = ("nodeSelector", "tolerations", "schedulingGates")


def template_update(job: Object, old: Object) -> Iterator[FieldError]:
    """Yield what must not be changed of a job's pod template."""
    new, before = job["spec"]["template"], old["spec"]["template"]
    if new == before:
        return
    if not _is_open(old):
        yield from immutable("spec.template", new, before)
        return
    allowed = _with_placing(before, new)
    if not old["spec"].get("suspend"):
        yield from immutable("spec.template", new, allowed)
        return
    for kind in ("containers", "initContainers"):
        _take_resources(allowed["spec"].get(kind, ()), new["spec"].get(kind, ()))
    yield from immutable("spec.template.spec", new["spec"], allowed["spec"])


def _is_open(job: Object) -> bool:
    """Tell whether a job is suspended with no pod of it left."""
    status = job.get("status", {})
    stopped = any(
        condition["type"] == "Suspended" and condition["status"] == "True"
        for condition in status.get("conditions", ())
    )
    idle = "startTime" not in status or stopped
    return bool(job["spec"].get("suspend")) and idle and not status.get("active")


def _with_placing(before: Object, new: Object) -> dict[str, Any]:
    """Return the old template with all of the new one that says where its pods may go."""
    allowed = copy.deepcopy(dict(before))
    for name in _PLACING:
        _take(allowed["spec"], new["spec"], name)
    for name in ("labels", "annotations"):
        _take(allowed["metadata"], new["metadata"], name)
    affinity = allowed["spec"].get("affinity", {})
    _take(affinity, new["spec"].get("affinity", {}), "nodeAffinity")
    if affinity or "affinity" in new["spec"]:
        allowed["spec"]["affinity"] = affinity
    else:
        allowed["spec"].pop("affinity", None)
    return allowed


def _take(target: dict[str, Any], source: Object, name: str) -> None:
    if name in source:
        target[name] = source[name]
    else:
        target.pop(name, None)


def _take_resources(containers: Any, new: Any) -> None:  # noqa: ANN401  # JSON
    if len(containers) == len(new):
        for container, other in zip(containers, new, strict=True):
            if container["name"] == other["name"]:
                container["resources"] = other["resources"]
