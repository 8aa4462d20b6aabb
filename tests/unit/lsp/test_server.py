"""A bug in one feature is an answer and a line in the editor's log, and nothing else."""

import io
import json
from collections.abc import Iterator
from queue import Queue
from typing import Any

import pytest

from konductor.cli.lsp import feature, loop, server
from konductor.cli.lsp.loop import _Loop

URI = "file:///nowhere/a.kon"


@pytest.fixture(autouse=True)
def _quiet(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Keep what is logged from the test's own output."""
    yield
    caplog.clear()


def said(*messages: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what a server says to some messages, until the input ends."""
    output = io.BytesIO()
    came: Queue[bytes | None] = Queue()
    hello = {"id": 1, "method": "initialize", "params": {"capabilities": {}}}
    for message in (hello, *messages):
        came.put(json.dumps({"jsonrpc": "2.0", **message}).encode())
    came.put(None)
    _Loop(server.new_server(output), came).run()
    parts = output.getvalue().split(b"Content-Length: ")[1:]
    return [json.loads(part.split(b"\r\n\r\n", 1)[1]) for part in parts]


def opened(text: str) -> dict[str, Any]:
    item = {"uri": URI, "languageId": "kon", "version": 1, "text": text}
    return {"method": "textDocument/didOpen", "params": {"textDocument": item}}


def hovered(number: int) -> dict[str, Any]:
    params = {"textDocument": {"uri": URI}, "position": {"line": 0, "character": 10}}
    return {"id": number, "method": "textDocument/hover", "params": params}


def broken(*_: object) -> None:
    raise ZeroDivisionError("a bug")


def test_a_bug_in_a_feature_is_an_error_and_is_logged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feature, "hover", broken)
    answers = said(opened("pipeline p {\n}\n"), hovered(2), hovered(3))
    errors = [one["error"] for one in answers if one.get("id") in (2, 3)]
    assert [one["code"] for one in errors] == [-32603, -32603]
    logged = [one for one in answers if one.get("method") == "window/logMessage"]
    assert "a bug" in logged[0]["params"]["message"]


def test_a_bug_in_the_server_itself_is_an_error_and_is_logged(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(server.Server, "handle", broken)
    answers = said(hovered(2), {"method": "textDocument/didOpen"})
    errors = [one["error"] for one in answers if one.get("id") == 2]
    assert [one["code"] for one in errors] == [-32603]


def test_a_bug_in_finding_is_logged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "_IDLE", 0)
    one = _Loop(server.new_server(output := io.BytesIO()), Queue())
    monkeypatch.setattr(server.Server, "publish", broken)
    one._guarded_publish()
    assert b"please report it: ZeroDivisionError" in output.getvalue()


def test_deep_nesting_is_answered() -> None:
    for text in ("let a = " + "f(" * 3000, "let a = " + "[" * 3000, "let a = " + "-" * 3000 + "1"):
        answers = said(opened(f"{text}\n"), hovered(2))
        (answer,) = (one for one in answers if one.get("id") == 2)
        assert "result" in answer, text[:12]
