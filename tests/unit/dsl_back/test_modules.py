"""Imports and templates: whose names are seen where, and what is wrong with either."""

from collections.abc import Mapping

import pytest

from konductor.dsl.compile import Compiled, check_source, compile_source
from konductor.dsl.plan import Plan, Stage, Text
from konductor.dsl.render import Form, render

LIB = """\
## Where images come from.
let registry = "ghcr.io/acme"
fn image_of(name: string, tag: string = "1") -> string = "${registry}/${name}:${tag}"
template tool(name: string, attempts: int = 2) {
  image   = image_of(name)
  retries = attempts
  env     = { TOOL = name, LEVEL = "template" }
  run     = 'tool'
}
"""


def compiled(text: str, files: Mapping[str, str] | None = None, path: str = "p.kon") -> Compiled:
    there = {"lib.kon": LIB} | dict(files or {})

    def load(asked: str) -> str:
        if asked not in there:
            raise FileNotFoundError(2, "No such file or directory")
        if there[asked] == "a folder":
            raise IsADirectoryError(21, "Is a directory")
        if there[asked] == "not mine":
            raise PermissionError(13, "Permission denied")
        if there[asked] == "no root":
            raise ValueError("`@x` is no module root")
        if there[asked] == "not text":
            raise UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte")
        return there[asked]

    return compile_source(text, path=path, loader=load)


def plan_of(text: str, files: Mapping[str, str] | None = None) -> Plan:
    made = compiled(text, files)
    assert made.plan is not None, render(made.diagnostics, form=Form.FULL)
    assert made.diagnostics == ()
    return made.plan


def found(text: str, files: Mapping[str, str] | None = None) -> list[str]:
    return [f"{one.code} {one.span}: {one.message}" for one in compiled(text, files).diagnostics]


def stage_of(body: str, files: Mapping[str, str] | None = None) -> Stage:
    text = f'import "lib.kon" as lib\npipeline p {{\n{body}\n}}\n'
    return plan_of(text, files).stages[0]


def env_of(stage: Stage) -> dict[str, str]:
    (cell,) = stage.cells
    return {
        name: "".join(map(str, value.parts)) for name, value in cell.env if isinstance(value, Text)
    }


# ---- templates ----


def test_stage_takes_what_its_template_says() -> None:
    (cell,) = stage_of('stage a from lib.tool("lint")').cells
    assert cell.image == "ghcr.io/acme/lint:1"
    assert cell.retries.limit == 2


def test_stage_beats_its_template_and_the_template_beats_the_defaults() -> None:
    stage = stage_of(
        'defaults { env = { LEVEL = "defaults", KEPT = "yes" }, retries = 9 }\n'
        'stage a from lib.tool(name = "lint") { env = { LEVEL = "stage" } }'
    )
    assert env_of(stage) == {"LEVEL": "stage", "KEPT": "yes", "TOOL": "lint"}
    assert stage.cells[0].retries.limit == 2


def test_other_side_of_a_pair_in_a_higher_layer_removes_the_templates() -> None:
    stage = stage_of('stage a from lib.tool("lint") { command = ["x"], retry { limit = 5 } }')
    assert stage.cells[0].retries.limit == 5


def test_template_of_the_same_file_may_stand_behind_its_use() -> None:
    plan = plan_of(
        "pipeline p { stage a from quick(1s) }\n"
        'template quick(limit: duration) { image = "a:1", timeout = limit }\n'
    )
    assert plan.stages[0].timeout is not None


def test_template_sees_its_own_file_and_not_the_pipeline_that_uses_it() -> None:
    text = (
        'template t() { image = "a:1", env = { A = inner } }\n'
        "pipeline p { let inner = 5\n stage a from t()\n }\n"
    )
    assert found(text) == ["K0301 p.kon:1:43: nothing is named `inner`"]


