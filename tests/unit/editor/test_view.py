"""What is shown of a program: hovers, hints, colours, forms, the outline and remedies."""

import itertools
from dataclasses import replace

import pytest

from konductor.dsl.diagnostics import Diagnostic, Fix, error
from konductor.dsl.editor.action import actions
from konductor.dsl.editor.embedded import language_of, tags
from konductor.dsl.editor.hint import hints
from konductor.dsl.editor.hover import hover
from konductor.dsl.editor.outline import around, folds, outline
from konductor.dsl.editor.semantic import words
from konductor.dsl.editor.signature import signature_at
from konductor.dsl.editor.snapshot import Snapshot, take
from konductor.dsl.tokens import Token
from tests.unit.editor.conftest import Look


def shown(look: Look, text: str, **others: str) -> str:
    found = hover(*look(text, **others))
    return "" if found is None else found.markdown


# ---- hover ----


@pytest.mark.parametrize(
    ("value", "line"),
    [
        ('["a", "b"]', 'let x: list(string) = ["a", "b"]'),
        ("1..3", "let x: list(int) = 1..3"),
        ("{ a = 1, b = 2 }", "let x: map(int) = { a = 1, b = 2 }"),
        ("{}", "let x: map = {}"),
        ("90m", "let x: duration = 1h30m"),
        ("4Gi", "let x: quantity = 4Gi"),
        ("90%", "let x: percent = 90%"),
        ("true", "let x: bool = true"),
        ("null", "let x: null = null"),
        ('secret("a", "b")', "let x: secret = a secret"),
        ('"' + "x" * 80 + '"', 'let x: string = "' + "x" * 59 + "…"),
        ("nothing", "let x"),
    ],
    ids=range(12),
)
def test_hover_shows_a_value_as_the_language_writes_it(look: Look, value: str, line: str) -> None:
    text = shown(look, f"pipeline p {{\n  let |x = {value}\n}}\n")
    assert text.splitlines()[1] == line


def test_hover_shows_declarations(look: Look) -> None:
    fn = "## Doubles.\n## Surely.\nfn twice(n: int) -> int = n * 2\n"
    assert shown(look, f"{fn}let a = tw|ice(1)\n") == (
        "```kon\nfn twice(n: int) -> int\n```\n\nDoubles.  \nSurely."
    )
    assert "template t(a: int)" in shown(look, "template |t(a: int) {\n}\n")
    assert "n: int = 1" in shown(look, "fn f(n: int = 1) -> int = |n\n")
    assert 'import "b.kon" as b' in shown(look, 'import "b.kon" as |b\n')
    assert "variable i" in shown(look, "let a = [i for |i in 1..3]\n")
    assert "param n: int" in shown(look, "pipeline p {\n  param |n: int\n}\n")
    axis = "pipeline p {\n  stage a {\n    matrix {\n      |s = ['x']\n    }\n  }\n}\n"
    assert "s = ['x']" in shown(look, axis)
    library = "## Three.\nlet zones = 3\n"
    used = 'import "lib.kon" as lib\nlet a = lib.|zones\n'
    assert "let zones: int = 3\n```\n\nThree." in shown(look, used, lib=library)
    assert shown(look, 'import "gone.kon" as lib\npipeline p {\n  let a = lib.|zones\n}\n') == ""


def test_hover_shows_what_a_barrier_waits_for(look: Look) -> None:
    inner = "    image = 'x:1'\n    replicas = 20\n    allow_failures = 2\n    timeout = 15m\n"
    first = "  stage z {\n    image = 'x:1'\n    timeout = 20m\n  }\n"
    text = f"pipeline p {{\n{first}  stage |a after z {{\n{inner}  }}\n}}\n"
    assert shown(look, text).endswith("expected 20, quorum 18, by 35m")
    assert shown(look, "pipeline p {\n  stage |a when false {\n  }\n}\n").startswith(
        "```kon\nstage a\n```\n\nleft out: `when false` is false"
    )
    unknown = (
        "pipeline p {\n  param n: int\n  stage |a {\n    image = 'x:1'\n    replicas = n\n  }\n}\n"
    )
    assert shown(look, unknown) == "```kon\nstage a\n```"
    assert "```kon\nstage a\n```" in shown(look, "pipeline p {\n  stage a\n  stage |a\n}\n")


