"""Nothing that an editor sends ends the server, and it ends when it is told."""

import json
from pathlib import Path

import pytest

from tests.integration.lsp.client import URI, Client

ROOT = Path(__file__).parents[3]
ETL = "pipeline etl {\n  stage a {\n    image = 'x:1'\n  }\n}\n"


def is_alive(client: Client) -> bool:
    client.open(ETL, "file:///nowhere/alive.kon")
    place = client.at(1, 9, "file:///nowhere/alive.kon")
    found: str = client.call("textDocument/hover", place)["contents"]["value"]
    return "stage a" in found


def test_goodbye_ends_it_with_0(editor: Client) -> None:
    assert editor.stop() == 0
    assert editor.errors == []


def test_exit_without_shutdown_is_1(editor: Client) -> None:
    editor.notify("exit")
    assert editor.ended() == 1


def test_end_of_input_ends_it_with_0(editor: Client) -> None:
    assert editor.process.stdin
    editor.process.stdin.close()
    assert editor.process.wait(20) == 0


def test_end_of_input_within_a_message_ends_it_with_0(editor: Client) -> None:
    editor.raw(b'Content-Length: 500\r\n\r\n{"json')
    assert editor.process.stdin
    editor.process.stdin.close()
    assert editor.process.wait(20) == 0


@pytest.mark.parametrize(
    "data",
    [
        b"\x00\xff\xfe garbage without an end\n",
        b"Content-Length: 3\r\n\r\n{]}",
        b"Content-Length: 2\r\n\r\n\xff\xfe",
        b"Content-Length: -5\r\n\r\n",
        b"Content-Length: nan\r\n\r\n",
        b"content-length:2\r\nContent-Type: x\r\n\r\n[]",
        b"Content-Length: 4\r\n\r\nnull",
        b"Content-Length: 40000\r\n\r\n" + b"[" * 40000,
        b"x" * 40000 + b"\n",
    ],
    ids=range(9),
)
def test_bytes_that_are_no_message_are_survived(editor: Client, data: bytes) -> None:
    editor.raw(data)
    assert is_alive(editor)


@pytest.mark.parametrize(
    "params",
    [
        None,
        [],
        "text",
        {},
        {"textDocument": 5, "position": {}},
        {"textDocument": {"uri": URI}},
        {"textDocument": {"uri": URI}, "position": {"line": "one", "character": []}},
    ],
    ids=range(7),
)
def test_parameters_that_are_none_are_answered(editor: Client, params: object) -> None:
    editor.send({"id": "odd", "method": "textDocument/hover", "params": params})
    answer = editor.wait(lambda one: one.get("id") == "odd")
    assert "error" in answer or answer["result"] is None
    assert is_alive(editor)


def test_unknown_methods_are_answered(editor: Client) -> None:
    answer = editor.answer(editor.ask("kon/unheardOf", {"a": 1}))
    assert answer["error"]["code"] == -32601
    editor.notify("kon/unheardOf")
    editor.notify("$/whatever")
    assert is_alive(editor)


def test_messages_of_no_kind_are_survived(editor: Client) -> None:
    editor.send({"id": 77, "result": None})
    editor.send({"id": [1], "method": "textDocument/hover", "params": {}})
    editor.send({"id": 78, "method": 5})
    editor.send({})
    assert is_alive(editor)


def test_nothing_is_answered_before_the_handshake(client: Client) -> None:
    answer = client.answer(client.ask("textDocument/hover", client.at(0, 0)))
    assert answer["error"]["code"] == -32002
    client.notify("textDocument/didOpen")
    client.start()
    assert client.answer(client.ask("initialize", {}))["error"]["code"] == -32600
    assert is_alive(client)


def test_nothing_is_answered_after_shutdown(editor: Client) -> None:
    editor.call("shutdown")
    answer = editor.answer(editor.ask("textDocument/hover", editor.at(0, 0)))
    assert answer["error"]["code"] == -32600


@pytest.mark.parametrize(
    "method",
    [
        "textDocument/completion",
        "textDocument/hover",
        "textDocument/signatureHelp",
        "textDocument/definition",
        "textDocument/documentHighlight",
        "textDocument/prepareRename",
    ],
)
def test_places_that_there_are_not_are_moved_to_those_there_are(
    editor: Client, method: str
) -> None:
    editor.open(ETL)
    for line, character in ((0, 10_000), (10_000, 0), (2**31 - 1, 2**31 - 1)):
        assert "error" not in editor.answer(editor.ask(method, editor.at(line, character)))


@pytest.mark.parametrize(
    "method",
    [
        "textDocument/completion",
        "textDocument/hover",
        "textDocument/documentSymbol",
        "textDocument/semanticTokens/full",
        "textDocument/foldingRange",
        "textDocument/formatting",
    ],
)
def test_files_that_are_not_open_have_no_answer(editor: Client, method: str) -> None:
    params = editor.at(0, 0, options={"tabSize": 2, "insertSpaces": True})
    assert editor.call(method, params) is None


def test_a_file_may_be_closed_while_it_is_asked_about(editor: Client) -> None:
    editor.open(ETL)
    number = editor.ask("textDocument/hover", editor.at(1, 9))
    editor.notify("textDocument/didClose", textDocument={"uri": URI})
    late = editor.ask("textDocument/hover", editor.at(1, 9))
    assert editor.answer(number)["result"]
    assert editor.answer(late)["result"] is None
    editor.notify("textDocument/didClose", textDocument={"uri": URI})
    editor.change_closed()
    assert is_alive(editor)


def test_a_request_that_waits_can_be_called_off(editor: Client) -> None:
    text = (ROOT / "examples/flights.kon").read_text("utf-8")
    editor.open(text * 40)
    first = editor.ask("textDocument/semanticTokens/full", textDocument={"uri": URI})
    second = editor.ask("textDocument/hover", editor.at(3, 9))
    editor.notify("$/cancelRequest", id=second)
    assert editor.answer(first)["result"]["data"]
    assert editor.answer(second)["error"]["code"] == -32800
    editor.notify("$/cancelRequest", id=second)
    editor.notify("$/cancelRequest", id={"a": 1})
    editor.send({"method": "$/cancelRequest", "params": None})
    assert is_alive(editor)


def test_half_of_a_pair_is_no_trouble(editor: Client) -> None:
    body = json.dumps(
        {
            "jsonrpc": "2.0",
            "method": "textDocument/didOpen",
            "params": {
                "textDocument": {
                    "uri": URI,
                    "languageId": "kon",
                    "version": 1,
                    "text": "pipeline etl {\n  let a = '\ud800'\n}\n",
                }
            },
        }
    ).encode()
    editor.raw(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
    assert editor.found() == []
    assert editor.call("textDocument/documentSymbol", textDocument={"uri": URI})


def test_a_huge_file_is_answered(editor: Client) -> None:
    editor.open("pipeline etl {\n" + "  stage a { image = 'x:1' }\n" * 5_000 + "}\n")
    assert editor.found()
    assert is_alive(editor)


def test_a_bug_in_one_feature_is_an_error_and_no_end(editor: Client) -> None:
    editor.open("pipeline etl {\n  let a = 1\n}\n")
    params = editor.at(1, 6, newName="in")
    answer = editor.answer(editor.ask("textDocument/rename", params))
    assert answer["error"]["message"] == "`in` is a word of the language"
    assert is_alive(editor)
