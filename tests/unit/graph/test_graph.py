"""What a drawing of a plan holds, in each form."""

import xml.etree.ElementTree as ET
from collections.abc import Callable

from konductor.runner.graph.dot import dot
from konductor.runner.graph.draw import draw, rows
from konductor.runner.graph.graph import Arrow, Graph, Node
from konductor.runner.graph.layout import lay_out
from konductor.runner.graph.mermaid import mermaid
from konductor.runner.graph.svg import svg

Grapher = Callable[..., Graph]
PROGRAM = """
pipeline p {
  param audited: bool = false
  defaults { image = "a:1", command = ["x"] }
  stage end { replicas = 3, quorum = 2 }
  stage audit after end when audited
  map part over 4 after end, audit?
  reduce total of part
  barrier met after end { expected = 2, outsiders = true }
  stage rescue after failed(total) { matrix { os = ["a", "b"] } }
  stage last after atleast(2, total, rescue, met), done(end)
  stage first after any(total, rescue)
  finally report on failure
}
"""
EVIL = Graph(
    'x"</style><script>alert(1)</script>',
    (Node('a"\\<b>&', "stage", 'say "hi" #1', skipped='<i>"'), Node("end", "finally", "finally")),
    (),
)


def test_a_node_tells_its_kind_and_numbers_and_its_special_edges(graph: Grapher) -> None:
    nodes = {one.name: one for one in graph(PROGRAM).nodes}
    assert nodes["end"].lines == ("end", "stage · 2/3")
    assert nodes["part"].lines == ("part", "map · 4/4")
    assert nodes["rescue"].lines == ("rescue", "stage · 2 cells · 2/2", "failed(total)")
    assert nodes["last"].after == "atleast(2, total, rescue, met), done(end)"
    assert nodes["report"].words == "finally · 1/1 · on failure"
    assert nodes["audit"].words == "stage · skipped"
    assert nodes["audit"].skipped == "`when audited` is false"


def test_layers_follow_the_longest_path_and_finally_stands_apart(graph: Grapher) -> None:
    drawn = graph(PROGRAM)
    assert drawn.layers == (
        ("end",),
        ("part", "met", "audit"),
        ("total",),
        ("rescue",),
        ("last", "first"),
    )
    assert drawn.finals == ("report",)


def test_an_arrow_is_spelled_and_dashed_as_its_edge_is(graph: Grapher) -> None:
    drawn = graph(PROGRAM)
    arrows = {(one.source, one.target): one for one in drawn.arrows}
    assert arrows["total", "rescue"] == Arrow("total", "rescue", "failed", dashed=True)
    assert arrows["met", "last"].label == "atleast 2"
    assert arrows["end", "last"] == Arrow("end", "last", "done", dashed=True)
    assert arrows["rescue", "first"] == Arrow("rescue", "first", "any")
    assert arrows["end", "audit"].is_skipped
    optional = graph('pipeline p { defaults { image = "a:1" }\n stage a\n stage b after a? }')
    assert optional.arrows == (Arrow("a", "b", "?", dashed=True),)


def test_stages_that_are_left_out_may_wait_for_each_other() -> None:
    nodes = (Node("a", "stage", "w", skipped="no"), Node("b", "stage", "w", skipped="no"))
    arrows = (Arrow("a", "b", is_skipped=True), Arrow("b", "a", is_skipped=True))
    drawn = Graph("p", nodes, arrows)
    assert drawn.layers == (("a", "b"),)
    layout = lay_out(drawn)
    assert layout.routes == ()
    assert not layout.boxes["a"].overlaps(layout.boxes["b"])
    free = Graph("p", (*nodes, Node("c", "stage", "w")), arrows)
    assert free.layers == (("c", "a", "b"),)


def test_a_drawing_has_boxes_lines_and_finally_below_a_rule(graph: Grapher) -> None:
    text = (
        'pipeline p { defaults { image = "a:1" }\n stage a\n stage b after a\n'
        "stage c after done(a)\n finally f }"
    )
    drawn = graph(text)
    assert "\n".join(draw(drawn, lay_out(drawn))) == _DRAWING.strip("\n")


_DRAWING = """
            ╭───────────────╮
            │       a       │
            │  stage · 1/1  │
            ╰───────────────╯
                    │
        ┌───────────┴┄┄┄┄┄┄┄┄┄┄┄┐
        ▼                       ▼
╭───────────────╮       ╭───────────────╮
│       b       │       │       c       │
│  stage · 1/1  │       │  stage · 1/1  │
╰───────────────╯       │    done(a)    │
                        ╰───────────────╯

── finally, once all else has ended ───────

        ╭───────────────────────╮
        │           f           │
        │     finally · 1/1     │
        ╰───────────────────────╯
"""


def test_rows_take_the_place_of_a_drawing(graph: Grapher) -> None:
    drawn = graph(
        'pipeline p { defaults { image = "a:1" }\n stage a\n stage b after a\n finally f }'
    )
    assert rows(drawn, {"b": "a"}) == (
        "      1  a  stage · 1/1",
        "      2  b  stage · 1/1    after a",
        "finally  f  finally · 1/1",
    )
    assert rows(Graph("p", (), ()), {}) == ()


def test_a_graph_of_nothing_is_drawn_as_nothing() -> None:
    nothing = Graph("p", (), ())
    assert draw(nothing, lay_out(nothing)) == ()
    final = Graph("p", (Node("f", "finally", "finally"),), ())
    assert draw(final, lay_out(final))[0].startswith("── finally")


def test_svg_is_one_well_formed_file_in_which_names_are_text(graph: Grapher) -> None:
    drawn = graph(PROGRAM)
    root = ET.fromstring(svg(drawn, lay_out(drawn)))  # noqa: S314  # we made it
    texts = ["".join(one.itertext()) for one in root.iter("{http://www.w3.org/2000/svg}text")]
    assert {"end", "stage · 2/3", "failed(total)"} <= set(texts)
    assert root.find("{http://www.w3.org/2000/svg}title") is not None
    evil = svg(EVIL, lay_out(EVIL))
    ET.fromstring(evil)  # noqa: S314  # likewise
    assert "<script" not in evil
    assert "<b>" not in evil


def test_mermaid_gives_ids_of_its_own_and_escapes_what_it_reads(graph: Grapher) -> None:
    text = mermaid(graph(PROGRAM))
    assert '  n0["end<br/>stage · 2/3"]\n' in text
    assert '-.->|"failed"|' in text
    assert "  class n9 skipped\n" in text or "skipped" in text.splitlines()[-1]
    assert '["a#quot;\\#lt;b#gt;#amp;<br/>say #quot;hi#quot; #35;1"]' in mermaid(EVIL)
    assert "class " not in mermaid(Graph("p", (), ())).replace("classDef ", "")


def test_dot_quotes_every_name(graph: Grapher) -> None:
    text = dot(graph(PROGRAM))
    assert '"total" -> "rescue" [label="failed", style=dashed];' in text
    assert '"end" -> "part";' in text
    assert '"end" -> "audit" [style=dashed, color=gray60];' in text
    assert "subgraph cluster_finally {" in text
    lowest, first = graph(PROGRAM).layers[-1][0], graph(PROGRAM).finals[0]
    assert f'"{lowest}" -> "{first}" [style=invis];' in text
    assert '"a\\"\\\\<b>&" [label="a\\"\\\\<b>&\\nsay \\"hi\\" #1", style="rounded,dashed"' in dot(
        EVIL
    )
    assert dot(Graph("p", (), ())).startswith('digraph "p" {\n')
