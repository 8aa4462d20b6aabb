from datetime import UTC, datetime, timedelta

import pytest

from konductor.api.barrier import (
    Barrier,
    BarrierSpec,
    ConditionType,
    IfSkipped,
    Phase,
    Reason,
    Require,
    Term,
    parse_status,
    status_json,
)
from konductor.api.meta import Json, Metadata, Owner

DOCUMENT: Json = {
    "apiVersion": "konductor.io/v1",
    "kind": "Barrier",
    "metadata": {
        "name": "stage-1-complete",
        "namespace": "default",
        "uid": "uid-1",
        "generation": 3,
        "resourceVersion": "77",
        "creationTimestamp": "2026-11-24T08:00:00Z",
        "labels": {"konductor.io/run": "etl-00000"},
        "ownerReferences": [
            {"apiVersion": "konductor.io/v1", "kind": "Run", "name": "etl-00000", "uid": "uid-r"}
        ],
    },
    "spec": {
        "expected": 5,
        "quorum": 4,
        "timeout": "30m",
        "after": [
            {"barriers": ["a", "b"], "require": "Done", "atLeast": 1, "ifSkipped": "Proceed"}
        ],
        "arrivalsFrom": {"jobs": ["map"]},
    },
    "status": {
        "phase": "Failed",
        "arrived": 3,
        "arrivals": ["p-0", "p-1", "p-2"],
        "failed": 2,
        "failures": ["p-3", "p-4"],
        "late": 1,
        "progress": "3/5",
        "quorum": 4,
        "startedAt": "2026-11-24T08:00:00Z",
        "deadline": "2026-11-24T08:30:00Z",
        "closedAt": "2026-11-24T08:10:00Z",
        "rootCause": "a",
        "upstreams": [{"name": "a", "uid": "uid-a", "phase": "Open", "reason": "AllArrived"}],
        "jobs": [{"name": "map", "uid": "uid-m"}],
        "observedGeneration": 3,
        "conditions": [
            {
                "type": "Open",
                "status": "False",
                "reason": "QuorumUnreachable",
                "message": "2 of 5 failed",
                "lastTransitionTime": "2026-11-24T08:10:00Z",
                "observedGeneration": 3,
            }
        ],
    },
}


def test_a_whole_barrier_is_read() -> None:
    barrier = Barrier.parse(DOCUMENT)
    assert barrier.metadata.created == datetime(2026, 11, 24, 8, tzinfo=UTC)
    assert barrier.metadata.owners == (Owner("konductor.io/v1", "Run", "etl-00000", "uid-r"),)
    term = Term(("a", "b"), Require.DONE, 1, IfSkipped.PROCEED)
    assert barrier.spec == BarrierSpec(5, 4, timedelta(minutes=30), (term,), ("map",))
    assert barrier.status.phase is Phase.FAILED
    assert barrier.status.reason is Reason.QUORUM_UNREACHABLE
    assert barrier.status.condition(ConditionType.READY) is None


def test_what_is_read_is_written_as_it_was() -> None:
    barrier = Barrier.parse(DOCUMENT)
    assert status_json(barrier.status) == DOCUMENT["status"]
    manifest = barrier.manifest()
    assert manifest["spec"] == DOCUMENT["spec"]
    assert "status" not in manifest
    assert set(manifest["metadata"]) == {"name", "namespace", "labels", "ownerReferences"}


def test_the_smallest_barrier_is_read() -> None:
    barrier = Barrier.parse({"metadata": {"name": "b"}, "spec": {"expected": 2}})
    assert barrier == Barrier(Metadata("b"), BarrierSpec(2))
    assert barrier.spec.needed == 2
    assert barrier.status.reason is None
    assert not barrier.status.phase.is_terminal


def test_defaults_of_a_term_are_read() -> None:
    spec = {"expected": 1, "after": [{"barriers": ["a"]}]}
    barrier = Barrier.parse({"metadata": {"name": "b"}, "spec": spec})
    assert barrier.spec.after == (Term(("a",)),)


def test_quorum_is_what_opens_it() -> None:
    assert BarrierSpec(5, 3).needed == 3


def test_a_barrier_owns_what_goes_with_it() -> None:
    owner = Barrier.parse(DOCUMENT).owner()
    assert owner.manifest() == {
        "apiVersion": "konductor.io/v1",
        "kind": "Barrier",
        "name": "stage-1-complete",
        "uid": "uid-1",
    }


def test_an_unknown_phase_is_refused() -> None:
    with pytest.raises(ValueError, match="Ajar"):
        parse_status({"phase": "Ajar"})