def test_template_does_not_see_the_element_of_the_map_that_uses_it() -> None:
    text = (
        'template t() { image = "a:1", env = { A = item } }\n'
        "pipeline p { map a over [1, 2] from t()\n }\n"
    )
    assert [one[:5] for one in found(text)] == ["K0208"]


@pytest.mark.parametrize(
    ("use", "message"),
    [
        ("lib.tool()", "this use of `tool` gives no `name`"),
        ('lib.tool("a", 1, 2)', "this use of `tool` gives more than its 2 arguments"),
        ('lib.tool("a", name = "b")', "this use of `tool` gives `name` twice"),
        ('lib.tool("a", speed = 5)', "this use of `tool` gives `speed`, which it does not take"),
        ("lib.tool(5)", "`name` takes a string, this is 5"),
        ('lib.tol("a")', "no template is named `lib.tol`"),
        ('lib.image_of("a")', "no template is named `lib.image_of`"),
        ('lib.tool.x("a")', "no template is named `lib.tool.x`"),
        ('lob.tool("a")', "no template is named `lob.tool`"),
        ('tool("a")', "no template is named `tool`"),
    ],
)
def test_use_that_does_not_fit_is_said_once(use: str, message: str) -> None:
    text = (
        'import "lib.kon" as lib\n'
        f'pipeline p {{ stage a from {use} {{ image = "a:1", env = {{ A = lib.registry }} }} }}\n'
    )
    (one,) = compiled(text).diagnostics
    assert one.message == message


def test_misspelt_template_is_told_its_name() -> None:
    text = 'import "lib.kon" as lib\npipeline p { stage a from lib.tol("a") { image = "a:1" } }\n'
    (one,) = compiled(text).diagnostics
    assert one.helps == ("write `lib.tool`",)


def test_template_that_nobody_uses_is_checked() -> None:
    text = (
        'template t(n: int) { image = "a:1", replicas = n, qorum = 5, timeout = "x" }\n'
        'pipeline p { stage a { image = "a:1" } }\n'
    )
    assert [one[:5] for one in found(text)] == ["K0306", "K0204"]


def test_wrong_template_is_said_once_however_often_it_is_used() -> None:
    text = (
        'template t() { image = "a:1", timeout = "x" }\n'
        "pipeline p { stage a from t()\n stage b from t()\n }\n"
    )
    assert [one[:5] for one in found(text)] == ["K0204"]


def test_parameters_of_a_template_have_types_and_one_name_each() -> None:
    text = 'template t(n: it, n: int) { image = "a:1" }\npipeline p { stage a { image = "a:1" } }\n'
    assert [one[:5] for one in found(text)] == ["K0301", "K0302"]


def test_argument_that_may_be_null_may_be_left_out() -> None:
    text = (
        'template t(limit: duration?) { image = "a:1", timeout = limit }\n'
        "pipeline p { defaults { timeout = 1m }\n stage a from t()\n stage b from t(2m)\n }\n"
    )
    without, given = plan_of(text).stages
    assert without.timeout is None
    assert given.timeout is not None


def test_argument_is_one_of_the_words_that_its_parameter_takes() -> None:
    text = (
        'template t(mode: "a" | "b") { image = "a:1", env = { MODE = mode } }\n'
        'pipeline p { stage a from t("b")\n stage b from t("c")\n }\n'
    )
    assert found(text) == ['K0204 p.kon:3:17: `mode` takes a "a" | "b", this is "c"']


def test_misspelt_argument_is_told_its_name() -> None:
    text = 'import "lib.kon" as lib\npipeline p { stage a from lib.tool(nam = "a") }\n'
    (one,) = compiled(text).diagnostics
    assert one.helps == ("write `name`",)


def test_mistake_that_depends_on_a_use_shows_the_use() -> None:
    text = (
        "fn nth(n: int) -> int = [1, 2][n]\n"
        'template t(n: int) { image = "a:1", replicas = nth(n) }\n'
        "pipeline p { stage a from t(1)\n stage b from t(5)\n }\n"
    )
    (one,) = compiled(text).diagnostics
    assert one.code == "K0304"
    assert [(label.text, label.span.text) for label in one.secondary] == [
        ("called here", "nth(n)"),
        ("used here", "from t(5)"),
    ]


