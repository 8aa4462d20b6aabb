"""``each(a)``: which cells wait for which, and that this version does not run it yet."""

import pytest

from konductor.dsl.compile import compile_source
from konductor.dsl.evaluate import new_evaluation
from konductor.dsl.parameters import Given
from konductor.dsl.parser import parse
from konductor.dsl.plan import EdgeKind, Plan
from konductor.dsl.planner import plan_of
from konductor.dsl.resolve import resolve
from konductor.dsl.source import Source

BUILD = 'stage a { image = "a:1", matrix { os = ["linux", "mac"], arch = ["arm", "x86"] } }'
NOTHING_GIVEN = Given(lambda _: (None, ()), {}, None, {})


def planned(*blocks: str) -> Plan:
    lines = "\n".join(blocks)
    source = Source("p.kon", f"pipeline p {{ {lines} }}")
    evaluation = new_evaluation()
    pipeline = resolve(source, parse(source).file, NOTHING_GIVEN, evaluation)
    assert pipeline is not None
    assert evaluation.diagnostics == []
    return plan_of(pipeline)


@pytest.mark.parametrize(
    ("first", "second", "pairs"),
    [
        (
            BUILD,
            'stage b after each(a) { image = "a:1", matrix { os = ["mac"], t = [1, 2] } }',
            ((2, 0), (3, 0), (2, 1), (3, 1)),
        ),
        (
            BUILD,
            'stage b after each(a) { image = "a:1", matrix { arch = ["x86"], os = ["mac"] } }',
            ((3, 0),),
        ),
        (
            'map a over ["x", "y"] { image = "a:1" }',
            'map b over ["y", "x"] after each(a) { image = "a:1" }',
            ((1, 0), (0, 1)),
        ),
        (
            "map a over 3 { image = 'a:1' }",
            "map b over [0, 2] after each(a) { image = 'a:1' }",
            ((0, 0), (2, 1)),
        ),
        (
            'map a over [1, 2] { image = "a:1", matrix { os = ["linux", "mac"] } }',
            'map b over [2] after each(a) { image = "a:1", matrix { os = ["mac"] } }',
            ((3, 0),),
        ),
    ],
)
def test_cells_are_joined_on_the_axes_that_both_stages_name(
    first: str, second: str, pairs: tuple[tuple[int, int], ...]
) -> None:
    plan = planned(first, second)
    (edge,) = plan.edges
    assert (edge.kind, edge.upstream, edge.pairs) == (EdgeKind.EACH, ("a",), pairs)


def test_a_skip_spreads_over_each() -> None:
    later = 'stage b after each(a) { image = "a:1", matrix { os = ["mac"] } }'
    plan = planned(BUILD.replace("stage a", "stage a when false"), later)
    assert [one.name for one in plan.skipped] == ["a", "b"]


def test_order_alone_is_inherited_through_a_skipped_stage() -> None:
    middle = 'stage b after each(a) when false { image = "a:1", matrix { os = ["mac"] } }'
    plan = planned(BUILD, middle, 'stage c after b? { image = "a:1" }')
    assert [(edge.kind, edge.upstream) for edge in plan.edges] == [(EdgeKind.OPENED, ("a",))]


def test_lone_cells_are_listed() -> None:
    later = 'stage b after each(a) { image = "a:1", matrix { os = ["sun", "hp"] } }'
    compiled = compile_source(f"pipeline p {{ {BUILD}\n {later} }}")
    lone = next(one for one in compiled.diagnostics if one.code == "K0410")
    assert lone.notes == ('of `b`: os = "sun"; os = "hp"',)
    assert {one.code for one in compiled.diagnostics} == {"K0410", "K0999"}
