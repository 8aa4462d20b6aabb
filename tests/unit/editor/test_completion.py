"""What is offered depends on where the cursor is, and on nothing behind it."""

from collections.abc import Callable

import pytest

from konductor.dsl.editor.completion import complete
from konductor.dsl.editor.offer import Offer, OfferKind
from tests.unit.editor.conftest import Look

Offers = Callable[..., dict[str, Offer]]
LIBRARY = """\
let zones = 3
fn half(n: int) -> float = n / 2
template job(app: string, size: int = 1) {
  image = "x:1"
}
"""


@pytest.fixture
def offers(look: Look) -> Offers:
    def ask(text: str, **others: str) -> dict[str, Offer]:
        snapshot, offset = look(text, **others)
        found = complete(snapshot, offset)
        return {one.label: one for one in found.offers}

    return ask


def stage(inner: str, before: str = "") -> str:
    return f"pipeline p {{\n{before}  stage a {{\n{inner}\n  }}\n}}\n"


def test_a_file_begins_with_its_statements(offers: Offers) -> None:
    assert list(offers("|")) == ["pipeline", "template", "fn", "let", "import"]
    assert offers("pip|")["pipeline"].insert.startswith("pipeline ${1:name} {")


def test_a_pipeline_has_stages_and_attributes_that_are_not_set_yet(offers: Offers) -> None:
    found = offers("pipeline p {\n  timeout = 1h\n  |\n  hooks = 'pod'\n  stage b {\n  }\n}\n")
    assert {"stage", "map", "reduce", "barrier", "gate", "defaults", "namespace"} <= found.keys()
    assert not {"timeout", "hooks", "image"} & found.keys()
    assert "hooks" not in offers("pipeline p {\n  |\n  hooks = 'pod'\n")


def test_a_stage_has_attributes_that_are_not_set_yet(offers: Offers) -> None:
    found = offers(stage('    image = "x:1"\n    |\n    resources { cpu = 1 }'))
    assert {"run", "quorum", "let", "cpu"} - found.keys() == {"cpu"}
    assert not {"image", "resources"} & found.keys()
    assert found["quorum"].doc.startswith("How many arrivals")
    assert found["quorum"].insert == "quorum = $0"
    assert found["command"].insert == "command = [$0]"
    assert found["env"].insert == "env { $0 }"
    assert found["retry"].kind is OfferKind.BLOCK
    assert found["stragglers"].insert == 'stragglers = ${1|"keep","cancel"|}'


def test_blocks_have_their_own_attributes(offers: Offers) -> None:
    assert "cpu" in offers(stage("    resources { | }"))
    assert "factor" in offers(stage("    retry {\n      |\n    }"))
    assert "replicas" not in offers("pipeline p {\n  map a over 3 {\n  |\n  }\n}\n")
    assert "replicas" not in offers("pipeline p {\n  defaults {\n  |\n  }\n}\n")
    assert "permits" in offers("pipeline p {\n  semaphore s {\n  |\n  }\n}\n")
    probe = offers("pipeline p {\n  barrier b {\n  |\n  }\n}\n")["probe"]
    assert probe.insert == "probe ${1:name} { $0 }"
    assert "http" in offers("pipeline p {\n  barrier b {\n  probe x { | }\n  }\n}\n")
    assert {"include", "exclude"} <= offers(stage("    matrix {\n      |\n    }")).keys()
    assert offers(stage("    env { | }")) == {}


def test_strings_of_an_attribute_are_offered_with_and_within_quotes(offers: Offers) -> None:
    assert list(offers(stage("    stragglers = |")))[:2] == ['"keep"', '"cancel"']
    assert list(offers(stage('    stragglers = "k|"'))) == ["keep", "cancel"]
    assert list(offers(stage('    stragglers = "k|'))) == ["keep", "cancel"]
    assert offers(stage('    image = "x|"')) == {}
    assert offers(stage('    image = up("x|")')) == {}
    assert offers(stage("    run = <<SH\n      ec|ho\n    SH")) == {}


