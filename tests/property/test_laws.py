"""The laws of a barrier, for any arrivals, seen by any operator at any times.

tests/property/test_laws_bite.py proves that they catch what they are there to catch.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from konductor.api.arrival import Outcome
from konductor.api.barrier import (
    Barrier,
    BarrierSpec,
    BarrierStatus,
    Phase,
    Reason,
    Term,
    Upstream,
)
from konductor.api.meta import Metadata
from konductor.api.names import Label, arrival_name
from konductor.semantics.barrier import decide, opens
from konductor.semantics.deadline import GRACE
from konductor.semantics.decision import ReleaseJob
from konductor.semantics.indexes import Indexes
from konductor.semantics.observation import FreshRead, JobFact, Observed
from konductor.semantics.participants import unfold
from konductor.semantics.rehearsal import BEGINNING, Rehearsal
from konductor.semantics.tally import ArrivalFact, Tally

SECOND = timedelta(seconds=1)
TIMEOUT = 8
"""Seconds."""
STAMPS = (0, 1, 5, TIMEOUT - 1, TIMEOUT, TIMEOUT, TIMEOUT + 1, TIMEOUT + 4)
"""Seconds from the creation at which Arrivals are stamped."""
FOR_EVER = 10_000.0


@dataclass(frozen=True)
class Posted:
    """An Arrival, and when a watch shows it."""

    fact: ArrivalFact
    visible: datetime


@dataclass(frozen=True)
class Look:
    """A moment at which the operator decides, perhaps newly started."""

    seconds: float
    restarted: bool


@dataclass(frozen=True)
class Scenario:
    """A barrier, what is posted for it, and when the operator looks."""

    spec: BarrierSpec
    of_run: bool
    posted: tuple[Posted, ...]
    looks: tuple[Look, ...]

    @property
    def needed(self) -> int:
        return self.spec.quorum or self.spec.expected

    @property
    def deadline(self) -> datetime | None:
        return BEGINNING + self.spec.timeout if self.spec.timeout else None

    def in_time(self, outcome: Outcome) -> set[str]:
        facts = [one.fact for one in self.posted]
        return {
            fact.participant
            for fact in facts
            if fact.outcome is outcome and (self.deadline is None or fact.at <= self.deadline)
        }


@st.composite
def specs(draw: st.DrawFn) -> BarrierSpec:
    expected = draw(st.integers(1, 5))
    quorum = draw(st.none() | st.integers(1, expected))
    return BarrierSpec(expected, quorum, draw(st.sampled_from([None, TIMEOUT * SECOND])))


@st.composite
def scenarios(draw: st.DrawFn, *, failures: bool = True) -> Scenario:
    """Draw a scenario; each participant has one outcome, since the API server sees to that.

    An Arrival is visible less than two seconds after its stamp, and may be told twice.
    """
    spec = draw(specs())
    outcomes = list(Outcome) if failures else [Outcome.ARRIVED]
    posted = []
    for number in draw(st.lists(st.integers(0, spec.expected + 1), unique=True)):
        outcome = draw(st.sampled_from([Outcome.ARRIVED, *outcomes]))
        seconds, delay = draw(st.sampled_from(STAMPS)), draw(st.sampled_from([0, 5, 19]))
        at = BEGINNING + seconds * SECOND
        fact = ArrivalFact(f"p-{number}", outcome, at)
        posted += [Posted(fact, at + delay * SECOND / 10)] * draw(st.integers(1, 2))
    moments = draw(st.lists(st.integers(0, 60), max_size=6, unique=True))
    looks = [Look(moment / 4, draw(st.booleans())) for moment in sorted(moments)]
    return Scenario(spec, draw(st.booleans()), tuple(posted), tuple(looks))


def begin(scenario: Scenario) -> Rehearsal:
    labels: dict[str, str] = {Label.RUN: "r"} if scenario.of_run else {}
    metadata = Metadata("b", uid="uid-1", generation=1, created=BEGINNING, labels=labels)
    return Rehearsal.of(scenario.spec, metadata)


def play(scenario: Scenario, *looks: Look) -> Iterator[Rehearsal]:
    """Yield the barrier after each look, the first of which is at its creation."""
    one = begin(scenario)
    for look in (Look(0, restarted=False), *looks):
        now = BEGINNING + look.seconds * SECOND
        one.arrivals = [posted.fact for posted in scenario.posted if posted.visible <= now]
        for fact in one.arrivals:
            one.tally.add(fact)
        if look.restarted:
            one.restart()
        one.step(seconds=look.seconds)
        yield one


def play_out(scenario: Scenario) -> Iterator[Rehearsal]:
    yield from play(scenario, *scenario.looks, Look(FOR_EVER, restarted=False))


# --- monotone ------------------------------------------------------------------------------------


@given(scenarios())
def test_what_was_counted_stays_counted(scenario: Scenario) -> None:
    arrived, names, late = 0, set[str](), 0
    for one in play_out(scenario):
        status = one.barrier.status
        assert status.arrived >= arrived
        assert names <= set(status.arrivals)
        assert len(status.arrivals) == status.arrived <= scenario.spec.expected
        if status.phase.is_terminal:
            assert status.late >= late
            late = status.late
        arrived, names = status.arrived, set(status.arrivals)


@given(scenarios())
def test_terminal_is_final(scenario: Scenario) -> None:
    end: tuple[object, ...] | None = None
    for one in play_out(scenario):
        status = one.barrier.status
        now = (status.phase, status.conditions, status.opened_at, status.closed_at, status.failed)
        assert end is None or now == end
        if status.phase.is_terminal:
            end = now


@given(scenarios(), st.sets(st.integers(0, 6)))
def test_counted_stays_counted_though_arrivals_are_deleted(
    scenario: Scenario, deleted: set[int]
) -> None:
    for one in play(scenario, *scenario.looks):
        before = one.barrier.status
    one.arrivals = [fact for place, fact in enumerate(one.arrivals) if place not in deleted]
    one.restart()
    one.arrive("newcomer")
    one.step(seconds=FOR_EVER)
    status = one.barrier.status
    assert status.arrived == len(status.arrivals) >= before.arrived
    assert set(before.arrivals) <= set(status.arrivals)
    if before.phase is Phase.WAITING and status.arrived < scenario.spec.expected:
        assert "newcomer" in status.arrivals


# --- idempotent ----------------------------------------------------------------------------------


@given(scenarios())
def test_deciding_again_changes_nothing_and_does_nothing(scenario: Scenario) -> None:
    for one in play_out(scenario):
        for read in (False, True):
            again = decide(one.observe(read=read), one.now)
            assert again.status == one.barrier.status
            assert again.effects == ()
            assert again.publish is None


@given(scenarios())
def test_each_event_comes_once(scenario: Scenario) -> None:
    for one in play_out(scenario):
        assert len(one.events) == len(set(one.events))
    assert len(one.published) <= 1


@given(scenarios(failures=False), st.lists(st.booleans(), min_size=1, max_size=5))
def test_a_job_is_lifted_once_whoever_suspends_it(
    scenario: Scenario, suspended: list[bool]
) -> None:
    one = begin(scenario)
    one.jobs["p"] = JobFact("p", "uid-j", suspended=True, completions=scenario.spec.expected)
    for moment, by_hand in enumerate(suspended):
        one.step(seconds=moment)
        job = one.jobs["p"]
        one.jobs["p"] = replace(job, suspended=by_hand and job.released)
    assert [type(effect) for effect in one.on_jobs].count(ReleaseJob) == 1


# --- independent of order ------------------------------------------------------------------------


def shuffled(observed: Observed, facts: list[ArrivalFact], random: Random) -> Observed:
    tally = Tally.of(observed.barrier)
    for fact in random.sample(facts, len(facts)):
        tally.add(fact)
    jobs = tuple(random.sample(observed.jobs, len(observed.jobs)))
    upstreams = random.sample(sorted(observed.upstreams.items()), len(observed.upstreams))
    return replace(observed, tally=tally, jobs=jobs, upstreams=dict(upstreams))


@given(scenarios(), st.randoms(use_true_random=False), st.booleans())
def test_the_order_of_inputs_does_not_matter(
    scenario: Scenario,
    random: Random,
    waits: bool,  # noqa: FBT001  # drawn
) -> None:
    one = begin(scenario)
    one.arrivals = [posted.fact for posted in scenario.posted]
    one.restart()
    names = [f"u-{number}" for number in range(3)]
    if waits:
        one.patch(after=(Term(tuple(names), at_least=2),))
        states = [(Phase.OPEN, Reason.ALL_ARRIVED), (Phase.FAILED, Reason.ABORTED)]
        one.upstreams = {name: Upstream(name, name, *random.choice(states)) for name in names}
    one.jobs = {
        name: JobFact(name, name, released=True, failed=Indexes.of([0])) for name in ("p", "q")
    }
    for read in (False, True):
        observed = one.observe(read=read)
        now = BEGINNING + random.choice([0, 5, 20]) * SECOND
        once = decide(observed, now)
        assert decide(shuffled(observed, one.arrivals, random), now) == once


# --- when it opens -------------------------------------------------------------------------------


@given(scenarios())
def test_it_opens_only_at_a_quorum_of_arrivals_in_time(scenario: Scenario) -> None:
    for one in play_out(scenario):
        status = one.barrier.status
        in_time = scenario.in_time(Outcome.ARRIVED)
        assert set(status.arrivals) <= in_time
        if status.phase is Phase.OPEN:
            assert len(in_time) >= scenario.needed
            assert status.arrived >= scenario.needed


@given(scenarios(failures=False))
def test_it_opens_whenever_a_quorum_came_in_time_however_rarely_one_looks(
    scenario: Scenario,
) -> None:
    *_, one = play_out(scenario)
    enough = len(scenario.in_time(Outcome.ARRIVED)) >= scenario.needed
    otherwise = Phase.TIMEOUT if scenario.deadline else Phase.WAITING
    assert one.barrier.status.phase is (Phase.OPEN if enough else otherwise)
    assert (
        one.barrier.status.late
        == len({posted.fact.participant for posted in scenario.posted}) - one.barrier.status.arrived
    )


@given(scenarios())
def test_opens_tells_what_decide_would_do(scenario: Scenario) -> None:
    one = begin(scenario)
    one.step()
    one.arrivals = [posted.fact for posted in scenario.posted]
    one.restart()
    urgent = opens(one.observe())
    assert urgent is (decide(one.observe(), one.now).status.phase is Phase.OPEN)


# --- when it ends otherwise ----------------------------------------------------------------------


@given(scenarios())
def test_nothing_but_open_is_written_without_a_fresh_read(scenario: Scenario) -> None:
    one = begin(scenario)
    one.step()
    one.arrivals = [posted.fact for posted in scenario.posted]
    one.restart()
    for seconds in (0.0, 5.0, FOR_EVER):
        decision = decide(one.observe(), BEGINNING + seconds * SECOND)
        assert decision.status.phase in (Phase.WAITING, Phase.OPEN)


@given(scenarios())
def test_timeout_needs_a_read_two_seconds_past_the_deadline(scenario: Scenario) -> None:
    if scenario.deadline is None:
        return
    one = begin(scenario)
    one.step()
    for tenths in range(-5, 30):
        at = scenario.deadline + tenths * SECOND / 10
        observed = replace(one.observe(), read=FreshRead(at))
        status = decide(observed, scenario.deadline + GRACE).status
        is_out = status.phase is Phase.TIMEOUT
        assert is_out is (at >= scenario.deadline + 2 * SECOND)


@given(scenarios())
def test_a_quorum_is_out_of_reach_only_if_too_many_failed_in_time(scenario: Scenario) -> None:
    for one in play_out(scenario):
        status = one.barrier.status
        lost = len(scenario.in_time(Outcome.FAILED))
        spare = scenario.spec.expected - scenario.needed
        if status.reason is Reason.QUORUM_UNREACHABLE:
            assert lost > spare
        if status.reason is Reason.ABORTED:
            assert scenario.in_time(Outcome.ABORT)
    quiet = not scenario.in_time(Outcome.ABORT)
    if lost > spare and quiet and status.phase is not Phase.OPEN:
        assert status.reason is Reason.QUORUM_UNREACHABLE


@given(scenarios(failures=False))
def test_whoever_only_wakes_when_told_to_brings_it_to_its_end(scenario: Scenario) -> None:
    one = begin(scenario)
    wake_at: datetime | None = BEGINNING
    for _ in range(5):
        if wake_at is None:
            break
        one.now = wake_at
        one.arrivals = [posted.fact for posted in scenario.posted if posted.visible <= one.now]
        one.restart()
        decision = one.step()
        wake_at = decision.wake_at
    assert one.barrier.status.phase.is_terminal is (
        scenario.deadline is not None
        or len(scenario.in_time(Outcome.ARRIVED) & set(one.barrier.status.arrivals))
        >= scenario.needed
    )


# --- reset ---------------------------------------------------------------------------------------


@given(scenarios(), st.text("ab-0", min_size=1, max_size=5))
def test_a_barrier_created_anew_begins_from_nothing(scenario: Scenario, participant: str) -> None:
    *_, one = play_out(scenario)
    old = one.barrier
    metadata = old.metadata._replace(uid="uid-2")
    new = Barrier(metadata, old.spec, BarrierStatus())
    tally = Tally.of(new)
    assert (tally.total, tally.abort) == (0, None)
    decision = decide(Observed(new, tally), BEGINNING)
    assert decision.status.phase is Phase.WAITING
    assert decision.status.arrived == 0
    names = {arrival_name("b", metadata.uid, participant) for metadata in (old.metadata, metadata)}
    assert len(names) == 2


@given(st.integers(1_001, 1_200), st.integers(1, 50))
def test_what_is_folded_is_never_lost(expected: int, more: int) -> None:
    one = Rehearsal.of(BarrierSpec(expected + more))
    one.arrive(*(f"p-{number}" for number in range(expected)))
    one.step()
    one.arrivals = []
    one.restart()
    one.arrive(*(f"p-{expected + number}" for number in range(more)))
    one.step()
    assert one.barrier.status.phase is Phase.OPEN
    assert len(unfold(one.barrier.status.arrivals)) == expected + more
