"""The Barrier: N processes meet, it opens at its quorum (semantics.md, 1).

The JSON of the API server is read once into these values and written once from them; nothing else
knows its shape.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

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


class Phase(StrEnum):
    """Where a barrier stands; all but Waiting are terminal and never change."""

    WAITING = "Waiting"
    OPEN = "Open"
    FAILED = "Failed"
    TIMEOUT = "Timeout"

    @property
    def is_terminal(self) -> bool:
        """Tell whether the phase is final."""
        return self is not Phase.WAITING


class Reason(StrEnum):
    """Reasons of the condition ``Open``, one for each way to stand where a barrier stands."""

    WAITING_FOR_ARRIVALS = "WaitingForArrivals"
    WAITING_FOR_UPSTREAM = "WaitingForUpstream"
    ALL_ARRIVED = "AllArrived"
    QUORUM_REACHED = "QuorumReached"
    TIMED_OUT = "TimedOut"
    QUORUM_UNREACHABLE = "QuorumUnreachable"
    JOB_FAILED = "JobFailed"
    UPSTREAM_FAILED = "UpstreamFailed"
    UPSTREAM_CYCLE = "UpstreamCycle"
    SKIPPED = "Skipped"
    ABORTED = "Aborted"


class ConditionType(StrEnum):
    """The conditions a barrier carries."""

    READY = "Ready"
    STARTED = "Started"
    OPEN = "Open"


class Require(StrEnum):
    """What a term of ``after`` demands of its barriers."""

    OPEN = "Open"
    DONE = "Done"
    FAILED = "Failed"


class IfSkipped(StrEnum):
    """What a term does with a barrier that was skipped."""

    SKIP = "Skip"
    PROCEED = "Proceed"


@dataclass(frozen=True, slots=True)
class Term:
    """One term of ``after``; the terms of a barrier are ANDed."""

    barriers: tuple[str, ...]
    require: Require = Require.OPEN
    at_least: int | None = None
    """How many of the barriers; None: all."""
    if_skipped: IfSkipped = IfSkipped.SKIP


@dataclass(frozen=True, slots=True)
class BarrierSpec:
    """What is asked of a barrier."""

    expected: int
    quorum: int | None = None
    timeout: timedelta | None = None
    after: tuple[Term, ...] = ()
    jobs: tuple[str, ...] = ()
    """Jobs whose succeeded completion indexes count as arrivals (``arrivalsFrom.jobs``)."""

    @property
    def needed(self) -> int:
        """Return the number of arrivals that opens the barrier."""
        return self.expected if self.quorum is None else self.quorum


@dataclass(frozen=True, slots=True)
class Upstream:
    """A barrier named in ``after``, as it was when it was first seen terminal."""

    name: str
    uid: str
    phase: Phase
    reason: Reason
    root: str = ""
    """The barrier that the failure or skip came from; empty: this one itself."""


@dataclass(frozen=True, slots=True)
class JobReference:
    """A Job of a barrier, latched so that its deletion is noticed."""

    name: str
    uid: str


@dataclass(frozen=True, slots=True)
class Condition:
    """One entry of ``status.conditions``."""

    type: str
    status: str
    """``True``, ``False`` or ``Unknown``."""
    reason: str
    message: str = ""
    changed: datetime | None = None
    observed_generation: int = 0


@dataclass(frozen=True, slots=True)
class BarrierStatus:
    """What the operator says of a barrier; all defaults: it has not spoken yet."""

    phase: Phase = Phase.WAITING
    arrived: int = 0
    arrivals: tuple[str, ...] = ()
    """Participants in arrival order; folded as ``extract-[0-4,7]`` when long."""
    failed: int = 0
    failures: tuple[str, ...] = ()
    late: int = 0
    progress: str = ""
    quorum: int | None = None
    started_at: datetime | None = None
    deadline: datetime | None = None
    opened_at: datetime | None = None
    closed_at: datetime | None = None
    root_cause: str = ""
    """For a barrier that failed or was skipped through its upstream: where that began."""
    upstreams: tuple[Upstream, ...] = ()
    jobs: tuple[JobReference, ...] = ()
    observed_generation: int = 0
    conditions: tuple[Condition, ...] = ()

    def condition(self, kind: ConditionType) -> Condition | None:
        """Return the condition of that type, or None."""
        return next((one for one in self.conditions if one.type == kind), None)

    @property
    def reason(self) -> Reason | None:
        """Return why the barrier stands where it stands: the reason of its condition Open."""
        one = self.condition(ConditionType.OPEN)
        return Reason(one.reason) if one else None


@dataclass(frozen=True, slots=True)
class Barrier:
    """A Barrier object."""

    metadata: Metadata
    spec: BarrierSpec
    status: BarrierStatus = field(default_factory=BarrierStatus)

    @staticmethod
    def parse(document: Json) -> "Barrier":
        """Read a Barrier as the API server gives it.

        Raises:
            ValueError: the document breaks a rule that the CRD enforces, so no server sent it.
        """
        return Barrier(
            metadata=Metadata.parse(json_map(document.get("metadata"))),
            spec=_parse_spec(json_map(document.get("spec"))),
            status=parse_status(json_map(document.get("status"))),
        )

    def manifest(self) -> Json:
        """Return the document to create this barrier with: no status, no server-set metadata."""
        return {
            "apiVersion": API_VERSION,
            "kind": "Barrier",
            "metadata": self.metadata.manifest(),
            "spec": spec_json(self.spec),
        }

    def owner(self) -> Owner:
        """Return the ownerReference that makes an object go when this barrier goes."""
        return Owner(API_VERSION, "Barrier", self.metadata.name, self.metadata.uid)


def _parse_spec(spec: Json) -> BarrierSpec:
    timeout = optional_text(spec.get("timeout"))
    return BarrierSpec(
        expected=int(spec["expected"]),
        quorum=int(spec["quorum"]) if spec.get("quorum") is not None else None,
        timeout=parse_duration(timeout) if timeout else None,
        after=tuple(_parse_term(json_map(term)) for term in json_list(spec.get("after"))),
        jobs=tuple(json_list(json_map(spec.get("arrivalsFrom")).get("jobs"))),
    )


def _parse_term(term: Json) -> Term:
    return Term(
        barriers=tuple(json_list(term.get("barriers"))),
        require=Require(term.get("require") or Require.OPEN),
        at_least=int(term["atLeast"]) if term.get("atLeast") is not None else None,
        if_skipped=IfSkipped(term.get("ifSkipped") or IfSkipped.SKIP),
    )


def spec_json(spec: BarrierSpec) -> Json:
    """Return the JSON of a barrier's spec, without what is default."""
    return without_empty(
        {
            "expected": spec.expected,
            "quorum": spec.quorum,
            "timeout": format_duration(spec.timeout) if spec.timeout is not None else None,
            "after": [_term_json(term) for term in spec.after],
            "arrivalsFrom": {"jobs": list(spec.jobs)} if spec.jobs else None,
        }
    )


