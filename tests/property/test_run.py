"""The laws of a run, for any course of its barriers."""

from dataclasses import replace
from datetime import timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from konductor.api.barrier import (
    Barrier,
    BarrierSpec,
    BarrierStatus,
    Condition,
    Phase,
    Reason,
    Term,
)
from konductor.api.meta import Metadata
from konductor.api.names import Annotation, Label, Role
from konductor.api.run import OnFailure, Run, RunSpec
from konductor.semantics.observation import GateState
from konductor.semantics.outcome import is_finally
from konductor.semantics.rehearsal import BEGINNING
from konductor.semantics.run import decide_run
from konductor.semantics.run_observation import ObservedRun

STATES = [
    (Phase.WAITING, Reason.WAITING_FOR_ARRIVALS, ""),
    (Phase.OPEN, Reason.ALL_ARRIVED, ""),
    (Phase.TIMEOUT, Reason.TIMED_OUT, ""),
    (Phase.FAILED, Reason.JOB_FAILED, ""),
    (Phase.FAILED, Reason.UPSTREAM_FAILED, "s0"),
    (Phase.FAILED, Reason.SKIPPED, ""),
    (Phase.FAILED, Reason.ABORTED, "r"),
]


def ended(one: Barrier, state: tuple[Phase, Reason, str]) -> Barrier:
    phase, reason, root = state
    told = (Condition("Open", "Unknown", reason, str(reason)),)
    at = None if phase is Phase.WAITING else BEGINNING
    return replace(
        one, status=BarrierStatus(phase=phase, root_cause=root, closed_at=at, conditions=told)
    )


@st.composite
def barriers(draw: st.DrawFn) -> tuple[Barrier, ...]:
    out = []
    for number in range(draw(st.integers(1, 4))):
        role = draw(st.sampled_from([Role.STAGE, Role.STAGE, Role.FINALLY]))
        labels: dict[str, str] = {Label.STAGE: f"s{number}", Label.ROLE: role}
        notes = draw(
            st.sampled_from([{}, {Annotation.ON_FAIL: "continue"}, {Annotation.ON: "failure"}])
        )
        after = (Term((f"s{number - 1}",)),) if number and role is Role.STAGE else ()
        metadata = Metadata(
            f"s{number}",
            labels=labels,
            annotations={str(key): value for key, value in notes.items()},
        )
        one = Barrier(metadata, BarrierSpec(1, after=after))
        out.append(ended(one, draw(st.sampled_from(STATES))))
    return tuple(out)


@st.composite
def courses(draw: st.DrawFn) -> ObservedRun:
    spec = RunSpec(
        "etl",
        on_failure=draw(st.sampled_from(OnFailure)),
        timeout=draw(st.none() | st.just(timedelta(minutes=1))),
        ready=draw(st.sampled_from([True, True, False])),
        cancel=draw(st.booleans()),
    )
    run = Run(Metadata("r", created=BEGINNING), spec)
    return ObservedRun(run, draw(barriers()), published=draw(st.booleans()))


def moments() -> st.SearchStrategy[timedelta]:
    return st.sampled_from([0, 30, 90, 700]).map(lambda seconds: timedelta(seconds=seconds))


@given(courses(), moments())
def test_deciding_again_changes_nothing(course: ObservedRun, after: timedelta) -> None:
    first = decide_run(course, BEGINNING + after)
    run = replace(course.run, status=first.status)
    published = course.published or first.publish is not None
    again = decide_run(replace(course, run=run, published=published), BEGINNING + after)
    assert again.status == first.status
    assert again.effects == ()
    assert again.publish is None


@given(courses(), moments(), st.randoms(use_true_random=False))
def test_the_order_of_barriers_does_not_matter(
    course: ObservedRun, after: timedelta, random: Random
) -> None:
    other = tuple(random.sample(course.barriers, len(course.barriers)))
    now = BEGINNING + after
    assert decide_run(replace(course, barriers=other), now) == decide_run(course, now)


@given(courses(), st.lists(st.sampled_from(STATES[1:]), min_size=4, max_size=4))
def test_every_run_ends_once_its_barriers_have(
    course: ObservedRun, states: list[tuple[Phase, Reason, str]]
) -> None:
    spec = replace(course.run.spec, ready=True)
    course = replace(course, run=replace(course.run, spec=spec))
    steps = 0
    while not course.run.status.phase.is_terminal:
        decision = decide_run(course, BEGINNING)
        waiting = [one for one in course.barriers if not one.status.phase.is_terminal]
        run = replace(course.run, status=decision.status)
        published = course.published or decision.publish is not None
        movable = [
            one for one in waiting if decision.gates[one.metadata.name].state is not GateState.HOLD
        ]
        chosen = [ended(one, states[steps % 4]) for one in movable[:1]] or [
            ended(one, STATES[4]) for one in waiting[:1] if not is_finally(one)
        ]
        names = {one.metadata.name for one in chosen}
        kept = [one for one in course.barriers if one.metadata.name not in names]
        course = replace(course, run=run, published=published, barriers=(*kept, *chosen))
        steps += 1
        assert steps < 20
    final = decide_run(course, BEGINNING + timedelta(days=1))
    assert final.status == course.run.status


@given(courses(), moments())
def test_no_finally_stage_starts_before_all_others_are_done(
    course: ObservedRun, after: timedelta
) -> None:
    decision = decide_run(course, BEGINNING + after)
    others = [one for one in course.barriers if not is_finally(one)]
    for one in course.barriers:
        if is_finally(one) and decision.gates[one.metadata.name].state is GateState.OPEN:
            assert course.published
            assert all(other.status.phase.is_terminal for other in others)
