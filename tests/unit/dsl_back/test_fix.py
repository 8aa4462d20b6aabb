"""A finding that a program can mend by itself says how, and is gone once that is done."""

import json

import pytest

from konductor.dsl.compile import check_source
from konductor.dsl.diagnostics import instead
from konductor.dsl.render import Form, render
from konductor.dsl.source import Source

IMAGE = 'image = "a:1"'
BEFORE = "pipeline p {\n  param many: int = 2\n  param yes_please: bool = true\n"
USED = f"  stage used when yes_please {{ {IMAGE}, replicas = many }}\n"
MENDED = {
    "misspelt stage": (f"stage a after usd {{ {IMAGE} }}", "K0301", "used"),
    "misspelt edge": (f"stage a after dune(used) {{ {IMAGE} }}", "K0311", "done"),
    "misspelt name": (f"stage a {{ {IMAGE}, replicas = mony }}", "K0301", "many"),
    "hyphen for minus": (
        f"stage a {{ {IMAGE}, env = {{ N = many-many }} }}",
        "K0301",
        "many - many",
    ),
    "misspelt function": ("stage a { image = lowr('a:1') }", "K0305", "lower"),
    "misspelt attribute": (f"stage a {{ {IMAGE}, replcas = 2 }}", "K0306", "replicas"),
    "misspelt block": (f"stgae a {{ {IMAGE} }}", "K0306", "stage"),
    "misspelt choice": (f'stage a {{ {IMAGE}, stragglers = "cancle" }}', "K0204", '"cancel"'),
    "misspelt filter": (f"finally a on failre {{ {IMAGE} }}", "K0204", "failure"),
    "misspelt type": (
        f"param b: strin = 'x'\n stage a {{ {IMAGE}, workdir = b }}",
        "K0301",
        "string",
    ),
    "misspelt key": (
        f"let m = {{ one = 1 }}\n stage a {{ {IMAGE}, replicas = m.oen }}",
        "K0304",
        "one",
    ),
    "misspelt field of run": (
        f"finally a {{ {IMAGE}, env = {{ S = run.statsu }} }}",
        "K0304",
        "status",
    ),
    "misspelt variable": (
        f"stage a {{ {IMAGE}, env = {{ REGION = 'x' }}, run = 'echo $REGOIN' }}",
        "K0702",
        "$REGION",
    ),
    "misspelt variable in braces": (
        f"stage a {{ {IMAGE}, env = {{ REGION = 'x' }}, run = 'echo ${{REGOIN}}' }}",
        "K0702",
        "${REGION}",
    ),
    "misspelt keyword": (f"stage a afer used {{ {IMAGE} }}", "K0101", "after"),
    "name of an object": (f"stage My_Stage {{ {IMAGE} }}", "K0303", "my-stage"),
    "processors in thousandths": (
        f"stage a {{ {IMAGE}, resources {{ cpu = 500m }} }}",
        "K0205",
        "0.5",
    ),
    "one = for two": (f"stage a when many = 1 {{ {IMAGE} }}", "K0101", "=="),
    "two = for one": ("stage a { image == 'a:1' }", "K0101", "="),
    "ampersands": (f"stage a when yes_please && yes_please {{ {IMAGE} }}", "K0100", "and"),
    "bars": (f"stage a when yes_please || yes_please {{ {IMAGE} }}", "K0100", "or"),
    "exclamation mark": (f"stage a when !yes_please {{ {IMAGE} }}", "K0100", "not "),
    "dollar": (f"stage a {{ {IMAGE}, replicas = $many }}", "K0100", "many"),
    "unit of another language": (f"stage a {{ {IMAGE}, timeout = 30min }}", "K0101", "30m"),
    "names without comma": (
        f"stage a after used b {{ {IMAGE} }}\n stage b {{ {IMAGE} }}",
        "K0103",
        ",",
    ),
    "no separator": (f"stage a {{ {IMAGE} replicas = 2 }}", "K0103", ", "),
    "no bracket": (f"stage a {{ {IMAGE}, command = ['x' }}", "K0101", "]"),
}


@pytest.mark.parametrize(("line", "code", "replacement"), MENDED.values(), ids=MENDED)
def test_fix_mends_what_is_found(line: str, code: str, replacement: str) -> None:
    text = f"{BEFORE}{USED}  {line}\n}}\n"
    (found,) = check_source(text).diagnostics
    assert found.code == code
    assert found.fix is not None
    assert found.fix.replacement == replacement
    assert check_source(found.fix.applied(text)).diagnostics == ()


def test_name_that_others_use_is_not_changed_at_one_place_alone() -> None:
    text = f"pipeline p {{\n stage A_1 {{ {IMAGE} }}\n stage b after A_1 {{ {IMAGE} }}\n}}\n"
    (found,) = check_source(text).diagnostics
    assert found.helps == ("write `a-1`",)
    assert found.fix is None


def test_key_in_quotes_is_told_and_not_changed() -> None:
    text = (
        f'pipeline p {{\n let m = {{ one = 1 }}\n stage a {{ {IMAGE}, replicas = m["oen"] }}\n}}\n'
    )
    (found,) = check_source(text).diagnostics
    assert (found.helps, found.fix) == (("write `one`",), None)


def test_without_a_word_there_is_no_remedy() -> None:
    assert instead(Source("a.kon", "x").span(0, 1), None) == {}


def test_fix_is_a_member_of_the_json_form() -> None:
    text = f"pipeline p {{\n  stage a {{ {IMAGE}, replcas = 2 }}\n}}\n"
    document = json.loads(render(check_source(text, path="p.kon").diagnostics, form=Form.JSON))
    assert document["fix"] == {
        "path": "p.kon",
        "line": 2,
        "column": 28,
        "end_line": 2,
        "end_column": 35,
        "replacement": "replicas",
    }
