"""What the runner knows of a run: `fold` takes each event into it. Pure.

Everything that a person sees (live view, plain lines, summary) is made from these values alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType
from typing import assert_never

from konductor.api.barrier import Barrier, ConditionType, Phase, Reason
from konductor.api.names import Container, Label
from konductor.api.run import FailedStage, RunPhase
from konductor.dsl.order import generations
from konductor.dsl.plan import Edge, EdgeKind, Plan, RawBarrier, Stage
from konductor.runner.event import (
    BarrierSeen,
    Cancelling,
    Event,
    JobRefused,
    LogRead,
    PodGone,
    PodSeen,
    RunGone,
    RunSeen,
    TaskPhase,
)

_FAILURES_KEPT = 20
"""How many failures of one stage are remembered with their last lines."""


@dataclass(frozen=True, slots=True)
class Failure:
    """One participant that failed, by its latest attempt."""

    participant: str
    pod: str
    reason: str
    container: str = Container.MAIN
    attempts: int = 1
    lines: tuple[str, ...] | None = None
    """The last lines of its log; None: not read yet."""
    cell: str = ""
    """The values of the axes in its cell: ``suite = load, os = mac``; empty without a matrix."""

    @property
    def who(self) -> str:
        """Return the participant, and which cell of the matrix it is of."""
        return f"{self.participant} ({self.cell})" if self.cell else self.participant


@dataclass(frozen=True, slots=True)
class StageState:
    """One row of the view: a stage or a barrier of the program."""

    name: str
    kind: str
    """``stage``, ``map``, ``reduce``, ``finally`` or ``barrier``."""
    expected: int
    quorum: int
    after: str
    """Its edges as the program spells them."""
    phase: Phase = Phase.WAITING
    reason: Reason | None = None
    message: str = ""
    arrived: int = 0
    failed: int = 0
    late: int = 0
    running: int = 0
    stuck: int = 0
    """Pods that something keeps from starting."""
    obstacle: str = ""
    """What it was last, in the words of the cluster; empty once a pod has run."""
    started_at: datetime | None = None
    deadline: datetime | None = None
    ended_at: datetime | None = None
    failures: tuple[Failure, ...] = ()
    cells: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """With a matrix: by the stem of its participants' names, the values of the axes."""
    speaks: bool = False
    """It ends the cascade with one participant, so what that one says last is shown at the end."""
    speaker: str = ""
    """The pod of such a stage that succeeded."""
    said: tuple[str, ...] | None = None
    """The speaker's last lines; None: not read yet."""

    @property
    def unread(self) -> tuple[tuple[str, str], ...]:
        """Return the pods, each with its container, whose logs are wanted and not read yet."""
        failed = tuple((one.pod, one.container) for one in self.failures if one.lines is None)
        if self.speaker and self.said is None:
            return (*failed, (self.speaker, str(Container.MAIN)))
        return failed

    @property
    def is_told(self) -> bool:
        """Tell whether every log is read that will be shown; pods are seen after their barrier."""
        if self.unread or len(self.failures) < min(self.failed, _FAILURES_KEPT):
            return False
        silent = not self.speaks or self.kind == "barrier" or self.phase is not Phase.OPEN
        return silent or self.said is not None

    @property
    def is_held_up(self) -> bool:
        """Tell whether it has started, and something keeps its pods from running."""
        return bool(self.obstacle) and self.started_at is not None and not self.phase.is_terminal

    @property
    def is_skipped(self) -> bool:
        """Tell whether it was left out."""
        return self.reason is Reason.SKIPPED

    @property
    def has_failed(self) -> bool:
        """Tell whether it ended otherwise than it should."""
        return self.phase in (Phase.FAILED, Phase.TIMEOUT) and not self.is_skipped


