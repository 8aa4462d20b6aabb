import pytest

from konductor.dsl import syntax
from konductor.dsl.editor import draft as module
from konductor.dsl.editor.draft import Draft
from konductor.dsl.known import Known
from konductor.dsl.parser import Parsed, parse
from konductor.dsl.source import Source
from konductor.dsl.tokens import Lexed

STAGES = [f'  stage s{number} {{ image = "a:1", run = "x" }}\n' for number in range(10)]
PROGRAM = f"param day: int = 1\npipeline p {{\n{''.join(STAGES)}}}\n"


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return what will hold how many statements were taken over, before and behind a change."""
    counts: list[int] = []

    def spy(source: Source, lexed: Lexed | None = None, known: tuple[Known, ...] = ()) -> Parsed:
        counts.extend(len(one.nodes()) for one in known)
        return parse(source, lexed, known)

    monkeypatch.setattr(module, "parse", spy)
    return counts


def change(*texts: str, before: str = PROGRAM) -> Parsed:
    """Change a program, more than once it may be; return what comes of it."""
    draft = Draft()
    found = draft.read(Source("a.kon", before))
    for text in texts:
        found = draft.read(Source("a.kon", text))
    return found


def statements(parsed: Parsed) -> tuple[syntax.PipelineStatement, ...]:
    (pipeline,) = (one for one in parsed.file.statements if isinstance(one, syntax.Pipeline))
    return pipeline.statements


def test_only_the_statement_that_was_changed_is_read(taken: list[int]) -> None:
    change(PROGRAM.replace("stage s5", "stage s55"))
    assert taken == [3, 4]


def test_statement_that_has_moved_is_where_it_stands_now() -> None:
    text = PROGRAM.replace("stage s5", "stage number-5")
    parsed = change(text)
    assert [one.span.text for one in statements(parsed)] == [
        line.strip() for line in text.splitlines() if line.startswith("  stage")
    ]
    assert {one.span.source for one in statements(parsed)} == {parsed.source}
    last = statements(parsed)[-1].span
    assert (str(last), last.start) == ("a.kon:12:3", text.index("stage s9"))


def test_statement_with_a_mistake_is_read_alone(taken: list[int]) -> None:
    assert change(PROGRAM.replace("stage s5", "stage")).diagnostics
    assert taken == [3, 4]


def test_what_is_taken_over_is_from_the_last_version_without_a_mistake(taken: list[int]) -> None:
    broken = PROGRAM.replace("stage s5", "stage")
    parsed = change(broken, f"# one\n{broken}", f"# one\n# two\n{PROGRAM}")
    assert taken == [3, 4, 4, 9]
    assert statements(parsed)[-1].span.text == STAGES[-1].strip()
    assert str(statements(parsed)[-1].span) == "a.kon:14:3"


def test_change_before_the_pipeline_leaves_all_of_it_but_its_first_statement(
    taken: list[int],
) -> None:
    change(PROGRAM.replace("day: int", "days: int"))
    assert taken == [9]


def test_change_behind_the_pipeline_leaves_the_statements_before_its_last(taken: list[int]) -> None:
    change(f"{PROGRAM}let x = 1\n")
    assert taken == [7]


def test_nothing_changed_is_taken_over(taken: list[int]) -> None:
    change(PROGRAM)
    assert taken == [7]


def test_whole_statement_that_is_gone_leaves_all_others_but_the_next(taken: list[int]) -> None:
    change(PROGRAM.replace(STAGES[5], ""))
    assert taken == [3, 3]


@pytest.mark.parametrize("typed", ['"', "{", "}", "(", "<<SH\n", "[ }", "/* "])
def test_what_swallows_the_rest_makes_the_rest_be_read(taken: list[int], typed: str) -> None:
    change(PROGRAM.replace("  stage s5", f"  {typed}stage s5"))
    assert taken == [3]


def test_change_that_ends_with_a_comma_goes_on(taken: list[int]) -> None:
    change(PROGRAM.replace(STAGES[5], "  timeout = 1h,\n"))
    assert taken == [3]


def test_comment_left_alone_may_document_what_follows(taken: list[int]) -> None:
    parsed = change(PROGRAM.replace(STAGES[5], "  ## What follows.\n"))
    assert [getattr(one, "doc", "") for one in statements(parsed)][5] == "What follows."
    assert taken == [3]


def test_statements_that_share_a_line_are_read_together(taken: list[int]) -> None:
    before = PROGRAM.replace(STAGES[4], "  timeout = 1h, ttl = 3d\n")
    change(before.replace("ttl", "retries"), before=before)
    assert taken == [2, 5]


@pytest.mark.parametrize("before", ["let x = 1\n", "pipeline p {\n  stage\n}\n", ""])
def test_file_without_a_pipeline_or_with_a_mistake_is_read_anew(
    taken: list[int], before: str
) -> None:
    assert len(statements(change(PROGRAM, before=before))) == len(STAGES)
    assert taken == []


def test_file_with_an_expression_too_deep_to_be_kept_is_read_anew(taken: list[int]) -> None:
    deep = PROGRAM.replace(STAGES[5], f"  let x = {'-' * 5_000}1\n")
    assert len(statements(change(deep, deep, before=deep))) == len(STAGES)
    assert taken == []
