"""What ``kubectl get pods`` shows: above all the one word that a pod's many states come down to."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from konductor.runner.local.apiserver.builtin.table import (
    AGE,
    NAME,
    NONE,
    Column,
    Object,
    View,
    age,
    since,
    wide,
)

_CORE = "api.core.v1"
_TERMINAL = ("Succeeded", "Failed")


@dataclass(frozen=True, slots=True)
class _Summary:
    """What the containers' states come down to."""

    reason: str
    ready: int = 0
    restarts: int = 0
    last_restart: str = ""


def _cells(pod: Object, now: datetime) -> list[Any]:
    status, spec = pod.get("status", {}), pod["spec"]
    summary = _summary(pod)
    restarts = str(summary.restarts)
    if summary.restarts and summary.last_restart:
        restarts += f" ({since(summary.last_restart, now)} ago)"
    total = len(spec["containers"]) + len(_sidecars(spec))
    addresses = status.get("podIPs", ())
    return [
        pod["metadata"]["name"],
        f"{summary.ready}/{total}",
        _deleted(pod) or summary.reason,
        restarts,
        age(pod, now),
        (addresses[0].get("ip") if addresses else "") or NONE,
        spec.get("nodeName") or NONE,
        status.get("nominatedNodeName") or NONE,
        _gates(spec.get("readinessGates", ()), status.get("conditions", ())),
    ]


def _summary(pod: Object) -> _Summary:
    status, spec = pod.get("status", {}), pod["spec"]
    conditions = status.get("conditions", ())
    reason = status.get("reason") or status.get("phase", "")
    gated = ("PodScheduled", "SchedulingGated")
    if any((found["type"], found.get("reason")) == gated for found in conditions):
        reason = "SchedulingGated"
    first, side, initializing = _initial(_Summary(reason), status, spec)
    if initializing and not _is_true(conditions, "Initialized"):
        return first
    return _main(replace(side, reason=first.reason), status, conditions)


def _initial(start: _Summary, status: Object, spec: Object) -> tuple[_Summary, _Summary, bool]:
    """Return the summary of the init containers, that of sidecars alone, and if they still run."""
    sidecars = _sidecars(spec)
    total = side = start
    for index, container in enumerate(status.get("initContainerStatuses", ())):
        total = _restarted(total, container)
        if container["name"] in sidecars:
            side = _restarted(side, container)
        word = _initial_reason(container, container["name"] in sidecars)
        if word is None:
            if container["name"] in sidecars and container.get("ready"):
                total, side = (
                    replace(total, ready=total.ready + 1),
                    replace(side, ready=side.ready + 1),
                )
            continue
        count = len(spec.get("initContainers", ()))
        return replace(total, reason=f"Init:{word or f'{index}/{count}'}"), side, True
    return total, side, False


def _initial_reason(container: Object, sidecar: bool) -> str | None:  # noqa: FBT001  # a fact of it
    """Return why an init container holds the pod up; empty: it just runs; None: it does not."""
    state = container.get("state", {})
    ended, waiting = state.get("terminated"), state.get("waiting", {}).get("reason")
    if ended is not None and ended["exitCode"] == 0:
        return None
    if sidecar and container.get("started"):
        return None
    if ended is not None:
        return _ended(ended)
    return waiting if waiting and waiting != "PodInitializing" else ""


def _main(start: _Summary, status: Object, conditions: Any) -> _Summary:  # noqa: ANN401  # JSON
    found, running, failed = start, False, ""
    for container in reversed(status.get("containerStatuses", ())):
        found = _restarted(found, container)
        state = container.get("state", {})
        if waiting := state.get("waiting", {}).get("reason"):
            found = replace(found, reason=waiting)
        elif ended := state.get("terminated"):
            found = replace(found, reason=_ended(ended))
            failed = found.reason if ended["exitCode"] else failed
        elif container.get("ready") and "running" in state:
            running = True
            found = replace(found, ready=found.ready + 1)
    if found.reason == "Completed":
        return replace(found, reason=_completed(conditions, failed, running=running))
    return found


def _completed(conditions: Any, failed: str, *, running: bool) -> str:  # noqa: ANN401  # JSON
    """Return what a pod is of which one container at least has completed."""
    if running and _is_true(conditions, "Ready"):
        return "Running"
    return failed or ("NotReady" if running else "Completed")


def _ended(ended: Object) -> str:
    if ended.get("reason"):
        return str(ended["reason"])
    return f"Signal:{ended['signal']}" if ended.get("signal") else f"ExitCode:{ended['exitCode']}"


def _restarted(found: _Summary, container: Object) -> _Summary:
    last = container.get("lastState", {}).get("terminated", {}).get("finishedAt") or ""
    return replace(
        found,
        restarts=found.restarts + container.get("restartCount", 0),
        last_restart=max(found.last_restart, last),
    )


def _sidecars(spec: Object) -> set[str]:
    return {
        container["name"]
        for container in spec.get("initContainers", ())
        if container.get("restartPolicy") == "Always"
    }


def _deleted(pod: Object) -> str:
    status = pod.get("status", {})
    if "deletionTimestamp" not in pod["metadata"]:
        return ""
    if status.get("reason") == "NodeLost":
        return "Unknown"
    return "" if status.get("phase") in _TERMINAL else "Terminating"


def _gates(gates: Any, conditions: Any) -> str:  # noqa: ANN401  # JSON
    if not gates:
        return NONE
    true = sum(_is_true(conditions, gate["conditionType"]) for gate in gates)
    return f"{true}/{len(gates)}"


def _is_true(conditions: Any, kind: str) -> bool:  # noqa: ANN401  # JSON
    return any(found["type"] == kind and found["status"] == "True" for found in conditions)


_ENDS = {
    "Succeeded": "The pod has completed successfully.",
    "Failed": "The pod failed.",
}


def _row_conditions(pod: Object) -> list[dict[str, str]]:
    phase = pod.get("status", {}).get("phase", "")
    if phase not in _ENDS:
        return []
    return [{"type": "Completed", "status": "True", "reason": phase, "message": _ENDS[phase]}]


POD = View(
    (
        NAME,
        Column("Ready", "The aggregate readiness state of this pod for accepting traffic."),
        Column("Status", "The aggregate status of the containers in this pod."),
        Column(
            "Restarts",
            "The number of times the containers in this pod have been restarted and when the last "
            "container in this pod has restarted.",
        ),
        AGE,
        wide("IP", f"{_CORE}.PodStatus#podIP"),
        wide("Node", f"{_CORE}.PodSpec#nodeName"),
        wide("Nominated Node", f"{_CORE}.PodStatus#nominatedNodeName"),
        wide("Readiness Gates", f"{_CORE}.PodSpec#readinessGates"),
    ),
    _cells,
    _row_conditions,
)
