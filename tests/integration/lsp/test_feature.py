"""Every feature through a real client: what the language says, in the protocol's form."""

from pathlib import Path
from typing import Any

import pytest

from tests.integration.lsp.client import URI, Client

ROOT = Path(__file__).parents[3]
ETL = """\
pipeline etl {
  ## How many shards.
  param n: int = 5
  let names = ["é😀", "b"]
  stage extract {
    image = "x:1"
    replicas = n
    timeout = 5m
    run = 'echo'
  }
  stage load after extract {
    image = "y:1"
    env = { A = "😀 ${n}" }
    timeout = 7m
    run = <<SH
      echo "$A"
    SH
  }
}
"""
ALL = {"start": {"line": 0, "character": 0}, "end": {"line": 10_000, "character": 0}}


@pytest.fixture
def etl(editor: Client) -> Client:
    editor.open(ETL)
    assert editor.found() == []
    return editor


def whole(**more: Any) -> dict[str, Any]:
    return {"textDocument": {"uri": URI}, **more}


def labels(client: Client, line: int, character: int) -> list[str]:
    found = client.call("textDocument/completion", client.at(line, character))
    return [one["label"] for one in found["items"]]


def insert(line: int, character: int, text: str) -> dict[str, Any]:
    place = {"line": line, "character": character}
    return {"range": {"start": place, "end": place}, "text": text}


def test_findings_follow_each_key(etl: Client) -> None:
    version = etl.change(insert(10, 26, "x"))
    (found,) = etl.found(version=version)
    assert (found["code"], found["severity"]) == ("K0301", 1)
    assert found["range"]["start"] == {"line": 10, "character": 19}
    assert found["message"].startswith("no stage is named `extractx`")
    assert found["codeDescription"]["href"].endswith("docs/errors/K0301.md")
    similar = found["relatedInformation"][-1]
    assert similar["message"] == "a similar name is declared here"
    assert similar["location"]["range"]["start"] == {"line": 4, "character": 8}


def test_what_nothing_reads_is_tagged(etl: Client) -> None:
    etl.change(insert(2, 0, '  param unused: string = "x"\n'))
    found = etl.found(version=2)
    assert [(one["code"], one.get("tags")) for one in found] == [("K0604", [1])]


def test_a_closed_file_has_no_findings(editor: Client) -> None:
    editor.open("pipeline etl {")
    assert editor.found()
    editor.notify("textDocument/didClose", textDocument={"uri": URI})
    assert editor.found() == []


def test_findings_are_not_pushed_to_who_pulls_them(client: Client) -> None:
    client.start(textDocument={"diagnostic": {}})
    client.open("pipeline etl {")
    report = client.call("textDocument/diagnostic", whole())
    assert report["kind"] == "full"
    assert [one["code"] for one in report["items"]] == ["K0105"]
    assert (
        client.call("textDocument/diagnostic", textDocument={"uri": "file:///x.kon"})["items"] == []
    )
    client.call("shutdown")
    assert not any("publishDiagnostics" in str(one) for one in client._kept)


def test_hover_tells_of_names_attributes_and_findings(etl: Client) -> None:
    def text(line: int, character: int) -> str:
        return str(etl.call("textDocument/hover", etl.at(line, character))["contents"]["value"])

    assert text(2, 8) == "```kon\nparam n: int = 5\n```\n\nHow many shards."
    assert text(10, 9) == "```kon\nstage load\n```\n\nexpected 1, quorum 1, by 12m"
    assert text(7, 6).startswith("`timeout`: a duration")
    etl.change(insert(10, 26, "x"))
    assert "**K0301**: a name that nothing has" in text(10, 20)
    assert etl.call("textDocument/hover", etl.at(19, 0)) is None


def test_completion_knows_the_place(etl: Client) -> None:
    assert labels(etl, 10, 19)[:2] == ["extract", "done"]
    attributes = labels(etl, 11, 4)
    assert "quorum" in attributes
    assert "run" not in attributes
    assert "n" in labels(etl, 12, 22)


def test_completion_is_plain_for_who_knows_no_snippets(client: Client) -> None:
    client.start()
    client.open("pipeline etl {\n  \n}\n")
    items = client.call("textDocument/completion", client.at(1, 2))["items"]
    stage = next(one for one in items if one["label"] == "stage")
    assert stage["textEdit"]["newText"] == "stage"
    assert stage["insertTextFormat"] == 1


def test_completion_is_a_snippet_for_who_knows_them(client: Client) -> None:
    client.start(textDocument={"completion": {"completionItem": {"snippetSupport": True}}})
    client.open("pipeline etl {\n  \n}\n")
    items = client.call("textDocument/completion", client.at(1, 2))["items"]
    stage = next(one for one in items if one["label"] == "stage")
    assert stage["insertTextFormat"] == 2
    assert stage["textEdit"]["newText"].startswith("stage ${1:name} {")


