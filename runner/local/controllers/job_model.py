"""A Job and its pods as the Job controller reads them: their JSON parsed once, to values."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from konductor.api.meta import Json, Metadata, json_list, json_map, optional_time
from konductor.runner.local.controllers.job_indexes import parse_indexes

FINALIZER = "batch.kubernetes.io/job-tracking"
INDEX = "batch.kubernetes.io/job-completion-index"
FAILURES = "batch.kubernetes.io/job-index-failure-count"
IGNORED_FAILURES = "batch.kubernetes.io/job-index-ignored-failure-count"
_OURS = "kubernetes.io/job-controller"
_UNLIMITED = 2**31 - 1


@dataclass(frozen=True, slots=True)
class JobPod:
    """One pod of a Job."""

    meta: Metadata
    phase: str
    tracked: bool
    """It carries the finalizer: it has not been counted for good."""
    index: int | None
    failures: int
    """Of its index before it, as counted against backoffLimitPerIndex."""
    ignored_failures: int
    ready: bool
    assigned: bool
    restarts: int
    finished: datetime
    document: Json

    @property
    def deleting(self) -> bool:
        """Return whether it was deleted and is still there."""
        return self.meta.deleted is not None

    @property
    def over(self) -> bool:
        """Return whether it has ended."""
        return self.phase in {"Succeeded", "Failed"}

    @property
    def active(self) -> bool:
        """Return whether it runs, or will."""
        return not self.over and not self.deleting

    @property
    def terminating(self) -> bool:
        """Return whether it was deleted and has not ended."""
        return self.deleting and not self.over


@dataclass(frozen=True, slots=True)
class Job:
    """What the controller needs of a Job."""

    meta: Metadata
    parallelism: int
    completions: int | None
    indexed: bool
    backoff_limit: int
    backoff_limit_per_index: int | None
    most_failed_indexes: int | None
    suspended: bool
    deadline: timedelta | None
    ttl: timedelta | None
    success_rules: tuple[Json, ...]
    failure_rules: tuple[Json, ...]
    replaces_only_failed: bool
    restarts_containers: bool
    is_ours: bool
    status: Json
    document: Json

    def has(self, condition: str) -> Json | None:
        """Return the condition of that type if it is True."""
        for one in json_list(self.status.get("conditions")):
            if one.get("type") == condition and one.get("status") == "True":
                return json_map(one)
        return None

    @property
    def finished(self) -> bool:
        """Return whether it is Complete or Failed, for good."""
        return self.has("Complete") is not None or self.has("Failed") is not None

    @property
    def started(self) -> datetime | None:
        """Return when it started, or was resumed."""
        return optional_time(self.status.get("startTime"))

    def uncounted(self, outcome: str) -> tuple[str, ...]:
        """Return the pods that ended so and are noted but not yet in the counters."""
        noted = json_map(self.status.get("uncountedTerminatedPods"))
        return tuple(map(str, json_list(noted.get(outcome))))

    def is_index(self, pod: JobPod) -> bool:
        """Return whether a pod's index is one that counts; any is for a NonIndexed Job."""
        return not self.indexed or (pod.index is not None and pod.index < (self.completions or 0))

    def is_failed(self, pod: JobPod) -> bool:
        """Return whether a pod is a failure, so that it is replaced."""
        if pod.phase == "Failed":
            return True
        return not self.replaces_only_failed and pod.deleting and pod.phase != "Succeeded"

    def indexes(self, member: str) -> frozenset[int]:
        """Return the indexes that ``completedIndexes`` or ``failedIndexes`` holds."""
        return parse_indexes(str(self.status.get(member) or ""), self.completions or 0)


def parse_job(document: Json) -> Job:
    """Read a Job."""
    spec = json_map(document.get("spec"))
    per_index = spec.get("backoffLimitPerIndex")
    default_limit = 6 if per_index is None else _UNLIMITED
    policy = json_map(spec.get("podFailurePolicy"))
    replacement = spec.get("podReplacementPolicy", "Failed" if policy else "TerminatingOrFailed")
    template = json_map(json_map(spec.get("template")).get("spec"))
    return Job(
        meta=Metadata.parse(json_map(document.get("metadata"))),
        parallelism=int(spec.get("parallelism", 1)),
        completions=spec.get("completions"),
        indexed=spec.get("completionMode") == "Indexed",
        backoff_limit=int(spec.get("backoffLimit", default_limit)),
        backoff_limit_per_index=per_index,
        most_failed_indexes=spec.get("maxFailedIndexes"),
        suspended=bool(spec.get("suspend")),
        deadline=_seconds(spec.get("activeDeadlineSeconds")),
        ttl=_seconds(spec.get("ttlSecondsAfterFinished")),
        success_rules=tuple(json_list(json_map(spec.get("successPolicy")).get("rules"))),
        failure_rules=tuple(json_list(policy.get("rules"))),
        replaces_only_failed=replacement == "Failed",
        restarts_containers=template.get("restartPolicy") == "OnFailure",
        is_ours=spec.get("managedBy", _OURS) == _OURS,
        status=json_map(document.get("status")),
        document=document,
    )


def parse_job_pod(document: Json) -> JobPod:
    """Read a pod of a Job."""
    meta = json_map(document.get("metadata"))
    metadata = Metadata.parse(meta)
    status = json_map(document.get("status"))
    containers = [*json_list(status.get("initContainerStatuses")), *_mains(status)]
    return JobPod(
        meta=metadata,
        phase=str(status.get("phase") or "Pending"),
        tracked=FINALIZER in json_list(meta.get("finalizers")),
        index=_number(metadata.annotations, INDEX),
        failures=_number(metadata.annotations, FAILURES) or 0,
        ignored_failures=_number(metadata.annotations, IGNORED_FAILURES) or 0,
        ready=_condition(status, "Ready").get("status") == "True",
        assigned=bool(json_map(document.get("spec")).get("nodeName")),
        restarts=sum(int(one.get("restartCount", 0)) for one in containers),
        finished=_finished(metadata, meta, status),
        document=document,
    )


def _finished(metadata: Metadata, meta: Json, status: Json) -> datetime:
    """Return when a pod ended, as well as its status tells it."""
    ends = [
        optional_time(json_map(json_map(one.get("state")).get("terminated")).get("finishedAt"))
        for one in _mains(status)
    ]
    known = [end for end in ends if end is not None]
    if known and len(known) == len(ends):
        return max(known)
    ready = _condition(status, "Ready")
    changed = optional_time(ready.get("lastTransitionTime"))
    if ready.get("status") == "False" and changed:
        return changed
    if metadata.deleted:
        grace = timedelta(seconds=int(meta.get("deletionGracePeriodSeconds") or 0))
        return metadata.deleted - grace
    return metadata.created or datetime.fromtimestamp(0, UTC)


def _mains(status: Json) -> list[Json]:
    return list(map(json_map, json_list(status.get("containerStatuses"))))


def _condition(status: Json, kind: str) -> Json:
    conditions = map(json_map, json_list(status.get("conditions")))
    return next((one for one in conditions if one.get("type") == kind), {})


def _number(texts: Mapping[str, str], name: str) -> int | None:
    text = texts.get(name, "")
    return int(text) if text.isdigit() else None


def _seconds(value: int | None) -> timedelta | None:
    return None if value is None else timedelta(seconds=value)
