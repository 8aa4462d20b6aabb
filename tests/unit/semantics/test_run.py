from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from konductor.api.barrier import (
    Barrier,
    BarrierSpec,
    BarrierStatus,
    Condition,
    Phase,
    Reason,
    Require,
    Term,
)
from konductor.api.meta import Metadata
from konductor.api.names import Annotation, Label, Role
from konductor.api.run import FailedStage, OnFailure, Run, RunPhase, RunSpec
from konductor.semantics.decision import EmitEvent
from konductor.semantics.observation import FreshRead, Gate, GateState
from konductor.semantics.rehearsal import BEGINNING
from konductor.semantics.run import decide_run
from konductor.semantics.run_observation import ObservedRun, RunDecision, RunResult

MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)


@dataclass
class Play:
    """A run and its barriers, and an operator that obeys each decision."""

    run: Run
    barriers: dict[str, Barrier] = field(default_factory=dict)
    published: list[RunResult] = field(default_factory=list)
    events: list[str] = field(default_factory=list)
    gates: dict[str, Gate] = field(default_factory=dict)

    def add(self, stage: str, *after: Term, role: Role = Role.STAGE, **notes: str) -> None:
        labels: dict[str, str] = {Label.RUN: "r", Label.STAGE: stage, Label.ROLE: role}
        names = {"on": Annotation.ON, "on_fail": Annotation.ON_FAIL}
        metadata = Metadata(
            f"r-{stage}",
            created=BEGINNING,
            labels=labels,
            annotations={names[key]: value for key, value in notes.items()},
        )
        self.barriers[stage] = Barrier(metadata, BarrierSpec(1, after=after))

    def start(self, stage: str, seconds: int = 0) -> None:
        self._change(stage, started_at=BEGINNING + seconds * SECOND)

    def end(self, stage: str, reason: Reason, seconds: int = 0, root: str = "") -> None:
        phases = {Reason.ALL_ARRIVED: Phase.OPEN, Reason.TIMED_OUT: Phase.TIMEOUT}
        self._change(
            stage,
            phase=phases.get(reason, Phase.FAILED),
            closed_at=BEGINNING + seconds * SECOND,
            root_cause=root,
            conditions=(Condition("Open", "False", reason, f"{stage} says why"),),
        )

    def _change(self, stage: str, **changes: object) -> None:
        one = self.barriers[stage]
        status = replace(one.status, **changes)  # type: ignore[arg-type]  # fields of a status
        self.barriers[stage] = replace(one, status=status)

    def spec(self, **changes: object) -> None:
        spec = replace(self.run.spec, **changes)  # type: ignore[arg-type]  # fields of a spec
        self.run = replace(self.run, spec=spec)

    def observe(self) -> ObservedRun:
        return ObservedRun(self.run, tuple(self.barriers.values()), published=bool(self.published))

    def step(self, seconds: float = 0) -> RunDecision:
        decision = decide_run(self.observe(), BEGINNING + seconds * SECOND)
        self.run = replace(self.run, status=decision.status)
        self.gates = {name.removeprefix("r-"): gate for name, gate in decision.gates.items()}
        self.events += [one.reason for one in decision.effects if isinstance(one, EmitEvent)]
        if decision.publish:
            self.published.append(decision.publish)
        return decision

    def states(self) -> dict[str, GateState]:
        return {stage: gate.state for stage, gate in self.gates.items()}

    def reason(self) -> str:
        return next(one.reason for one in self.run.status.conditions if one.type == "Succeeded")

    def message(self) -> str:
        return next(one.message for one in self.run.status.conditions if one.type == "Succeeded")


def after(*stages: str, **more: object) -> Term:
    return Term(tuple(f"r-{stage}" for stage in stages), **more)  # type: ignore[arg-type]  # a term's


