"""Names: from use to declaration and back, across files, and changed all at once."""

import pytest

from konductor.dsl.editor.navigate import definition, highlights, references
from konductor.dsl.editor.rename import Edit, Refusal, renamable, rename
from konductor.dsl.editor.snapshot import NoFiles, take
from konductor.dsl.source import Span
from tests.unit.editor.conftest import Look

LIBRARY = "let zones = 3\nfn half(n: int) -> float = n / 2\ntemplate job(app: string) {\n}\n"
IMPORTS = 'import "lib.kon" as lib\nimport "gone.kon" as gone\n'


def place(span: Span | None) -> str:
    assert span is not None
    return f"{span.text} {span}"


def test_a_use_leads_to_its_declaration(look: Look) -> None:
    assert place(definition(*look("pipeline p {\n  let n = 1\n  let m = |n\n}\n"))) == "n a.kon:2:7"
    assert definition(*look("pipeline p {\n  let m = |nothing\n}\n")) is None
    assert definition(*look("|")) is None


@pytest.mark.parametrize("use", ["let a = |lib.zones", "let a = l|ib.half(1)"])
def test_an_alias_leads_to_its_import(look: Look, use: str) -> None:
    assert place(definition(*look(f"{IMPORTS}{use}\n", lib=LIBRARY))) == "lib a.kon:1:21"


def test_an_imported_name_leads_into_its_file(look: Look) -> None:
    used = look(f"{IMPORTS}let a = lib.zon|es\n", lib=LIBRARY)
    assert place(definition(*used)) == "zones lib.kon:1:5"
    used = look(f"{IMPORTS}pipeline p {{\n  stage a from lib.j|ob(app = 'x')\n}}\n", lib=LIBRARY)
    assert place(definition(*used)) == "job lib.kon:3:10"
    assert definition(*look(f"{IMPORTS}let a = lib.nothi|ng\n", lib=LIBRARY)) is None
    assert definition(*look(f"{IMPORTS}let a = gone.thi|ng\n")) is None
    assert definition(*look("let b = 1\nlet a = b.thi|ng\n")) is None
    assert definition(*look("pipeline p {\n  stage b\n  stage a from b.x|y(1)\n}\n")) is None


def test_the_path_of_an_import_leads_to_the_file(look: Look) -> None:
    assert place(definition(*look('import "li|b.kon" as lib\n', lib=LIBRARY))) == " lib.kon:1:1"
    assert definition(*look('import "go|ne.kon" as lib\n')) is None


def test_a_name_of_a_file_that_cannot_be_read_has_its_uses(look: Look) -> None:
    used = look(f"{IMPORTS}let a = gone.thi|ng\nlet b = gone.thing\n")
    assert [str(one) for one in references(*used)] == ["a.kon:3:14", "a.kon:4:14"]
    assert isinstance(renamable(*used), Refusal)
    assert isinstance(rename(*used, "x"), Refusal)


def test_references_are_in_every_open_file(look: Look) -> None:
    text = f"{IMPORTS}let a = lib.zon|es\n"
    other = 'import "lib.kon" as other\nlet b = other.zones + other.half(1)\n'
    found = [str(one) for one in references(*look(text, lib=LIBRARY, other=other))]
    assert found == ["lib.kon:1:5", "other.kon:2:15", "a.kon:3:13"]


def test_uses_alone_are_listed_if_asked(look: Look) -> None:
    used = look("pipeline p {\n  let n = 1\n  let m = |n\n}\n")
    assert [str(one) for one in references(*used, declaration=False)] == ["a.kon:3:11"]
    assert references(*look("pipeline |p {\n}\n")) == ()
    assert highlights(*look("pipeline |p {\n}\n")) == ()


def test_axes_and_their_cells_are_one_name(look: Look) -> None:
    used = look(
        "pipeline p {\n  stage a {\n    matrix {\n      su|ite = ['x']\n"
        "      exclude { suite = 'x', }\n      include {\n        let y = 1\n      }\n    }\n"
        "    env = { A = matrix.suite }\n  }\n}\n"
    )
    assert [str(one) for one in references(*used)] == ["a.kon:4:7", "a.kon:5:17", "a.kon:10:24"]


def test_arguments_are_names_of_their_function(look: Look) -> None:
    text = "fn f(n: int, m: int = 1) -> int = |n + m\nlet a = f(n = 1, k = 2)\nlet f = 2\n"
    assert [str(one) for one in references(*look(text))] == [
        "a.kon:1:6",
        "a.kon:1:35",
        "a.kon:2:11",
    ]