def test_hover_tells_what_the_language_itself_has(look: Look) -> None:
    assert "`image`: a string" in shown(
        look, "pipeline p {\n  stage a {\n    ima|ge = 'x:1'\n  }\n}\n"
    )
    assert "CPU cores" in shown(
        look, "pipeline p {\n  stage a {\n    resources { c|pu = 1 }\n  }\n}\n"
    )
    assert "K0999" in shown(look, "pipeline p {\n  cleanu|p = 'always'\n}\n")
    assert "every stage" in shown(look, "pipeline p {\n  default|s {\n  }\n}\n")
    assert "len(" in shown(look, "let a = l|en([])\n")
    assert "file(path: string) -> string" in shown(look, "let a = fi|le('x')\n")
    done = (
        "pipeline p {\n  stage a { image = 'x:1' }\n  stage b after do|ne(a) { image = 'x:1' }\n}\n"
    )
    assert "however they ended" in shown(look, done)
    final = "pipeline p {\n  finally f {\n    image = 'x:1'\n    command = [run.%s]\n  }\n}\n"
    assert shown(look, final % "stat|us") == "How the run ended."
    assert "K0304" in shown(look, final % "nothi|ng")


def test_hover_says_nothing_where_there_is_nothing(look: Look) -> None:
    for text in ("let a = 1|2\n", "# com|ment\n", "let a = 'tex|t'\n", "|", "let a = x.ma|tch\n"):
        assert "```" not in shown(look, text)


def test_hover_explains_each_finding_once(look: Look) -> None:
    text = shown(look, "pipeline p {\n  stage a after |b {\n    image = 'x:1'\n  }\n}\n")
    assert text.startswith("**K0301**: a name that nothing has")
    text = shown(look, "pipeline p {\n  let n = 1\n  let |n = 2\n}\n")
    assert text.count("**K0302**") == 1
    assert "\n\n---\n\n" in text
    twice = shown(look, "pipeline p {\n  let x = [|q, q]\n}\n")
    assert twice.count("**K0301**") == 1


def test_hover_leaves_findings_about_other_texts_alone() -> None:
    assert hover(take("pipeline p {\n}\n", "a.kon"), 14) is None


# ---- hints ----


def test_hints_stand_at_headers_and_lets(look: Look) -> None:
    snapshot, _ = look(
        "|pipeline p {\n  let n = 1\n  let t: int = 1\n  let w = nothing\n"
        "  stage a   {\n    image = 'x:1'\n    timeout = 5m\n  }\n  stage b after a\n"
        "  param q: int\n  map c over q {\n    image = 'x:1'\n  }\n}\n"
    )
    text = snapshot.source.text
    found = {text[: one.offset].rpartition("\n")[2]: one.text for one in hints(snapshot, 0, 999)}
    assert found == {
        "  let n": ": int",
        "  stage a": "expected 1, quorum 1, by 5m",
        "  stage b after a": "expected 1, quorum 1",
    }
    assert hints(snapshot, 0, 5) == ()


# ---- forms of calls ----


def form(look: Look, text: str, **others: str) -> tuple[str, int]:
    found = signature_at(*look(text, **others))
    return ("", -1) if found is None else (found.label, found.active)


def test_a_call_shows_its_form(look: Look) -> None:
    own = "fn f(n: int, m: int = 2) -> int = n\n"
    assert form(look, f"{own}let a = f(|)\n") == ("fn f(n: int, m: int = 2) -> int", 0)
    assert form(look, f"{own}let a = f(1, |)\n")[1] == 1
    assert form(look, f"{own}let a = f(m = |)\n")[1] == 1
    assert form(look, f"{own}let a = f(k = |)\n")[1] == 0
    assert form(look, f"{own}let a = f(1, [2, |3])\n")[1] == 1
    assert form(look, "let a = len(|)\n")[0].startswith("len(")
    assert form(look, "let a = min(1, 2, 3|)\n")[1] == 0
    assert form(look, "pipeline p {\n  stage a after done(|)\n}\n") == ("done(…)", 0)
    used = 'import "lib.kon" as lib\npipeline p {\n  stage a from lib.job(|)\n}\n'
    assert (
        form(look, used, lib="template job(app: string) {\n}\n")[0] == "template job(app: string)"
    )