@pytest.fixture
def play() -> Play:
    """A run of three stages in a row and a finally stage, ready."""
    metadata = Metadata("r", generation=1, created=BEGINNING)
    one = Play(Run(metadata, RunSpec("etl", stages=3, ready=True)))
    one.add("extract")
    one.add("transform", after("extract"))
    one.add("load", after("transform"))
    one.add("report", role=Role.FINALLY)
    return one


def test_nothing_starts_before_the_run_is_ready(play: Play) -> None:
    play.spec(ready=False)
    decision = play.step(5)
    assert play.run.status.phase is RunPhase.PENDING
    assert set(play.states().values()) == {GateState.HOLD}
    assert decision.wake_at == BEGINNING + 10 * MINUTE
    assert play.events == []


def test_a_run_that_stays_unready_is_incomplete(play: Play) -> None:
    play.spec(ready=False)
    observed = replace(play.observe(), last_created=BEGINNING + MINUTE)
    assert not decide_run(observed, BEGINNING + 10 * MINUTE).status.phase.is_terminal
    play.step(600)
    assert play.run.status.phase is RunPhase.FAILED
    assert play.reason() == "Incomplete"
    assert set(play.states().values()) == {GateState.END}
    assert play.events == ["Failed"]


def test_a_run_may_be_cancelled_before_it_is_ready(play: Play) -> None:
    play.spec(ready=False, cancel=True)
    play.step()
    assert play.run.status.phase is RunPhase.CANCELLED
    assert play.run.status.finished_at == BEGINNING


def test_a_run_without_objects_or_times_waits(play: Play) -> None:
    play.run = Run(Metadata("r"), RunSpec("etl"))
    play.barriers.clear()
    assert play.step(5).wake_at == BEGINNING + 5 * SECOND + 10 * MINUTE


def test_a_green_run_shows_its_course(play: Play) -> None:
    play.step(1.5)
    status = play.run.status
    assert (status.phase, status.progress, status.current) == (RunPhase.RUNNING, "0/3", ())
    assert status.started_at == BEGINNING + SECOND
    assert play.gates["extract"] == Gate()
    assert play.states()["report"] is GateState.HOLD
    play.start("extract", 2)
    play.step(2)
    assert play.run.status.current == ("extract",)
    play.end("extract", Reason.ALL_ARRIVED)
    play.start("transform")
    play.step(3)
    assert (play.run.status.progress, play.run.status.current) == ("1/3", ("transform",))
    for stage in ("transform", "load"):
        play.end(stage, Reason.ALL_ARRIVED)
    play.step(4)
    assert play.published == [RunResult("Succeeded")]
    assert play.states()["report"] is GateState.HOLD
    play.step(4)
    assert play.states()["report"] is GateState.OPEN
    play.start("report")
    play.step(5)
    assert play.run.status.current == ("report",)
    assert play.run.status.phase is RunPhase.RUNNING
    play.end("report", Reason.ALL_ARRIVED)
    play.step(6)
    status = play.run.status
    assert (status.phase, status.progress, status.current) == (RunPhase.SUCCEEDED, "3/3", ())
    assert status.finished_at == BEGINNING + 6 * SECOND
    assert play.events == ["Started", "Succeeded"]
    assert play.message() == "its stages are done"


def test_a_run_without_finally_publishes_nothing(play: Play) -> None:
    del play.barriers["report"]
    for stage in ("extract", "transform", "load"):
        play.end(stage, Reason.ALL_ARRIVED)
    assert play.step().publish is None
    assert play.run.status.phase is RunPhase.SUCCEEDED


def test_a_failure_lets_nothing_new_start(play: Play) -> None:
    play.add("other")
    play.add("later", after("other"))
    play.spec(stages=5)
    play.start("other")
    play.end("extract", Reason.JOB_FAILED)
    play.step()
    assert play.states() == {
        "extract": GateState.REFUSE,
        "transform": GateState.HOLD,
        "load": GateState.HOLD,
        "other": GateState.REFUSE,
        "later": GateState.REFUSE,
        "report": GateState.HOLD,
    }
    assert play.gates["later"].root == "r-extract"
    assert play.gates["later"].message == (
        '`r-extract` ended as JobFailed, and on_failure = "drain" starts nothing new'
    )