@pytest.mark.parametrize("edges", ["|", "b, |", "b|", "b if true, |"])
def test_stages_are_offered_after_after(offers: Offers, edges: str) -> None:
    found = offers(f"pipeline p {{\n  stage b {{\n  }}\n  stage a after {edges}\n}}\n")
    assert next(iter(found)) == "b"
    assert "done" in found
    assert "a" not in found


def test_an_edge_takes_what_can_be_waited_for(offers: Offers) -> None:
    rest = "  stage b {\n  }\n  finally f {\n  }\n  semaphore s {\n  }\n  barrier c {\n  }\n"
    assert list(offers(f"pipeline p {{\n{rest}  stage a after done(|)\n}}\n")) == ["b", "c"]
    assert list(offers(f"pipeline p {{\n{rest}  reduce r of |\n}}\n")) == ["b"]


def test_what_cannot_be_read_is_offered_by_its_name(offers: Offers) -> None:
    found = offers("pipeline p {\n  stage b = = {\n  }\n  stage a after |\n}\n")
    assert found["b"].detail == "stage"


def test_clauses_follow_a_name(offers: Offers) -> None:
    assert list(offers("pipeline p {\n  stage a |\n}\n")) == ["from", "after", "when"]
    assert list(offers("pipeline p {\n  stage a after b |\n}\n")) == ["from", "when"]
    assert next(iter(offers("pipeline p {\n  map a |\n}\n"))) == "over"
    assert offers("pipeline p {\n  stage |\n}\n") == {}
    assert offers("pipeline p {\n  semaphore s |\n}\n") == {}
    assert list(offers("pipeline p {\n  finally a on |\n}\n")) == [
        *("success", "failure", "timeout", "cancel")
    ]


def test_conditions_take_values(offers: Offers) -> None:
    assert "n" in offers("pipeline p {\n  let n = 1\n  stage a when |\n}\n")
    assert "n" in offers("pipeline p {\n  let n = 1\n  map a over |\n}\n")
    assert "n" in offers("pipeline p {\n  let n = 1\n  stage b\n  stage a after b if |\n}\n")


def test_types_are_offered_where_one_is_declared(offers: Offers) -> None:
    assert "duration" in offers("pipeline p {\n  param n: |\n}\n")
    assert "duration" in offers("let n: |\n")
    assert offers("let n |\n") == {}
    assert "duration" in offers("fn f(a: |) -> int = 1\n")
    assert "duration" in offers("template t(a: int, b: |) {\n}\n")
    assert offers("fn f(a|) -> int = 1\n") == {}


def test_parameters_take_a_condition(offers: Offers) -> None:
    assert list(offers("pipeline p {\n  param n: int |\n}\n")) == ["where"]
    assert "n" in offers("pipeline p {\n  param n: int where |\n}\n")
    assert offers("pipeline p {\n  param n |\n}\n") == {}


def test_values_are_what_is_in_scope(offers: Offers) -> None:
    before = "  param day: string = 'x'\n  let n = 1\n  stage b {\n    let own = 2\n  }\n"
    found = offers(stage("    replicas = |", before))
    assert {"day", "n", "len", "true", "file"} <= found.keys()
    assert not {"own", "b", "item", "run", "matrix"} & found.keys()
    assert found["day"].detail == 'param day: string = "x"'
    assert found["len"].detail.startswith("len(")


def test_values_are_offered_inside_texts(offers: Offers) -> None:
    before = "  let number = 1\n"
    assert "number" in offers(stage('    image = "x:${nu|}"', before))
    assert "number" in offers(stage('    image = "x:${|', before))
    assert "number" in offers(stage("    run = <<$SH\n      x ${nu|}\n    SH", before))
    assert "number" in offers(stage('    command = ["x", "${|}"]', before))
    assert offers(stage('    image = "x:$${nu|}"', before)) == {}
    assert offers(stage("    run = '${nu|}'", before)) == {}
    assert offers(stage("    run = <<SH\n      ${nu|}\n    SH", before)) == {}


