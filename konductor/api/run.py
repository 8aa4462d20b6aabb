"""The Run: one execution of a pipeline, the owner of every object of it (semantics.md, 4)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from konductor.api.barrier import Condition, condition_json, parse_condition
from konductor.api.meta import (
    Json,
    Metadata,
    Owner,
    json_list,
    json_map,
    optional_text,
    optional_time,
    time_text,
    without_empty,
)
from konductor.api.names import API_VERSION
from konductor.duration import format_duration, parse_duration


class RunPhase(StrEnum):
    """Where a run stands; all but Running are terminal."""

    PENDING = "Pending"
    """Its objects are not all there yet (``spec.ready`` is false)."""
    RUNNING = "Running"
    SUCCEEDED = "Succeeded"
    FAILED = "Failed"
    TIMEOUT = "Timeout"
    CANCELLED = "Cancelled"

    @property
    def is_terminal(self) -> bool:
        """Tell whether the phase is final."""
        return self not in (RunPhase.PENDING, RunPhase.RUNNING)


class OnFailure(StrEnum):
    """What a run does about an unhandled failure."""

    DRAIN = "drain"
    ABORT = "abort"
    CONTINUE = "continue"


@dataclass(frozen=True, slots=True)
class RunSpec:
    """What is asked of a run."""

    pipeline: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    digest: str = ""
    """``sha256:…`` of source and parameters."""
    on_failure: OnFailure = OnFailure.DRAIN
    timeout: timedelta | None = None
    ttl: timedelta | None = None
    stages: int = 0
    ready: bool = False
    cancel: bool = False


@dataclass(frozen=True, slots=True)
class FailedStage:
    """A stage that failed, as ``status.failed`` lists it."""

    stage: str
    reason: str
    message: str = ""


@dataclass(frozen=True, slots=True)
class RunStatus:
    """What the operator says of a run."""

    phase: RunPhase = RunPhase.PENDING
    progress: str = ""
    current: tuple[str, ...] = ()
    started_at: datetime | None = None
    finished_at: datetime | None = None
    failed: tuple[FailedStage, ...] = ()
    observed_generation: int = 0
    conditions: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True)
class Run:
    """A Run object."""

    metadata: Metadata
    spec: RunSpec
    status: RunStatus = field(default_factory=RunStatus)

    @staticmethod
    def parse(document: Json) -> "Run":
        """Read a Run as the API server gives it."""
        return Run(
            metadata=Metadata.parse(json_map(document.get("metadata"))),
            spec=_parse_spec(json_map(document.get("spec"))),
            status=_parse_status(json_map(document.get("status"))),
        )

    def manifest(self) -> Json:
        """Return the document to create this Run with."""
        return {
            "apiVersion": API_VERSION,
            "kind": "Run",
            "metadata": self.metadata.manifest(),
            "spec": run_spec_json(self.spec),
        }

    def owner(self) -> Owner:
        """Return the ownerReference that makes an object go when this run goes."""
        return Owner(API_VERSION, "Run", self.metadata.name, self.metadata.uid)


def _parse_spec(spec: Json) -> RunSpec:
    timeout, ttl = optional_text(spec.get("timeout")), optional_text(spec.get("ttl"))
    return RunSpec(
        pipeline=str(spec["pipeline"]),
        parameters=json_map(spec.get("parameters")),
        digest=str(spec.get("digest") or ""),
        on_failure=OnFailure(spec.get("onFailure") or OnFailure.DRAIN),
        timeout=parse_duration(timeout) if timeout else None,
        ttl=parse_duration(ttl) if ttl else None,
        stages=int(spec.get("stages") or 0),
        ready=bool(spec.get("ready")),
        cancel=bool(spec.get("cancel")),
    )


def run_spec_json(spec: RunSpec) -> Json:
    """Return the JSON of a run's spec."""
    return without_empty(
        {
            "pipeline": spec.pipeline,
            "parameters": dict(spec.parameters),
            "digest": spec.digest,
            "onFailure": str(spec.on_failure),
            "timeout": format_duration(spec.timeout) if spec.timeout is not None else None,
            "ttl": format_duration(spec.ttl) if spec.ttl is not None else None,
            "stages": spec.stages,
            "ready": spec.ready,
            "cancel": spec.cancel,
        }
    )


def _parse_status(status: Json) -> RunStatus:
    return RunStatus(
        phase=RunPhase(status.get("phase") or RunPhase.PENDING),
        progress=str(status.get("progress") or ""),
        current=tuple(json_list(status.get("current"))),
        started_at=optional_time(status.get("startedAt")),
        finished_at=optional_time(status.get("finishedAt")),
        failed=tuple(
            FailedStage(str(one["stage"]), str(one["reason"]), str(one.get("message") or ""))
            for one in map(json_map, json_list(status.get("failed")))
        ),
        observed_generation=int(status.get("observedGeneration") or 0),
        conditions=tuple(
            parse_condition(json_map(one)) for one in json_list(status.get("conditions"))
        ),
    )


def run_status_json(status: RunStatus) -> Json:
    """Return the JSON of a run's status, every field that has been set."""
    return without_empty(
        {
            "phase": str(status.phase),
            "progress": status.progress,
            "current": list(status.current),
            "startedAt": time_text(status.started_at),
            "finishedAt": time_text(status.finished_at),
            "failed": [
                without_empty({"stage": one.stage, "reason": one.reason, "message": one.message})
                for one in status.failed
            ],
            "observedGeneration": status.observed_generation or None,
            "conditions": [condition_json(one) for one in status.conditions],
        }
    )
