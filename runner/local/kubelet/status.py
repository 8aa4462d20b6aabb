"""The status of a pod, from the states of its containers. Pure.

Phases, conditions and reasons are those of Kubernetes' kubelet (pkg/kubelet/status).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from konductor.api.meta import Json, json_list, time_text, without_empty
from konductor.runner.local.kubelet.pod import ContainerSpec, Pod
from konductor.runner.local.kubelet.state import (
    ContainerState,
    Running,
    Terminated,
    Verdict,
    Waiting,
)


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition, but for its times."""

    type: str
    holds: bool
    reason: str = ""
    message: str = ""


def phase_of(pod: Pod, states: Mapping[str, ContainerState]) -> str:
    """Return the phase that follows from the states of the containers."""
    inits = [states[one.name] for one in pod.init_containers]
    mains = [states[one.name] for one in pod.containers]
    if pod.restart_policy == "Never" and any(one.failed for one in inits):
        return "Failed"
    if not all(one.succeeded for one in inits):
        return "Pending"
    if any(isinstance(one.now, Waiting) and one.last is None for one in mains):
        return "Pending"
    if any(isinstance(one.now, Running) for one in mains):
        return "Running"
    if pod.restart_policy == "Always":
        return "Running"
    if all(one.succeeded for one in mains):
        return "Succeeded"
    return "Failed" if pod.restart_policy == "Never" else "Running"


def pod_status(
    pod: Pod,
    states: Mapping[str, ContainerState],
    *,
    now: datetime,
    started: datetime,
    address: str,
    verdict: Verdict | None = None,
) -> Json:
    """Return the whole status that the kubelet writes."""
    phase = "Failed" if verdict else phase_of(pod, states)
    return without_empty(
        {
            "phase": phase,
            "reason": verdict.reason if verdict else "",
            "message": verdict.message if verdict else "",
            "startTime": time_text(started),
            "hostIP": address,
            "hostIPs": [{"ip": address}],
            "podIP": address,
            "podIPs": [{"ip": address}],
            "observedGeneration": pod.meta.generation or None,
            "conditions": _with_times(_conditions(pod, states, phase), pod.status, now),
            "initContainerStatuses": _container_statuses(pod, pod.init_containers, states),
            "containerStatuses": _container_statuses(pod, pod.containers, states),
        }
    )


def rejection(pod: Pod, verdict: Verdict, now: datetime) -> Json:
    """Return the status of a pod that this node does not run at all."""
    return without_empty(
        {
            "phase": "Failed",
            "reason": verdict.reason,
            "message": verdict.message,
            "startTime": time_text(now),
            "observedGeneration": pod.meta.generation or None,
        }
    )


def _conditions(
    pod: Pod, states: Mapping[str, ContainerState], phase: str
) -> tuple[Condition, ...]:
    uninitialized = [one.name for one in pod.init_containers if not states[one.name].succeeded]
    unready = [one.name for one in pod.containers if not isinstance(states[one.name].now, Running)]
    active = any(isinstance(state.now, Running) for state in states.values())
    ended = {"Succeeded": "PodCompleted", "Failed": "PodFailed"}.get(phase, "")
    message = f"containers with unready status: [{' '.join(unready)}]"
    ready = (not unready and not ended, "" if not unready else ended or "ContainersNotReady")
    told = "" if not unready or ended else message
    return (
        Condition("PodReadyToStartContainers", active),
        _initialized(uninitialized, phase),
        Condition("Ready", *ready, told),
        Condition("ContainersReady", *ready, told),
    )


def _initialized(incomplete: Sequence[str], phase: str) -> Condition:
    if phase == "Succeeded":
        return Condition("Initialized", holds=True, reason="PodCompleted")
    if not incomplete:
        return Condition("Initialized", holds=True)
    message = f"containers with incomplete status: [{' '.join(incomplete)}]"
    return Condition("Initialized", holds=False, reason="ContainersNotInitialized", message=message)


def _with_times(conditions: Iterable[Condition], before: Json, now: datetime) -> list[Json]:
    """Return the conditions as JSON; a status that stays keeps the time it changed."""
    old = {one.get("type"): one for one in json_list(before.get("conditions"))}
    result = []
    for condition in conditions:
        status = "True" if condition.holds else "False"
        known = old.get(condition.type, {})
        since = known.get("lastTransitionTime") if known.get("status") == status else None
        result.append(
            {
                "type": condition.type,
                "status": status,
                "lastProbeTime": None,
                "lastTransitionTime": since or time_text(now),
                # Explicit nulls: a strategic merge would keep the reasons of before.
                "reason": condition.reason or None,
                "message": condition.message or None,
            }
        )
    return result


def _container_statuses(
    pod: Pod, containers: Sequence[ContainerSpec], states: Mapping[str, ContainerState]
) -> list[Json]:
    default = "PodInitializing" if pod.init_containers else "ContainerCreating"
    return [_container_status(one, states[one.name], pod, default) for one in containers]


def _container_status(
    container: ContainerSpec, state: ContainerState, pod: Pod, default: str
) -> Json:
    identity = f"process://{state.identity}" if state.identity else ""
    is_init = container in pod.init_containers
    running = isinstance(state.now, Running)
    last = {"terminated": _terminated(state.last, "")} if state.last else {}
    return {
        "name": container.name,
        "image": container.image,
        "imageID": "",
        "containerID": identity,
        "restartCount": state.restarts,
        "ready": state.succeeded if is_init else running,
        "started": running,
        "state": _state(state, identity, default),
        "lastState": last,
    }


def _state(state: ContainerState, identity: str, default: str) -> Json:
    match state.now:
        case Waiting(reason, message):
            return {"waiting": without_empty({"reason": reason or default, "message": message})}
        case Running(started):
            return {"running": {"startedAt": time_text(started)}}
        case Terminated() as ended:
            return {"terminated": _terminated(ended, identity)}


def _terminated(ended: Terminated, identity: str) -> Json:
    return {"exitCode": ended.exit_code} | without_empty(
        {
            "reason": ended.reason,
            "message": ended.message,
            "startedAt": time_text(ended.started),
            "finishedAt": time_text(ended.finished),
            "containerID": identity,
        }
    )