def test_a_drain_leaves_to_the_cascade_what_it_will_end(play: Play) -> None:
    play.add("other")
    play.add("twice", after("load"), after("other", require=Require.DONE))
    play.spec(stages=5)
    play.end("extract", Reason.JOB_FAILED)
    play.step()
    assert play.states()["twice"] is GateState.HOLD


def test_abort_ends_what_runs_and_deletes_its_jobs(play: Play) -> None:
    play.spec(on_failure=OnFailure.ABORT)
    play.end("extract", Reason.JOB_FAILED)
    play.step()
    gate = play.gates["load"]
    assert (gate.state, gate.deletes_jobs, gate.root) == (GateState.END, True, "r-extract")
    assert play.states()["report"] is GateState.HOLD


def test_continue_runs_whatever_still_can(play: Play) -> None:
    play.spec(on_failure=OnFailure.CONTINUE)
    play.end("extract", Reason.JOB_FAILED)
    play.step()
    assert play.gates["load"] == Gate()


def test_a_failed_run_names_where_it_began(play: Play) -> None:
    play.end("extract", Reason.JOB_FAILED, 1)
    play.end("transform", Reason.UPSTREAM_FAILED, 2, root="r-extract")
    play.end("load", Reason.UPSTREAM_FAILED, 3, root="r-extract")
    play.step(4)
    assert play.published == [RunResult("Failed", "extract", "JobFailed")]
    play.end("report", Reason.ALL_ARRIVED)
    play.step(5)
    status = play.run.status
    assert (status.phase, status.progress) == (RunPhase.FAILED, "0/3")
    assert status.failed == (FailedStage("extract", "JobFailed", "extract says why"),)
    assert play.message() == "failed: extract"
    assert play.events == ["Started", "Failed"]


def test_a_run_whose_every_root_cause_timed_out_is_timeout(play: Play) -> None:
    play.end("extract", Reason.TIMED_OUT)
    play.end("transform", Reason.UPSTREAM_FAILED, root="r-extract")
    play.end("load", Reason.JOB_FAILED)
    play.end("report", Reason.ALL_ARRIVED)
    play.step()
    assert play.run.status.phase is RunPhase.FAILED
    play.run = replace(play.run, status=replace(play.run.status, phase=RunPhase.RUNNING))
    play.end("load", Reason.UPSTREAM_FAILED, root="r-extract")
    play.step()
    assert play.run.status.phase is RunPhase.TIMEOUT


def test_a_handled_failure_neither_drains_nor_fails(play: Play) -> None:
    play.add("rollback", after("extract", require=Require.FAILED))
    play.spec(stages=2)
    play.end("extract", Reason.JOB_FAILED)
    del play.barriers["transform"], play.barriers["load"], play.barriers["report"]
    play.step()
    assert play.gates["rollback"] == Gate()
    play.end("rollback", Reason.ALL_ARRIVED)
    play.step()
    assert play.run.status.phase is RunPhase.SUCCEEDED
    assert play.run.status.failed[0].stage == "extract"


def test_a_handler_starts_though_other_stages_fell_with_the_failure(play: Play) -> None:
    play.add("rollback", after("extract", require=Require.FAILED))
    play.spec(stages=4)
    play.end("extract", Reason.JOB_FAILED)
    play.end("transform", Reason.UPSTREAM_FAILED, root="r-extract")
    play.step()
    assert play.gates["rollback"] == Gate()
    play.end("load", Reason.UPSTREAM_FAILED, root="r-extract")
    play.end("rollback", Reason.ALL_ARRIVED)
    play.step()
    assert play.published == [RunResult("Failed", "extract", "JobFailed")]


