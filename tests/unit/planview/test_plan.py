"""What a run would do, told before it runs."""

import json
from datetime import timedelta

from konductor.dsl.compile import compile_source
from konductor.dsl.plan import Edge, EdgeKind
from konductor.dsl.schedule import Budget, reckon
from konductor.runner.plan.difference import (
    change_json,
    changes,
    object_changes,
    objects_of,
    sentence,
)
from konductor.runner.plan.document import document
from konductor.runner.plan.outcome import outcome
from konductor.runner.plan.page import page
from konductor.runner.plan.preview import Preview, preview

PROGRAM = """
pipeline p {
  timeout = 1h
  param n: int = 3
  param wide: string = "x"
  param wanted: bool = false
  let used = wide
  defaults { image = "a:1", timeout = 10m, command = ["x"] }
  stage a { replicas = n, quorum = 2 }
  stage b after a when wanted
  stage c after b
  stage c2 after c
  stage d after failed(a) { timeout = 5m }
  stage e after d?, a { timeout = null }
  finally f on failure
}
"""


def shown(text: str = PROGRAM, **parameters: str) -> Preview:
    compiled = compile_source(text, path="p.kon", parameters=parameters)
    assert compiled.plan is not None, compiled.diagnostics
    images = {"a:1": "koncli's own PATH"}
    return preview(compiled.plan, "p-00000", origins=compiled.origins, images=images)


def text_of(one: Preview, *, most: int | None = None, verbose: bool = False) -> str:
    return "\n".join(line.plain for line in page(one, most=most, verbose=verbose))


def test_budgets_add_up_along_the_slowest_path() -> None:
    minute = timedelta(minutes=1)
    times = reckon(
        (
            Budget("c", minute, ("a", "b", "elsewhere")),
            Budget("a", minute),
            Budget("b", 2 * minute),
            Budget("endless", None, ("c",)),
            Budget("after", minute, ("endless",)),
            Budget("x", minute, ("y",)),
            Budget("y", minute, ("x",)),
        )
    )
    assert times["c"].start.at == 2 * minute
    assert times["c"].finish.way == "b (2m) -> c (1m)"
    assert times["endless"].start.at == 3 * minute
    assert times["endless"].finish.at is None
    assert times["after"].start.at is None
    assert "x" not in times


def test_a_long_way_is_named_at_its_ends() -> None:
    chain = [Budget("s0", timedelta(seconds=1))]
    chain += [Budget(f"s{n}", timedelta(seconds=1), (f"s{n - 1}",)) for n in range(1, 20_000)]
    way = reckon(chain)["s19999"].finish.way
    assert way.startswith("s0 (1s) -> ")
    assert "… 19988 more …" in way


def test_the_page_tells_stages_times_skips_edges_and_objects() -> None:
    text = text_of(shown(n="4"))
    assert "n       int     4  from -p" in text
    assert "a  stage    2/4  0s to 10m" in text
    assert "d  stage    1/1  10m to 15m  after failed(a)" in text
    assert "f  finally  1/1  10m         on failure" in text
    assert "b  stage: `when wanted` is false" in text
    assert "c2  stage: `c` is skipped (through c <- b)" in text
    assert "opens or is skipped: is skipped; fails or times out: starts" in text
    assert "at the latest 15m: a (10m) -> d (5m)" in text
    assert "the pipeline's own timeout is 1h" in text
    assert "no timeout, so no latest end: e" in text
    assert "a:1  koncli's own PATH" in text
    assert "1 Run, 2 ConfigMaps, 4 Jobs, 4 Barriers" in text
    assert "Job p-00000-a" in text_of(shown(), verbose=True)


def test_a_large_plan_is_summed_up() -> None:
    stages = "\n".join(f"stage s{n}" for n in range(30))
    large = shown(f'pipeline p {{ defaults {{ image = "a:1" }}\n{stages} }}')
    text = text_of(large, most=10)
    assert "s9" in text
    assert "s10" not in text.replace("s10 ", "s10") or "s10  " not in text
    assert "… and 20 more: `--all` shows them, `-o json` has them" in text
    assert "no timeout, so no latest end: s0, s1, s2, s3, s4 and 25 more" in text
    assert "more:" not in text_of(large)


