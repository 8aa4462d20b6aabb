"""One slip of the hand is one message: quotes, comments of other languages, a line continued."""

import pytest

from konductor.dsl.compile import check_source
from konductor.dsl.reach import end_before_closers, goes_on

PROGRAM = """pipeline etl {
  param day: string = "x"
  defaults { image = "a:1" }
  stage a { run = "x" }
  stage b after a {
    image = "b:2"
    env   = { DAY = day }
    run   = 'go'
  }
  stage c after b { command = ["go", "on"] }
}
"""
NO_END_1 = 'K0100 the text has no closing " on its line'
NO_END_2 = "K0100 the text has no closing ' on its line"
BACKSLASH = r"K0100 `\` means nothing here"


def errors(text: str) -> list[str]:
    return [f"{one.code} {one.message}" for one in check_source(text).diagnostics]


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ('run = "x" }', 'run = "x }', NO_END_1),
        ('run = "x" }', "run = 'x }", NO_END_2),
        ('run = "x" }', 'run = "x }  # the first', NO_END_1),
        ('run = "x" }', 'run = x" }', NO_END_1),
        ('run = "x" }', 'run = "x', NO_END_1),
        ("{ DAY = day }", '{ DAY = "day }', NO_END_1),
        ("{ DAY = day }", '{ DAY = join(", [day]) }', NO_END_1),
        ('["go", "on"]', '["go", "on]', NO_END_1),
        ('["go", "on"]', '["go, "on"]', NO_END_1),
        ('"b:2"', 'b:2"', 'K0101 `b:2"` stands without quotes'),
        ("  stage b", "  /* a note of\n  stage b", "K0101 `/*` begins no comment"),
        (
            "  stage b",
            "  /* a note\n   * of (some lines\n  stage b",
            "K0101 `/*` begins no comment",
        ),
        ("  stage b", '  /* { "a\n   * of it */\n  stage b', "K0101 `/*` begins no comment"),
        ('"b:2"', '"b:2" /* it\'s two', "K0101 `/*` begins no comment"),
        ("{ DAY = day }", "{ DAY = day // today's }", "K0101 `//` begins no comment"),
        ("  stage b", "  */\n  stage b", "K0101 `*/` begins no comment"),
        ('["go", "on"]', '["go"] \\\n    + ["on"]', BACKSLASH),
        ("after a {", "after a \\\n  {", BACKSLASH),
        ("after b {", "after b \\\n  when day == day {", BACKSLASH),
        ("after b {", "after \\\n  b {", BACKSLASH),
        ("= { DAY = day }", "= \\\n    { DAY = day }", BACKSLASH),
        ("'go'", "'go' \\", BACKSLASH),
        ("'go'", "'go' \\\n    'on'", BACKSLASH),
        ("{ DAY = day }", "{ DAY = day } \\", BACKSLASH),
        ('"b:2"', '"b:2" \\', BACKSLASH),
        ("pipeline etl", "\\\npipeline etl", BACKSLASH),
    ],
)
def test_one_slip_is_one_error(before: str, after: str, told: str) -> None:
    assert not errors(PROGRAM)
    assert errors(PROGRAM.replace(before, after, 1)) == [told]


@pytest.mark.parametrize(
    ("text", "openers", "kept"),
    [
        ('"x }', "{", '"x'),
        ('"x ] }', "{[", '"x'),
        ('"x) }', "{", '"x)'),
        ('"x', "{", '"x'),
        ('" }', "{", '"'),
        ('"x }', "", '"x }'),
        ('"a # b }', "{", '"a # b'),
        ('"a }  # b', "{", '"a'),
    ],
)
def test_text_without_an_end_leaves_what_its_line_has_to_close(
    text: str, openers: str, kept: str
) -> None:
    assert text[: end_before_closers(text, openers)] == kept


@pytest.mark.parametrize(
    ("before", "text"),
    [
        ("after", "b {"),
        ("=", "x"),
        ("a", "+ b"),
        ("a", "  when b {"),
        ("a", "b)"),
        ("a", "b"),
        ("a", "b == c"),
    ],
)
def test_line_is_the_rest_of_the_one_above(before: str, text: str) -> None:
    assert goes_on(text, 0, before)


@pytest.mark.parametrize(
    "text", ["b = c", "retry { }", 'mounts "x" { }', "stage b {", "}", "", "# note", "\n b"]
)
def test_line_that_begins_a_statement_is_not_the_rest_of_the_one_above(text: str) -> None:
    assert not goes_on(text, 0, "a")
