"""``matrix``: which cells there are, what each is given, and the Jobs that they become."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from konductor.api.meta import Json
from konductor.dsl.compile import check_source, compile_source
from konductor.dsl.emit import emit
from konductor.dsl.emit.job import shares
from konductor.dsl.plan import Cell, Hooks, Plan, Stage, StageKind

Planner = Callable[..., Plan]


def program(block: str, *, before: str = "", head: str = "stage s") -> str:
    return f'pipeline p {{ {before}\n {head} {{ image = "a:1"\n {block} }} }}'


def axes(stage: Stage) -> list[str]:
    return [" ".join(value for _, value in cell.axes) for cell in stage.cells]


def env(stage: Stage, name: str) -> list[str]:
    values = [dict(cell.env).get(name) for cell in stage.cells]
    return ["".join(map(str, getattr(one, "parts", ("-",)))) for one in values]


def jobs(plan: Plan) -> dict[str, Json]:
    return {one["metadata"]["name"]: one for one in emit(plan, "r") if one["kind"] == "Job"}


def barrier(plan: Plan) -> Json:
    spec: Json = next(one["spec"] for one in emit(plan, "r") if one["kind"] == "Barrier")
    return spec


TWO = 'matrix { suite = ["smoke", "load"] }'


def test_cells_are_the_product_in_the_order_of_the_axes(plan: Planner) -> None:
    (stage,) = plan(program('matrix { a = ["x", "y"], b = 1..2 }')).stages
    assert axes(stage) == ["x 1", "x 2", "y 1", "y 2"]
    assert [cell.ordinal for cell in stage.cells] == [0, 1, 2, 3]
    assert stage.cells[2].axes == (("a", "y"), ("b", "1"))


def test_exclude_leaves_out_and_include_adds_behind(plan: Planner) -> None:
    block = """matrix {
      a = ["x", "y"]
      b = [1, 2]
      exclude { b = 2, a = "x" }
      exclude { a = "y" }
      include { b = 9, a = "z" }
    }"""
    assert axes(plan(program(block)).stages[0]) == ["x 1", "z 9"]


def test_a_key_of_include_is_null_in_the_other_cells(plan: Planner) -> None:
    block = """matrix { a = ["x"], include { a = "y", extra = 2 } }
    env = { A = matrix.a, E = matrix.extra }"""
    (stage,) = plan(program(block)).stages
    assert (env(stage, "A"), env(stage, "E")) == (["x", "y"], ["-", "2"])


@pytest.mark.parametrize(
    ("before", "value"),
    [
        ("", '{ a = ["x", "y"], exclude = { a = "x" } }'),
        ("", '{ a = ["x", "y", "z"], exclude = [{ a = "x" }, { a = "z" }] }'),
        ('let m = { a = ["y"] }', "m"),
    ],
)
def test_a_matrix_may_be_a_value(plan: Planner, before: str, value: str) -> None:
    (stage,) = plan(program(f"matrix = {value}", before=before)).stages
    assert axes(stage) == ["y"]


def test_a_matrix_of_null_is_none(plan: Planner) -> None:
    (stage,) = plan(program("matrix = null")).stages
    assert [cell.axes for cell in stage.cells] == [()]
    compiled = compile_source(program("matrix = null\n let a = matrix.b\n env = { A = a }"))
    assert [one.code for one in compiled.diagnostics] == ["K0208"]


def test_lets_may_lead_to_a_matrix_and_from_it(plan: Planner) -> None:
    block = """let suites = ["a", "b"]
    let name = "${matrix.suite}!"
    let loud = upper(name)
    matrix {
      let inner = suites
      suite = inner
      include {
        let other = "c"
        suite = other
      }
    }
    env = { N = loud }"""
    assert env(plan(program(block)).stages[0], "N") == ["A!", "B!", "C!"]


TEMPLATE = """template suite(names: list(string)) {
  image = "a:1"
  let loud = upper(matrix.suite)
  matrix {
    suite = names
    exclude { suite = "gone" }
  }
  env = { LOUD = loud }
}
"""


def test_a_template_may_give_its_stage_a_matrix(plan: Planner) -> None:
    stages = """pipeline p {
      stage s from suite(names = ["x", "y", "gone"]) {
        let name = "${matrix.suite}!"
        env = { NAME = name }
      }
      stage t from suite(names = ["x", "gone"]) {
        matrix { os = ["l", "m"] }
        env = { OS = matrix.os }
      }
    }"""
    first, second = plan(TEMPLATE + stages).stages
    assert (env(first, "LOUD"), env(first, "NAME")) == (["X", "Y"], ["x!", "y!"])
    assert axes(second) == ["x l", "x m"]
    assert (env(second, "LOUD"), env(second, "OS")) == (["X", "X"], ["l", "m"])


def test_a_template_is_checked_with_its_matrix_though_nobody_uses_it() -> None:
    unused = TEMPLATE.replace("matrix.suite", "matrix.sute")
    checked = check_source(unused + 'pipeline p { stage s { image = "a:1" } }')
    assert [one.code for one in checked.diagnostics] == ["K0304"]
    blind = TEMPLATE.replace("suite = names", "").replace('exclude { suite = "gone" }', "")
    without = blind.replace("matrix {\n", "labels {\n")
    checked = check_source(without + 'pipeline p { stage s { image = "a:1" } }')
    assert "K0208" in [one.code for one in checked.diagnostics]
    removed = 'pipeline p { stage s from suite(names = ["x"]) { matrix = null, env = null } }'
    assert [one.code for one in check_source(TEMPLATE + removed).diagnostics] == ["K0208"]


def test_participants_quorum_and_tolerated_are_of_all_cells(plan: Planner) -> None:
    block = f'{TWO}\n replicas = if matrix.suite == "load" then 5 else 2\n quorum = 60%'
    made = plan(program(block))
    (stage,) = made.stages
    assert [cell.replicas for cell in stage.cells] == [2, 5]
    assert (stage.expected, stage.quorum) == (7, 5)
    assert [job["spec"]["completions"] for job in jobs(made).values()] == [2, 5]
    assert [job["spec"]["maxFailedIndexes"] for job in jobs(made).values()] == [2, 2]
    wide = plan(program(f"{TWO}\n replicas = 3\n quorum = 1"))
    assert [job["spec"]["maxFailedIndexes"] for job in jobs(wide).values()] == [3, 3]


def test_each_attribute_of_a_pod_may_differ_by_cell(plan: Planner) -> None:
    block = """matrix { n = [1, 2] }
      image = "a:${matrix.n}"
      command = ["x", "${matrix.n}"]
      workdir = "/${matrix.n}"
      retries = matrix.n
      attempt_timeout = matrix.n * 1m
      resources { cpu = matrix.n }
      labels = { n = matrix.n }
      annotations = { n = matrix.n }"""
    text = program(block).replace('image = "a:1"\n', "")
    first, second = plan(text).stages[0].cells
    names = ("image", "program", "workdir", "retries", "attempt_timeout", "resources", "labels")
    for name in (*names, "annotations"):
        assert getattr(first, name) != getattr(second, name)


def test_defaults_reach_each_cell(plan: Planner) -> None:
    before = 'defaults { env = { TEAM = "data" } }'
    (stage,) = plan(program(f"{TWO}\n env = {{ S = matrix.suite }}", before=before)).stages
    assert (env(stage, "TEAM"), env(stage, "S")) == (["data", "data"], ["smoke", "load"])


def test_jobs_and_participants_carry_the_cells_ordinal(plan: Planner) -> None:
    found = jobs(plan(program(TWO)))
    assert list(found) == ["r-s-0", "r-s-1"]
    for name, job in found.items():
        template = job["spec"]["template"]
        variables = {
            one["name"]: one.get("value") for one in template["spec"]["containers"][0]["env"]
        }
        assert variables["KON_PARTICIPANT"] == f"{name}-$(KON_INDEX)"
        for labels in (job["metadata"]["labels"], template["metadata"]["labels"]):
            assert (labels["konductor.io/barrier"], labels["konductor.io/stage"]) == ("r-s", "s")
        assert template["spec"]["initContainers"][0]["command"][-1] == "r-s"


def test_one_barrier_counts_the_jobs_of_all_cells(plan: Planner) -> None:
    made = plan(program(TWO))
    assert "arrivalsFrom" not in barrier(made)
    counted = barrier(replace(made, hooks=Hooks.JOB))
    assert counted["arrivalsFrom"]["jobs"] == ["r-s-0", "r-s-1"]
    assert counted["expected"] == 2


def test_only_a_stage_of_one_job_ends_by_its_own_success(plan: Planner) -> None:
    cancel = 'stragglers = "cancel"'
    assert "successPolicy" not in jobs(plan(program(f"{TWO}\n {cancel}")))["r-s-0"]["spec"]
    single = jobs(plan(program(f'matrix {{ suite = ["a"] }}\n {cancel}')))
    assert single["r-s-0"]["spec"]["successPolicy"] == {"rules": [{"succeededCount": 1}]}


@pytest.mark.parametrize(
    ("replicas", "parallelism", "shared"),
    [
        ((2, 5), 7, (2, 5)),
        ((2, 5), 2, (1, 1)),
        ((2, 5), 4, (2, 2)),
        ((1, 1, 4), 4, (1, 1, 2)),
        ((10, 10, 10), 10, (4, 3, 3)),
        ((1,), 1, (1,)),
        ((100,), 7, (7,)),
    ],
)
def test_parallelism_is_shared_and_never_exceeded(
    replicas: tuple[int, ...], parallelism: int, shared: tuple[int, ...]
) -> None:
    cells = tuple(Cell(count, "a:1", ordinal=at) for at, count in enumerate(replicas))
    stage = Stage("s", StageKind.STAGE, cells, sum(replicas), 1, parallelism)
    assert shares(stage) == shared
    assert sum(shared) <= parallelism


def test_equal_scripts_are_kept_once(plan: Planner) -> None:
    script = "run = <<PY\n  #!/usr/bin/env python3\n  print()\nPY\n"
    same = emit(plan(program(f"{TWO}\n {script}")), "r")
    differs = script.replace("<<PY", "<<$PY").replace("print()", 'print("${len(matrix.suite)}")')
    other = emit(plan(program(f"{TWO}\n {differs}")), "r")
    for manifests, count in ((same, 1), (other, 2)):
        maps = {
            one["metadata"]["name"] for one in manifests if "-script-" in one["metadata"]["name"]
        }
        mounted = {
            volume["configMap"]["name"]
            for one in manifests
            if one["kind"] == "Job"
            for volume in one["spec"]["template"]["spec"]["volumes"]
            if volume["name"] == "script"
        }
        assert mounted == maps
        assert len(maps) == count


def test_a_map_with_a_matrix_has_its_elements_in_each_cell(plan: Planner) -> None:
    block = f'{TWO}\n env = {{ V = "${{matrix.suite}}-${{item}}", W = item, S = matrix.suite }}'
    (stage,) = plan(program(block, head="map s over [1, 2]")).stages
    assert (stage.expected, [cell.replicas for cell in stage.cells]) == (4, [2, 2])
    assert [dict(item.env) for item in stage.cells[1].items] == [
        {"V": "load-1", "W": "1"},
        {"V": "load-2", "W": "2"},
    ]
    assert env(stage, "S") == ["smoke", "load"]
    plain = plan(program(f"{TWO}\n env = {{ W = item }}", head="map s over [1, 2]")).stages[0]
    assert plain.cells[0].items == plain.cells[1].items == plain.items
    counted = plan(program(f"{TWO}\n env = {{ W = item }}", head="map s over 3")).stages[0]
    assert counted.expected == 6


def test_an_unknown_axis_leaves_the_counts_unknown() -> None:
    before = "param sizes: list(int)\n param one: int"
    for axis in ("sizes", "[one, one]", "[1]\n exclude { n = one }", "[1]\n include { n = one }"):
        text = program(f"matrix {{ n = {axis} }}\n replicas = matrix.n\n quorum = 9", before=before)
        assert [one.code for one in check_source(text).diagnostics if one.code != "K0604"] == []
    text = program(
        "matrix = any_of\n env = { A = matrix.a }", before="param any_of: map(list(int))"
    )
    assert check_source(text).diagnostics == ()
    before = "param m: map(int)\n param one: int"
    for members in ("n = [1], exclude = m", "n = [1, one, one]"):
        text = program(f"matrix {{ {members} }}\n replicas = matrix.n", before=before)
        assert [one.code for one in check_source(text).diagnostics if one.code != "K0604"] == []


def test_names_are_proven_short_enough_with_ordinal_and_index() -> None:
    name = "s" * 43
    block = "matrix { n = 1..11 }\n replicas = if matrix.n == 11 then 1000 else 1"
    text = program(block, head=f"stage {name}").replace("pipeline p", "pipeline ppppppp")
    (found,) = compile_source(text).diagnostics
    assert found.code == "K0307"
    assert f"`ppppppp-xxxxx-{name}-10-999` has 64 characters" in found.message


def test_too_many_cells_are_refused_at_once() -> None:
    many = compile_source(program("matrix { a = 1..100000, b = 1..100000 }"))
    assert [one.code for one in many.diagnostics] == ["K0418"]
    steps = "matrix { a = 1..1000, b = 1..100 }\n env = { A = matrix.a * 1 + 1 + 1 + 1 + 1 }"
    assert "K0418" in [one.code for one in compile_source(program(steps)).diagnostics]
    excludes = "\n".join(f"exclude {{ a = {number} }}" for number in range(12))
    many = compile_source(program(f"matrix {{ a = 1..1000, b = 1..100\n {excludes} }}"))
    assert [one.code for one in many.diagnostics if one.code != "K0408"] == ["K0418"]


def test_more_cells_than_a_barrier_can_name_do_not_run_yet() -> None:
    text = program("matrix { a = 1..1001 }")
    (found,) = compile_source(text).diagnostics
    assert (found.code, found.message) == (
        "K0999",
        "this version of koncli cannot run a matrix of more than 1,000 cells yet",
    )
    assert check_source(text).diagnostics == ()
