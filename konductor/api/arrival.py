"""The Arrival: one immutable record that a participant arrived, or failed (semantics.md, 1)."""

from enum import StrEnum
from typing import NamedTuple

from konductor.api.meta import Json, Metadata, Owner, json_map, without_empty
from konductor.api.names import API_VERSION, Label, arrival_name


class Outcome(StrEnum):
    """What an Arrival records."""

    ARRIVED = "Arrived"
    FAILED = "Failed"
    ABORT = "Abort"
    """No participant's doing: the barrier as a whole is to fail (``koncli barrier fail NAME``)."""


class Arrival(NamedTuple):
    """An Arrival object."""

    metadata: Metadata
    barrier: str
    barrier_uid: str
    participant: str
    outcome: Outcome = Outcome.ARRIVED
    pod: str = ""
    message: str = ""

    @staticmethod
    def at(
        barrier: str,
        uid: str,
        participant: str,
        *,
        namespace: str,
        outcome: Outcome = Outcome.ARRIVED,
        pod: str = "",
        message: str = "",
    ) -> "Arrival":
        """Return the one Arrival of this participant at the barrier with this uid."""
        metadata = Metadata(
            name=arrival_name(barrier, uid, participant),
            namespace=namespace,
            labels={Label.BARRIER: barrier},
            owners=(Owner(API_VERSION, "Barrier", barrier, uid),),
        )
        return Arrival(metadata, barrier, uid, participant, outcome, pod, message)

    @staticmethod
    def parse(document: Json) -> "Arrival":
        """Read an Arrival as the API server gives it."""
        spec = json_map(document.get("spec"))
        return Arrival(
            metadata=Metadata.parse(json_map(document.get("metadata"))),
            barrier=str(spec["barrier"]),
            barrier_uid=str(spec["barrierUID"]),
            participant=str(spec["participant"]),
            outcome=Outcome(spec.get("outcome") or Outcome.ARRIVED),
            pod=str(spec.get("pod") or ""),
            message=str(spec.get("message") or ""),
        )

    def manifest(self) -> Json:
        """Return the document to create this Arrival with."""
        return {
            "apiVersion": API_VERSION,
            "kind": "Arrival",
            "metadata": self.metadata.manifest(),
            "spec": without_empty(
                {
                    "barrier": self.barrier,
                    "barrierUID": self.barrier_uid,
                    "participant": self.participant,
                    "outcome": str(self.outcome),
                    "pod": self.pod,
                    "message": self.message,
                }
            ),
        }
