"""What is rare in a program, and right all the same."""

import pytest

from konductor.dsl.compile import check_source, examine_source
from konductor.dsl.manual import manual, text_page
from konductor.dsl.render import Form, render

STAGES = "pipeline p {{\n  defaults {{ image = 'a:1', run = 'x' }}\n{}\n}}\n"


def told(text: str, **files: str) -> list[tuple[str, str]]:
    found = check_source(text, loader=lambda path: files[path.partition(".")[0]]).diagnostics
    return [(one.code, one.message) for one in found]


def codes(text: str, **files: str) -> list[str]:
    return [code for code, _ in told(text, **files)]


def test_program_without_a_token_has_one_error() -> None:
    assert codes("@")[0] == "K0100"


def test_allowed_warning_is_found_where_braces_or_separators_are_wrong() -> None:
    open_pipeline = '# kon: allow(K0502)\npipeline p {\n stage a { image = "a:latest" }\n'
    assert codes(open_pipeline) == ["K0105"]
    odd = 'pipeline p {\n  ; stage a { image = "a:latest" }  # kon: allow(K0502)\n}\n'
    assert sorted(codes(odd)) == ["K0100", "K0101"]


@pytest.mark.parametrize(
    ("declared", "used"),
    [
        ("fn size 5 5 5\n", "stage a { replicas = size(1) }"),
        ("template tool 5 {\n image = 'a:1'\n}\n", "stage a from tool(1)"),
        ("fn size(a: int -> int = a\n", "stage a { replicas = size(1) }"),
        ("template tool(a: int {\n image = 'a:1'\n}\n", "stage a from tool(1)"),
    ],
)
def test_what_cannot_be_read_may_have_been_declared(declared: str, used: str) -> None:
    assert len(codes(declared + STAGES.format(used))) == 1


@pytest.mark.parametrize("number", [10**400, 2**63, -(2**63), float("inf"), float("nan")])
@pytest.mark.parametrize("kind", ["int", "float"])
def test_number_that_only_a_file_can_give_is_beyond_its_type(kind: str, number: float) -> None:
    text = STAGES.format(f"param n: {kind}\nstage a {{ replicas = floor(n) }}")
    (found,) = check_source(text, parameter_file={"n": number}).diagnostics
    assert (found.code, found.message) == (
        "K0601",
        f"a number of `--params n` is beyond what {'an int' if kind == 'int' else 'a float'} holds",
    )


def test_whole_number_of_a_large_one_has_a_limit() -> None:
    text = STAGES.format("param n: float\nstage a { replicas = floor(n) }")
    (found,) = check_source(text, parameter_file={"n": 1e300}).diagnostics
    assert (found.code, found.message) == ("K0201", "the result is beyond 64 bits")


def test_what_an_import_cannot_read_may_have_been_declared() -> None:
    text = 'import "lib.kon" as lib\n' + STAGES.format("stage a { replicas = lib.size }")
    assert codes(text, lib="let size = 1 +\n") == ["K0102"]
    assert codes(text, lib="let size 5 5\n") == ["K0101"]


def test_item_that_nobody_knows_is_no_argument() -> None:
    text = "fn twice(a: int) -> int = 2 * a\n" + STAGES.format(
        "map m over 3 { env = { A = twice(item) } }"
    )
    assert codes(text) == ["K0208"]


def test_circle_is_found_beside_other_edges() -> None:
    text = STAGES.format(
        "stage z {}\nstage a after z, c {}\nstage b after a {}\nstage c after b, d, a {}\n"
        "stage d after b, a {}"
    )
    assert set(codes(text)) == {"K0401"}


def test_variable_is_shown_by_its_text_where_lines_end_with_two_characters() -> None:
    script = "stage a {\n env = { REGION = 'x' }\n run = <<SH\n echo $REGOIN\n SH\n}"
    (found,) = check_source(STAGES.format(script).replace("\n", "\r\n")).diagnostics
    assert found.code == "K0702"


def test_toleration_that_is_a_parameter_is_not_looked_into() -> None:
    text = STAGES.format("param t: map(string)\nstage a { tolerations = [t] }")
    assert codes(text) == []


