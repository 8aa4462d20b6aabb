from collections.abc import Callable
from datetime import date

import pytest

from konductor.dsl.compile import Compiled, check_source, compile_source

Given = Callable[..., Compiled]


def value_of(compiled: Compiled) -> str:
    assert compiled.plan is not None, compiled.diagnostics
    return compiled.plan.parameters[0].value


def codes_of(compiled: Compiled) -> list[str]:
    return [one.code for one in compiled.diagnostics]


def test_the_command_line_beats_the_file_beats_the_environment_beats_the_default(
    given: Given,
) -> None:
    environment = {"KON_PARAM_N": "3"}
    assert value_of(given("n: int = 4")) == "4"
    assert value_of(given("n: int = 4", environment=environment)) == "3"
    assert value_of(given("n: int = 4", environment=environment, file={"n": 2})) == "2"
    every = given("n: int = 4", environment=environment, file={"n": 2}, raw={"n": "1"})
    assert value_of(every) == "1"


@pytest.mark.parametrize(
    ("declaration", "raw", "json"),
    [
        ("x: string", "a b", '"a b"'),
        ("x: string", "[1]", '"[1]"'),
        ("x: int", "1_000", "1000"),
        ("x: int", "-3", "-3"),
        ("x: float", "2", "2.0"),
        ("x: bool", "true", "true"),
        ("x: duration", "90m", '"1h30m"'),
        ("x: quantity", "1024Mi", '"1Gi"'),
        ("x: percent", "12.50%", '"12.5%"'),
        ("x: list(int)", "[1, 2]", "[1,2]"),
        ("x: list(int)", "1..3", "[1,2,3]"),
        ("x: map(string)", '{ a = "b" }', '{"a":"b"}'),
        ('x: "fast" | "safe"', "safe", '"safe"'),
        ("x: int?", "null", "null"),
    ],
)
def test_a_value_is_written_as_in_a_program_but_for_strings(
    given: Given, declaration: str, raw: str, json: str
) -> None:
    assert value_of(given(declaration, raw={"x": raw})) == json


@pytest.mark.parametrize(
    ("declaration", "raw", "code"),
    [
        ("x: int", "abc", "K0601"),
        ("x: int", "1\nlet y = 2", "K0601"),
        ("x: int", "", "K0601"),
        ("x: int", "1.5", "K0601"),
        ("x: int", "null", "K0601"),
        ("x: list(int)", '["a"]', "K0601"),
        ("x: map(int)", '{ a = "b" }', "K0601"),
        ('x: list("a" | "b")', '["c"]', "K0601"),
        ('x: "fast" | "safe"', "fats", "K0602"),
        ("x: int where x in 1..3", "4", "K0603"),
    ],
)
def test_a_value_that_does_not_fit_is_named_where_it_was_given(
    given: Given, declaration: str, raw: str, code: str
) -> None:
    compiled = given(declaration, raw={"x": raw})
    assert codes_of(compiled) == [code]
    assert compiled.plan is None
    assert compiled.diagnostics[0].span.source.path == "-p x"


def test_a_file_gives_what_json_has_and_writes_the_rest_as_text(given: Given) -> None:
    assert value_of(given("x: duration", file={"x": "1h"})) == '"1h"'
    assert value_of(given("x: list(duration)", file={"x": ["1h", "2h"]})) == '["1h","2h"]'
    assert value_of(given("x: map(int)", file={"x": {"a": 1}})) == '{"a":1}'
    assert value_of(given("x: int?", file={"x": None})) == "null"
    assert codes_of(given("x: int", file={"x": "1"})) == ["K0601"]
    assert codes_of(given("x: duration", file={"x": "soon"})) == ["K0601"]


def test_a_date_of_yaml_is_no_value_of_the_language(given: Given) -> None:
    compiled = given("x: string", file={"x": date(2026, 11, 23)})
    assert codes_of(compiled) == ["K0601"]


def test_a_file_behind_an_at_sign_is_the_value(given: Given) -> None:
    def loader(path: str) -> str:
        if path == "there":
            return "text"
        raise FileNotFoundError("no such file")

    assert value_of(given("x: string", raw={"x": "@there"}, loader=loader)) == '"text"'
    assert codes_of(given("x: string", raw={"x": "@gone"}, loader=loader)) == ["K0601"]


def test_only_the_command_line_names_files(given: Given) -> None:
    def loader(path: str) -> str:
        raise FileNotFoundError(2, path)

    environment = {"KON_PARAM_X": "@latest"}
    assert value_of(given("x: string", environment=environment, loader=loader)) == '"@latest"'


def test_a_file_of_the_wrong_type_is_named_with_the_parameter(given: Given) -> None:
    (one,) = given("x: int", raw={"x": "@n.txt"}, loader=lambda _: "many").diagnostics
    assert one.span.source.path == "-p x=@n.txt"


def test_a_parameter_without_any_value_is_an_error_only_where_it_is_needed(given: Given) -> None:
    assert codes_of(given("x: int")) == ["K0606"]
    assert value_of(given("x: int?")) == "null"
    text = 'pipeline p { param x: int\n stage s { image = "a:1", replicas = x } }'
    assert check_source(text).diagnostics == ()


def test_an_unknown_parameter_is_named_with_the_nearest(given: Given) -> None:
    compiled = given("shards: int = 1", raw={"shard": "2"}, file={"x": 1})
    assert codes_of(compiled) == ["K0605", "K0605"]
    assert compiled.diagnostics[0].helps == ("write `shards`",)


def test_parameters_reach_the_digest() -> None:
    text = 'pipeline p { param n: int = 1\n stage s { image = "a:1", replicas = n } }'
    plans = [compile_source(text, parameters={"n": n}).plan for n in ("1", "2", "2")]
    digests = [plan.digest for plan in plans if plan]
    assert digests[0] != digests[1]
    assert digests[1] == digests[2]


def test_a_parameter_declared_twice_counts_once() -> None:
    params = "param n: int = 1\n param n: int = 2"
    text = f'pipeline p {{ {params}\n stage s {{ image = "a:1", replicas = n }} }}'
    assert codes_of(compile_source(text)) == ["K0302"]


@pytest.mark.parametrize(
    ("where", "code"), [("zzz > 5", "K0301"), ("5", "K0201"), ("len(n) > 1", "K0201")]
)
def test_a_where_is_checked_while_its_parameter_has_no_value_yet(where: str, code: str) -> None:
    barrier = "barrier b {\n outsiders = true\n expected = n\n }"
    source = f"pipeline p {{\n param n: int where {where}\n {barrier}\n}}"
    assert codes_of(check_source(source)) == [code]
