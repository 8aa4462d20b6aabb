"""What Arrivals, Jobs and pods say, read once from the API server's JSON. Pure."""

from dataclasses import dataclass
from datetime import datetime

from konductor.api.arrival import Outcome
from konductor.api.meta import Json, Metadata, json_list, json_map, optional_time
from konductor.api.names import Annotation, Label
from konductor.operator.table import Key
from konductor.semantics.indexes import Indexes
from konductor.semantics.observation import JobFact
from konductor.semantics.tally import ArrivalFact

_INDEX = "batch.kubernetes.io/job-completion-index"
JOB_NAME = "batch.kubernetes.io/job-name"
"""The label by which a pod names its Job."""


@dataclass(frozen=True, slots=True)
class Job:
    """A Job as the operator sees it."""

    metadata: Metadata
    fact: JobFact
    completed: Indexes

    @property
    def barrier(self) -> str:
        """Return the barrier that it is labelled with, or an empty string."""
        return self.metadata.labels.get(Label.BARRIER, "")


def parse_job(document: Json) -> Job:
    """Read a Job."""
    metadata = Metadata.parse(json_map(document.get("metadata")))
    spec, status = json_map(document.get("spec")), json_map(document.get("status"))
    ends = [
        one
        for one in json_list(status.get("conditions"))
        if one.get("status") == "True" and one.get("type") in ("Complete", "Failed")
    ]
    failures = [one for one in ends if one["type"] == "Failed"]
    ended = [_ended_at(one, metadata) for one in ends]
    return Job(
        metadata,
        JobFact(
            name=metadata.name,
            uid=metadata.uid,
            suspended=bool(spec.get("suspend")),
            released=Annotation.RELEASED in metadata.annotations,
            completions=int(spec.get("completions") or 1),
            indexed=spec.get("completionMode") == "Indexed",
            failed=Indexes.parse(str(status.get("failedIndexes") or "")),
            ended_at=min((one for one in ended if one), default=None),
            failure=str(failures[0].get("message") or failures[0].get("reason"))
            if failures
            else "",
        ),
        completed=Indexes.parse(str(status.get("completedIndexes") or "")),
    )


def _ended_at(condition: Json, metadata: Metadata) -> datetime | None:
    return optional_time(condition.get("lastTransitionTime")) or metadata.created


def arrival_fact(document: Json) -> ArrivalFact:
    """Read an Arrival; this runs for each of a million, so it looks at nothing else."""
    spec = document["spec"]
    return ArrivalFact(
        participant=spec["participant"],
        outcome=Outcome(spec.get("outcome") or Outcome.ARRIVED),
        at=datetime.fromisoformat(document["metadata"]["creationTimestamp"]),
        message=spec.get("message") or "",
    )


@dataclass(frozen=True, slots=True)
class Finish:
    """The pod of one completion index has succeeded."""

    job: Key
    index: int
    at: datetime


def finish_of(document: Json) -> Finish | None:
    """Return when the pod of a Job's completion index finished; None while it has not."""
    metadata, status = json_map(document.get("metadata")), json_map(document.get("status"))
    index = json_map(metadata.get("annotations")).get(_INDEX)
    job = json_map(metadata.get("labels")).get(JOB_NAME)
    if status.get("phase") != "Succeeded" or index is None or job is None:
        return None
    ends = [
        ended
        for one in json_list(status.get("containerStatuses"))
        if (ended := optional_time(_terminated(one).get("finishedAt")))
    ]
    return Finish(Key(str(metadata["namespace"]), job), int(index), max(ends)) if ends else None


def _terminated(container: Json) -> Json:
    return json_map(json_map(container.get("state")).get("terminated"))