def test_a_gate_is_a_name(look: Look) -> None:
    used = look("pipeline p {\n  gate g {\n  }\n  gate {\n  }\n  stage a after |g\n}\n")
    assert place(definition(*used)) == "g a.kon:2:8"


def test_the_first_of_two_declarations_counts(look: Look) -> None:
    used = look("fn f(a: int) -> int = a\nfn f(b: int) -> int = b\nlet x = |f(1)\n")
    assert place(definition(*used)) == "f a.kon:1:4"


# ---- rename ----


def new(look: Look, text: str, name: str, **others: str) -> str:
    """Return the program with its name changed, or why it is not."""
    snapshot, offset = look(text, **others)
    edits = rename(snapshot, offset, name)
    if isinstance(edits, Refusal):
        return edits.message
    here = [one for one in edits if one.span.source is snapshot.source]
    changed = snapshot.source.text
    for edit in sorted(here, key=lambda one: -one.span.start):
        changed = changed[: edit.span.start] + edit.text + changed[edit.span.end :]
    return changed


def test_rename_reaches_into_texts(look: Look) -> None:
    text = 'let |n = 1\nlet m = "${n} and ${n + 1}"\n'
    assert new(look, text, "k") == 'let k = 1\nlet m = "${k} and ${k + 1}"\n'


def test_rename_to_the_same_changes_nothing(look: Look) -> None:
    assert rename(*look("let |n = 1\n"), "n") == ()


def test_rename_of_nothing_is_refused(look: Look) -> None:
    message = "there is no name here that the program declares"
    assert new(look, "let n = |1\n", "k") == message
    assert renamable(*look("|")) == Refusal(message)


@pytest.mark.parametrize("name", ["Upper", "under_score", "-x", "x-", "1a", "", "a" * 64, "ä"])
def test_objects_keep_to_the_names_of_kubernetes(look: Look, name: str) -> None:
    assert "cannot name a stage" in new(look, "pipeline p {\n  stage |a\n}\n", name)


@pytest.mark.parametrize("name", ["a-b", "1a", "", "ä", "a b"])
def test_values_keep_to_the_names_of_the_language(look: Look, name: str) -> None:
    assert "cannot name a let" in new(look, "let |a = 1\n", name)


def test_words_of_the_language_are_refused(look: Look) -> None:
    assert new(look, "let |a = 1\n", "stage") == "`stage` is a word of the language"


def test_names_that_are_taken_are_refused(look: Look) -> None:
    text = "let |n = 1\npipeline p {\n  let m = n\n  stage a {\n    let k = 1\n  }\n}\n"
    assert new(look, text, "m") == "`m` is a let already, declared in line 3"
    assert "k = 1" in new(look, text, "k")
    stages = "  stage a {\n    let |k = 1\n  }\n  stage b {\n    let j = 1\n  }\n"
    inner = f"let n = 1\npipeline p {{\n{stages}}}\n"
    assert "let j = 1\n  }\n  stage b" in new(look, inner, "j")
    assert new(look, inner, "n") == "`n` is a let already, declared in line 1"


def test_rename_reaches_importers_and_the_imported(look: Look) -> None:
    snapshot, offset = look(f"{IMPORTS}let a = lib.zon|es\n", lib=LIBRARY)
    edits = rename(snapshot, offset, "areas")
    assert not isinstance(edits, Refusal)
    assert [(str(one.span), one.text) for one in edits] == [
        ("lib.kon:1:5", "areas"),
        ("a.kon:3:13", "areas"),
    ]
    assert new(look, f"{IMPORTS}let a = lib.zon|es\n", "half", lib=LIBRARY).startswith("`half` is")


def test_a_program_that_stands_alone_has_no_other_files() -> None:
    files = NoFiles()
    assert files.imported("a.kon", "b.kon") is None
    assert files.importers("a.kon") == ()
    snapshot = take("let a = 1\n", "a.kon")
    assert rename(snapshot, 4, "b") == (Edit(snapshot.source.span(4, 5), "b"),)
    assert (snapshot.checked, snapshot.finishes, snapshot.binding("b")) == ({}, {}, None)


def test_a_file_of_templates_needs_no_pipeline() -> None:
    assert take("let a = 1\n", "a.kon").diagnostics == ()
    assert [one.code for one in take("", "a.kon").diagnostics] == ["K0301"]