def test_signature_help_follows_the_arguments(editor: Client) -> None:
    editor.open("let a = join(\n")
    found = editor.call("textDocument/signatureHelp", editor.at(0, 13))
    assert found["signatures"][0]["label"].startswith("join(separator: string")
    assert found["activeParameter"] == 0
    assert editor.call("textDocument/signatureHelp", editor.at(0, 4)) is None


def test_definition_references_and_highlights_are_found_beyond_the_basic_plane(
    etl: Client,
) -> None:
    place = etl.at(12, 22)
    declared = etl.call("textDocument/definition", place)
    assert declared["range"]["start"] == {"line": 2, "character": 8}
    found = etl.call("textDocument/references", {**place, "context": {"includeDeclaration": True}})
    starts = [(one["range"]["start"]["line"], one["range"]["start"]["character"]) for one in found]
    assert starts == [(2, 8), (6, 15), (12, 22)]
    others = etl.call(
        "textDocument/references", {**place, "context": {"includeDeclaration": False}}
    )
    assert len(others) == 2
    kinds = [one["kind"] for one in etl.call("textDocument/documentHighlight", place)]
    assert kinds == [3, 2, 2]


@pytest.mark.parametrize(
    ("encoding", "column"), [("utf-8", 24), ("utf-16", 22), ("utf-32", 21)], ids=str
)
def test_columns_are_counted_as_was_agreed(client: Client, encoding: str, column: int) -> None:
    capabilities = client.start(general={"positionEncodings": [encoding]})
    assert capabilities["positionEncoding"] == encoding
    client.open(ETL)
    place = client.call("textDocument/prepareRename", client.at(12, column))
    assert place["start"] == {"line": 12, "character": column}
    client.change(insert(12, column, "n"))
    message = client.found(version=2)[0]["message"]
    assert message.startswith("nothing is named `nn`")


def test_rename_changes_every_place_or_says_why_not(etl: Client) -> None:
    edit = etl.call("textDocument/rename", etl.at(4, 9, newName="fetch"))
    assert [one["newText"] for one in edit["changes"][URI]] == ["fetch", "fetch"]
    answer = etl.answer(etl.ask("textDocument/rename", etl.at(4, 9, newName="load")))
    assert answer["error"]["message"] == "`load` is a stage already, declared in line 11"
    answer = etl.answer(etl.ask("textDocument/rename", etl.at(4, 9, newName="Fetch")))
    assert "cannot name a stage" in answer["error"]["message"]
    assert etl.call("textDocument/prepareRename", etl.at(5, 12)) is None
    assert "error" in etl.answer(etl.ask("textDocument/rename", etl.at(5, 12, newName="x")))


def test_names_of_imported_files_are_found_and_renamed(editor: Client, tmp_path: Path) -> None:
    library, program = (tmp_path / "lib.kon").as_uri(), (tmp_path / "a.kon").as_uri()
    text = 'template job(app: string) {\n  image = "x:1"\n}\n'
    (tmp_path / "lib.kon").write_text(text)
    uses = 'import "lib.kon" as lib\npipeline p {\n  stage a from lib.job(app = "b")\n}\n'
    editor.open(uses, program)
    declared = editor.call("textDocument/definition", editor.at(2, 20, program))
    assert declared["uri"] == library
    assert declared["range"]["start"] == {"line": 0, "character": 9}
    editor.open("# moved\n" + text, library)
    declared = editor.call("textDocument/definition", editor.at(2, 20, program))
    assert declared["range"]["start"] == {"line": 1, "character": 9}
    edit = editor.call("textDocument/rename", editor.at(1, 10, library, newName="task"))
    assert {uri: len(one) for uri, one in edit["changes"].items()} == {library: 1, program: 1}
    found = editor.call("textDocument/completion", editor.at(2, 19, program))
    assert "job" in [one["label"] for one in found["items"]]


def test_findings_follow_a_file_that_is_read(editor: Client, tmp_path: Path) -> None:
    note, program = (tmp_path / "note.txt").as_uri(), (tmp_path / "a.kon").as_uri()
    editor.open("let text = file('note.txt')\npipeline p {\n}\n", program)
    assert [one["code"] for one in editor.found(program)] == ["K0801"]
    editor.open("hello", note)
    assert editor.found(program) == []


def test_outline_folding_and_selection_follow_the_program(etl: Client) -> None:
    (outline,) = etl.call("textDocument/documentSymbol", whole())
    assert [(one["name"], one["detail"]) for one in outline["children"]] == [
        ("n", "param"),
        ("names", "let"),
        ("extract", "stage"),
        ("load", "stage"),
    ]
    folds = {
        (one["startLine"], one["endLine"]) for one in etl.call("textDocument/foldingRange", whole())
    }
    assert folds == {(0, 17), (4, 8), (10, 16), (14, 15)}
    place = {"line": 6, "character": 15}
    (chain,) = etl.call("textDocument/selectionRange", whole(positions=[place]))
    assert chain["range"] == {"start": place, "end": {"line": 6, "character": 16}}
    assert chain["parent"]["parent"]["range"]["start"] == {"line": 4, "character": 16}