def test_null_of_a_higher_layer_removes_a_map_however_it_is_written() -> None:
    text = (
        'template t(is_bare: bool) { image = "a:1", env = if is_bare then null else { B = "2" } }\n'
        'pipeline p { defaults { env = { A = "1" } }\n'
        " stage a from t(true)\n stage b from t(false)\n }\n"
    )
    bare, full = plan_of(text).stages
    assert env_of(bare) == {}
    assert env_of(full) == {"A": "1", "B": "2"}


# ---- imports ----


def test_what_an_import_declares_is_used_by_its_alias() -> None:
    stage = stage_of(
        'stage a { image = lib.image_of("x", tag = "2"), env = { FROM = lib.registry } }'
    )
    assert stage.cells[0].image == "ghcr.io/acme/x:2"
    assert env_of(stage) == {"FROM": "ghcr.io/acme"}


def test_import_is_found_from_the_file_that_asks_for_it() -> None:
    files = {
        "parts/a.kon": 'import "b.kon" as b\nlet one = b.two\n',
        "parts/b.kon": 'import "../top.kon" as top\nlet two = top.three\n',
        "top.kon": "let three = 3\n",
    }
    text = 'import "parts/a.kon" as a\npipeline p { stage s { image = "a:1", replicas = a.one } }\n'
    assert plan_of(text, files).stages[0].expected == 3


def test_file_that_two_import_is_read_once() -> None:
    asked: list[str] = []
    files = {"a.kon": 'import "c.kon" as c\nlet x = c.n\n', "c.kon": "let n = 2\n"}

    def load(path: str) -> str:
        asked.append(path)
        return files[path]

    text = (
        'import "a.kon" as a\nimport "c.kon" as c\n'
        'pipeline p { stage s { image = "a:1", replicas = a.x + c.n } }\n'
    )
    made = compile_source(text, loader=load)
    assert made.plan is not None
    assert made.plan.stages[0].expected == 4
    assert asked == ["a.kon", "c.kon"]
    assert [path for path, _ in made.plan.modules] == ["a.kon", "c.kon"]


def test_plan_differs_with_the_text_of_an_import() -> None:
    text = 'import "lib.kon" as lib\npipeline p { stage a from lib.tool("lint")\n }\n'
    other = {"lib.kon": LIB.replace("acme", "other")}
    assert plan_of(text).digest != plan_of(text, other).digest


def test_plan_differs_with_the_text_of_a_file_it_reads() -> None:
    text = 'pipeline p { stage a { image = "a:1", env = { A = file("a.txt") } } }\n'
    assert plan_of(text, {"a.txt": "1"}).digest != plan_of(text, {"a.txt": "2"}).digest


def test_module_root_stands_for_a_folder() -> None:
    files = {"@shared/x.kon": 'import "y.kon" as y\nlet n = y.n\n', "@shared/y.kon": "let n = 7\n"}
    text = 'import "@shared/x.kon" as x\npipeline p { stage s { image = "a:1", replicas = x.n } }\n'
    assert plan_of(text, files).stages[0].expected == 7


def test_import_of_an_import_is_not_passed_on() -> None:
    files = {"a.kon": 'import "lib.kon" as lib\nlet x = lib.registry\n'}
    text = (
        'import "a.kon" as a\n'
        'pipeline p { stage s { image = "a:1", env = { A = a.lib, B = a.x } } }\n'
    )
    assert [one[:5] for one in found(text, files)] == ["K0304"]