def test_there_is_no_form_outside_of_calls(look: Look) -> None:
    for text in ("let a = (|1)\n", "let a = nothing(|)\n", "# f(|\n", "let a = f('|')\n", "|"):
        assert form(look, text) == ("", -1)
    assert form(look, "let a = (1 + (|))\n") == ("", -1)
    assert form(look, "pipeline p {\n  stage a {\n    |\n  }\n}\n") == ("", -1)
    assert form(look, "let a = len({ x = | })\n")[0].startswith("len(")


# ---- outline ----


def test_the_outline_has_what_is_declared(look: Look) -> None:
    snapshot, _ = look(
        '|import "b.kon" as b\nlet l = 1\nfn f() -> int = 1\ntemplate t() {\n}\npipeline p {\n'
        "  timeout = 1h\n  param n: int\n  defaults {\n  }\n  gate g {\n  }\n  stage a\n}\n"
    )
    found = outline(snapshot)
    assert [(one.name, one.what) for one in found] == [
        *(("b", "import"), ("l", "let"), ("f", "fn"), ("t", "template"), ("p", "pipeline"))
    ]
    assert [(one.name, one.what) for one in found[-1].children] == [
        *(("n", "param"), ("defaults", "block"), ("g", "block"), ("a", "stage"))
    ]


def test_blocks_texts_and_comments_fold(look: Look) -> None:
    snapshot, _ = look(
        "|# one\n# two\npipeline p {\n  let a = [\n    1,\n  ] # no\n  # lonely\n  stage a {\n"
        "    run = <<SH\n      x\n    SH\n  }\n}\n}\n“\n"
    )
    found = {(one.first, one.last, one.is_comment) for one in folds(snapshot)}
    assert found == {(1, 2, True), (3, 12, False), (4, 5, False), (8, 11, False), (9, 10, False)}


def test_the_parts_around_a_place_hold_each_other(look: Look) -> None:
    found = [one.text for one in around(*look("let a = 1 + |23\n"))]
    assert found == ["23", "1 + 23", "let a = 1 + 23", "let a = 1 + 23\n"]
    chain = around(*look("pipeline p {\n  stage a|{\n  }\n}\n"))
    for inner, outer in itertools.pairwise(chain):
        assert outer.start <= inner.start
        assert inner.end <= outer.end


# ---- colours ----


def colours(text: str) -> list[tuple[str, str]]:
    snapshot: Snapshot = take(text, "a.kon")
    source = snapshot.source.text
    return [
        (source[one.start : one.end], " ".join([one.colour, *one.modifiers]))
        for one in words(snapshot)
    ]


def test_each_word_has_its_colour() -> None:
    assert colours("## Doc.\nfn f(n: int) -> int = len([n]) + 1\n") == [
        ("## Doc.", "comment documentation"),
        ("fn", "keyword"),
        ("f", "function declaration"),
        ("n", "parameter declaration"),
        ("int", "type defaultLibrary"),
        ("->", "operator"),
        ("int", "type defaultLibrary"),
        ("len", "function defaultLibrary"),
        ("n", "parameter"),
        ("+", "operator"),
        ("1", "number"),
    ]
    assert ("from", "property") in colours(
        "pipeline p {\n  stage a {\n    env = { from = 1 }\n  }\n}\n"
    )
    assert ("lib", "namespace declaration") in colours('import "b" as lib\n')
    assert ("job", "function") in colours('import "b" as lib\nlet a = lib.job\n')
    assert ("x", "variable readonly") in colours("let x = 1\nlet y = x\n")
    assert ("nothing", "variable") in colours("let y = nothing\n")
    assert ("p", "class declaration") in colours("pipeline p {\n}\n")
    assert ("stage", "keyword") in colours("stage")
    assert colours("name") == [("name", "variable")]


def test_texts_are_coloured_around_their_expressions() -> None:
    assert colours('let a = "x ${1} y"\n')[2:] == [
        ('"x ${', "string"),
        ("1", "number"),
        ('} y"', "string"),
    ]
    assert colours('let a = "x ${1\n')[-1] == ("1", "number")


