"""The fold of events into what the runner knows."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from konductor.api.barrier import Barrier, Phase, Reason
from konductor.api.meta import Json
from konductor.api.run import Run, RunPhase
from konductor.dsl.plan import Cell, EdgeKind, Plan, RawBarrier
from konductor.runner.event import (
    BarrierSeen,
    Cancelling,
    LogRead,
    PodGone,
    RunGone,
    RunSeen,
    read_pod,
)
from konductor.runner.state import RunState, begin, fold, in_order, spelled
from tests.unit.runner.conftest import edge, stage

Make = Callable[..., Json]
FAILED = {"terminated": {"exitCode": 1}}


def seen(barrier: Json) -> BarrierSeen:
    return BarrierSeen(Barrier.parse(barrier))


def test_graph_is_known_before_anything_is_heard(state: RunState) -> None:
    assert list(state.stages) == ["tokenize", "merge", "ready", "publish", "report"]
    assert state.stages["merge"].after == "tokenize"
    assert not state.is_settled


def test_nodes_of_a_cycle_come_last() -> None:
    first = stage("a", edge(EdgeKind.OPENED, "a", "b"))
    second = stage("b", edge(EdgeKind.OPENED, "b", "a"))
    assert [one.name for one in in_order((first, second, stage("c")))] == ["c", "a", "b"]


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (EdgeKind.OPENED, "a"),
        (EdgeKind.OPTIONAL, "a?"),
        (EdgeKind.DONE, "done(a)"),
        (EdgeKind.FAILED, "failed(a)"),
        (EdgeKind.ANY, "any(a)"),
        (EdgeKind.EACH, "each(a)"),
        (EdgeKind.AT_LEAST, "atleast(2, a)"),
    ],
)
def test_edges_are_spelled_as_in_the_program(kind: EdgeKind, text: str) -> None:
    assert spelled((edge(kind, "z", "a", at_least=2),)) == text


def test_barrier_fills_its_row(state: RunState, barrier: Make) -> None:
    after = fold(state, seen(barrier("tokenize", expected=20, quorum=18, arrived=7, failed=1)))
    row = after.stages["tokenize"]
    assert (row.arrived, row.failed, row.phase) == (7, 1, Phase.WAITING)


def test_barrier_that_says_nothing_new_changes_nothing(state: RunState, barrier: Make) -> None:
    event = seen(barrier("tokenize", expected=20, quorum=18))
    once = fold(state, event)
    assert fold(once, event) is once


def test_barrier_of_no_stage_is_passed_over(state: RunState, barrier: Make) -> None:
    assert fold(state, seen(barrier("stranger"))) is state


def test_barrier_of_others_is_known_by_its_object(plan: Plan, barrier: Make) -> None:
    others = RawBarrier("consensus", 3, 3, object_name="theirs", external=True)
    state = begin(replace(plan, barriers=(others,)), "count-7k2qf")
    document = barrier("publish", expected=3, phase="Open", arrived=3)
    document["metadata"]["name"] = "theirs"
    state = fold(state, seen(document))
    assert state.stages["consensus"].phase is Phase.OPEN
    assert state.stages["publish"].phase is Phase.WAITING


def test_skipped_stage_has_not_failed(state: RunState, barrier: Make) -> None:
    conditions = [{"type": "Open", "status": "False", "reason": "Skipped", "message": "why"}]
    after = fold(state, seen(barrier("publish", phase="Failed", conditions=conditions)))
    row = after.stages["publish"]
    assert (row.is_skipped, row.has_failed, row.reason) == (True, False, Reason.SKIPPED)


def test_running_pods_are_counted(state: RunState, pod: Make) -> None:
    for name, index in (("p0", 0), ("p1", 1)):
        state = fold(state, read_pod(pod(name, "merge", index, "Running")))
    assert state.stages["merge"].running == 2
    state = fold(state, read_pod(pod("p0", "merge", 0, "Succeeded")))
    state = fold(state, PodGone("p1"))
    assert state.stages["merge"].running == 0
    assert fold(state, PodGone("p1")) is state


def test_pod_that_says_nothing_new_changes_nothing(state: RunState, pod: Make) -> None:
    event = read_pod(pod("p0", "merge", 0, "Running"))
    once = fold(state, event)
    assert fold(once, event) is once


def test_failure_wants_its_log(state: RunState, pod: Make) -> None:
    state = fold(state, read_pod(pod("p0", "merge", 2, "Failed", FAILED)))
    failure = state.stages["merge"].failures[0]
    assert (failure.participant, failure.reason, failure.attempts) == ("merge-2", "exit code 1", 1)
    assert state.stages["merge"].unread == (("p0", "main"),)
    state = fold(state, LogRead("p0", ("boom",)))
    assert state.stages["merge"].failures[0].lines == ("boom",)
    assert state.stages["merge"].unread == ()


def test_second_attempt_replaces_the_first(state: RunState, pod: Make) -> None:
    for name in ("p0", "p1"):
        state = fold(state, read_pod(pod(name, "merge", 2, "Failed", FAILED)))
    assert [(one.pod, one.attempts) for one in state.stages["merge"].failures] == [("p1", 2)]


def test_failure_that_is_seen_again_is_one_failure(state: RunState, pod: Make) -> None:
    state = fold(state, read_pod(pod("p0", "merge", 2, "Failed", FAILED)))
    changed = pod("p0", "merge", 2, "Failed", {"terminated": {"exitCode": 2}})
    assert fold(state, read_pod(changed)).stages["merge"].failures[0].attempts == 1


def test_failure_of_a_cell_says_which_values_it_has(plan: Plan, pod: Make) -> None:
    axes = (("suite", "load"), ("os", "mac"))
    cells = (
        Cell(1, "a:1", axes=(("suite", "smoke"), ("os", "mac"))),
        Cell(2, "a:1", None, 1, axes),
    )
    tests = replace(stage("tests", expected=3), cells=cells)
    state = begin(replace(plan, stages=(tests,), barriers=()), "count-7k2qf")
    document = pod("count-7k2qf-tests-1-0-x", "tests", 0, "Failed", FAILED)
    document["metadata"]["labels"]["batch.kubernetes.io/job-name"] = "count-7k2qf-tests-1"
    (failure,) = fold(state, read_pod(document)).stages["tests"].failures
    assert failure.participant == "tests-1-0"
    assert failure.who == "tests-1-0 (suite = load, os = mac)"


def test_success_forgives_an_earlier_failure(state: RunState, pod: Make) -> None:
    state = fold(state, read_pod(pod("p0", "merge", 2, "Failed", FAILED)))
    state = fold(state, read_pod(pod("p1", "merge", 2, "Succeeded")))
    assert state.stages["merge"].failures == ()


def test_failures_remembered_are_bounded(state: RunState, pod: Make) -> None:
    for index in range(30):
        state = fold(state, read_pod(pod(f"p{index}", "tokenize", index, "Failed", FAILED)))
    assert len(state.stages["tokenize"].failures) == 20


def test_last_stage_speaks(state: RunState, pod: Make) -> None:
    state = fold(state, read_pod(pod("p9", "publish", 0, "Succeeded")))
    assert state.stages["publish"].unread == (("p9", "main"),)
    state = fold(state, LogRead("p9", ("42 words",)))
    assert state.stages["publish"].said == ("42 words",)


def test_stage_that_others_wait_for_is_silent(state: RunState, pod: Make) -> None:
    after = fold(state, read_pod(pod("p9", "tokenize", 0, "Succeeded")))
    assert after.stages["tokenize"].speaker == ""


def test_pods_and_logs_of_strangers_are_passed_over(state: RunState, pod: Make) -> None:
    for phase in ("Failed", "Succeeded", "Running"):
        after = fold(state, read_pod(pod("px", "stranger", 0, phase)))
        assert after.stages == state.stages
    assert fold(state, LogRead("px", ())) is state


def test_run_tells_its_phase_and_why(state: RunState) -> None:
    conditions = [{"type": "Succeeded", "status": "False", "reason": "Failed", "message": "no"}]
    document = {
        "metadata": {"name": "count-7k2qf"},
        "spec": {"pipeline": "count", "cancel": True},
        "status": {"phase": "Failed", "conditions": conditions},
    }
    after = fold(state, RunSeen(Run.parse(document)))
    assert (after.phase, after.message, after.cancelling) == (RunPhase.FAILED, "no", True)
    assert not after.is_settled


def test_run_is_settled_once_all_has_been_said(plan: Plan, barrier: Make, pod: Make) -> None:
    state = begin(plan, "count-7k2qf")
    document = {"metadata": {}, "spec": {"pipeline": "x"}, "status": {"phase": "Succeeded"}}
    state = fold(state, RunSeen(Run.parse(document)))
    for name in state.stages:
        state = fold(state, seen(barrier(name, phase="Open")))
    assert not state.is_settled  # its last stages have not said anything yet
    for name in ("publish", "report"):
        state = fold(state, read_pod(pod(name, name, 0, "Succeeded")))
        assert not state.is_settled
        state = fold(state, LogRead(name, ()))
    assert state.is_settled
    state = fold(state, read_pod(pod("p0", "merge", 2, "Failed", FAILED)))
    assert not state.is_settled
    assert fold(state, LogRead("p0", ())).is_settled


def test_failure_that_the_barrier_counts_is_waited_for(state: RunState, barrier: Make) -> None:
    after = fold(state, seen(barrier("merge", expected=4, phase="Failed", failed=1)))
    assert not after.stages["merge"].is_told


def test_deleted_run_is_settled(state: RunState) -> None:
    assert fold(state, RunGone()).is_settled


def test_cancelling_is_known_before_the_cluster_says_so(state: RunState) -> None:
    assert fold(state, Cancelling()).cancelling


def test_log_of_another_pod_leaves_a_failure_as_it_is(state: RunState, pod: Make) -> None:
    for name, index in (("p0", 0), ("p1", 1)):
        state = fold(state, read_pod(pod(name, "merge", index, "Failed", FAILED)))
    state = fold(state, LogRead("p1", ("boom",)))
    assert [one.lines for one in state.stages["merge"].failures] == [None, ("boom",)]


def test_pod_that_somebody_ended_is_no_failure(state: RunState, pod: Make) -> None:
    document = pod("p1", "merge", 2, "Failed", {"terminated": {"exitCode": 137}})
    document["metadata"]["deletionTimestamp"] = "2026-11-23T08:00:01Z"
    assert fold(state, read_pod(document)).stages["merge"].failures == ()
