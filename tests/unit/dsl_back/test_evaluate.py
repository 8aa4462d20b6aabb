from collections.abc import Callable

import pytest

from konductor.dsl import evaluation
from konductor.dsl.compile import check_source, compile_source

Evaluated = Callable[..., str]


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("1 + 2 * 3", "7"),
        ("1 / 2", "0.5"),
        ("7 - 2", "5"),
        ("-(2)", "-2"),
        ("1.5 + 1", "2.5"),
        ("2 * 30m", "1h"),
        ("90m / 2", "45m"),
        ("1h / 30m", "2.0"),
        ("1h - 15m", "45m"),
        ("-(15m)", "-15m"),
        ("4Gi / 2", "2Gi"),
        ("4Gi + 512Mi", "4608Mi"),
        ("3Gi / 1Gi", "3.0"),
        ("3k * 2", "6k"),
        ("1k / 3", "333333m"),
        ("-(1Gi)", "-1Gi"),
        ("0Gi", "0"),
        ("50% + 12.5%", "62.5%"),
        ("2 * 10%", "20%"),
        ("-(10%)", "-10%"),
        ('if 2 > 1 then "a" else "b"', "a"),
        ("not (1 == 2) and 3 in 1..5", "true"),
        ("false and (1 / 0 == 1)", "false"),
        ("true or (1 / 0 == 1)", "true"),
        ("4 not in [1, 2]", "true"),
        ('"b" in { a = 1 }', "false"),
        ('"a" < "b"', "true"),
        ("1h <= 60m", "true"),
        ("1Gi == 1024Mi", "true"),
        ("10% >= 5%", "true"),
        ("null == 1", "false"),
        ("[1, 2] == 1..2", "true"),
        ("[1, 3] == 1..2", "false"),
        ("1..2 == [1]", "false"),
        ("1 != 1.0", "false"),
        ('join(",", [x * 2 for x in 1..4 if x != 2])', "2,6,8"),
        ('join(",", ["${i}:${x}" for i, x in ["a", "b"]])', "0:a,1:b"),
        ('join(",", ["${k}=${v}" for k, v in { a = 1, b = 2 }])', "a=1,b=2"),
        ('join(",", [v for v in { a = 1, b = 2 }])', "1,2"),
        ("[1, 2, 3][1]", "2"),
        ("[1, 2, 3][-1]", "3"),
        ("({ a = 5 }).a", "5"),
        ('({ a = 5 })["a"]', "5"),
        ('join(",", [1] + [2])', "1,2"),
        ('join(",", keys({ a = 1, b = 2 } + { a = 3, c = 4 }))', "a,b,c"),
        ('join(",", values({ a = 1 } + { a = 3 }))', "3"),
        ('len("abc") + len([1]) + len({ a = 1 }) + len(1..3)', "8"),
        ('join("|", split(",", "a,b"))', "a|b"),
        ('lower("Ab")', "ab"),
        ('upper("Ab")', "AB"),
        ("min(3, 1, 2)", "1"),
        ("max(1, 2.5)", "2.5"),
        ("max(1h, 90m)", "1h30m"),
        ("min(1Gi, 1G)", "1G"),
        ("max(10%, 5%)", "10%"),
        ("ceil(1.2) + floor(1.8)", "3"),
        ("mod(7, 3)", "1"),
        ("matches('2026', '^[0-9]+$')", "true"),
        ('contains("abc", "b")', "true"),
        ("contains([1, 2], 3)", "false"),
        ('join(",", ["${a[0]}${a[1]}" for a in zip([1, 2], ["x", "y"])])', "1x,2y"),
        ("sh('a b')", "'a b'"),
        ("'raw ${x}'", "raw ${x}"),
        ('"${1h30m} ${4Gi} ${90%} ${true} ${0.5}"', "1h30m 4Gi 90% true 0.5"),
        ("1_000", "1000"),
    ],
)
def test_expression_has_its_value(value: Evaluated, expression: str, text: str) -> None:
    assert value(expression) == text


FN = "fn twice(n: int, plus: int = 1) -> int = 2 * n + plus"


@pytest.mark.parametrize(
    ("expression", "text"),
    [("twice(3)", "7"), ("twice(3, 0)", "6"), ("twice(plus = 2, n = 1)", "4")],
)
def test_own_function_is_called(value: Evaluated, expression: str, text: str) -> None:
    assert value(expression, FN) == text


def codes(expression: str, before: str = "", **parameters: str) -> list[str]:
    text = f'{before}\npipeline p {{ stage s {{ image = "a:1", env = {{ V = {expression} }} }} }}'
    return [one.code for one in compile_source(text, parameters=parameters).diagnostics]