def test_nothing_is_offered_behind_a_whole_value_or_in_a_comment(offers: Offers) -> None:
    assert offers(stage("    replicas = 5 |")) == {}
    assert offers("let a = [1 |]\n") == {}
    assert offers("# pip|\n") == {}


def test_what_only_some_places_know_is_offered_there(offers: Offers) -> None:
    assert "item" in offers("pipeline p {\n  map a over 3 {\n    env = { A = | }\n  }\n}\n")
    final = "pipeline p {{\n  finally a {{\n    command = [{}]\n  }}\n}}\n"
    assert "run" in offers(final.format("|"))
    assert list(offers(final.format("run.|"))) == ["id", "status", "failed_stage"]
    matrix = "    matrix {\n      suite = ['x']\n    }\n"
    assert "matrix" in offers(stage(f"{matrix}    env = {{ A = | }}"))
    assert list(offers(stage(f"{matrix}    env = {{ A = matrix.| }}"))) == ["suite"]
    assert "matrix" not in offers(stage("    replicas = |", f"  stage z {{\n{matrix}  }}\n"))


def test_lists_of_objects_take_their_names(offers: Offers) -> None:
    before = "  semaphore s {\n  }\n  barrier b {\n  }\n"
    assert list(offers(stage("    acquire = [|]", before))) == ["s"]
    assert list(offers(stage("    arrive = [b, |]", before))) == ["b"]


def test_keys_of_a_map_follow_a_dot(offers: Offers) -> None:
    text = "pipeline p {\n  let m = { one = 1, on = 2 }\n  let n = 1\n  let x = %s.|\n}\n"
    assert list(offers(text % "m")) == ["one"]
    assert offers(text % "n") == {}
    assert offers(text % "nothing") == {}
    assert offers("let a = .|\n") == {}


def test_imported_names_follow_their_alias(offers: Offers) -> None:
    head = 'import "lib.kon" as lib\nimport "gone.kon" as gone\npipeline p {\n'
    found = offers(f"{head}  let n = 1\n  stage a from |\n}}\n", lib=LIBRARY)
    assert list(found) == ["lib", "gone"]
    assert list(offers(f"{head}  stage a from lib.|\n}}\n", lib=LIBRARY)) == ["job"]
    assert list(offers(f"{head}  let a = lib.|\n}}\n", lib=LIBRARY)) == ["zones", "half"]
    assert offers(f"{head}  let a = gone.|\n}}\n", lib=LIBRARY) == {}


def test_arguments_are_offered_by_their_names(offers: Offers) -> None:
    assert next(iter(offers(f"{LIBRARY}let a = half(|)\n"))) == "n"
    assert list(offers(f"{LIBRARY}pipeline p {{\n  stage a from job(|)\n}}\n"))[:2] == [
        "app",
        "size",
    ]
    head = 'import "lib.kon" as lib\nimport "gone.kon" as gone\nlet other = 1\npipeline p {\n'
    found = offers(f"{head}  stage a from lib.job(|)\n}}\n", lib=LIBRARY)
    assert found["app"].insert == "app = $0"
    assert "app" not in offers(f"{head}  stage a from gone.job(|)\n}}\n", lib=LIBRARY)
    assert "app" not in offers(f"{head}  stage a from other.job(|)\n}}\n", lib=LIBRARY)
    assert "app" not in offers(f"{head}  stage a from lib.job(app = |)\n}}\n", lib=LIBRARY)


def test_the_word_at_the_cursor_is_replaced(look: Look) -> None:
    snapshot, offset = look("pipeline p {\n  sta|ge x\n}\n")
    found = complete(snapshot, offset)
    assert snapshot.source.text[found.start : found.end] == "stage"


def test_a_closing_brace_closes_what_is_left_open_within(offers: Offers) -> None:
    assert "stage" in offers("pipeline p {\n  let a = f(1\n}\npipeline q {\n  |\n}\n")
    assert "pipeline" in offers("pipeline p {\n]}\n|")