def test_sections_are_cut_and_long_values_too() -> None:
    text = text_of(shown(wide="y" * 100), most=1)
    assert "… and 2 more" in text
    assert f'"{"y" * 58}…' in text_of(shown(wide="y" * 100))


def test_every_kind_of_edge_has_its_outcomes() -> None:
    for kind in EdgeKind:
        told = outcome(Edge(kind, ("a", "b"), "c", at_least=2))
        assert told.opens
        assert told.sentence
    assert outcome(Edge(EdgeKind.DONE, ("a",), "b")).sentence == (
        "opens or fails or times out or is skipped: starts"
    )
    assert outcome(Edge(EdgeKind.AT_LEAST, ("a", "b"), "c", 2)).fails == (
        "fails once 2 are out of reach"
    )


def test_the_document_holds_it_all_as_json() -> None:
    found = json.loads(json.dumps(document(shown())))
    assert found["levels"] == [["a"], ["d"], ["e"]]
    assert found["stages"][1]["start"] == "10m"
    assert found["stages"][2]["finish"] is None
    assert found["skipped"][1]["because"] == ["b"]
    assert found["slowest"] == {"finish": "15m", "way": "a (10m) -> d (5m)"}
    assert found["edges"][0]["fails"] == "starts"
    assert found["plan"]["pipeline"] == "p"


def test_a_difference_tells_what_is_new_gone_and_other() -> None:
    before = document(shown())
    script = "run = <<SH\n    one\n    two\n  SH\n"
    other = PROGRAM.replace("timeout = 1h", 'on_failure = "abort"').replace(
        "stage d after",
        f"barrier m {{ expected = 2, outsiders = true }}\n stage z {{ {script} }}\n stage d after",
    )
    other = other.replace("finally f on failure", "").replace("timeout = 5m", "env = { V = n }")
    after = document(shown(other, n="4", wanted="true"))
    found = changes(before["plan"], after["plan"])
    told = [sentence(one) for one in found]
    assert "~ parameter n: 3 -> 4" in told
    assert "- pipeline p  timeout: 1h" in told
    assert "~ pipeline p  on_failure: drain -> abort" in told
    assert "~ stage a  expected: 3 -> 4" in told
    assert "- stage f" in told
    assert "+ stage z" in told
    assert "+ barrier m" in told
    assert "- skipped c" in told
    assert "+ stage d  cells.0.env.V.parts.0: 4" in told
    objects = object_changes(
        objects_of("p-00000", before["objects"]), objects_of("p-00000", after["objects"])
    )
    assert [sentence(one) for one in objects][:2] == ["- object Barrier f", "- object Job f"]
    assert "+ object Job z" in [sentence(one) for one in objects]
    assert change_json(found[0])["change"] == "~"
    assert changes(before["plan"], before["plan"]) == ()


def test_a_text_of_several_lines_is_shown_below() -> None:
    first = document(shown('pipeline p { stage a { image = "a:1", run = "one\\ntwo" } }'))
    second = document(shown('pipeline p { stage a { image = "a:1", run = "one\\nthree" } }'))
    (change,) = changes(first["plan"], second["plan"])
    assert sentence(change).endswith("\n      one\n      two -> \n      one\n      three")


def test_edges_are_compared_as_they_are_spelled() -> None:
    text = 'pipeline p { defaults { image = "a:1" }\n stage a\n stage b\n stage c after EDGES }'
    first = document(shown(text.replace("EDGES", "a")))
    second = document(shown(text.replace("EDGES", "atleast(1, a, b)")))
    (change,) = changes(first["plan"], second["plan"])
    assert sentence(change) == "~ stage c  after: a -> atleast(1, a, b)"
