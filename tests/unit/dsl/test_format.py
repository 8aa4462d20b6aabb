"""How a program is laid out."""

import re
from pathlib import Path

import pytest

from konductor.dsl.format import format_parsed, format_source
from konductor.dsl.layout import Line
from konductor.dsl.parser import parse
from konductor.dsl.source import Source

ROOT = Path(__file__).parents[3]


def formatted(text: str) -> str:
    result = format_source(Source("a.kon", text))
    assert result is not None
    assert format_source(Source("a.kon", result)) == result
    return result


def within(text: str) -> str:
    """Return the statements of a block, laid out."""
    lines = formatted(f"pipeline p {{\n{text}\n}}\n").splitlines()
    return "\n".join(line.removeprefix("  ") for line in lines[1:-1])


@pytest.mark.parametrize("path", sorted((ROOT / "examples").glob("*.kon")), ids=lambda p: p.stem)
def test_examples_are_formatted(path: Path) -> None:
    text = path.read_text("utf-8")
    assert formatted(text) == text


FLAGSHIP = """\
#!/usr/bin/env -S koncli run
# Cascading ETL: extract (5 pods) -> transform (3 pods) -> load (1 pod)
pipeline etl {
  workspace = pvc("etl-data")
  ## Business day to process.
  param day: string where matches(day, '^\\d{4}-\\d{2}-\\d{2}$')
  param shards: int = 5 where shards in 1..200
  defaults {
    shell   = ["/bin/bash", "-ec"]
    retries = 2
    resources { cpu = 1, memory = 2Gi }
    env = { DAY = day }
  }
  map tokenize over mappers {
    image          = "ghcr.io/acme/wc:3.1.0"
    allow_failures = 2  # barrier: expected 20, quorum 18
    stragglers     = "cancel"  # stop the slow two once 18 are in
    env            = { INPUT = input, PART = item }
    run = <<SH
      extract-data --day "$DAY" --shard "$KON_INDEX/$KON_REPLICAS" |
        gzip > "$KON_WORKSPACE/raw-$KON_INDEX.gz"
    SH
  }
  stage load after transform {
    image   = "ghcr.io/acme/load:1.0.0"
    timeout = 30m
    command = ["load-data", "--table", "sales_${day}"]
  }
}
"""


def test_formatted_program_stays_as_it_is() -> None:
    assert formatted(FLAGSHIP) == FLAGSHIP


def test_formatted_program_comes_of_one_without_indentation_and_alignment() -> None:
    flat = re.sub(r"^ {1,4}| +(?==)", "", FLAGSHIP, flags=re.MULTILINE)
    assert formatted(flat) == FLAGSHIP


@pytest.mark.parametrize(
    ("written", "laid_out"),
    [
        ("a=1", "a = 1"),
        ("a=[ 1,2 , -3 ]", "a = [1, 2, -3]"),
        ("a = f ( x , y = - 1 )", "a = f(x, y = -1)"),
        ("a = - - b", "a = --b"),
        ("a = b -1", "a = b - 1"),
        ("a = b - -c", "a = b - -c"),
        ("a = (b)-1", "a = (b) - 1"),
        ("a = x [ 0 ] . name", "a = x[0].name"),
        ("a = 'x' [0]", "a = 'x'[0]"),
        ("a = 1 .. 5", "a = 1..5"),
        ("a = 1..-b", "a = 1..-b"),
        ("a = x==1 and not(y<2)", "a = x == 1 and not (y < 2)"),
        ("a = [x for x in[1]if x>0]", "a = [x for x in [1] if x > 0]"),
        ("a = { }", "a = {}"),
        ("a={b=1,c=2}", "a = { b = 1, c = 2 }"),
        ("retry{limit=1}", "retry { limit = 1 }"),
        ('param m:"a"|"b"="a"', 'param m: "a" | "b" = "a"'),
        ("param m : map (int) ?=null", "param m: map(int)? = null"),
        ("let a : list( string )=b", "let a: list(string) = b"),
        ("stage a after b ?,any( c,d )if e{}", "stage a after b?, any(c, d) if e {}"),
        ("stage a from lib . t ( x=1 )", "stage a from lib.t(x = 1)"),
        ("a = 1   #x", "a = 1  #x"),
        ("#   x   ", "#   x"),
        ('"b c"=2', '"b c" = 2'),
        ("from=1", "from = 1"),
    ],
)
def test_tokens_of_a_line_are_spaced(written: str, laid_out: str) -> None:
    assert within(written) == laid_out


def test_functions_and_imports_are_spaced() -> None:
    written = 'import"x.kon"as x\nfn f ( a:int,b : int=2 )->int=a*b\n'
    assert formatted(written) == 'import "x.kon" as x\nfn f(a: int, b: int = 2) -> int = a * b\n'


def test_attributes_in_a_run_are_aligned() -> None:
    assert within("a = 1\nlong = 2\n\nb = 3") == "a    = 1\nlong = 2\n\nb = 3"


