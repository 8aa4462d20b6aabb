"""What is said of a declaration inside a block of attributes."""

import pytest

from konductor.dsl.compile import check_source

OF_A_STAGE = """pipeline p {{
  defaults {{ image = "a:1" }}
  stage outer {{
    run = 'x'
    {}
  }}
  stage last after inner {{ run = 'x' }}
}}
"""
OF_A_TEMPLATE = """template tool(name: string) {{
  {}
  image = name
}}
pipeline p {{ stage a from tool("a:1") }}
"""


def told(text: str) -> list[tuple[str, tuple[str, ...]]]:
    return [(one.message, one.helps) for one in check_source(text).diagnostics]


@pytest.mark.parametrize(
    ("statement", "helps"),
    [
        ("stage inner { run = 'y' }", "stage NAME from tool(…) {"),
        ("stage inner after other { run = 'y' }", "stage NAME from tool(…) {"),
        ("map inner over 3 { run = 'y' }", "map NAME over LIST from tool(…) {"),
        ("reduce inner of other { run = 'y' }", "reduce NAME of MAP from tool(…) {"),
        ("finally inner on failure { run = 'y' }", "finally NAME from tool(…) {"),
    ],
)
def test_stage_inside_of_a_template_is_told_what_to_write(statement: str, helps: str) -> None:
    word = statement.split(maxsplit=1)[0]
    message = f"`{word}` stands inside of `template tool`, which holds attributes only"
    help_text = f"a template is the block of one stage: write `{helps}` in a pipeline"
    assert told(OF_A_TEMPLATE.format(statement)) == [(message, (help_text,))]


@pytest.mark.parametrize(
    ("statement", "help_text"),
    [
        ("barrier b { expected = 1 }", "write `barrier` in a pipeline"),
        ("param x: int = 1", "write it in the header: `template tool(NAME: TYPE = DEFAULT) {`"),
        ("fn f(a: int) -> int = a", "write it at the top of the file, outside of `template tool`"),
    ],
)
def test_what_else_a_template_cannot_hold_has_its_place(statement: str, help_text: str) -> None:
    (found,) = told(OF_A_TEMPLATE.format(statement))
    assert found[1] == (help_text,)


@pytest.mark.parametrize("statement", ["stage inner { run = 'y' }", "map inner over 3 { }"])
def test_stage_inside_of_a_stage_has_its_place_in_the_pipeline(statement: str) -> None:
    (found,) = told(OF_A_STAGE.format(statement))
    assert found[1] == ("write it before or behind `stage outer`, in the pipeline",)


def test_brace_that_is_missing_is_told_of_rather() -> None:
    text = OF_A_STAGE.format("}\n  stage inner { run = 'y'")
    assert not told(text)
    assert [one[0] for one in told(text.replace("run = 'x'\n    }", "run = 'x'"))] == [
        "the `{` of `stage outer` is not closed"
    ]


def test_word_that_is_one_too_many_is_told_of_as_that() -> None:
    assert [one[0] for one in told(OF_A_TEMPLATE.format("param retries = 3"))] == [
        "`param` does not belong here"
    ]
    (found,) = told('pipeline p { stage a { image = "a:1", env { stage b { } } } }')
    assert "stands inside of" not in found[0]