@dataclass(frozen=True, slots=True)
class RunState:
    """Everything that is known of a run."""

    run: str
    pipeline: str
    stages: Mapping[str, StageState]
    """In the order in which they can run."""
    phase: RunPhase = RunPhase.PENDING
    message: str = ""
    started_at: datetime | None = None
    finished_at: datetime | None = None
    failed: tuple[FailedStage, ...] = ()
    tasks: Mapping[str, PodSeen] = field(default_factory=lambda: MappingProxyType({}))
    """Pods that have not succeeded, by name."""
    external: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Barriers of others, by the names of their objects: what the program calls them."""
    cancelling: bool = False
    gone: bool = False

    @property
    def is_settled(self) -> bool:
        """Tell whether the run and all its barriers are over, and every failure is explained."""
        return self.gone or (
            self.phase.is_terminal
            and all(one.phase.is_terminal for one in self.stages.values())
            and all(one.is_told for one in self.stages.values())
        )


def begin(plan: Plan, run: str) -> RunState:
    """Return the state of a run of which nothing has been heard: its whole graph, all waiting."""
    ordered = in_order((*plan.stages, *plan.barriers))
    waited_for = {name for edge in plan.edges for name in edge.upstream}
    rows = {one.name: _row(one, speaks=one.name not in waited_for) for one in ordered}
    external = {one.object_name: one.name for one in plan.barriers if one.external}
    return RunState(
        run=run,
        pipeline=plan.pipeline,
        stages=MappingProxyType(rows),
        external=MappingProxyType(external),
    )


def in_order(nodes: tuple[Stage | RawBarrier, ...]) -> tuple[Stage | RawBarrier, ...]:
    """Return the nodes so that each comes after those it waits for; else as in the program.

    A ``finally`` waits for all others. Nodes of a cycle, which a checked plan has not, come last.
    """
    finals = tuple(one for one in nodes if kind_of(one) == "finally")
    left = {one.name: one for one in nodes if kind_of(one) != "finally"}
    found = generations({name: waits_for(one) for name, one in left.items()})
    ordered = [left.pop(name) for names in found for name in names]
    return (*ordered, *left.values(), *finals)


def waits_for(one: Stage | RawBarrier) -> tuple[str, ...]:
    """Return the names of what a stage or barrier has an edge on."""
    return tuple(up for edge in one.edges for up in edge.upstream)


def spelled(edges: tuple[Edge, ...]) -> str:
    """Return edges as the program spells them: ``a, b?, done(c), atleast(2, d, e)``."""
    return ", ".join(spell(edge) for edge in edges)


def spell(edge: Edge) -> str:
    """Return one edge as the program spells it."""
    names = ", ".join(edge.upstream)
    match edge.kind:
        case EdgeKind.OPENED:
            return names
        case EdgeKind.OPTIONAL:
            return f"{names}?"
        case EdgeKind.AT_LEAST:
            return f"atleast({edge.at_least}, {names})"
        case EdgeKind.DONE | EdgeKind.FAILED | EdgeKind.ANY | EdgeKind.EACH:
            return f"{edge.kind}({names})"
        case _:
            assert_never(edge.kind)


def kind_of(one: Stage | RawBarrier) -> str:
    """Return the keyword that declared a stage or barrier."""
    return str(one.kind) if isinstance(one, Stage) else "barrier"


def _row(one: Stage | RawBarrier, *, speaks: bool) -> StageState:
    return StageState(
        name=one.name,
        kind=kind_of(one),
        expected=one.expected,
        quorum=one.quorum,
        after=spelled(one.edges),
        cells=_cells(one),
        speaks=speaks and one.expected == 1,
    )


def _cells(one: Stage | RawBarrier) -> Mapping[str, str]:
    if not isinstance(one, Stage) or not one.has_matrix:
        return MappingProxyType({})
    named = {
        one.stem(cell): ", ".join(f"{axis} = {value}" for axis, value in cell.axes)
        for cell in one.cells
    }
    return MappingProxyType(named)


def fold(state: RunState, event: Event) -> RunState:
    """Return the state after an event; an event that says nothing new returns the same object."""
    match event:
        case BarrierSeen(barrier):
            return _take_barrier(state, barrier)
        case RunSeen(run):
            status = run.status
            succeeded = next((one for one in status.conditions if one.type == "Succeeded"), None)
            return replace(
                state,
                phase=status.phase,
                started_at=status.started_at,
                finished_at=status.finished_at,
                failed=status.failed,
                message=succeeded.message if succeeded else "",
                cancelling=state.cancelling or run.spec.cancel,
            )
        case PodSeen():
            return _take_pod(state, event)
        case PodGone(pod):
            return _drop_pod(state, pod)
        case LogRead() | JobRefused():
            return _take_words(state, event)
        case Cancelling():
            return replace(state, cancelling=True)
        case RunGone():
            return replace(state, gone=True)
        case _:
            assert_never(event)


def _with_stage(state: RunState, stage: StageState) -> RunState:
    return replace(state, stages=MappingProxyType({**state.stages, stage.name: stage}))


def _take_barrier(state: RunState, barrier: Barrier) -> RunState:
    labelled = barrier.metadata.labels.get(Label.STAGE, "")
    before = state.stages.get(state.external.get(barrier.metadata.name, labelled))
    if before is None:
        return state
    status = barrier.status
    opened = status.condition(ConditionType.OPEN)
    after = replace(
        before,
        expected=barrier.spec.expected,
        quorum=barrier.spec.needed,
        phase=status.phase,
        reason=status.reason,
        message=opened.message if opened else "",
        arrived=status.arrived,
        failed=status.failed,
        late=status.late,
        started_at=status.started_at,
        deadline=status.deadline,
        ended_at=status.opened_at or status.closed_at,
    )
    return state if after == before else _with_stage(state, after)


def _take_pod(state: RunState, seen: PodSeen) -> RunState:
    before = state.tasks.get(seen.pod)
    if before == seen:
        return state
    tasks = dict(state.tasks)
    if seen.phase is TaskPhase.SUCCEEDED:
        tasks.pop(seen.pod, None)
    else:
        tasks[seen.pod] = seen
    state = _count(replace(state, tasks=MappingProxyType(tasks)), before, seen)
    if seen.phase is TaskPhase.SUCCEEDED:
        return _take_success(state, seen)
    has_failed = seen.phase is TaskPhase.FAILED and not seen.is_deleted
    return _take_failure(state, seen) if has_failed else state


def _drop_pod(state: RunState, pod: str) -> RunState:
    before = state.tasks.get(pod)
    if before is None:
        return state
    tasks = {name: task for name, task in state.tasks.items() if name != pod}
    return _count(replace(state, tasks=MappingProxyType(tasks)), before, None)


def _count(state: RunState, before: PodSeen | None, after: PodSeen | None) -> RunState:
    """Keep the numbers of a stage's pods that run, and that cannot start."""
    seen = after or before
    stage = state.stages.get(seen.stage) if seen else None
    if stage is None:
        return state
    running = stage.running + _runs(after) - _runs(before)
    stuck = stage.stuck + _is_stuck(after) - _is_stuck(before)
    counted = replace(stage, running=running, stuck=stuck, obstacle=_obstacle(stage, after))
    return state if counted == stage else _with_stage(state, counted)


