from datetime import UTC, datetime

from konductor.api.arrival import Arrival, Outcome
from konductor.api.meta import Json
from konductor.api.names import arrival_name


def test_an_arrival_names_barrier_uid_and_participant() -> None:
    arrival = Arrival.at("b", "uid-1", "p-0", namespace="etl", pod="pod-1", message="why")
    manifest = arrival.manifest()
    assert manifest["spec"] == {
        "barrier": "b",
        "barrierUID": "uid-1",
        "participant": "p-0",
        "outcome": "Arrived",
        "pod": "pod-1",
        "message": "why",
    }
    metadata = manifest["metadata"]
    assert metadata["name"] == arrival_name("b", "uid-1", "p-0")
    assert metadata["labels"] == {"konductor.io/barrier": "b"}
    assert metadata["ownerReferences"][0]["uid"] == "uid-1"


def test_what_is_written_is_read_back() -> None:
    arrival = Arrival.at("b", "uid-1", "p-0", namespace="etl", outcome=Outcome.ABORT)
    assert Arrival.parse(arrival.manifest()) == arrival


def test_an_arrival_without_an_outcome_arrived() -> None:
    document: Json = {
        "metadata": {"name": "x", "creationTimestamp": "2026-11-24T08:00:00Z"},
        "spec": {"barrier": "b", "barrierUID": "u", "participant": "p"},
    }
    arrival = Arrival.parse(document)
    assert arrival.outcome is Outcome.ARRIVED
    assert arrival.metadata.created == datetime(2026, 11, 24, 8, tzinfo=UTC)


def test_each_barrier_uid_and_participant_has_a_name_of_its_own() -> None:
    names = {arrival_name("b", uid, who) for uid in ("u", "v") for who in ("p", "q")}
    assert len(names) == 4
    assert all(len(name) == len("b-") + 20 for name in names)