@pytest.mark.parametrize(
    ("imported", "message"),
    [
        ("none.kon", "there is no file `none.kon`"),
        ("./parts/../none.kon", "there is no file `none.kon`"),
        ("folder", "`folder` is a folder"),
        ("latin.kon", "`latin.kon` is no text in UTF-8"),
        ("secret.kon", "`secret.kon` cannot be read: permission denied"),
        ("@x/a.kon", "`@x/a.kon` cannot be read: `@x` is no module root"),
        ("https://x.org/a.kon", "an import names a file, not an address"),
        ("git@x.org:a/b.kon", "an import names a file, not an address"),
        ("/etc/a.kon", "`/etc/a.kon` is a place on this machine"),
        ("", "the import names no file"),
        ("@shared/../x.kon", "`@shared/../x.kon` leads out of its module root"),
    ],
)
def test_import_that_cannot_be_had_is_said_once(imported: str, message: str) -> None:
    text = (
        f'import "{imported}" as lib\n'
        'pipeline p { stage a from lib.tool("x")\n stage b { image = lib.image_of("y") } }\n'
    )
    files = {
        "folder": "a folder",
        "latin.kon": "not text",
        "secret.kon": "not mine",
        "@x/a.kon": "no root",
    }
    assert [one.partition(": ")[2] for one in found(text, files)] == [message]


def test_loader_says_what_else_there_is() -> None:
    def load(path: str) -> str:
        error = FileNotFoundError(2, path)
        error.add_note("there is `lib.kon` in its folder")
        raise error

    text = 'import "lob.kon" as lib\npipeline p { stage a from lib.tool() }\n'
    (one,) = compile_source(text, loader=load).diagnostics
    assert one.helps == ("there is `lib.kon` in its folder",)


def test_endless_chain_of_imports_is_a_finding_and_no_crash() -> None:
    def load(path: str) -> str:
        number = int(path.removeprefix("c").removesuffix(".kon"))
        return f'import "c{number + 1}.kon" as n\nlet v = n.v\n'

    text = 'import "c1.kon" as c\npipeline p { stage a { image = "a:1", replicas = c.v } }\n'
    (one,) = compile_source(text, loader=load).diagnostics
    assert (one.code, one.span.source.path) == ("K0418", "c50.kon")
    assert one.message == "files import each other more than 50 deep"


def test_file_for_others_is_checked_and_cannot_be_run() -> None:
    assert check_source(LIB).diagnostics == ()
    (unused,) = check_source('import "a.kon" as a\nlet x = 1\n', loader=lambda _: "").diagnostics
    assert unused.code == "K0803"
    (one,) = compile_source(LIB).diagnostics
    assert one.message == "the file declares no pipeline"
    assert one.notes == ("it holds what other files import",)


def test_empty_file_is_not_for_others() -> None:
    assert [one.code for one in check_source("").diagnostics] == ["K0301"]


def test_module_does_not_lead_out_of_its_root() -> None:
    files = {"@shared/x.kon": 'import "../y.kon" as y\nlet n = y.n\n'}
    text = 'import "@shared/x.kon" as x\npipeline p { stage s { image = "a:1", replicas = x.n } }\n'
    assert [one[:5] for one in found(text, files)] == ["K0801"]


def test_import_that_is_no_text_or_has_no_reader_is_a_finding() -> None:
    text = 'import "x.kon" as x\npipeline p { stage s { image = "a:1", replicas = x.n } }\n'
    assert [one[:5] for one in found(text, {"x.kon": "not text"})] == ["K0801"]
    assert [one.code for one in compile_source(text).diagnostics] == ["K0801"]


def test_files_that_import_each_other_are_shown_with_their_circle() -> None:
    files = {
        "a.kon": 'import "b.kon" as b\nlet x = b.y\n',
        "b.kon": 'import "a.kon" as a\nlet y = a.x\n',
    }
    text = 'import "a.kon" as a\npipeline p { stage s { image = "a:1", replicas = a.x } }\n'
    (one,) = compiled(text, files).diagnostics
    assert one.code == "K0802"
    assert one.notes == ("cycle: `a.kon` -> `b.kon` -> `a.kon`",)
    assert [label.span.source.path for label in one.secondary] == ["a.kon"]