@pytest.mark.parametrize(
    "between",
    [
        "# a comment",
        "retry { limit = 1 }",
        "let x = 1",
        "param x: int = 1",
        "list = [\n  1\n]",
        "run = <<SH\n  true\nSH",
        "x = 1, y = 2",
    ],
)
def test_what_is_no_attribute_in_one_line_ends_a_run(between: str) -> None:
    laid_out = f"a = 1\n{between}\nlonger = 2"
    assert within(laid_out) == laid_out


def test_members_of_a_map_are_aligned_and_arguments_are_not() -> None:
    laid_out = "env = {\n  A  = 1,\n  BB = 2\n}\nw = f(\n  a = 1,\n  bb = 2\n)"
    assert within(laid_out) == laid_out


def test_blank_lines_are_collapsed_and_gone_at_both_ends() -> None:
    assert formatted("\n\nlet a = 1\n\n \n\nlet b = 2\n\n\n") == "let a = 1\n\nlet b = 2\n"


def test_brackets_of_one_line_indent_once() -> None:
    laid_out = "a = f({\n  b = [\n    1\n  ]\n})"
    assert within(laid_out) == laid_out


def test_line_that_closes_stands_as_the_line_that_opened() -> None:
    assert within("a = f(\n[\n1 ])") == "a = f(\n  [\n    1])"


def test_further_lines_of_a_header_stand_apart_from_its_block() -> None:
    laid_out = "stage a after b,\n    # why\n    c,\n    any(d, e) {\n  timeout = 1m\n}"
    assert within(re.sub(r"(?m)^ +", "", laid_out)) == laid_out


def test_map_within_a_header_does_not_end_it() -> None:
    laid_out = "stage a from t(x = { b = 1 }) after b,\n    c"
    assert within(laid_out) == laid_out


def test_attribute_behind_a_comma_is_no_further_line() -> None:
    laid_out = "stage a { b = 1,\n  c = 2 }\nstage = 1,\nmap = 2"
    assert within(laid_out) == laid_out.replace("map =", "map   =")


def test_minus_at_the_begin_of_a_line_goes_with_what_stands_before() -> None:
    laid_out = "a = (b\n  - c)\nd = [1,\n  -2]"
    assert within(laid_out) == laid_out


def test_comments_behind_code_stand_in_a_column_where_they_did() -> None:
    written = "a {}     # one\nbcd {  } # two"
    assert within(written) == "a {}    # one\nbcd {}  # two"


def test_comments_behind_code_keep_two_spaces_where_they_did_not() -> None:
    assert within("a {} # one\nbcd {} # two") == "a {}  # one\nbcd {}  # two"


def test_heredoc_is_moved_as_a_block() -> None:
    written = "run = <<SH   \n\t  if a; then\n\t    b \n\n\t  fi\n SH"
    assert within(written) == "run = <<SH\n  if a; then\n    b \n\n  fi\nSH"


def test_heredoc_with_mixed_indentation_says_the_same() -> None:
    assert within("run = <<$SH\n \ta\n  b\nSH") == "run = <<$SH\n  \ta\n   b\nSH"


def test_heredocs_in_a_list_are_indented_by_their_lines() -> None:
    laid_out = "command = [<<A\n  x\nA\n  , <<B\n    y\n  B\n]"
    assert within(laid_out) == laid_out


def test_empty_heredoc_stays_one() -> None:
    assert within("run = <<SH\nSH") == "run = <<SH\nSH"


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_line_ends_stay_those_of_the_file(end: str) -> None:
    written = "pipeline p {\n a = 1 # x\n run = <<SH\n  a\n\n SH\n}".replace("\n", end)
    laid_out = "pipeline p {\n  a = 1  # x\n  run = <<SH\n    a\n\n  SH\n}\n".replace("\n", end)
    assert formatted(written) == laid_out


def test_line_ends_of_a_mixed_file_become_those_of_most_lines() -> None:
    assert formatted("let a = 1\r\nlet b = 2\nlet c = 3\n") == "let a = 1\nlet b = 2\nlet c = 3\n"


@pytest.mark.parametrize("text", ["", "\n", "  \n\t\n"])
def test_empty_program_is_an_empty_file(text: str) -> None:
    assert formatted(text) == ""


def test_program_of_comments_keeps_them() -> None:
    assert formatted("  # a\n # b") == "# a\n# b\n"


@pytest.mark.parametrize("text", ["stage {", "let a = \udcff", "let a = 1 let b = 2"])
def test_program_with_syntax_errors_is_not_formatted(text: str) -> None:
    assert format_source(Source("a.kon", text)) is None


def test_result_that_says_something_else_is_never_handed_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wrong = Line(0, "let a = 2", -1, "", -1, after_blank=False)
    monkeypatch.setattr("konductor.dsl.format.lay_out", lambda *_: [wrong])
    with pytest.raises(AssertionError, match="please report this"):
        format_parsed(parse(Source("a.kon", "let a = 1\n")))


def test_everything_of_the_language_is_formatted_as_it_stands() -> None:
    text = (Path(__file__).parent / "everything.kon").read_text("utf-8")
    assert formatted(text) == text