def test_scripts_are_left_to_the_editor_but_for_their_variables() -> None:
    head = "let a = <<{}\n  echo $A ${{B}}\n  {}\n"
    assert colours(head.format("SH", "SH"))[2:] == [
        *(("<<SH", "macro"), ("$A", "variable"), ("${B", "variable"), ("SH", "macro"))
    ]
    assert colours(head.format("PYTHON", "PYTHON"))[2:] == [
        ("<<PYTHON", "macro"),
        ("PYTHON", "macro"),
    ]
    assert ("  echo $A ${B}", "string") in colours(head.format("TEXT", "TEXT"))
    assert ("B", "variable") in colours(head.format("$SH", "SH"))
    assert ("  echo $A ${", "string") in colours(head.format("$TEXT", "TEXT"))


def test_an_open_or_empty_heredoc_has_a_tag_alone() -> None:
    assert colours("let a = <<SH\nSH\n")[2:] == [("<<SH", "macro"), ("SH", "macro")]
    assert colours("let a = <<TEXT\n  x")[2:] == [("<<TEXT", "macro"), ("  x", "string")]
    assert colours("let a = <<TEXT")[2:] == [("<<TEXT", "macro")]


def test_a_tag_tells_its_language() -> None:
    assert language_of("<<BASH\n") == "shellscript"
    assert language_of("<<OTHER\n") == ""
    assert language_of("no heredoc") == ""
    assert tags(Token("HEREDOC", "no heredoc", 0)) == ()


# ---- remedies ----


def finding(snapshot: Snapshot, wrong: Diagnostic) -> Snapshot:
    """Return a snapshot in which one thing was found."""
    found = replace(snapshot)
    vars(found)["examined"] = replace(snapshot.examined, diagnostics=(wrong,))
    return found


def test_a_help_that_is_one_word_is_a_remedy(look: Look) -> None:
    snapshot, offset = look("pipeline p {\n  stage load\n  stage a after |loda\n}\n")
    (found,) = actions(snapshot, offset, offset)
    assert (found.title, found.edits[0].text) == ("write `load`", "load")
    assert actions(snapshot, 0, 0) == ()


def test_a_help_that_is_one_word_is_a_remedy_without_a_fix_too(look: Look) -> None:
    snapshot, offset = look(
        'pipeline p {\n  stage a { image = "x:1", run = "x", tolerations = [{ |kye = "k" }] }\n}\n'
    )
    (wrong,) = snapshot.diagnostics
    assert wrong.fix is None
    (found,) = actions(snapshot, offset, offset)
    assert (found.title, found.edits[0].text, found.is_sure) == ("write `key`", "key", True)


def test_a_help_that_sets_a_value_is_a_remedy_to_look_at(look: Look) -> None:
    snapshot, offset = look(
        "pipeline p {\n  stage a {\n    image = 'x:1'\n    quorum = |3\n  }\n}\n"
    )
    (found,) = actions(snapshot, offset, offset)
    assert (found.title, found.edits[0].text, found.is_sure) == (
        *("write `quorum = 1` or less", "1", False),
    )
    other, offset = look("pipeline p {\n  barrier b {\n    |expected = 1\n  }\n}\n")
    span = other.source.span(offset, offset + 8)
    wrong = error("K0403", span, "x", helps=("write `quorum = 1` or less",))
    assert actions(finding(other, wrong), 0, 99) == ()


@pytest.mark.parametrize("helps", [("write `=`: twice tests",), ()])
def test_a_fix_of_a_finding_is_its_remedy(look: Look, helps: tuple[str, ...]) -> None:
    snapshot, _ = look("|let a == 1\n")
    span = snapshot.source.span(6, 8)
    wrong = error("K0101", span, "`==` compares", helps=helps, fix=Fix(span, "="))
    (found,) = actions(finding(snapshot, wrong), 0, 99)
    assert (found.title, found.edits[0].text) == (helps[0] if helps else "write `=`", "=")


def test_a_help_that_leaves_a_choice_is_none(look: Look) -> None:
    snapshot, offset = look('pipeline p {\n  let a = "x" + |"y"\n}\n')
    assert snapshot.diagnostics
    assert actions(snapshot, 0, offset) == ()