def test_program_that_is_imported_by_what_it_imports_is_a_circle() -> None:
    files = {"a.kon": 'import "p.kon" as p\nlet x = p.y\n'}
    text = 'import "a.kon" as a\npipeline p { stage s { image = "a:1", replicas = a.x } }\n'
    (one,) = compiled(text, files).diagnostics
    assert one.code == "K0802"
    assert one.notes == ("cycle: `p.kon` -> `a.kon` -> `p.kon`",)


def test_import_that_nothing_uses_is_a_warning_in_each_file() -> None:
    files = {"a.kon": 'import "lib.kon" as lib\nlet x = 1\n'}
    text = (
        'import "a.kon" as a\nimport "lib.kon" as lib\n'
        'pipeline p { stage s { image = "a:1", replicas = a.x } }\n'
    )
    assert found(text, files) == [
        "K0803 a.kon:1:21: import `lib` is never used",
        "K0803 p.kon:2:21: import `lib` is never used",
    ]


def test_mistakes_of_an_import_are_shown_in_its_own_file() -> None:
    files = {"a.kon": "let x = nothing\nlet y == 5\nfn f(a: int) -> int = f(a)\n"}
    text = 'import "a.kon" as a\npipeline p { stage s { image = "a:1", replicas = a.x } }\n'
    assert found(text, files) == [
        "K0301 a.kon:1:9: nothing is named `nothing`",
        "K0101 a.kon:2:7: `==` compares, it sets no value",
        "K0312 a.kon:3:4: function `f` calls itself",
    ]


def test_imported_file_holds_no_pipeline_and_no_parameter() -> None:
    files = {"a.kon": "param n: int = 5\nlet x = 1\npipeline q { }\n"}
    text = 'import "a.kon" as a\npipeline p { stage s { image = "a:1", replicas = a.x } }\n'
    assert [one.partition(": ")[2] for one in found(text, files)] == [
        "an imported file holds no parameter",
        "an imported file holds no pipeline",
    ]


def test_import_in_a_folder_is_shown_by_its_place() -> None:
    text = 'import "a.kon" as a\npipeline p { stage s { image = "a:1", replicas = a.x } }\n'
    made = compiled(text, {"a.kon": "let x = nothing\n"}, path="jobs/p.kon")
    assert [one.span.source.path for one in made.diagnostics] == ["jobs/a.kon"]


def test_file_of_a_module_is_read_beside_the_module() -> None:
    files = {"parts/a.kon": 'let x = file("note.txt")\n', "parts/note.txt": "hello"}
    text = (
        'import "parts/a.kon" as a\npipeline p { stage s { image = "a:1", env = { A = a.x } } }\n'
    )
    assert env_of(plan_of(text, files).stages[0]) == {"A": "hello"}


@pytest.mark.parametrize(
    ("expression", "code"),
    [
        ("lib.registri", "K0304"),
        ("lib.nothing(1)", "K0304"),
        ("lib.registry(1)", "K0305"),
        ("lib.tool", "K0201"),
        ("lib.image_of", "K0201"),
        ("lib", "K0201"),
        ("(1).x(2)", "K0305"),
    ],
)
def test_what_an_import_does_not_give_is_said(expression: str, code: str) -> None:
    text = (
        'import "lib.kon" as lib\n'
        f"pipeline p {{ stage a {{ image = lib.registry, env = {{ A = {expression} }} }} }}\n"
    )
    assert [one.code for one in compiled(text).diagnostics if one.code[:3] != "K05"] == [code]


def test_function_and_namesake_of_another_file_do_not_mix() -> None:
    files = {"a.kon": "fn f(n: int) -> int = f(n)\n", "b.kon": "fn f(n: int) -> int = n + 1\n"}
    text = (
        'import "a.kon" as a\nimport "b.kon" as b\n'
        'pipeline p { stage s { image = "a:1", replicas = b.f(2), parallelism = a.f(1) } }\n'
    )
    assert [one[:5] for one in found(text, files)] == ["K0312"]
