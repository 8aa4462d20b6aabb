from collections.abc import Sequence

from konductor.dsl import syntax
from konductor.dsl.known import Known
from konductor.dsl.parser import Parsed, parse
from konductor.dsl.source import Source
from konductor.dsl.tokens import Token, tokenize

PROGRAM = """pipeline p {
  stage one { image = "a:1" }
  stage two { image = "a:1" }
  stage three { image = "a:1" }
  stage four { image = "a:1" }
}
"""
OTHER = parse(Source("b.kon", PROGRAM.replace("stage ", "stage other-"))).file.statements[0]
assert isinstance(OTHER, syntax.Pipeline)
KNOWN = OTHER.statements[1:3]
"""They have other names, so that they are known in a tree."""


def place(tokens: Sequence[Token], number: int) -> int:
    """Return the index of the token with which a stage begins."""
    return [index for index, one in enumerate(tokens) if one.kind == "STAGE"][number]


def read(text: str, first: int = 1, stop: int = 3) -> Parsed:
    """Read a program in which the nodes of some stages are known."""
    source = Source("a.kon", text)
    lexed = tokenize(source)
    known = Known(place(lexed.tokens, first), place(lexed.tokens, stop), lambda: KNOWN)
    return parse(source, lexed, [known])


def names(parsed: Parsed) -> list[str]:
    return [
        one.name.text
        for pipeline in parsed.file.statements
        if isinstance(pipeline, syntax.Pipeline)
        for one in pipeline.statements
        if isinstance(one, syntax.Stage)
    ]


def test_known_statements_are_not_read() -> None:
    parsed = read(PROGRAM)
    assert names(parsed) == ["one", "other-two", "other-three", "four"]
    assert parsed.diagnostics == ()
    (pipeline,) = parsed.file.statements
    assert isinstance(pipeline, syntax.Pipeline)
    assert pipeline.statements[1:3] == KNOWN


def test_known_statements_are_taken_over_behind_a_mended_mistake() -> None:
    parsed = read(PROGRAM.replace('one { image = "a:1"', "one { image ="))
    assert names(parsed) == ["one", "other-two", "other-three", "four"]
    assert len(parsed.diagnostics) == 1


def test_known_statements_are_taken_over_behind_one_that_is_left_out() -> None:
    parsed = read(PROGRAM.replace("  stage two", "  stage 1 1 1 1 1\n  stage two"), 2, 4)
    assert names(parsed) == ["one", "other-two", "other-three", "four"]
    assert len(parsed.diagnostics) == 1


def test_known_statements_are_read_where_no_pipeline_is() -> None:
    text = PROGRAM.replace("pipeline p {", "template p() {")
    assert read(text).file.broken == parse(Source("a.kon", text)).file.broken


def test_known_statements_are_read_in_a_block_that_is_not_closed() -> None:
    text = PROGRAM.replace('one { image = "a:1" }', "one {")
    assert names(read(text)) == names(parse(Source("a.kon", text)))


def test_known_statements_are_read_before_any_other() -> None:
    assert names(read(PROGRAM, 0, 2)) == ["one", "two", "three", "four"]


def test_known_statements_are_read_where_the_repair_of_a_mistake_reaches_into_them() -> None:
    text = PROGRAM.replace("  stage two", "  let x = (1\n  stage two")
    assert names(read(text)) == ["one", "two", "three", "four"]
