import asyncio
import json
import socket
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from konductor.api.names import Label
from konductor.cluster.http import HttpCluster
from konductor.cluster.port import Changed, Listed, Notice, PatchType
from konductor.cluster.resource import BARRIERS, JOBS
from konductor.connection import Connection
from konductor.errors import (
    AlreadyExists,
    Conflict,
    Forbidden,
    ObjectNotFound,
    ServerBusy,
    Unreachable,
)

Within = Callable[[Any], Any]
Scripted = Callable[..., Any]
Answer = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


def says(document: object, status: int = 200, **headers: str) -> Answer:
    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        assert request.method
        return web.json_response(document, status=status, headers=headers)

    return answer


def streams(*chunks: bytes, cut: bool = False) -> Answer:
    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        for chunk in chunks:
            await response.write(chunk)
        if cut:
            assert request.transport
            request.transport.abort()
        return response

    return answer


SAYS_READY = (says({}),)
"""The answer to whether it is ready."""


def listing(*names: str, version: str = "10") -> Answer:
    items = [{"metadata": {"name": name, "resourceVersion": "1"}} for name in names]
    return says({"metadata": {"resourceVersion": version}, "items": items})


def event(kind: str, name: str = "a", version: str = "11", **more: object) -> bytes:
    document = {"metadata": {"name": name, "resourceVersion": version}} | more
    return json.dumps({"type": kind, "object": document}).encode() + b"\n"


async def tell(cluster: HttpCluster, count: int, patience: timedelta | None = None) -> list[Notice]:
    watch = cluster.watch(BARRIERS, namespace="etl", patience=patience)
    async with aclosing(watch) as notices:
        return [await anext(notices) for _ in range(count)]


def names(notices: list[Notice]) -> list[object]:
    out: list[object] = []
    for one in notices:
        match one:
            case Listed(items):
                out.append([item["metadata"]["name"] for item in items])
            case Changed(change, document):
                out.append((str(change), document["metadata"]["name"]))
    return out


@pytest.mark.parametrize(
    ("status", "reason", "error"),
    [
        (404, "NotFound", ObjectNotFound),
        (403, "Forbidden", Forbidden),
        (409, "Conflict", Conflict),
        (409, "AlreadyExists", AlreadyExists),
    ],
)
def test_answer_that_is_no_success_is_raised(
    within: Within, scripted: Scripted, status: int, reason: str, error: type[Exception]
) -> None:
    async def scenario() -> None:
        answer = says({"reason": reason, "message": "why"}, status=status)
        async with scripted(answer, *SAYS_READY, answer).serving() as cluster:
            with pytest.raises(error, match="why"):
                await cluster.create(BARRIERS, {"metadata": {"namespace": "etl"}})

    within(scenario())


def test_list_in_parts_is_one_state_of_the_server(within: Within, scripted: Scripted) -> None:
    def page(name: str, **more: str) -> Answer:
        items = [{"metadata": {"name": name}}]
        return says({"metadata": {"resourceVersion": "10"} | more, "items": items})

    async def scenario() -> None:
        server = scripted(
            page("a", **{"continue": "t+/="}), page("b"), streams(event("ADDED", "c"))
        )
        parts: list[list[str]] = []
        async with server.serving() as cluster:
            watch = cluster.watch(
                BARRIERS,
                namespace="etl",
                part=lambda items: parts.append([one["metadata"]["name"] for one in items]),
            )
            async with aclosing(watch) as notices:
                seen = names([await anext(notices) for _ in range(2)])
        assert parts == [["a"], ["b"]]
        assert seen == [[], ("ADDED", "c")]
        first, second, third = (one.query for one in server.requests)
        assert "continue" not in first
        assert first["limit"] == second["limit"]
        assert second["continue"] == "t+/="
        assert third["resourceVersion"] == "10"

    within(scenario())


def test_read_is_tried_again_until_the_server_can(within: Within, scripted: Scripted) -> None:
    async def scenario() -> None:
        server = scripted(says({}, status=503), says({}, status=500), says({"kind": "Job"}))
        async with server.serving() as cluster:
            assert await cluster.get(JOBS, "a", namespace="etl") == {"kind": "Job"}
        assert server.requests[-1].path == "/apis/batch/v1/namespaces/etl/jobs/a"

    within(scenario())


