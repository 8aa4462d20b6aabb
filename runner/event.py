"""What the runner hears of a run: values read once from the API server's JSON. Pure."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from konductor.api.barrier import Barrier
from konductor.api.meta import Json, json_list, json_map
from konductor.api.names import Container, Label
from konductor.api.run import Run

_INDEX = "batch.kubernetes.io/job-completion-index"
_JOB = "batch.kubernetes.io/job-name"


class TaskPhase(StrEnum):
    """Where one pod stands: `PodPhase` of Kubernetes, without Unknown."""

    PENDING = "Pending"
    RUNNING = "Running"
    SUCCEEDED = "Succeeded"
    FAILED = "Failed"


@dataclass(frozen=True, slots=True)
class BarrierSeen:
    """A barrier of the run, as it is now."""

    barrier: Barrier


@dataclass(frozen=True, slots=True)
class RunSeen:
    """The run itself, as it is now."""

    run: Run


@dataclass(frozen=True, slots=True)
class PodSeen:
    """One attempt of one participant."""

    pod: str
    stage: str
    participant: str
    """``<stage>-<index>``, with a matrix ``<stage>-<ordinal>-<index>``, as a person names it."""
    phase: TaskPhase
    reason: str = ""
    """Why it waits or failed, in one phrase, such as ``exit code 1``."""
    container: str = Container.MAIN
    """The container that the reason is about."""
    is_deleted: bool = False
    """Somebody ends it: if it fails from now on, that is no failure of its participant."""

    @property
    def is_stuck(self) -> bool:
        """Tell whether something keeps it from starting: no node fits, an image cannot be had."""
        return self.phase is TaskPhase.PENDING and bool(self.reason) and not self.is_deleted


@dataclass(frozen=True, slots=True)
class PodGone:
    """A pod was deleted."""

    pod: str


@dataclass(frozen=True, slots=True)
class JobRefused:
    """A Job could not create a pod."""

    job: str
    """Its name without the run's: ``<stage>``, with a matrix ``<stage>-<ordinal>``."""
    message: str


@dataclass(frozen=True, slots=True)
class RunGone:
    """The run was deleted."""


@dataclass(frozen=True, slots=True)
class LogRead:
    """The last lines of a failing pod."""

    pod: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cancelling:
    """A person asked to end the run."""


Event: TypeAlias = (
    BarrierSeen | RunSeen | PodSeen | PodGone | JobRefused | RunGone | LogRead | Cancelling
)
REFUSED = "type=Warning,reason=FailedCreate"
"""The field selector of the Events in which a Job says that it could not create a pod."""
_REFUSED_POD = re.compile(r'Error creating: ([Pp]ods? "[^"]*" is (forbidden|invalid): )?')


def read_pod(document: Json) -> PodSeen:
    """Read a pod of a stage as the API server gives it."""
    metadata, status = json_map(document.get("metadata")), json_map(document.get("status"))
    labels = json_map(metadata.get("labels"))
    annotations = json_map(metadata.get("annotations"))
    job = str(labels.get(_JOB) or "").removeprefix(f"{labels.get(Label.RUN)}-")
    stage = str(labels.get(Label.STAGE) or job or metadata["name"])
    stem = job or stage
    index = annotations.get(_INDEX)
    phase = str(status.get("phase") or TaskPhase.PENDING)
    reason, container = _trouble(status)
    return PodSeen(
        pod=str(metadata["name"]),
        stage=stage,
        participant=stem if index is None else f"{stem}-{index}",
        phase=TaskPhase(phase) if phase in set(TaskPhase) else TaskPhase.RUNNING,
        reason=reason,
        container=container,
        is_deleted=bool(metadata.get("deletionTimestamp")),
    )


def read_refusal(document: Json, run: str) -> JobRefused | None:
    """Read a Warning of a Job as the API server gives it; None: of another run, or no Job's.

    What names the pod is left out: with each attempt it has another name by chance.
    """
    about = json_map(document.get("involvedObject"))
    name = str(about.get("name", ""))
    if about.get("kind") != "Job" or not name.startswith(f"{run}-"):
        return None
    return JobRefused(
        name.removeprefix(f"{run}-"), _REFUSED_POD.sub("", str(document.get("message", "")))
    )


def _trouble(status: Json) -> tuple[str, str]:
    """Return what is wrong with a pod, and with which container; both empty if nothing is."""
    containers = [
        json_map(one)
        for member in ("containerStatuses", "initContainerStatuses")
        for one in json_list(status.get(member))
    ]
    for one in containers:
        state = json_map(one.get("state"))
        ended, waiting = json_map(state.get("terminated")), json_map(state.get("waiting"))
        if ended.get("exitCode"):
            return _ended(ended), str(one["name"])
        if waiting.get("message"):
            return f"{waiting.get('reason')}: {waiting['message']}", str(one["name"])
    for one in json_list(status.get("conditions")):
        if one.get("type") == "PodScheduled" and one.get("status") == "False":
            return f"{one.get('reason')}: {one.get('message')}", Container.MAIN
    words = (status.get("reason"), status.get("message"))
    return ": ".join(str(word) for word in words if word), Container.MAIN


def _ended(terminated: Json) -> str:
    reason = str(terminated.get("reason") or "")
    if signal := terminated.get("signal"):
        return f"killed by signal {signal}"
    code = f"exit code {terminated['exitCode']}"
    return code if reason in ("", "Error") else f"{code} ({reason})"
