from itertools import product

import pytest

from konductor.api.barrier import (
    Barrier,
    BarrierSpec,
    BarrierStatus,
    Condition,
    IfSkipped,
    Phase,
    Reason,
    Require,
    Term,
    Upstream,
)
from konductor.api.meta import Metadata
from konductor.semantics.cascade import (
    Outlook,
    Verdict,
    awaited,
    find_cycles,
    resolve,
    upstream_of,
)
from konductor.semantics.rehearsal import BEGINNING

OPEN = (Phase.OPEN, Reason.ALL_ARRIVED)
SKIPPED = (Phase.FAILED, Reason.SKIPPED)
FAILED = (Phase.FAILED, Reason.QUORUM_UNREACHABLE)
TIMEOUT = (Phase.TIMEOUT, Reason.TIMED_OUT)
ABORTED = (Phase.FAILED, Reason.ABORTED)
WAITING = (Phase.WAITING, Reason.WAITING_FOR_ARRIVALS)
COLUMNS = (OPEN, SKIPPED, FAILED, TIMEOUT, ABORTED, WAITING)

GO, WAIT, SKIP, ABORT, FAIL = Outlook

PLAIN = Term(("a",))
OPTIONAL = Term(("a",), if_skipped=IfSkipped.PROCEED)
DONE = Term(("a",), require=Require.DONE)
ON_FAILURE = Term(("a",), require=Require.FAILED)
ANY = Term(("a", "b"), at_least=1)
TWO = Term(("a", "b", "c"), at_least=2)


def barrier(name: str, *after: Term, status: BarrierStatus | None = None) -> Barrier:
    return Barrier(Metadata(name), BarrierSpec(1, after=after), status or BarrierStatus())


def seen(**upstreams: tuple[Phase, Reason]) -> dict[str, Upstream]:
    return {name: Upstream(name, name, *state) for name, state in upstreams.items()}


@pytest.mark.parametrize(
    ("term", "row"),
    [
        (PLAIN, (GO, SKIP, FAIL, FAIL, ABORT, WAIT)),
        (OPTIONAL, (GO, GO, FAIL, FAIL, ABORT, WAIT)),
        (DONE, (GO, GO, GO, GO, GO, WAIT)),
        (ON_FAILURE, (SKIP, SKIP, GO, GO, ABORT, WAIT)),
    ],
)
def test_each_edge_follows_its_upstream(term: Term, row: tuple[Outlook, ...]) -> None:
    for state, outlook in zip(COLUMNS, row, strict=True):
        assert resolve((term,), seen(a=state)).outlook is outlook


@pytest.mark.parametrize(
    ("a", "b", "outlook"),
    [
        (OPEN, WAITING, GO),
        (SKIPPED, WAITING, WAIT),
        (SKIPPED, SKIPPED, SKIP),
        (FAILED, WAITING, WAIT),
        (FAILED, TIMEOUT, FAIL),
        (FAILED, SKIPPED, FAIL),
        (ABORTED, WAITING, WAIT),
        (ABORTED, OPEN, GO),
        (ABORTED, ABORTED, ABORT),
        (ABORTED, SKIPPED, ABORT),
    ],
)
def test_any_needs_one(a: tuple[Phase, Reason], b: tuple[Phase, Reason], outlook: Outlook) -> None:
    assert resolve((ANY,), seen(a=a, b=b)).outlook is outlook
    assert resolve((ANY,), seen(a=b, b=a)).outlook is outlook


@pytest.mark.parametrize(
    ("states", "outlook"),
    [
        ((OPEN, OPEN, WAITING), GO),
        ((OPEN, FAILED, WAITING), WAIT),
        ((WAITING, FAILED, TIMEOUT), FAIL),
        ((OPEN, SKIPPED, FAILED), FAIL),
        ((OPEN, SKIPPED, SKIPPED), SKIP),
        ((OPEN, SKIPPED, OPEN), GO),
    ],
)
def test_atleast_needs_so_many(states: tuple[tuple[Phase, Reason], ...], outlook: Outlook) -> None:
    named = dict(zip("abc", states, strict=True))
    assert resolve((TWO,), seen(**named)).outlook is outlook


def test_fail_beats_abort_beats_skip_beats_wait_beats_go() -> None:
    terms = [Term((name,)) for name in "ab"]
    outcomes = {OPEN: GO, WAITING: WAIT, SKIPPED: SKIP, ABORTED: ABORT, FAILED: FAIL}
    ranks = list(Outlook)
    for a, b in product(outcomes, repeat=2):
        strongest = max(outcomes[a], outcomes[b], key=ranks.index)
        assert resolve(terms, seen(a=a, b=b)).outlook is strongest