def _runs(seen: PodSeen | None) -> int:
    return int(seen is not None and seen.phase is TaskPhase.RUNNING)


def _is_stuck(seen: PodSeen | None) -> int:
    return int(seen is not None and seen.is_stuck)


def _obstacle(stage: StageState, seen: PodSeen | None) -> str:
    """Return what keeps pods from starting; what ends them at a stage's end changes nothing."""
    if seen is not None and seen.is_stuck:
        return seen.reason
    return "" if _runs(seen) else stage.obstacle


def _take_refusal(state: RunState, job: str, message: str) -> RunState:
    """Note that a Job could not create a pod, unless its stage runs or is over."""
    stage = state.stages.get(job)
    if stage is None:
        stage = next((one for one in state.stages.values() if job in one.cells), None)
    if stage is None or stage.running or stage.phase.is_terminal:
        return state
    return _with_stage(state, replace(stage, obstacle=message))


def _take_failure(state: RunState, seen: PodSeen) -> RunState:
    stage = state.stages.get(seen.stage)
    if stage is None:
        return state
    known = next((one for one in stage.failures if one.participant == seen.participant), None)
    if known is not None and known.pod == seen.pod:
        return state
    attempts = known.attempts + 1 if known else 1
    cell = stage.cells.get(seen.participant.rpartition("-")[0], "")
    failure = Failure(seen.participant, seen.pod, seen.reason, seen.container, attempts, cell=cell)
    others = tuple(one for one in stage.failures if one is not known)
    kept = (*others, failure)[-_FAILURES_KEPT:]
    return _with_stage(state, replace(stage, failures=kept))


def _take_success(state: RunState, seen: PodSeen) -> RunState:
    """Forget the earlier failures of a participant; note who speaks for its stage."""
    stage = state.stages.get(seen.stage)
    if stage is None:
        return state
    left = tuple(one for one in stage.failures if one.participant != seen.participant)
    speaker = seen.pod if stage.speaks else ""
    if left == stage.failures and speaker == stage.speaker:
        return state
    return _with_stage(state, replace(stage, failures=left, speaker=speaker))


def _take_words(state: RunState, event: LogRead | JobRefused) -> RunState:
    if isinstance(event, LogRead):
        return _take_lines(state, event.pod, event.lines)
    return _take_refusal(state, event.job, event.message)


def _take_lines(state: RunState, pod: str, lines: tuple[str, ...]) -> RunState:
    for stage in state.stages.values():
        if stage.speaker == pod:
            return _with_stage(state, replace(stage, said=lines))
        for failure in stage.failures:
            if failure.pod == pod:
                told = replace(failure, lines=lines)
                failures = tuple(told if one is failure else one for one in stage.failures)
                return _with_stage(state, replace(stage, failures=failures))
    return state