def test_semantic_tokens_are_whole_or_of_some_lines(etl: Client) -> None:
    data = etl.call("textDocument/semanticTokens/full", whole())["data"]
    assert len(data) % 5 == 0
    assert data[:5] == [0, 0, 8, 8, 0]
    some = {"start": {"line": 10, "character": 0}, "end": {"line": 10, "character": 30}}
    words = etl.call("textDocument/semanticTokens/range", whole(range=some))["data"]
    assert [words[at + 2] for at in range(0, len(words), 5)] == [5, 4, 5, 7]


def test_inlay_hints_show_what_is_reckoned(etl: Client) -> None:
    hints = etl.call("textDocument/inlayHint", whole(range=ALL))
    assert {one["label"] for one in hints} == {
        "expected 5, quorum 5, by 5m",
        "expected 1, quorum 1, by 12m",
        ": list(string)",
    }


def test_formatting_lays_out_the_whole_file_once(etl: Client) -> None:
    options = {"tabSize": 2, "insertSpaces": True}
    (edit,) = etl.call("textDocument/formatting", whole(options=options))
    assert '    image    = "x:1"\n' in edit["newText"]
    etl.change({"text": edit["newText"]})
    assert etl.call("textDocument/formatting", whole(options=options)) is None
    etl.change({"text": "pipeline etl {"})
    assert etl.call("textDocument/formatting", whole(options=options)) is None


def test_code_actions_mend_what_is_wrong(etl: Client) -> None:
    etl.change(insert(10, 22, "x"))
    context: dict[str, list[object]] = {"diagnostics": []}
    (action,) = etl.call("textDocument/codeAction", whole(range=ALL, context=context))
    assert action["title"] == "write `extract`"
    (edit,) = action["edit"]["changes"][URI]
    assert edit["newText"] == "extract"
    etl.change({"range": edit["range"], "text": edit["newText"]})
    assert etl.found(version=3) == []


def test_flights_typed_key_by_key_is_answered_throughout(editor: Client) -> None:
    text = (ROOT / "examples/flights.kon").read_text("utf-8")
    editor.open("")
    line = character = 0
    asked = []
    for number, key in enumerate(text):
        editor.change(insert(line, character, key))
        line, character = (line + 1, 0) if key == "\n" else (line, character + 1)
        if not number % 40:
            asked.append(editor.ask("textDocument/completion", editor.at(line, character)))
            asked.append(editor.ask("textDocument/documentSymbol", whole()))
    for one in asked:
        assert "error" not in editor.answer(one)
    assert editor.found(version=len(text) + 1) == []
    assert editor.stop() == 0
    assert editor.errors == []


def test_what_is_wrong_in_an_imported_file_stands_at_its_import(
    editor: Client, tmp_path: Path
) -> None:
    library, program = (tmp_path / "lib.kon").as_uri(), (tmp_path / "a.kon").as_uri()
    (tmp_path / "lib.kon").write_text('let one = 1\nlet two = "x" + 1\n')
    editor.open('let zero = 0\nimport "lib.kon" as lib\npipeline p {\n}\n', program)
    wrong = next(one for one in editor.found(program) if one["code"] == "K0201")
    assert wrong["range"]["start"] == {"line": 1, "character": 7}
    first = wrong["relatedInformation"][0]
    assert first["location"]["uri"] == library
    assert first["location"]["range"]["start"] == {"line": 1, "character": 10}
    editor.open("let one = 1\nlet two = 2\n", library)
    assert editor.found(library) == []
    assert "K0201" not in [one["code"] for one in editor.found(program)]


def test_module_roots_lead_to_their_files(editor: Client, tmp_path: Path) -> None:
    (tmp_path / "konductor.toml").write_text('[modules]\nacme = "shared"\n')
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared" / "lib.kon").write_text("let one = 1\n")
    program = (tmp_path / "a.kon").as_uri()
    editor.open(
        'import "@acme/lib.kon" as lib\nimport "@gone/lib.kon" as gone\n'
        "pipeline p {\n  let a = lib.one\n  let b = gone.one\n}\n",
        program,
    )
    assert [one["code"] for one in editor.found(program)] == ["K0801"]
    declared = editor.call("textDocument/definition", editor.at(3, 15, program))
    assert declared["uri"] == (tmp_path / "shared" / "lib.kon").as_uri()
    assert editor.call("textDocument/definition", editor.at(4, 16, program)) is None


@pytest.mark.parametrize("uri", ["untitled:Untitled-1", "vfs://host/a%20b/c.kon", "odd", ""])
def test_files_of_no_file_system_are_as_good(editor: Client, uri: str) -> None:
    editor.open("pipeline p {\n  let n = 1\n  let m = n\n}\n", uri)
    assert editor.found(uri) == []
    edit = editor.call("textDocument/rename", editor.at(2, 10, uri, newName="k"))
    assert {one: len(edits) for one, edits in edit["changes"].items()} == {uri: 2}