@pytest.mark.parametrize("stage", ["extract", "report"])
def test_a_condoned_failure_keeps_the_run_green(play: Play, stage: str) -> None:
    one = play.barriers[stage]
    metadata = one.metadata._replace(annotations={Annotation.ON_FAIL: "continue"})
    play.barriers[stage] = replace(one, metadata=metadata)
    for other in play.barriers:
        play.end(other, Reason.ALL_ARRIVED)
    play.end(stage, Reason.JOB_FAILED)
    if stage == "extract":
        play.end("transform", Reason.UPSTREAM_FAILED, root="r-extract")
    play.step()
    assert play.run.status.phase is RunPhase.SUCCEEDED


def test_a_skipped_stage_is_done(play: Play) -> None:
    for stage in ("extract", "report"):
        play.end(stage, Reason.ALL_ARRIVED)
    for stage in ("transform", "load"):
        play.end(stage, Reason.SKIPPED)
    play.step()
    assert play.run.status.phase is RunPhase.SUCCEEDED
    assert play.run.status.progress == "3/3"


def test_a_failing_finally_stage_turns_a_green_run_red(play: Play) -> None:
    for stage in ("extract", "transform", "load"):
        play.end(stage, Reason.ALL_ARRIVED)
    play.end("report", Reason.JOB_FAILED)
    play.step()
    assert play.run.status.phase is RunPhase.FAILED
    assert play.reason() == "FinallyFailed"
    assert play.message() == "failed: report"


def test_finally_is_filtered_by_how_the_run_ended(play: Play) -> None:
    play.add("page", role=Role.FINALLY, on="failure, timeout")
    play.add("cheer", role=Role.FINALLY, on="success")
    for stage in ("extract", "transform", "load"):
        play.end(stage, Reason.ALL_ARRIVED)
    play.step()
    play.step()
    assert play.gates["cheer"] == Gate()
    assert play.gates["report"] == Gate()
    gate = play.gates["page"]
    assert (gate.state, gate.reason) == (GateState.REFUSE, Reason.SKIPPED)
    assert gate.message == "the run ended in success, and this runs on failure, timeout"


def test_cancel_ends_all_but_finally(play: Play) -> None:
    play.start("extract")
    play.spec(cancel=True)
    play.step(1)
    assert play.states()["extract"] is GateState.END
    assert play.gates["extract"].message == "the run was cancelled"
    assert play.states()["report"] is GateState.HOLD
    for stage in ("extract", "transform", "load"):
        play.end(stage, Reason.ABORTED, root="r")
    play.step(2)
    assert play.published == [RunResult("Cancelled", "extract", "Cancelled")]
    play.end("report", Reason.ALL_ARRIVED)
    play.step(3)
    assert play.run.status.phase is RunPhase.CANCELLED
    assert play.run.status.failed == ()
    assert play.message() == "the run was cancelled"


def test_cancel_during_finally_changes_nothing(play: Play) -> None:
    for stage in ("extract", "transform", "load"):
        play.end(stage, Reason.ALL_ARRIVED)
    play.step()
    play.spec(cancel=True)
    play.step()
    assert play.gates["report"] == Gate()
    play.end("report", Reason.ALL_ARRIVED)
    play.step()
    assert play.run.status.phase is RunPhase.SUCCEEDED


def test_a_run_out_of_time_stops(play: Play) -> None:
    play.spec(timeout=MINUTE)
    assert play.step().wake_at == BEGINNING + MINUTE
    play.start("extract")
    assert play.step(60).wake_at is None
    assert play.gates["extract"].message == "the run's timeout has passed"
    for stage in ("extract", "transform", "load"):
        play.end(stage, Reason.ABORTED, root="r")
    play.step(61)
    play.end("report", Reason.ALL_ARRIVED)
    play.step(62)
    assert play.published == [RunResult("Timeout", "extract", "TimedOut")]
    assert play.run.status.phase is RunPhase.TIMEOUT