def _term_json(term: Term) -> Json:
    return without_empty(
        {
            "barriers": list(term.barriers),
            "require": str(term.require),
            "atLeast": term.at_least,
            "ifSkipped": str(term.if_skipped),
        }
    )


def parse_status(status: Json) -> BarrierStatus:
    """Read a barrier's status; an empty document is the status before the operator spoke."""
    return BarrierStatus(
        phase=Phase(status.get("phase") or Phase.WAITING),
        arrived=int(status.get("arrived") or 0),
        arrivals=tuple(json_list(status.get("arrivals"))),
        failed=int(status.get("failed") or 0),
        failures=tuple(json_list(status.get("failures"))),
        late=int(status.get("late") or 0),
        progress=str(status.get("progress") or ""),
        quorum=int(status["quorum"]) if status.get("quorum") is not None else None,
        started_at=optional_time(status.get("startedAt")),
        deadline=optional_time(status.get("deadline")),
        opened_at=optional_time(status.get("openedAt")),
        closed_at=optional_time(status.get("closedAt")),
        root_cause=str(status.get("rootCause") or ""),
        upstreams=tuple(
            _parse_upstream(json_map(one)) for one in json_list(status.get("upstreams"))
        ),
        jobs=tuple(
            JobReference(str(one["name"]), str(one["uid"])) for one in json_list(status.get("jobs"))
        ),
        observed_generation=int(status.get("observedGeneration") or 0),
        conditions=tuple(
            parse_condition(json_map(one)) for one in json_list(status.get("conditions"))
        ),
    )


def _parse_upstream(one: Json) -> Upstream:
    return Upstream(
        name=str(one["name"]),
        uid=str(one["uid"]),
        phase=Phase(one["phase"]),
        reason=Reason(one["reason"]),
        root=str(one.get("rootCause") or ""),
    )


def parse_condition(one: Json) -> Condition:
    """Read one entry of ``status.conditions``."""
    return Condition(
        type=str(one["type"]),
        status=str(one["status"]),
        reason=str(one.get("reason") or ""),
        message=str(one.get("message") or ""),
        changed=optional_time(one.get("lastTransitionTime")),
        observed_generation=int(one.get("observedGeneration") or 0),
    )


def status_json(status: BarrierStatus) -> Json:
    """Return the JSON of a barrier's status, every field that has been set."""
    return without_empty(
        {
            "phase": str(status.phase),
            "arrived": status.arrived,
            "arrivals": list(status.arrivals),
            "failed": status.failed,
            "failures": list(status.failures),
            "late": status.late,
            "progress": status.progress,
            "quorum": status.quorum,
            "startedAt": time_text(status.started_at),
            "deadline": time_text(status.deadline),
            "openedAt": time_text(status.opened_at),
            "closedAt": time_text(status.closed_at),
            "rootCause": status.root_cause,
            "upstreams": [_upstream_json(one) for one in status.upstreams],
            "jobs": [{"name": one.name, "uid": one.uid} for one in status.jobs],
            "observedGeneration": status.observed_generation or None,
            "conditions": [condition_json(one) for one in status.conditions],
        }
    )


def _upstream_json(one: Upstream) -> Json:
    return without_empty(
        {
            "name": one.name,
            "uid": one.uid,
            "phase": str(one.phase),
            "reason": str(one.reason),
            "rootCause": one.root,
        }
    )


def condition_json(one: Condition) -> Json:
    """Return the JSON of one condition."""
    return without_empty(
        {
            "type": one.type,
            "status": one.status,
            "reason": one.reason,
            "message": one.message,
            "lastTransitionTime": time_text(one.changed),
            "observedGeneration": one.observed_generation or None,
        }
    )
