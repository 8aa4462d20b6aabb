import threading
from datetime import timedelta

import pytest

from konductor.api.arrival import Outcome
from konductor.connection import Connection
from konductor.errors import Forbidden, NotFound
from konductor.hooks.arrive import Mark, RecordedOtherwise, arrive, describe
from konductor.hooks.client import Client
from konductor.hooks.round import ensure_round
from tests.unit.conftest import BARRIERS, Api


def test_arrival_is_get_post_get(api: Api, client: Client, told: list[str]) -> None:
    uid = api.barrier("a")["metadata"]["uid"]
    receipt = arrive(client, "a", Mark("p", pod="p-x"), tell=told.append)
    assert api.requests == ["GET barriers/a", "POST arrivals", "GET barriers/a"]
    assert api.arrivals() == [f"p@{uid}"]
    assert receipt.first
    assert told == []


def test_lost_answer_counts_once(api: Api, client: Client, told: list[str]) -> None:
    api.barrier("a")
    api.before_answer = lambda request: _lose_posts(api, request)
    receipt = arrive(client, "a", Mark("p"), tell=told.append)
    assert len(api.arrivals()) == 1
    assert not receipt.first


def _lose_posts(api: Api, request: str) -> None:
    if request.startswith("GET"):
        api.faults = ["lose"]
        api.before_answer = lambda _: None


def test_arriving_twice_is_arriving_once(api: Api, client: Client, told: list[str]) -> None:
    api.barrier("a")
    arrive(client, "a", Mark("p"), tell=told.append)
    receipt = arrive(client, "a", Mark("p"), tell=told.append)
    assert describe(receipt, Mark("p")) == "`p` arrived at `a`; that was recorded before"
    assert len(api.arrivals()) == 1


def test_first_record_of_a_participant_is_final(api: Api, client: Client, told: list[str]) -> None:
    api.barrier("a")
    arrive(client, "a", Mark("p", Outcome.FAILED), tell=told.append)
    with pytest.raises(RecordedOtherwise, match="`p` is already recorded as Failed at `a`"):
        arrive(client, "a", Mark("p"), tell=told.append)


def test_stale_uid_arrives_anew(api: Api, client: Client, told: list[str]) -> None:
    api.barrier("a")

    def recreate(request: str) -> None:
        if request.startswith("POST"):
            api.before_answer = lambda _: None
            api.remove(f"{BARRIERS}/a")
            api.barrier("a")

    api.before_answer = recreate
    receipt = arrive(client, "a", Mark("p"), tell=told.append)
    uid = api.objects[f"{BARRIERS}/a"]["metadata"]["uid"]
    assert receipt.barrier.metadata.uid == uid
    assert f"p@{uid}" in api.arrivals()
    assert "deleted meanwhile" in told[0]


def test_collected_record_arrives_anew(api: Api, client: Client, told: list[str]) -> None:
    """The record found is of a barrier that goes, with its records, before we can read it."""
    api.barrier("a")
    arrive(client, "a", Mark("p"), tell=told.append)

    def collect(request: str) -> None:
        if request.startswith("POST"):
            api.before_answer = lambda _: None
            for path in [one for one in api.objects if "arrivals" in one]:
                api.remove(path)
            api.remove(f"{BARRIERS}/a")
            api.barrier("a")

    api.before_answer = collect
    receipt = arrive(client, "a", Mark("p"), tell=told.append)
    assert receipt.first
    assert api.arrivals() == [f"p@{receipt.barrier.metadata.uid}"]


def test_absent_barrier_is_waited_for(api: Api, client: Client, told: list[str]) -> None:
    def create() -> None:
        api.until_watched()
        api.barrier("a")

    thread = threading.Thread(target=create)
    thread.start()
    arrive(client, "a", Mark("p"), tell=told.append)
    thread.join()
    assert told == ["barrier `a` does not exist yet; waiting 5m for it"]


def test_barrier_on_its_way_out_is_not_arrived_at(
    api: Api, connection: Connection, told: list[str]
) -> None:
    api.barrier("a", deleted="2026-11-23T00:00:00Z")
    with pytest.raises(NotFound, match="there is no barrier `a` in namespace `etl`"):
        arrive(
            Client(connection),
            "a",
            Mark("p"),
            timeout=timedelta(milliseconds=50),
            tell=told.append,
        )
    assert api.arrivals() == []


@pytest.mark.parametrize(
    ("mark", "text"),
    [
        (Mark("p"), "`p` arrived at `a`, which is Timeout already"),
        (Mark("p", Outcome.FAILED), "`p` failed at `a`, which is Timeout already"),
        (Mark("p", Outcome.ABORT), "`a` is to fail, which is Timeout already"),
    ],
)
def test_late_record_is_told(
    api: Api, client: Client, told: list[str], mark: Mark, text: str
) -> None:
    api.barrier("a", phase="Timeout")
    assert describe(arrive(client, "a", mark, tell=told.append), mark) == text


def test_round_is_made_by_whoever_comes_first(api: Api, client: Client, told: list[str]) -> None:
    model = api.barrier("loop", expected=3)
    for _ in range(2):
        name = ensure_round(client, "loop", 2, timeout=timedelta(1), tell=told.append)
        assert name == "loop-2"
    made = api.objects[f"{BARRIERS}/loop-2"]
    assert made["spec"] == {"expected": 3}
    assert made["metadata"]["ownerReferences"][0]["uid"] == model["metadata"]["uid"]
    assert told == ["created barrier `loop-2`"]


def test_round_made_by_somebody_else_meanwhile_is_taken(
    api: Api, client: Client, told: list[str]
) -> None:
    api.barrier("loop")

    def overtake(request: str) -> None:
        if request.endswith("/loop"):
            api.barrier("loop-1")

    api.before_answer = overtake
    assert ensure_round(client, "loop", 1, timeout=timedelta(1), tell=told.append) == "loop-1"
    assert told == []


def test_refusal_is_raised(api: Api, client: Client, told: list[str]) -> None:
    api.barrier("a")
    api.faults = [403, "", 403]
    with pytest.raises(Forbidden):
        arrive(client, "a", Mark("p"), tell=told.append)