def test_a_stop_that_was_never_written_is_known_by_its_barriers(play: Play) -> None:
    play.step()
    play.spec(cancel=True)
    for stage in ("extract", "transform", "load"):
        play.end(stage, Reason.ABORTED, root="r")
    play.step()
    assert play.published == [RunResult("Cancelled", "", "Cancelled")]
    play.spec(cancel=False)
    play.published.clear()
    play.run = replace(play.run, status=replace(play.run.status, conditions=()))
    play.step()
    assert play.published == [RunResult("Timeout", "", "TimedOut")]


def test_cancel_beats_timeout_and_timeout_beats_failure(play: Play) -> None:
    play.spec(timeout=MINUTE)
    play.step()
    play.end("extract", Reason.JOB_FAILED)
    play.step(60)
    assert play.reason() == "TimedOut"
    play.spec(cancel=True)
    play.step(61)
    assert play.reason() == "Cancelled"
    for stage in ("transform", "load"):
        play.end(stage, Reason.ABORTED, root="r")
    play.step(62)
    assert play.published == [RunResult("Cancelled", "extract", "JobFailed")]


def test_a_run_whose_barriers_are_gone_is_lost(play: Play) -> None:
    play.step()
    del play.barriers["load"]
    decision = play.step(1)
    assert decision.needs_read
    assert not play.run.status.phase.is_terminal
    observed = replace(play.observe(), read=FreshRead(BEGINNING))
    decision = decide_run(observed, BEGINNING + SECOND)
    assert decision.status.phase is RunPhase.FAILED
    assert decision.status.conditions[1].reason == "Lost"


def test_a_finished_run_is_deleted_after_its_ttl(play: Play) -> None:
    play.spec(ttl=MINUTE, cancel=True, ready=False)
    play.step()
    ended = play.run.status
    decision = play.step(30)
    assert not decision.delete
    assert decision.wake_at == BEGINNING + MINUTE
    assert play.step(60).delete
    assert play.run.status == ended
    assert play.gates["load"].state is GateState.END


def test_a_finished_run_without_ttl_stays(play: Play) -> None:
    play.spec(cancel=True, ready=False)
    play.step()
    decision = play.step(10**6)
    assert not decision.delete
    assert decision.wake_at is None


def test_nothing_is_decided_before_everything_is_listed(play: Play) -> None:
    decision = decide_run(replace(play.observe(), listed=False), BEGINNING)
    assert decision.status == play.run.status
    assert {gate.state for gate in decision.gates.values()} == {GateState.HOLD}


def test_cells_of_a_stage_count_as_one_stage(play: Play) -> None:
    cell = play.barriers["extract"]
    twin = replace(cell, metadata=cell.metadata._replace(name="r-extract-1"))
    play.end("extract", Reason.ALL_ARRIVED)
    play.barriers["twin"] = twin
    play.step()
    assert play.run.status.progress == "0/3"


def test_a_barrier_that_is_no_stage_does_not_count(play: Play) -> None:
    play.add("go-live", role=Role.BARRIER)
    play.start("go-live")
    play.step()
    assert (play.run.status.progress, play.run.status.current) == ("0/3", ())


def test_a_barrier_without_labels_goes_by_its_name(play: Play) -> None:
    play.barriers["bare"] = Barrier(
        Metadata("bare"), BarrierSpec(1), BarrierStatus(phase=Phase.FAILED)
    )
    play.step()
    assert play.run.status.failed == (FailedStage("bare", "None"),)


def test_deciding_again_changes_nothing(play: Play) -> None:
    for stage in ("extract", "transform", "load", "report"):
        play.step(1)
        again = play.step(1)
        assert again.effects == ()
        assert again.publish is None or not play.published
        play.end(stage, Reason.ALL_ARRIVED)
