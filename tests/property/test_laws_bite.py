"""Do the laws of test_laws.py bite? Each bug below, put into `decide`, must break one."""

import importlib
import importlib.util
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from operator import attrgetter
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import Phase as Step
from hypothesis import settings

from konductor.api.barrier import BarrierStatus, Phase
from konductor.semantics import barrier, count
from konductor.semantics.decision import ReleaseJob
from konductor.semantics.observation import JobFact, Observed
from konductor.semantics.tally import Tally


@dataclass(frozen=True)
class Bug:
    """A mistake that somebody might make, as a change of one named piece."""

    name: str
    pieces: tuple[str, ...]
    """``module:attribute``, in `konductor`."""
    mistake: Callable[[Any], object]
    """Makes the wrong piece from the right one."""
    law: str
    """The test of test_laws.py that catches it."""


def late_arrivals_count(_: object) -> object:
    return lambda tally, _deadline: tally.total


def deadline_itself_is_late(right: Callable[[Tally, Any], int]) -> object:
    return lambda tally, when: right(tally, when - timedelta(microseconds=1) if when else None)


def any_observation_is_certain(_: object) -> object:
    return lambda *_: True


def no_grace(_: object) -> object:
    return timedelta()


def forgets_whom_the_status_counted(_: object) -> object:
    return staticmethod(lambda _barrier: Tally())


def reopens_what_timed_out(right: Callable[[Observed], object]) -> object:
    def after_end(observed: Observed) -> object:
        status = observed.barrier.status
        if status.phase is Phase.TIMEOUT and observed.tally.total >= observed.barrier.spec.needed:
            return barrier._opened(observed, count.grown(observed, status), status.closed_at)  # type: ignore[arg-type]  # it is set
        return right(observed)

    return after_end


def one_short_of_quorum(right: property) -> object:
    return property(lambda spec: max(1, right.__get__(spec) - 1))


def order_of_sight(_: object) -> object:
    return lambda tally, _deadline: [
        f"{stem}-{index}" for stem, indexes in tally._arrived.items() for index in indexes
    ]


def counts_each_telling(right: Callable[..., bool]) -> object:
    def arrive(tally: Tally, stem: str, index: int, at: float) -> bool:
        if index in tally._arrived.get(stem, {}):
            tally._times.append(at)
        return right(tally, stem, index, at)

    return arrive


def keeps_tallies_by_name(right: Callable[..., Tally]) -> object:
    kept: dict[str, Tally] = {}

    def of(one: Any) -> Tally:
        return kept.setdefault(one.metadata.name, right(one))

    return staticmethod(of)


def never_wakes(_: object) -> object:
    return lambda *_: None


def tells_events_of_a_state(right: Callable[..., Iterator[object]]) -> object:
    def events(observed: Observed, status: BarrierStatus) -> Iterator[object]:
        yield from right(observed, status)
        if status.late:
            yield "late"

    return events


def lifts_whatever_is_suspended(right: Callable[..., Iterator[object]]) -> object:
    def on_job(observed: Observed, status: BarrierStatus, job: JobFact) -> Iterator[object]:
        if job.suspended and not status.phase.is_terminal:
            yield ReleaseJob(job.name, job.uid)
        else:
            yield from right(observed, status, job)

    return on_job


def fails_with_the_last_spare(right: Callable[..., bool]) -> object:
    def is_out_of_reach(observed: Observed, status: BarrierStatus, *, passed: bool) -> bool:
        spec = observed.barrier.spec
        one_left = status.failed and status.failed >= spec.expected - spec.needed
        return bool(one_left) or right(observed, status, passed=passed)

    return is_out_of_reach


BUGS = (
    Bug(
        "late arrivals count",
        ("semantics.tally:Tally.count",),
        late_arrivals_count,
        "it_opens_only_at_a_quorum_of_arrivals_in_time",
    ),
    Bug(
        "an arrival at the deadline itself is late",
        ("semantics.tally:Tally.count",),
        deadline_itself_is_late,
        "it_opens_whenever_a_quorum_came_in_time_however_rarely_one_looks",
    ),
    Bug(
        "an end is written without a fresh read",
        ("semantics.barrier:_is_certain",),
        any_observation_is_certain,
        "nothing_but_open_is_written_without_a_fresh_read",
    ),
    Bug(
        "a timeout does not wait for arrivals on their way",
        ("semantics.barrier:GRACE", "semantics.ending:GRACE"),
        no_grace,
        "timeout_needs_a_read_two_seconds_past_the_deadline",
    ),
    Bug(
        "an operator newly started forgets whom the status has counted",
        ("semantics.tally:Tally.of",),
        forgets_whom_the_status_counted,
        "counted_stays_counted_though_arrivals_are_deleted",
    ),
    Bug(
        "late arrivals open what has timed out",
        ("semantics.barrier:_after_end",),
        reopens_what_timed_out,
        "terminal_is_final",
    ),
    Bug(
        "it opens one short of its quorum",
        ("api.barrier:BarrierSpec.needed",),
        one_short_of_quorum,
        "it_opens_only_at_a_quorum_of_arrivals_in_time",
    ),
    Bug(
        "arrivals are listed as they were seen",
        ("semantics.tally:Tally.arrivals",),
        order_of_sight,
        "the_order_of_inputs_does_not_matter",
    ),
    Bug(
        "an Arrival told twice counts twice",
        ("semantics.tally:Tally._arrive",),
        counts_each_telling,
        "it_opens_only_at_a_quorum_of_arrivals_in_time",
    ),
    Bug(
        "a barrier created anew inherits arrivals",
        ("semantics.tally:Tally.of",),
        keeps_tallies_by_name,
        "a_barrier_created_anew_begins_from_nothing",
    ),
    Bug(
        "nobody is woken at the deadline",
        ("semantics.barrier:_wake",),
        never_wakes,
        "whoever_only_wakes_when_told_to_brings_it_to_its_end",
    ),
    Bug(
        "an Event comes with each decision",
        ("semantics.effect:_events",),
        tells_events_of_a_state,
        "deciding_again_changes_nothing_and_does_nothing",
    ),
    Bug(
        "a Job is lifted again",
        ("semantics.effect:_on_job",),
        lifts_whatever_is_suspended,
        "a_job_is_lifted_once_whoever_suspends_it",
    ),
    Bug(
        "it fails while a quorum can still be reached",
        ("semantics.ending:_is_out_of_reach",),
        fails_with_the_last_spare,
        "a_quorum_is_out_of_reach_only_if_too_many_failed_in_time",
    ),
)


def laws() -> ModuleType:
    """Return test_laws.py as a module of our own."""
    spec = importlib.util.spec_from_file_location("laws", Path(__file__).with_name("test_laws.py"))
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.name.replace(" ", "-"))
def test_bug_breaks_its_law(bug: Bug, monkeypatch: pytest.MonkeyPatch) -> None:
    for piece in bug.pieces:
        module, _, path = piece.partition(":")
        *outer, attribute = path.split(".")
        owner: Any = importlib.import_module(f"konductor.{module}")
        owner = attrgetter(".".join(outer))(owner) if outer else owner
        right = vars(owner)[attribute]
        wrong = bug.mistake(right.__func__ if isinstance(right, staticmethod) else right)
        monkeypatch.setattr(owner, attribute, wrong)
    law = settings(phases=[Step.generate], max_examples=300, report_multiple_bugs=False)(
        getattr(laws(), f"test_{bug.law}")
    )
    with pytest.raises(AssertionError):
        law()
