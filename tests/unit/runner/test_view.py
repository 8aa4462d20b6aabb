"""What a person sees, from values alone."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from types import MappingProxyType

import pytest
from rich.console import Console, RenderableType

from konductor.api.barrier import Barrier, Phase, Reason
from konductor.api.meta import Json
from konductor.api.run import RunPhase
from konductor.runner.event import BarrierSeen, Cancelling, LogRead, read_pod
from konductor.runner.state import Failure, RunState, StageState, fold
from konductor.runner.view.frame import frame, headline, select
from konductor.runner.view.gauge import gauge
from konductor.runner.view.plain import news
from konductor.runner.view.row import describe
from konductor.runner.view.span import elapsed, since
from konductor.runner.view.summary import summary
from tests.unit.runner.conftest import START

NOW = START + timedelta(seconds=42)
SECONDS = "2026-11-23T08:00:{:02}Z"
Make = Callable[..., Json]


def text(drawn: RenderableType, width: int = 110) -> str:
    console = Console(width=width, color_system=None)
    with console.capture() as capture:
        console.print(drawn)
    return capture.get()


def hear(state: RunState, document: Json) -> RunState:
    return fold(state, BarrierSeen(Barrier.parse(document)))


@pytest.mark.parametrize(
    ("counts", "bar"),
    [
        ((20, 20, 0, 0), "─" * 20),
        ((20, 20, 20, 0), "━" * 20),
        ((20, 18, 11, 1), "━" * 11 + "─" * 7 + "┃" + "━"),
        ((1000, 1000, 1, 1), "━" + "─" * 18 + "━"),
        ((1000, 1000, 999, 0), "━" * 19 + "─"),
        ((3, 3, 5, 0), "━" * 20),
    ],
)
def test_gauge_shows_shares(counts: tuple[int, int, int, int], bar: str) -> None:
    expected, quorum, arrived, failed = counts
    drawn = gauge(expected=expected, quorum=quorum, arrived=arrived, failed=failed)
    assert drawn.plain == bar


def test_gauge_mark_turns_green_at_the_quorum() -> None:
    styles = [
        next(str(one.style) for one in drawn.spans if drawn.plain[one.start] == "┃")
        for drawn in (
            gauge(expected=20, quorum=10, arrived=9, failed=0),
            gauge(expected=20, quorum=10, arrived=10, failed=0),
        )
    ]
    assert styles == ["bold yellow", "bold green"]


def test_spans_are_as_precise_as_they_deserve() -> None:
    assert [elapsed(timedelta(seconds=one)) for one in (-1, 0.26, 61, 3700)] == [
        "0.0s",
        "0.2s",
        "1m01s",
        "1h01m",
    ]
    assert since(None, None, NOW) == ""
    assert since(START, None, NOW) == "42.0s"
    assert since(START, START + timedelta(seconds=7), NOW) == "7s"
    assert since(START, START + timedelta(seconds=67), NOW) == "1m07s"


STAGE = StageState("merge", "reduce", 4, 4, "tokenize")
RUNNING = replace(STAGE, started_at=START)


@pytest.mark.parametrize(
    ("stage", "words"),
    [
        (STAGE, "waiting"),
        (RUNNING, "started"),
        (replace(RUNNING, running=2, failed=1), "2 running, 1 failed"),
        (replace(RUNNING, deadline=NOW + timedelta(seconds=9)), "9.0s left"),
        (replace(RUNNING, phase=Phase.OPEN), "open"),
        (replace(RUNNING, phase=Phase.OPEN, failed=2), "open, 2 failed"),
        (replace(STAGE, phase=Phase.FAILED, reason=Reason.SKIPPED), "skipped"),
        (replace(STAGE, phase=Phase.FAILED, reason=Reason.ABORTED), "Aborted"),
        (replace(STAGE, phase=Phase.TIMEOUT), "Timeout"),
    ],
)
def test_state_is_told_in_a_few_words(stage: StageState, words: str) -> None:
    assert describe(stage, NOW) == words


def test_frame_shows_the_whole_graph(state: RunState, barrier: Make) -> None:
    state = hear(
        state,
        barrier(
            "tokenize", expected=20, quorum=18, arrived=11, failed=1, startedAt=SECONDS.format(0)
        ),
    )
    assert text(frame(state, NOW, height=40)) == (
        "count-7k2qf  Pending  0/5\n"
        "\n"
        "● tokenize  ━━━━━━━━━━━───────┃━  11/20  1 failed  42.0s  \n"
        "· merge     ────────────────────    0/4  waiting          after tokenize\n"
        "· ready     ────────────────────    0/2  waiting          after done(tokenize)\n"
        "· publish   ────────────────────    0/1  waiting          after merge\n"
        "· report    ────────────────────    0/1  waiting          finally\n"
    )


def test_frame_shows_the_last_lines_of_failing_tasks(state: RunState, pod: Make) -> None:
    state = fold(state, read_pod(pod("p0", "merge", 2, "Failed", {"terminated": {"exitCode": 1}})))
    state = fold(state, LogRead("p0", ("one", "two", "three", "four", "boom")))
    drawn = text(frame(state, NOW, height=40))
    assert "✘ merge-2 failed: exit code 1\n    two\n    three\n    four\n    boom\n" in drawn
    assert "    one\n" not in drawn


def test_frame_of_a_small_terminal_shows_what_matters(state: RunState) -> None:
    rows = {
        f"s{at:03}": replace(STAGE, name=f"s{at:03}", phase=Phase.OPEN, started_at=START)
        for at in range(100)
    }
    rows["s007"] = replace(rows["s007"], phase=Phase.FAILED, reason=Reason.JOB_FAILED)
    rows["s050"] = replace(RUNNING, name="s050")
    rows["s060"] = replace(STAGE, name="s060")
    drawn = text(frame(replace(state, stages=MappingProxyType(rows)), NOW, height=8))
    lines = drawn.splitlines()
    assert len(lines) == 7
    assert [line.split()[1] for line in lines[2:6]] == ["s000", "s007", "s050", "s060"]
    assert lines[6] == "  … and 96 done"


def test_narrow_terminal_cuts_lines_and_never_wraps(state: RunState) -> None:
    assert len(text(frame(state, NOW, height=40), width=40).splitlines()) == 7


def test_selection_shows_all_where_all_fits() -> None:
    assert select((STAGE,), 1) == ((STAGE,), ())


def test_headline_says_cancelling_until_the_run_is_over(state: RunState) -> None:
    state = fold(state, Cancelling())
    assert headline(state, NOW).plain == "count-7k2qf  Cancelling  0/5"
    over = replace(state, phase=RunPhase.CANCELLED, started_at=START)
    assert headline(over, NOW).plain == "count-7k2qf  Cancelled  0/5  42.0s"


def test_plain_lines_tell_each_change_once(state: RunState, barrier: Make) -> None:
    started = hear(state, barrier("tokenize", expected=20, quorum=18, startedAt=SECONDS.format(0)))
    opened = hear(
        started,
        barrier(
            "tokenize",
            expected=20,
            quorum=18,
            phase="Open",
            arrived=18,
            failed=2,
            startedAt=SECONDS.format(0),
            openedAt=SECONDS.format(7),
        ),
    )
    assert news(state, started, NOW) == ["tokenize: started, 0/20"]
    assert news(started, opened, NOW) == ["tokenize: open at 18/20, 2 failed after 7s"]
    assert news(opened, opened, NOW) == []
    assert news(state, fold(state, Cancelling()), NOW) == ["count-7k2qf: cancelling"]


def test_plain_lines_tell_how_a_stage_failed(state: RunState, barrier: Make) -> None:
    for reason, line in (
        ("Skipped", "merge: skipped. why"),
        ("UpstreamFailed", "merge: Failed/UpstreamFailed at 0/4. why"),
    ):
        condition = {"type": "Open", "status": "False", "reason": reason, "message": "why"}
        document = barrier("merge", expected=4, phase="Failed", conditions=[condition])
        assert news(state, hear(state, document), NOW) == [line]


def test_plain_lines_tell_a_failure_with_its_log(state: RunState, pod: Make) -> None:
    failed = fold(state, read_pod(pod("p0", "merge", 2, "Failed", {"terminated": {"exitCode": 1}})))
    told = fold(failed, LogRead("p0", ("boom",)))
    assert news(state, failed, NOW) == []
    assert news(failed, told, NOW) == ["merge: merge-2 failed: exit code 1", "    boom"]
    assert news(told, replace(told, cancelling=True), NOW) == ["count-7k2qf: cancelling"]


FAILURE = Failure("tokenize-6", "p6", "exit code 1", attempts=2, lines=("boom",))


def test_summary_names_who_failed_and_what_the_last_stage_said(state: RunState) -> None:
    rows = dict(state.stages)
    rows["tokenize"] = replace(
        rows["tokenize"], phase=Phase.OPEN, arrived=18, failed=2, failures=(FAILURE,)
    )
    rows["publish"] = replace(rows["publish"], phase=Phase.OPEN, said=("42 words",))
    over = replace(
        state,
        stages=MappingProxyType(rows),
        phase=RunPhase.SUCCEEDED,
        started_at=START,
        finished_at=NOW,
    )
    assert text(summary(over, NOW, logs="kubectl logs p6")) == (
        "publish | 42 words\n"
        "! tokenize opened at 18/20 without tokenize-6\n"
        "✘ tokenize-6 failed: exit code 1, attempt 2\n"
        "    boom\n"
        "logs: kubectl logs p6\n"
        "run count-7k2qf succeeded after 42s\n"
    )


def test_summary_of_a_failed_run_says_why(state: RunState) -> None:
    rows = dict(state.stages)
    rows["merge"] = replace(
        rows["merge"], phase=Phase.FAILED, reason=Reason.JOB_FAILED, message="merge-1 failed"
    )
    rows["tokenize"] = replace(rows["tokenize"], failures=(replace(FAILURE, reason=""),))
    over = replace(
        state, stages=MappingProxyType(rows), phase=RunPhase.FAILED, message="merge failed"
    )
    assert text(summary(over, NOW, logs="")) == (
        "✘ tokenize-6 failed: no reason given, attempt 2\n"
        "    boom\n"
        "✘ merge Failed/JobFailed: merge-1 failed\n"
        "run count-7k2qf failed: merge failed\n"
    )


def test_summary_of_a_deleted_run_says_so(state: RunState) -> None:
    gone = replace(state, gone=True)
    assert text(summary(gone, NOW, logs="")) == "run count-7k2qf was deleted\n"


def test_every_end_has_its_sign(state: RunState) -> None:
    phases = (Phase.OPEN, Phase.FAILED, Phase.TIMEOUT)
    rows = {str(one): replace(STAGE, name=str(one), phase=one) for one in phases}
    drawn = text(frame(replace(state, stages=MappingProxyType(rows)), NOW, height=40))
    assert [line[0] for line in drawn.splitlines()[2:]] == ["✔", "✘", "✘"]
