"""What keeps pods from starting is told, in the words of the cluster, until they run."""

import re
from collections.abc import Callable
from typing import Any, TypeAlias

import pytest
from rich.console import Console

from konductor.api.barrier import Barrier
from konductor.api.meta import Json
from konductor.runner.event import (
    BarrierSeen,
    JobRefused,
    PodGone,
    PodSeen,
    TaskPhase,
    read_pod,
    read_refusal,
)
from konductor.runner.state import RunState, fold
from konductor.runner.view.frame import frame
from konductor.runner.view.plain import news
from konductor.runner.view.summary import summary

from .conftest import START

Make: TypeAlias = Callable[..., Json]
PULL = "ErrImagePull: no such host"


def started(state: RunState, barrier: Make, **status: Any) -> RunState:
    seen = barrier("merge", expected=4, startedAt="2026-11-23T08:00:00Z", **status)
    return fold(state, BarrierSeen(Barrier.parse(seen)))


def stuck(index: int, reason: str = PULL) -> PodSeen:
    return PodSeen(f"m{index}", "merge", f"merge-{index}", TaskPhase.PENDING, reason)


def drawn(state: RunState, width: int = 100) -> str:
    console = Console(width=width, record=True, file=None, quiet=True)
    with console.capture() as shown:
        console.quiet = False
        console.print(frame(state, START, height=40, width=width))
    return shown.get()


def test_pod_that_no_node_has_room_for_says_so(pod: Make) -> None:
    document = pod("a", "merge", 0, "Pending")
    condition = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable"}
    document["status"]["conditions"] = [
        {"type": "Ready", "status": "False"},
        condition | {"message": "0/1 nodes are available: 1 Insufficient cpu."},
    ]
    seen = read_pod(document)
    assert seen.reason == "Unschedulable: 0/1 nodes are available: 1 Insufficient cpu."
    assert seen.is_stuck


def test_pod_whose_image_cannot_be_pulled_says_so(pod: Make) -> None:
    waiting = {"waiting": {"reason": "ErrImagePull", "message": "no such host"}}
    assert read_pod(pod("a", "merge", 0, "Pending", waiting)).is_stuck
    creating = {"waiting": {"reason": "ContainerCreating"}}
    assert not read_pod(pod("a", "merge", 0, "Pending", creating)).is_stuck


def test_refusal_of_another_run_is_none() -> None:
    about = {"kind": "Job", "name": "count-7k2qf-merge"}
    event = {"involvedObject": about, "message": "exceeded quota"}
    assert read_refusal(event, "count-7k2qf") == JobRefused("merge", "exceeded quota")
    assert read_refusal(event, "other") is None
    assert read_refusal({"involvedObject": about | {"kind": "Pod"}}, "count-7k2qf") is None


def test_refusals_of_pods_that_differ_in_their_chance_names_are_one() -> None:
    about = {"kind": "Job", "name": "count-7k2qf-merge"}
    for name in ("count-7k2qf-merge-0-x7k2p", "count-7k2qf-merge-0-9mz4c"):
        message = f'Error creating: pods "{name}" is forbidden: exceeded quota: tiny, used: pods=2'
        told = read_refusal({"involvedObject": about, "message": message}, "count-7k2qf")
        assert told == JobRefused("merge", "exceeded quota: tiny, used: pods=2")
        message = f'Error creating: Pod "{name}" is invalid: spec.priority: Forbidden'
        told = read_refusal({"involvedObject": about, "message": message}, "count-7k2qf")
        assert told == JobRefused("merge", "spec.priority: Forbidden")


def test_stage_shows_how_many_pods_cannot_start_and_why(state: RunState, barrier: Make) -> None:
    state = started(state, barrier)
    for index in range(3):
        state = fold(state, stuck(index))
    assert re.search(r"! merge .* 0/4  3 stuck", drawn(state))
    assert f"! merge: {PULL}" in drawn(state)
    state = fold(fold(state, PodGone("m0")), stuck(1, "ErrImagePull: denied"))
    assert state.stages["merge"].stuck == 2
    assert "! merge: ErrImagePull: denied" in drawn(state)


def test_long_reason_takes_three_lines_at_most(state: RunState, barrier: Make) -> None:
    state = fold(started(state, barrier), stuck(0, "Unschedulable: " + "no room here; " * 40))
    lines = [line for line in drawn(state, 60).splitlines() if "no room" in line]
    assert len(lines) == 3
    assert lines[-1].rstrip().endswith("…")


def test_pod_that_runs_ends_the_matter(state: RunState, barrier: Make) -> None:
    state = fold(started(state, barrier), stuck(0))
    running = PodSeen("m0", "merge", "merge-0", TaskPhase.RUNNING)
    after = fold(state, running)
    assert (after.stages["merge"].stuck, after.stages["merge"].obstacle) == (0, "")
    assert PULL not in drawn(after)


def test_job_without_pods_says_why(state: RunState, barrier: Make) -> None:
    refused = JobRefused("merge", "exceeded quota: tiny")
    after = fold(started(state, barrier), refused)
    assert "no pods" in drawn(after)
    assert "! merge: exceeded quota: tiny" in drawn(after)
    running = PodSeen("m0", "merge", "merge-0", TaskPhase.RUNNING)
    assert fold(fold(state, running), refused).stages["merge"].obstacle == ""
    assert fold(state, JobRefused("nothing", "")) is state


def test_plain_lines_tell_it_once(state: RunState, barrier: Make) -> None:
    before = started(state, barrier)
    after = fold(before, stuck(0))
    assert news(before, after, START) == [f"merge: cannot start: {PULL}"]
    assert news(after, fold(after, stuck(1)), START) == []


def test_summary_of_a_stage_that_timed_out_tells_it(state: RunState, barrier: Make) -> None:
    state = fold(started(state, barrier), stuck(0))
    ended = started(state, barrier, phase="Timeout", closedAt="2026-11-23T08:05:00Z")
    console = Console(width=100, record=True, quiet=True)
    with console.capture() as shown:
        console.quiet = False
        console.print(summary(ended, START, logs=""))
    assert f"its pods could not start: {PULL}" in shown.get()


@pytest.mark.parametrize("phase", ["Open", "Failed"])
def test_what_is_over_is_held_up_by_nothing(state: RunState, barrier: Make, phase: str) -> None:
    state = fold(started(state, barrier), stuck(0))
    assert not started(state, barrier, phase=phase).stages["merge"].is_held_up
