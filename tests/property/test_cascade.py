"""Any graph of barriers: what can settle does, and what cannot is a cycle."""

from itertools import pairwise
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from konductor.api.barrier import (
    Barrier,
    BarrierSpec,
    IfSkipped,
    Phase,
    Reason,
    Require,
    Term,
    Upstream,
)
from konductor.api.meta import Metadata
from konductor.semantics.cascade import Outlook, find_cycles, resolve
from konductor.semantics.rehearsal import Rehearsal

STATES = [
    (Phase.OPEN, Reason.ALL_ARRIVED),
    (Phase.FAILED, Reason.SKIPPED),
    (Phase.FAILED, Reason.JOB_FAILED),
    (Phase.FAILED, Reason.ABORTED),
    (Phase.TIMEOUT, Reason.TIMED_OUT),
    (Phase.WAITING, Reason.WAITING_FOR_ARRIVALS),
]


@st.composite
def terms(draw: st.DrawFn, names: list[str]) -> Term:
    chosen = tuple(draw(st.lists(st.sampled_from(names), min_size=1, max_size=3, unique=True)))
    at_least = draw(st.none() | st.integers(1, len(chosen)))
    return Term(chosen, draw(st.sampled_from(Require)), at_least, draw(st.sampled_from(IfSkipped)))


@st.composite
def graphs(draw: st.DrawFn) -> list[Barrier]:
    names = [f"b{number}" for number in range(draw(st.integers(1, 6)))]
    return [
        Barrier(
            Metadata(name, uid=name),
            BarrierSpec(1, after=tuple(draw(st.lists(terms(names), max_size=2)))),
        )
        for name in names
    ]


def settle(barriers: list[Barrier], random: Random) -> dict[str, Phase]:
    """Let every barrier that may start open, deciding in any order, until nothing moves."""
    actors = {}
    for one in barriers:
        actor = Rehearsal.of(one.spec, one.metadata)
        actor.arrive("p")
        actors[one.metadata.name] = actor
    moved = True
    while moved:
        moved = False
        cycles = find_cycles([actor.barrier for actor in actors.values()])
        for name in random.sample(sorted(actors), len(actors)):
            before = actors[name].barrier.status
            actors[name].cycle = cycles.get(name, ())
            actors[name].step()
            status = actors[name].barrier.status
            moved = moved or status != before
            if status.phase is not before.phase:
                ended = Upstream(name, name, status.phase, status.reason or Reason.ABORTED)
                for actor in actors.values():
                    actor.upstreams[name] = ended
    return {name: actor.barrier.status.phase for name, actor in actors.items()}


@given(graphs(), st.randoms(use_true_random=False))
def test_every_graph_settles(barriers: list[Barrier], random: Random) -> None:
    assert Phase.WAITING not in settle(barriers, random).values()


@given(graphs())
def test_a_cycle_is_told_by_a_path_back_to_its_beginning(barriers: list[Barrier]) -> None:
    upstreams = {
        one.metadata.name: {name for term in one.spec.after for name in term.barriers}
        for one in barriers
    }
    cycles = find_cycles(barriers)
    for name, path in cycles.items():
        assert path[0] == path[-1] == name
        for waiting, upstream in pairwise(path):
            assert upstream in upstreams[waiting]
            assert upstream in cycles


@given(graphs(), st.randoms(use_true_random=False))
def test_cycles_do_not_depend_on_the_order(barriers: list[Barrier], random: Random) -> None:
    other = random.sample(barriers, len(barriers))
    assert set(find_cycles(barriers)) == set(find_cycles(other))


@given(st.data())
def test_an_outlook_once_decided_stays_or_gets_worse(data: st.DataObject) -> None:
    names = ["a", "b", "c"]
    after = data.draw(st.lists(terms(names), max_size=3))
    states = {name: data.draw(st.sampled_from(STATES)) for name in names}
    upstreams = {name: Upstream(name, name, *state) for name, state in states.items()}
    rank = list(Outlook).index
    known: dict[str, Upstream] = {}
    before = resolve(after, known).outlook
    for name in data.draw(st.permutations(names)):
        known[name] = upstreams[name]
        outlook = resolve(after, known).outlook
        assert before is Outlook.WAIT or rank(outlook) >= rank(before)
        before = outlook
