from collections.abc import Callable

import pytest

from konductor.dsl.compile import compile_source
from konductor.dsl.plan import EdgeKind, Plan

Planner = Callable[..., Plan]


def edges_of(plan: Plan, name: str) -> list[str]:
    shown = []
    for edge in plan.edges:
        if edge.downstream == name:
            of = ",".join(edge.upstream)
            shown.append(f"{edge.kind}:{of}" + (f">={edge.at_least}" if edge.at_least else ""))
    return shown


def program(*lines: str) -> str:
    return "\n".join(
        ["pipeline p {", "param no: bool = false", 'defaults { image = "a:1" }', *lines, "}"]
    )


def test_each_edge_keeps_its_kind_and_its_names(plan: Planner) -> None:
    made = plan(
        program(
            "let few = 2\nlet use = no",
            "stage a",
            "stage b",
            "stage c after a, b?, done(a, b), failed(a), any(a, b), atleast(few, a, b)",
        )
    )
    assert edges_of(made, "c") == [
        "a:a",
        "a?:b",
        "done:a,b",
        "failed:a",
        "any:a,b>=1",
        "atleast:a,b>=2",
    ]


def test_a_reduce_waits_for_its_map_first(plan: Planner) -> None:
    made = plan(
        program(
            "let use = no", "stage z", "map m over 2", "reduce r of m after z", "stage e after r"
        )
    )
    assert edges_of(made, "r") == ["a:m", "a:z"]
    assert {stage.name: stage.source for stage in made.stages}["r"] == "m"


def test_a_plain_edge_spreads_a_skip_and_each_other_edge_lets_go(plan: Planner) -> None:
    made = plan(
        program(
            "stage x",
            "stage a after x when no",
            "stage plain after a",
            "stage failing after failed(a)",
            "stage further after plain",
            "stage optional after a?",
            "stage ending after done(a)",
            "stage ending-two after done(a, x)",
            "stage either after any(a, x)",
            "stage neither after any(a, plain)",
        )
    )
    assert [one.name for one in made.skipped] == ["a", "plain", "failing", "further", "neither"]
    assert edges_of(made, "optional") == ["a:x"]
    assert edges_of(made, "ending") == []
    assert edges_of(made, "ending-two") == ["done:x"]
    assert edges_of(made, "either") == ["any:x>=1"]


def test_order_is_kept_through_any_number_of_skipped_stages(plan: Planner) -> None:
    made = plan(
        program(
            "stage x",
            "stage y",
            "stage a after x, failed(y) when no",
            "stage b after a, a? when no",
            "stage c after b?",
        )
    )
    assert edges_of(made, "c") == ["a:x", "done:y"]


def test_a_false_guard_removes_its_edge(plan: Planner) -> None:
    made = plan(program("stage a", "stage b", "stage c after a if no, b if not no"))
    assert edges_of(made, "c") == ["a:b"]


def test_the_same_edge_is_there_once(plan: Planner) -> None:
    made = plan(program("let use = no", "stage a", "stage b after a, a"))
    assert edges_of(made, "b") == ["a:a"]


def test_objects_may_be_used_before_they_are_declared(plan: Planner) -> None:
    made = plan(
        program("let use = no", "stage b after a", "barrier r after b { expected = 1 }", "stage a")
    )
    assert edges_of(made, "b") == ["a:a"]
    assert edges_of(made, "r") == ["a:b"]


def test_a_long_chain_is_no_matter_of_recursion(plan: Planner) -> None:
    lines = ["stage s0 when no", *(f"stage s{n} after s{n - 1}" for n in range(1, 2000))]
    assert len(plan(program(*lines)).skipped) == 2000


@pytest.mark.parametrize(
    ("edge", "code"),
    [
        ("nothing", "K0301"),
        ("done(nothing)", "K0301"),
        ("done(1)", "K0301"),
        ("atleast(1)", "K0201"),
        ("atleast(1h, a)", "K0201"),
        ("atleast(0, a)", "K0403"),
        ("atleast(nope, a)", "K0301"),
        ("sometimes(a)", "K0311"),
        ("a if 5", "K0201"),
        ("no", "K0301"),
    ],
)
def test_a_wrong_edge_is_one_error(edge: str, code: str) -> None:
    text = program("let use = no", "stage a", f"stage b after {edge}")
    assert [one.code for one in compile_source(text).diagnostics] == [code]


def test_kinds_are_spelled_as_in_the_language() -> None:
    assert [str(kind) for kind in EdgeKind] == [
        "a",
        "a?",
        "done",
        "failed",
        "any",
        "atleast",
        "each",
    ]