def test_write_is_sent_again_only_if_it_was_not_done(within: Within, scripted: Scripted) -> None:
    async def scenario() -> None:
        busy = says({}, 429, **{"Retry-After": "0"})
        server = scripted(busy, says({"done": True}, status=201), says({}, status=503))
        async with server.serving() as cluster:
            labelled = {"metadata": {"namespace": "etl", "labels": {Label.RUN: "r"}}}
            made = await cluster.create(JOBS, labelled)
            assert made == {"done": True}
            with pytest.raises(ServerBusy):
                await cluster.create(JOBS, {"metadata": {"namespace": "etl"}})

    within(scenario())


def test_patch_names_its_type_and_the_version_it_is_for(within: Within, scripted: Scripted) -> None:
    async def scenario() -> None:
        server = scripted(says({}))
        async with server.serving() as cluster:
            await cluster.patch(
                BARRIERS,
                "a",
                {"status": {}},
                namespace="etl",
                subresource="status",
                resource_version="7",
            )
        (request,) = server.requests
        assert request.method == "PATCH"
        assert request.headers["Content-Type"] == PatchType.MERGE
        assert request.path.endswith("/barriers/a/status")
        assert json.loads(server.bodies[0]) == {
            "status": {},
            "metadata": {"resourceVersion": "7"},
        }

    within(scenario())


def test_delete_names_uid_and_propagation(within: Within, scripted: Scripted) -> None:
    async def scenario() -> None:
        server = scripted(says({}))
        async with server.serving() as cluster:
            await cluster.delete(BARRIERS, "a", namespace="etl", uid="u", grace_seconds=0)
        body = json.loads(server.bodies[0])
        assert body["preconditions"] == {"uid": "u"}
        assert body["propagationPolicy"] == "Background"
        assert body["gracePeriodSeconds"] == 0

    within(scenario())


def test_no_server_is_unreachable(within: Within, unused_port: int) -> None:
    async def scenario() -> None:
        async with HttpCluster(Connection(f"http://127.0.0.1:{unused_port}")) as cluster:
            with pytest.raises(Unreachable, match=str(unused_port)):
                await tell(cluster, 1, patience=timedelta(0))

    within(scenario())


@pytest.fixture
def unused_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def test_token_file_is_read_for_each_request(
    within: Within, scripted: Scripted, tmp_path: Path
) -> None:
    token = tmp_path / "token"

    async def scenario() -> None:
        server = scripted(says({}), says({}))
        async with server.serving(token_file=str(token)) as cluster:
            for text in ("one", "two"):
                await asyncio.to_thread(token.write_text, text)
                await cluster.version()
        sent = [request.headers["Authorization"] for request in server.requests]
        assert sent == ["Bearer one", "Bearer two"]

    within(scenario())


def test_listed_items_know_their_kind(within: Within, scripted: Scripted) -> None:
    async def scenario() -> None:
        async with scripted(listing("a")).serving() as cluster:
            found = await cluster.list(BARRIERS, labels="run=x", fields="metadata.name=a")
            assert found.items[0]["kind"] == "Barrier"
            assert found.resource_version == "10"
            assert abs(found.date - cluster.now()) < timedelta(seconds=2)

    within(scenario())


def test_ended_watch_goes_on_where_it_stopped(within: Within, scripted: Scripted) -> None:
    async def scenario() -> None:
        server = scripted(
            listing(),
            streams(event("ADDED"), event("BOOKMARK", version="15")),
            streams(event("MODIFIED", version="16")[:20], event("MODIFIED", version="16")[20:]),
        )
        async with server.serving() as cluster:
            told = await tell(cluster, 3)
        assert names(told) == [[], ("ADDED", "a"), ("MODIFIED", "a")]
        assert server.requests[2].query["resourceVersion"] == "15"

    within(scenario())