def test_an_upstream_that_is_not_there_is_waited_for() -> None:
    assert resolve((PLAIN,), {}) == Verdict(WAIT)
    assert resolve((), {}) == Verdict(GO)
    assert Verdict(GO).root == ""


def test_the_root_is_where_it_began() -> None:
    root = {"a": Upstream("a", "u", Phase.FAILED, Reason.UPSTREAM_FAILED, "origin")}
    assert resolve((PLAIN,), root).root == "origin"
    assert resolve((PLAIN,), seen(a=FAILED)).root == "a"


def test_upstream_tells_what_a_status_tells() -> None:
    status = BarrierStatus(
        phase=Phase.FAILED,
        root_cause="x",
        conditions=(Condition("Open", "False", Reason.UPSTREAM_FAILED),),
    )
    assert upstream_of(barrier("a", status=status)) == Upstream(
        "a", "", Phase.FAILED, Reason.UPSTREAM_FAILED, "x"
    )
    assert upstream_of(barrier("a")).reason is Reason.WAITING_FOR_ARRIVALS


def test_a_terminal_phase_wakes_those_that_name_it() -> None:
    latched = BarrierStatus(upstreams=(Upstream("a", "u", *OPEN),))
    assert awaited(barrier("x", ANY, PLAIN)) == {"a", "b"}
    assert awaited(barrier("x", ANY, status=latched)) == {"b"}
    assert awaited(barrier("x", ANY, status=BarrierStatus(started_at=BEGINNING))) == set()
    assert awaited(barrier("x", ANY, status=BarrierStatus(phase=Phase.FAILED))) == set()


def test_barriers_in_a_row_are_no_cycle() -> None:
    row = [barrier(f"b{n}", Term((f"b{n + 1}", f"b{n + 2}"))) for n in range(50)]
    assert find_cycles(row) == {}


def test_a_cycle_is_found_from_each_of_its_barriers() -> None:
    barriers = [
        barrier("a", Term(("c",))),
        barrier("b", Term(("a", "outside"))),
        barrier("c", Term(("b",))),
        barrier("after", Term(("a",))),
        barrier("before"),
    ]
    assert find_cycles(barriers) == {
        "a": ("a", "c", "b", "a"),
        "b": ("b", "a", "c", "b"),
        "c": ("c", "b", "a", "c"),
    }


def test_a_barrier_may_wait_for_itself() -> None:
    assert find_cycles([barrier("a", Term(("a",)))]) == {"a": ("a", "a")}


def test_a_cycle_with_a_way_out_is_none() -> None:
    way_out = Term(("b", "outside"), at_least=1)
    assert find_cycles([barrier("a", way_out), barrier("b", Term(("a",)))]) == {}


def test_a_cycle_that_help_from_another_cycle_would_break_is_none() -> None:
    barriers = [
        barrier("a", Term(("a",))),
        barrier("b", Term(("c", "a"), at_least=1)),
        barrier("c", Term(("b",))),
    ]
    assert set(find_cycles(barriers)) == {"a"}


def test_a_knot_is_untied_down_to_what_is_stuck() -> None:
    barriers = [
        barrier("a", Term(("b",))),
        barrier("b", Term(("a",)), Term(("c",))),
        barrier("c", Term(("a", "x"), at_least=1), Term(("x",))),
        barrier("x", Term(("b", "y"), at_least=1)),
        barrier("y", Term(("y",))),
    ]
    assert set(find_cycles(barriers)) == {"a", "b", "y"}


def test_an_upstream_seen_terminal_closes_no_cycle() -> None:
    latched = BarrierStatus(upstreams=(Upstream("b", "u", *OPEN),))
    barriers = [
        barrier("a", Term(("b", "x"), at_least=1), Term(("z",)), status=latched),
        barrier("b", Term(("a",))),
    ]
    assert find_cycles(barriers) == {}
    assert find_cycles([barrier("a", Term(("b", "a")), status=latched)]) == {"a": ("a", "a")}


def test_a_barrier_on_two_cycles_is_told_of_the_shorter() -> None:
    barriers = [
        barrier("a", Term(("b", "c"))),
        barrier("b", Term(("d",))),
        barrier("d", Term(("a",))),
        barrier("c", Term(("a",))),
    ]
    assert find_cycles(barriers) == {
        "a": ("a", "c", "a"),
        "c": ("c", "a", "c"),
        "b": ("b", "d", "a", "b"),
        "d": ("d", "a", "b", "d"),
    }


def test_a_cycle_may_come_to_be_once_the_others_ended_otherwise() -> None:
    term = Term(("a", "x"), require=Require.FAILED, at_least=1)
    latched = BarrierStatus(upstreams=(Upstream("x", "u", *OPEN),))
    assert find_cycles([barrier("a", term)]) == {}
    assert find_cycles([barrier("a", term, status=latched)]) == {"a": ("a", "a")}
