"""Watches: what they replay, how they end, and what they cost others."""

from collections.abc import Callable
from itertools import islice
from typing import Any

import pytest

from tests.integration.apiserver.conftest import Api

Make = Callable[..., dict[str, Any]]
MERGE = "application/merge-patch+json"


@pytest.fixture
def path(namespace: str) -> str:
    return f"/apis/konductor.io/v1/namespaces/{namespace}/barriers"


def _told(api: Api, path: str, count: int) -> list[tuple[str, str]]:
    events = islice(api.events(path), count)
    return [(one["type"], one["object"]["metadata"].get("name", "")) for one in events]


def test_a_watch_replays_what_came_after_its_version(api: Api, path: str, barrier: Make) -> None:
    version = api.ask("GET", path).body["metadata"]["resourceVersion"]
    for name in ("a", "b"):
        assert api.ask("POST", path, barrier(name)).code == 201
    assert api.ask("DELETE", f"{path}/a").code == 200
    seen = _told(api, f"{path}?watch=true&resourceVersion={version}", 3)
    assert seen == [("ADDED", "a"), ("ADDED", "b"), ("DELETED", "a")]


def test_an_object_that_leaves_the_selection_is_deleted_to_it(
    api: Api, path: str, barrier: Make
) -> None:
    version = api.ask("GET", path).body["metadata"]["resourceVersion"]
    assert api.ask("POST", path, barrier("a")).code == 201
    for labels in ({"x": "1"}, {"x": "2"}, {"x": None}):
        patch = {"metadata": {"labels": labels}}
        assert api.ask("PATCH", f"{path}/a", patch, Content_Type=MERGE).code == 200
    watch = f"{path}?watch=true&resourceVersion={version}&labelSelector=x"
    assert _told(api, watch, 3) == [("ADDED", "a"), ("MODIFIED", "a"), ("DELETED", "a")]


def test_a_watch_of_one_name_hears_of_no_other(api: Api, path: str, barrier: Make) -> None:
    watch = f"{path}?watch=true&resourceVersion=0&fieldSelector=metadata.name%3Db"
    events = api.events(watch + "&timeoutSeconds=1")
    assert api.ask("POST", path, barrier("a")).code == 201
    assert api.ask("POST", path, barrier("b")).code == 201
    assert [one["object"]["metadata"]["name"] for one in events] == ["b"]


def test_a_list_is_watched_from_its_beginning(api: Api, path: str, barrier: Make) -> None:
    assert api.ask("POST", path, barrier("a")).code == 201
    asked = "sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true"
    added, mark = islice(api.events(f"{path}?watch=true&{asked}"), 2)
    assert added["type"] == "ADDED"
    assert mark["type"] == "BOOKMARK"
    assert mark["object"]["metadata"]["annotations"] == {"k8s.io/initial-events-end": "true"}


def test_a_forgotten_version_ends_the_watch_with_410(api: Api, path: str, barrier: Make) -> None:
    """The stream itself is answered with 200, as a real server does."""
    version = api.ask("GET", path).body["metadata"]["resourceVersion"]
    history = api.server.room.stock._history
    before, history.oldest = history.oldest, int(version) + 1
    try:
        (event,) = api.events(f"{path}?watch=true&resourceVersion={version}")
    finally:
        history.oldest = before
    assert (event["type"], event["object"]["code"]) == ("ERROR", 410)
    assert event["object"]["reason"] == "Expired"
    assert api.ask("POST", path, barrier("a")).code == 201


def test_a_version_to_come_is_too_large(api: Api, path: str) -> None:
    answer = api.ask("GET", f"{path}?watch=true&resourceVersion=99999999")
    assert (answer.code, answer.body["reason"]) == (504, "Timeout")


def test_a_watch_ends_in_time(api: Api, path: str) -> None:
    assert _told(api, f"{path}?watch=true&timeoutSeconds=1", 1) == []


def test_a_watch_that_nobody_reads_is_given_up(api: Api, path: str) -> None:
    stock = api.server.room.stock
    before = sum(map(len, stock._watchers.values()))
    events = api.events(f"{path}?watch=true&resourceVersion=0&timeoutSeconds=1")
    assert list(events) == []
    assert sum(map(len, stock._watchers.values())) == before