@pytest.mark.parametrize(
    "ending",
    [
        streams(event("ERROR", code=410)),
        streams(event("ERROR", code=500)),
        streams(event("ADDED")[:-10]),
        streams(event("ADDED"), cut=True),
        says({"reason": "Expired"}, status=410),
        says({}, status=503),
    ],
    ids=["410", "error", "cut line", "reset", "expired", "busy"],
)
def test_watch_lists_again_when_it_may_have_missed_something(
    within: Within, scripted: Scripted, ending: Answer
) -> None:
    async def scenario() -> None:
        server = scripted(listing("a"), ending, listing("b", version="20"), streams())
        async with server.serving() as cluster, aclosing(cluster.watch(BARRIERS)) as notices:
            async for notice in notices:
                if isinstance(notice, Listed) and notice.resource_version == "20":
                    break

    within(scenario())


def test_watch_of_what_is_forbidden_ends(within: Within, scripted: Scripted) -> None:
    async def scenario() -> None:
        refused = says({}, status=403)
        async with scripted(refused, *SAYS_READY, refused).serving() as cluster:
            with pytest.raises(Forbidden):
                await tell(cluster, 1)

    within(scenario())


def test_refusals_of_a_server_that_starts_are_borne(within: Within, scripted: Scripted) -> None:
    async def scenario() -> None:
        refused, unready = says({}, status=403), says({}, status=500)
        script = (refused, unready, refused, refused, refused, *SAYS_READY, says({"done": True}))
        server = scripted(*script)
        async with server.serving() as cluster:
            made = await cluster.create(JOBS, {"metadata": {"namespace": "etl"}})
        assert made == {"done": True}
        assert [one.path.rpartition("/")[2] for one in server.requests] == [
            "jobs",
            "readyz",
        ] * 3 + ["jobs"]

    within(scenario())


def test_watch_goes_on_once_a_server_has_started(within: Within, scripted: Scripted) -> None:
    async def scenario() -> None:
        refused, unready = says({}, status=403), says({}, status=500)
        cut = streams(event("ADDED")[:-9], cut=True)
        script = (listing("a"), cut, refused, unready, listing("a", "b"), streams())
        async with scripted(*script).serving() as cluster:
            assert names(await tell(cluster, 2)) == [["a"], ["a", "b"]]

    within(scenario())


def test_refusal_is_final_where_something_was_allowed(within: Within, scripted: Scripted) -> None:
    async def scenario() -> None:
        server = scripted(says({}), says({}, status=403))
        async with server.serving() as cluster:
            await cluster.get(JOBS, "a", namespace="etl")
            with pytest.raises(Forbidden):
                await cluster.get(JOBS, "b", namespace="etl")
        assert len(server.requests) == 2

    within(scenario())


def test_logs_that_are_forbidden_are_told(within: Within, scripted: Scripted) -> None:
    async def scenario() -> None:
        async with scripted(says({}, status=403), *SAYS_READY).serving() as cluster:
            with pytest.raises(Forbidden):
                await anext(cluster.logs("a", namespace="etl"))

    within(scenario())


def test_logs_come_line_by_line(within: Within, scripted: Scripted) -> None:
    async def scenario() -> None:
        server = scripted(streams(b"one\ntw", b"o\nlast"))
        async with server.serving() as cluster:
            got = cluster.logs("p", namespace="etl", container="main", follow=True, tail=5)
            assert [line async for line in got] == [b"one", b"two", b"last"]
        assert dict(server.requests[0].query) == {
            "container": "main",
            "follow": "true",
            "tailLines": "5",
        }

    within(scenario())


def test_apply_is_strict_names_its_manager_and_is_sent_again(
    within: Within, scripted: Scripted
) -> None:
    async def scenario() -> None:
        server = scripted(says({}, status=503), says({"kind": "Job"}), says({"kind": "Job"}))
        document = {"metadata": {"name": "a", "namespace": "etl"}}
        async with server.serving() as cluster:
            await cluster.apply(JOBS, document, manager="me")
            await cluster.apply(JOBS, document, manager="me", force=True, dry_run=True)
        first, second = (dict(one.query) for one in server.requests[1:])
        assert first == {"fieldManager": "me", "fieldValidation": "Strict"}
        assert second == first | {"force": "true", "dryRun": "All"}
        assert server.requests[0].method == "PATCH"
        assert server.requests[0].path == "/apis/batch/v1/namespaces/etl/jobs/a"
        assert server.requests[0].content_type == "application/apply-patch+yaml"
        assert json.loads(server.bodies[0]) == document

    within(scenario())