def test_stage_that_meets_and_arrives_comes_as_it_meets() -> None:
    text = STAGES.format(
        "barrier b { expected = 2, timeout = 5m }\n"
        "stage a { replicas = 2, timeout = 1h, arrive = [b], barriers = [b] }\n"
    )
    assert codes(text) == []
    circle = STAGES.format(
        "barrier b { expected = 2, timeout = 5m }\n"
        "stage c after d { barriers = [b] }\nstage d after c { arrive = [b] }\n"
    )
    assert set(codes(circle)) == {"K0401", "K0405"}


def test_list_that_is_made_of_an_unknown_one_is_unknown() -> None:
    text = STAGES.format(
        "param names: list(string)\nlet shown = [upper(n) for n in names]\n"
        "stage a { command = shown, run = null }"
    )
    assert codes(text) == []


def test_function_of_a_type_that_there_is_not_is_told_of() -> None:
    text = "fn f(a: int) -> number = a\n" + STAGES.format("stage a { replicas = f(1) }")
    assert codes(text) == ["K0301"]


def test_what_cannot_run_is_noted_once_for_a_template() -> None:
    text = "template t() { daemon = true }\n" + STAGES.format("stage a from t()\nstage b from t()")
    (note,) = check_source(text).notes
    assert note.count("daemon") == 1


@pytest.mark.parametrize(
    "value",
    [
        'len(join(",", 1..9000000))',
        "len(zip(1..9000000, 1..9000000))",
        "len((1..900000) + (1..900000))",
    ],
)
def test_list_has_a_limit(value: str) -> None:
    assert codes(STAGES.format(f"stage a {{ replicas = {value} }}")) == ["K0201"]


def test_numbers_of_two_kinds_are_a_list_of_floats() -> None:
    text = STAGES.format("let cpu = [1, 2.5]\nstage a { resources { cpu = cpu[1] } }")
    assert codes(text) == []


@pytest.mark.parametrize("condition", ["m.a == null", "n < 3", "m == null"])
def test_only_a_name_that_is_compared_with_null_is_narrowed(condition: str) -> None:
    text = STAGES.format(
        "param n: int = 1\nparam m: map(int)?\n"
        f"stage a {{ replicas = if {condition} then 1 else n }}"
    )
    assert "K0204" not in codes(text)


def test_function_that_calls_itself_by_two_ways_is_told_of_once() -> None:
    text = (
        "fn f(a: int) -> int = g(a) + h(a)\nfn g(a: int) -> int = x(a)\n"
        "fn h(a: int) -> int = x(a)\nfn x(a: int) -> int = f(a)\n"
    )
    assert "K0312" in codes(text + STAGES.format("stage a { replicas = f(1) }"))


def test_environment_of_an_unknown_map_is_unknown() -> None:
    text = STAGES.format(
        "param more: map(string)\ndefaults { env = { A = 'x' } }\nstage a { env = more }"
    ).replace("defaults { image = 'a:1', run = 'x' }", "", 1)
    assert "K0204" not in codes(text)


def test_value_without_a_name_and_a_reserved_name_are_told_of() -> None:
    assert told(STAGES.format("stage a { = 5 }")) == [("K0101", "`=` sets nothing")]
    (found,) = told(STAGES.format("stage a { env = { in = 'x' } }"))
    assert found == ("K0101", "`in` is a word of the language, so it cannot be a name")


def test_example_of_a_choice_is_its_first() -> None:
    text = STAGES.format('param mode: "fast" | "slow"\nstage a { command = [mode], run = null }')
    pipeline = examine_source(text).pipeline
    assert pipeline is not None
    assert "-p mode=fast" in text_page("a.kon", manual(pipeline))


def test_long_line_is_cut_by_what_a_terminal_shows() -> None:
    text = STAGES.format(f"stage a {{ env = {{ A = '{'日' * 90}\x07' }}, replicas = many }}")
    (found,) = check_source(text).diagnostics
    assert found.code == "K0301"
    assert "many" in render([found], form=Form.FULL)
    short = text.replace("日" * 90, "a\x07" * 60)
    assert "\x07" not in render(check_source(short).diagnostics, form=Form.FULL)
