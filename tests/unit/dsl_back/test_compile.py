"""What a program asks for is what its Plan says."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest

from konductor.dsl.compile import check_source, compile_source
from konductor.dsl.plan import (
    ClaimedVolume,
    Command,
    EmptyVolume,
    Gate,
    Hooks,
    Item,
    Placeholder,
    Plan,
    Resources,
    Script,
    SecretKey,
    StageKind,
    Text,
)

Planner = Callable[..., Plan]


def one(body: str, before: str = "") -> str:
    return f'pipeline p {{ {before}\n stage s {{ image = "a:1"\n {body} }} }}'


@pytest.mark.parametrize(
    ("body", "expected", "quorum"),
    [
        ("", 1, 1),
        ("replicas = 5", 5, 5),
        ("replicas = 5, quorum = 3", 5, 3),
        ("replicas = 7, quorum = 50%", 7, 4),
        ("replicas = 10, quorum = 33.3%", 10, 4),
        ("replicas = 20, allow_failures = 2", 20, 18),
        ("replicas = 7, allow_failures = 50%", 7, 4),
        ("replicas = 3, allow_failures = 0", 3, 3),
    ],
)
def test_quorum_is_reckoned_exactly(plan: Planner, body: str, expected: int, quorum: int) -> None:
    stage = plan(one(body)).stages[0]
    assert (stage.expected, stage.quorum, stage.tolerated) == (expected, quorum, expected - quorum)
    assert [cell.replicas for cell in stage.cells] == [expected]


def test_the_pipelines_own_attributes(plan: Planner) -> None:
    made = plan(
        one(
            "",
            """namespace = "jobs"
            workspace = empty(10Gi, class = "nfs")
            hooks = "job"
            gate = "suspend"
            timeout = 4h
            on_failure = "abort"
            ttl = 1d
            labels { team = "data", level = 3 }""",
        )
    )
    assert (made.namespace, made.hooks, made.gate) == ("jobs", Hooks.JOB, Gate.SUSPEND)
    assert made.workspace == EmptyVolume("10Gi", "nfs")
    assert (made.timeout, made.ttl) == (timedelta(hours=4), timedelta(days=1))
    assert made.on_failure == "abort"
    assert made.labels == (("team", "data"), ("level", "3"))
    assert plan(one("", 'workspace = pvc("a")')).workspace == ClaimedVolume("a")


def test_defaults_are_a_layer_below(plan: Planner) -> None:
    made = plan(
        """pipeline p {
          defaults {
            let tag = "1"
            image = "a:${tag}"
            run = 'default'
            retries = 2
            timeout = 1h
            env = { A = 1, B = 2, C = 3 }
            resources { cpu = 1, memory = 2Gi }
          }
          stage s {
            command = ["own"]
            env { B = "own", C = null, D = 4 }
            retry { limit = 1 }
            timeout = null
            resources = { cpu = 0.5 }
          }
        }"""
    )
    (stage,) = made.stages
    (cell,) = stage.cells
    assert cell.image == "a:1"
    assert cell.program == Command((Text(("own",)),))
    assert cell.env == (
        ("A", Text(("1",))),
        ("B", Text(("own",))),
        ("D", Text(("4",))),
    )
    assert cell.retries.limit == 1
    assert stage.timeout is None
    assert cell.resources == Resources(Decimal("0.5"), "2Gi")


def test_a_higher_run_replaces_a_lower_command(plan: Planner) -> None:
    made = plan(
        """pipeline p {
          defaults { image = "a:1", command = ["x"], args = ["y"] }
          stage s { run = 'z', shell = ["/bin/bash", "-c"] }
        }"""
    )
    assert made.stages[0].cells[0].program == Script("z", ("/bin/bash", "-c"))


@pytest.mark.parametrize("name", ["replicas", "matrix"])
def test_what_belongs_to_one_stage_is_no_default(name: str) -> None:
    text = f'pipeline p {{ defaults {{ {name} = 2 }}\n stage s {{ image = "a:1" }} }}'
    assert [one.code for one in compile_source(text).diagnostics] == ["K0306"]


def test_secrets_are_named_not_read(plan: Planner) -> None:
    stage = plan(one('env = { TOKEN = secret("warehouse", "token") }')).stages[0]
    assert stage.cells[0].env == (("TOKEN", SecretKey("warehouse", "token")),)


def test_a_map_over_a_count_has_an_opaque_item(plan: Planner) -> None:
    made = plan(
        'pipeline p { map m over 20 { image = "a:1", command = ["x", item, "n-${item}"] } }'
    )
    (stage,) = made.stages
    assert (stage.kind, stage.expected, stage.items) == (StageKind.MAP, 20, ())
    assert stage.cells[0].program == Command(
        (Text(("x",)), Text((Placeholder.ITEM,)), Text(("n-", Placeholder.ITEM)))
    )


def test_a_map_over_a_list_says_what_differs_by_element(plan: Planner) -> None:
    made = plan(
        """pipeline p {
          map m over [["a", 1], ["b", 2]] {
            image = "a:1"
            env = { SAME = 5, NAME = item[0], KEY = secret("s", "k") }
            command = ["x", "${item[1]}"]
          }
        }"""
    )
    (stage,) = made.stages
    assert [name for name, _ in stage.cells[0].env] == ["SAME", "KEY"]
    assert stage.items == (
        Item('["a",1]', (("NAME", "a"),), ("x", "1")),
        Item('["b",2]', (("NAME", "b"),), ("x", "2")),
    )


def test_a_map_over_a_range_is_a_map_over_a_list(plan: Planner) -> None:
    made = plan("pipeline p { map m over 2..4 { image = 'a:1', command = ['x'] } }")
    assert [item.text for item in made.stages[0].items] == ["2", "3", "4"]
    assert {item.command for item in made.stages[0].items} == {()}


@pytest.mark.parametrize("over", ['"abc"', "1h", "{ a = 1 }"])
def test_a_map_goes_over_a_number_or_a_list(over: str) -> None:
    text = f'pipeline p {{ map m over {over} {{ image = "a:1" }} }}'
    assert [one.code for one in compile_source(text).diagnostics] == ["K0205"]


def test_an_empty_map_has_no_participants() -> None:
    text = 'pipeline p { map m over [] { image = "a:1", env = { A = item } } }'
    assert [one.code for one in compile_source(text).diagnostics] == ["K0402"]


def test_a_map_over_an_unknown_list_is_checked_by_its_type() -> None:
    text = """pipeline p {
      param l: list(int)
      param n: int
      map m over l { image = "a:1", env = { A = item + 1 } }
      map k over n { image = "a:1", env = { A = item } }
    }"""
    assert check_source(text).diagnostics == ()


def test_a_finally_has_its_own_time_and_filter(plan: Planner) -> None:
    made = plan(
        """pipeline p {
          stage s { image = "a:1" }
          finally f on failure, cancel { image = "a:1" }
          finally g { image = "a:1", timeout = 1m, env = { R = run.failed_stage } }
        }"""
    )
    _, first, second = made.stages
    assert (first.on, first.timeout) == (("failure", "cancel"), timedelta(minutes=10))
    assert (second.on, second.timeout) == ((), timedelta(minutes=1))
    assert second.cells[0].env == (("R", Text((Placeholder.FAILED_STAGE,))),)


def test_docs_and_sources_are_kept(plan: Planner) -> None:
    text = '## A pipeline.\npipeline p {\n## A stage.\nstage s { image = "a:1" } }'
    made = plan(text)
    assert (made.doc, made.stages[0].doc) == ("A pipeline.", "A stage.")
    assert (made.source, made.path) == (text, "p.kon")
    assert made.digest.startswith("sha256:")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("env = 5", "K0204"),
        ("resources = 5", "K0204"),
        ("resources = { cpus = 1 }", "K0306"),
        ("resources = large", "K0306"),
        ("retry = slow", "K0404"),
        ("resources { cpu = 500m }", "K0205"),
        ("resources x { cpu = 1 }", "K0306"),
        ("image { }", "K0306"),
        ("command = 'x'", "K0204"),
        ("command = [[1]]", "K0204"),
        ("command = n", "K0204"),
        ('labels = { a = secret("a", "b") }', "K0703"),
        ("retries = 1, retry { limit = 2 }", "K0404"),
        ("retry { limit = 1, on_exit = [1], not_on_exit = [2] }", "K0404"),
        ("retry { on_exit = [1] }", "K0404"),
        ("retry { limit = 1, on_exit = [0] }", "K0402"),
        ("retry { limit = 1, not_on_exit = [1, 300] }", "K0402"),
        ("resources { memory = 512 }", "K0204"),
        ("run = 'x', args = ['y']", "K0417"),
        ("parallelism = 0", "K0402"),
        ("replicas = 2000000", "K0402"),
        ("let x: int = 'a'", "K0204"),
        ("let n = 1", "K0302"),
    ],
)
def test_a_wrong_attribute_is_one_error(body: str, code: str) -> None:
    before = "let n = 5\n let large = { gpus = 1 }\n let slow = { backoff = 1s }"
    codes = [one.code for one in compile_source(one(body, before)).diagnostics]
    image_too = ["K0302"] if body == "image { }" else []
    assert codes in ([code], image_too)


def test_a_block_may_be_a_maps_value(plan: Planner) -> None:
    made = plan(one("resources = large", "let large = { cpu = 2, gpu = 1 }"))
    assert made.stages[0].cells[0].resources == Resources(Decimal(2), "", 1)


def test_a_large_script_or_list_does_not_fit_into_an_object() -> None:
    script = "#" + "x" * 1_100_000
    text = f"pipeline p {{ stage s {{ image = 'a:1', run = '{script}' }} }}"
    assert [one.code for one in compile_source(text).diagnostics] == ["K0503"]
    long = "'" + "x" * 200_000 + "'"
    items = ", ".join([f"'{n}'" for n in range(8)])
    text = f"""pipeline p {{
      let long = {long}
      map m over [{items}] {{ image = "a:1", env = {{ A = "${{long}}${{item}}" }} }}
    }}"""
    assert [one.code for one in compile_source(text).diagnostics] == ["K0503"]


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("", ["K0301"]),
        ('pipeline a { stage s { image = "a:1" } }\npipeline b { }', ["K0302"]),
        ('fn f(a: nope) -> int = 1\npipeline p { stage s { image = "a:1" } }', ["K0301"]),
        ('fn f(a: list) -> int = 1\npipeline p { stage s { image = "a:1" } }', ["K0203"]),
        ('fn f(a: int(string)) -> int = 1\npipeline p { stage s { image = "a:1" } }', ["K0203"]),
        ('let a = 1\nfn f(a: int) -> int = a\npipeline p { stage s { image = "a:1" } }', ["K0302"]),
        ('fn f() -> int = "a"\npipeline p { stage s { image = "a:1" } }', ["K0204"]),
        ("pipeline p { defaults { }\n defaults { } }", ["K0302"]),
        ("pipeline p { stge s { } }", ["K0306"]),
        ("pipeline p { unrelated { } }", ["K0306"]),
    ],
)
def test_a_wrong_file_is_one_error(text: str, codes: list[str]) -> None:
    assert [one.code for one in compile_source(text).diagnostics] == codes


def test_findings_come_in_the_order_of_the_text_and_those_of_the_command_line_first() -> None:
    text = 'pipeline p {\n stage a { image = "a" }\n stage b { }\n}'
    compiled = compile_source(text, parameters={"x": "1"})
    assert [one.code for one in compiled.diagnostics] == ["K0605", "K0501", "K0308"]


def test_what_a_broken_statement_would_have_declared_is_not_reported_as_unknown() -> None:
    text = 'pipeline p {\n stage a after { image = "a:1" }\n stage b after a { image = "a:1" }\n}'
    codes = {one.code for one in compile_source(text).diagnostics}
    assert codes
    assert "K0301" not in codes