@pytest.mark.parametrize(
    ("expression", "code"),
    [
        ("twice()", "K0201"),
        ("twice(1, 2, 3)", "K0201"),
        ("twice(1, n = 2)", "K0201"),
        ("twice(1, x = 2)", "K0201"),
        ('twice("a")', "K0204"),
        ("twice", "K0201"),
        ("twice.x", "K0201"),
        ("s", "K0201"),
        ("[1].x", "K0304"),
        ("{ }.x", "K0304"),
        ("5[0]", "K0201"),
        ("[1][true]", "K0201"),
        ("(1)(2)", "K0305"),
        ("len()", "K0201"),
        ("len(1, 2)", "K0201"),
        ("len(x = 1)", "K0201"),
        ("min(1, 1h)", "K0201"),
        ("ceil(true)", "K0201"),
        ("mod(1, 0)", "K0201"),
        ('split("", "a")', "K0201"),
        ("zip([1], [1, 2])", "K0201"),
        ('join(",", [[1]])', "K0201"),
        ('contains("a", 1)', "K0201"),
        ("empty(0Gi)", "K0201"),
        ("1h / 0", "K0201"),
        ("1Gi / 0", "K0201"),
        ("1Gi / 0Gi", "K0201"),
        ("1h / 0m", "K0201"),
        ("50000h + 50000h", "K0201"),
        ("1h * 1000000000000000", "K0201"),
        ("9000000000000000000 * 2", "K0201"),
        ("1E * 1E", "K0201"),
        ("9E * 9000000000000000000", "K0201"),
        ("file(1)", "K0201"),
        ("run", "K0208"),
        ("matrix.a", "K0208"),
        ("{ a = 1, a = 2 }.a", "K0302"),
        ('join(",", ["" for s in [1]])', "K0302"),
        ("[1, 2]", "K0204"),
        ("pvc('a')", "K0204"),
    ],
)
def test_a_wrong_expression_is_one_error(expression: str, code: str) -> None:
    assert codes(expression, FN) == [code]


def test_what_depends_on_something_wrong_is_not_reported_again() -> None:
    assert codes('"${lower(upper(nothing + 1))} ${nothing.x}"') == ["K0301"]


def test_computing_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluation, "MOST_STEPS", 10_000)
    nested = "[x for x in 1..1000 if len([y for y in 1..1000]) > 0]"
    assert codes(f"len({nested})") == ["K0418"]
    assert codes("(" * 130 + "1" + ")" * 130) == []
    assert codes("not " * 130 + "true") == ["K0418"]


def test_numbers_stay_numbers() -> None:
    growing = "1.0" + " * 1000000000000000000" * 60
    assert codes(growing) == ["K0201"]


def test_a_file_beside_the_program_is_text() -> None:
    text = 'pipeline p { stage s { image = "a:1", env = { V = file("%s") } } }'

    def loader(path: str) -> str:
        if path == "gone":
            raise FileNotFoundError("no such file")
        return "x" * (300_000 if path == "large" else 3)

    found = {
        path: [one.code for one in compile_source(text % path, loader=loader).diagnostics]
        for path in ("a", "gone", "large")
    }
    assert found == {"a": [], "gone": ["K0801"], "large": ["K0503"]}


UNKNOWN = """
fn inc(n: int) -> int = n + 1
pipeline p {{
  param n: int
  param s: string
  param b: bool
  param o: int?
  param l: list(int)
  param m: map(string)
  param d: duration
  let all = "${{n}}${{s}}${{b}}${{d}}${{len(l)}}${{len(m)}}${{o == null}}"
  stage one {{ image = "a:1", env = {{ V = {expression}, ALL = all }} }}
}}
"""


@pytest.mark.parametrize(
    "expression",
    [
        "n + 1",
        "n * 2.5",
        "inc(n)",
        "-n",
        "not b",
        "b and n > 3",
        "b or n > 3",
        "true and b",
        "n == 3",
        "n in l",
        "3 in 1..n",
        '"${s}-${n}"',
        "l[0]",
        "l[n]",
        "m.key",
        "m[s]",
        'm["a"]',
        "len([x for x in l if x > 2])",
        "if b then n else 2",
        'if b then s else "x"',
        "if o == null then 1 else o + 1",
        "if o != null then o + 1 else 1",
        "if o != null and o > 3 then 1 else 2",
        "if o == null or o > 3 then 1 else 2",
        "2 * d",
        "lower(s)",
        "max(n, 3)",
        "file(s)",
        "sh(s)",
        "len(l + [1])",
        "len(m + { a = 'b' })",
    ],
)
def test_what_nobody_knows_yet_is_no_error(expression: str) -> None:
    assert check_source(UNKNOWN.format(expression=expression)).diagnostics == ()


@pytest.mark.parametrize(
    ("expression", "code"),
    [
        ("n + s", "K0201"),
        ("n == s", "K0202"),
        ("o < 3", "K0202"),
        ("not n", "K0201"),
        ("n and b", "K0201"),
        ("lower(n)", "K0201"),
        ("inc(s)", "K0204"),
        ("m", "K0204"),
        ("l", "K0204"),
        ('"${l}"', "K0201"),
        ("-s", "K0201"),
        ("[x for x in n]", "K0201"),
        ("n in s", "K0202"),
        ("n..s", "K0201"),
        ("s.x", None),
    ],
)
def test_types_are_checked_before_values_are_known(expression: str, code: str | None) -> None:
    found = [one.code for one in check_source(UNKNOWN.format(expression=expression)).diagnostics]
    assert found == ([code] if code else [])
