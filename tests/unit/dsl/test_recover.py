import gc
from collections.abc import Callable

import pytest

from konductor.dsl import syntax
from konductor.dsl.expression import Broken, Int
from konductor.dsl.parser import Parsed, parse
from konductor.dsl.recover import MOST
from konductor.dsl.source import Source

Mistakes = Callable[[str], list[str]]


def read(text: str) -> Parsed:
    return parse(Source("a.kon", text))


def stages(parsed: Parsed) -> list[str]:
    return [
        one.name.text
        for pipeline in parsed.file.statements
        if isinstance(pipeline, syntax.Pipeline)
        for one in pipeline.statements
        if isinstance(one, syntax.Stage)
    ]


def test_statement_behind_a_broken_one_is_read() -> None:
    parsed = read("pipeline p {\n  stage a after 5 { image = 'a' }\n  stage b after a\n}\n")
    assert stages(parsed) == ["b"]
    assert len(parsed.diagnostics) == 1


def test_name_in_a_broken_statement_is_remembered() -> None:
    parsed = read("pipeline p {\n  stage a after 5 { image = 'a' }\n  param n: = 5\n}\n")
    assert parsed.file.broken == {"a", "n"}


def test_name_taken_out_with_a_stray_word_is_remembered() -> None:
    parsed = read('import "x" as lib stray\nlet x = 1\nlet y = 2\nlet z = 3\nlet w = 4\n')
    assert len(parsed.diagnostics) == 1
    assert len(parsed.file.statements) + len(parsed.file.broken & {"lib"}) >= 5


def test_broken_attribute_leaves_its_block() -> None:
    parsed = read("pipeline p {\n  stage a { image = , timeout = 5m }\n}\n")
    assert stages(parsed) == ["a"]
    assert len(parsed.diagnostics) == 1


def test_bracket_that_only_a_repair_has_opened_is_not_missed() -> None:
    parsed = read("param e t where m t=y\ntemplate b(p:g){e=p}#\npipeline a{#\nstage e from b.")
    assert parsed.diagnostics
    assert not [one for one in parsed.diagnostics if "not closed" in one.message]


def test_value_that_cannot_be_read_is_a_broken_one() -> None:
    (let,) = read("let x = $y\n").file.statements
    assert isinstance(let, syntax.Let)
    assert isinstance(let.value, Broken)


def test_repaired_statement_keeps_what_it_says() -> None:
    (let,) = read("let x: int == 5\n").file.statements
    assert isinstance(let, syntax.Let)
    assert isinstance(let.value, Int)


def test_statements_are_read_behind_an_open_bracket() -> None:
    parsed = read("pipeline p {\n  stage a { x = [1, 2\n y = 3\n z = 4 }\n  stage b\n}\n")
    pipeline = parsed.file.statements[0]
    assert isinstance(pipeline, syntax.Pipeline)
    first = pipeline.statements[0]
    assert isinstance(first, syntax.Stage)
    assert first.block is not None
    assert len(first.block.statements) == 3
    assert len(parsed.diagnostics) == 1


def test_open_heredoc_is_the_only_mistake(mistakes: Mistakes) -> None:
    found = mistakes("pipeline p {\n  stage a {\n    run = <<SH\n      x\n  }\n}\n")
    assert found == ["K0104 3:11 the heredoc `<<SH` is never closed"]


def test_parser_stops_after_many_errors() -> None:
    parsed = read("".join(f"pipeline p{n} {{ stage a after 5 }}\n" for n in range(2 * MOST)))
    assert len(parsed.diagnostics) == MOST
    assert len(parsed.file.statements) == MOST
    assert "p3" in parsed.file.broken


def test_parser_that_stops_in_the_first_statement_returns_an_empty_file() -> None:
    parsed = read("pipeline p {\n" + "  stage a after 5\n" * (MOST + 1) + "}\n")
    assert len(parsed.diagnostics) == MOST


@pytest.mark.parametrize("enabled", [True, False])
def test_garbage_collection_is_as_before(*, enabled: bool) -> None:
    before = gc.isenabled()
    (gc.enable if enabled else gc.disable)()
    read("let x = 1\n")
    after = gc.isenabled()
    (gc.enable if before else gc.disable)()
    assert after is enabled


def test_more_open_braces_than_anybody_forgets_are_one_mistake() -> None:
    parsed = read("let y = 1\npipeline p {\n" + "a {\n" * 100)
    assert len(parsed.diagnostics) == 1
    assert len(parsed.file.statements) == 1
    assert read("pipeline p {\n" + "a {\n" * 100 + "run = <<SH").file.statements == ()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("let x = (1\nlet y = 2\n", ["K0105 1:9 the `(` is not closed"]),
        ("let x = [[1, 2\nlet y = 2\n", ["K0105 1:10 the `[` is not closed"]),
        ("let x = { a = [1 }\n", ["K0101 1:17 `]` is missing before `}`"]),
        ("let x = [1 2]\n", ["K0103 1:12 `,` is missing before `2`"]),
        ("let x = 1 2\n", ["K0101 1:11 `2` does not belong here"]),
        ("let x = [( 1, 2, 3]\nlet y = 1\n", ["K0105 1:10 the `(` is not closed"]),
        ("fn f(a: int) int = 1\n", ["K0101 1:14 `->` is missing before `int`"]),
        ("let 5 = 5\n", ["K0101 1:5 `let` has no name"]),
        ("pipeline\n", ["K0101 1:9 `pipeline` has no name"]),
        ("pipeline p\n", ["K0101 1:11 the end of the line does not fit here"]),
        ("pipeline p {", ["K0105 1:12 the `{` of `pipeline p` is not closed"]),
        ("let x = 1 +\n", ["K0102 1:12 a value is missing behind `+`"]),
        ("let x = \n", ["K0102 1:8 `x` has no value"]),
        ("let x = <<SH <<A\nx\nA\n", ["K0104 1:9 a heredoc begins on the line behind `<<SH`"]),
        ("let x = 'a' <<A\nx\nA\n", ["K0101 1:13 `<<A` does not belong here"]),
        ("}\n", ["K0101 1:1 `}` closes nothing"]),
        ("let x = 1 as y\n", ["K0101 1:11 `as` does not fit here"]),
        ("pipeline p { stage a b c d }\n", ["K0101 1:22 `b` does not fit here"]),
        ("let x = 1 & 2\n", ["K0100 1:11 `&` means nothing here"]),
        ("let x = 1 << 2\n", ["K0100 1:11 a heredoc begins with `<<` and a tag in upper case"]),
        ("let x = \x00 1\n", ["K0100 1:9 the character U+0000 means nothing here"]),
        ("let x = 1 ??\n", ["K0101 1:11 `?` does not fit here"]),
    ],
)
def test_one_mistake_is_one_message(text: str, found: list[str], mistakes: Mistakes) -> None:
    assert mistakes(text) == found
