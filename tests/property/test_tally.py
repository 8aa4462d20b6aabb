"""Facts added one by one, in any order, equal a count of them all at once."""

from datetime import datetime, timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from konductor.api.arrival import Outcome
from konductor.semantics.indexes import Indexes
from konductor.semantics.participants import (
    MOST_BYTES,
    fold,
    fold_stems,
    natural,
    split,
    stems_of,
    unfold,
)
from konductor.semantics.rehearsal import BEGINNING
from konductor.semantics.tally import ArrivalFact, Tally

NAMES = st.sampled_from(["a", "a-0", "a-1", "a-2", "a-10", "a-02", "b-1", "c"])
FACTS = st.lists(
    st.builds(
        ArrivalFact,
        NAMES,
        st.sampled_from(Outcome),
        st.integers(0, 5).map(lambda seconds: BEGINNING + timedelta(seconds=seconds)),
        st.sampled_from(["", "why"]),
    )
)
DEADLINES = st.none() | st.integers(-1, 6).map(lambda s: BEGINNING + timedelta(seconds=s))
NUMBERS = st.sets(st.integers(0, 40))
ANY_NAMES = st.lists(
    st.text(max_size=6, min_size=1)
    | st.from_regex(r"[ab]-(\[[0-9,-]{0,5}\]|[0-9]{1,3})|… and [0-9] more", fullmatch=True),
    unique=True,
)


@given(FACTS, st.lists(NAMES, unique=True, max_size=3), DEADLINES, st.randoms())
def test_one_by_one_equals_all_at_once(
    facts: list[ArrivalFact], counted: list[str], deadline: datetime | None, random: Random
) -> None:
    tally = Tally(counted)
    for fact in random.sample(facts, len(facts)):
        tally.add(fact)
        tally.stems(None)
    first: dict[str, datetime] = {}
    for fact in sorted(facts, key=lambda fact: fact.at):
        if fact.outcome is Outcome.ARRIVED and fact.participant not in counted:
            first.setdefault(fact.participant, fact.at)
    limit = deadline or BEGINNING + timedelta(days=1)
    timely = sorted(
        (at, natural(split(name)[0]), split(name)[1], name)
        for name, at in first.items()
        if at <= limit
    )
    names = [*counted, *(name for *_, name in timely)]
    assert tally.arrivals(deadline) == names
    assert tally.count(deadline) == len(names)
    assert tally.stems(deadline) == stems_of(names)
    assert tally.total == len(first) + len(counted)
    lost = {
        fact.participant for fact in facts if fact.outcome is Outcome.FAILED and fact.at <= limit
    }
    assert set(tally.failures(deadline)) == lost - set(first) - set(counted)
    aborts = [fact for fact in facts if fact.outcome is Outcome.ABORT]
    key = lambda fact: (fact.at, fact.participant, fact.message)  # noqa: E731  # used once
    assert tally.abort == min(aborts, key=key, default=None)


@given(st.lists(NUMBERS))
def test_indexes_completed_bit_by_bit_equal_all_at_once(steps: list[set[int]]) -> None:
    tally, seen = Tally(only_jobs=True), set[int]()
    for step in steps:
        new = len(step - seen)
        seen |= step
        assert tally.complete("j", Indexes.of(seen), finished={}, seen=BEGINNING) == new
    assert tally.total == len(seen)


@given(NUMBERS, NUMBERS)
def test_runs_are_sets(left: set[int], right: set[int]) -> None:
    one, other = Indexes.of(left), Indexes.of(right)
    assert set(one) == left
    assert len(one) == len(left)
    assert Indexes.parse(str(one)) == one
    assert set(one.minus(other)) == left - right


@given(ANY_NAMES)
def test_what_is_folded_unfolds_to_itself_or_is_counted(names: list[str]) -> None:
    for entries in (fold(names), fold_stems(stems_of(names))):
        back = unfold(entries)
        assert len(set(back)) == len(back)
        assert set(back) <= set(names)
        rest = len(names) - len(back)
        told = entries[-1].removeprefix("… and ").removesuffix(" more") if rest else "0"
        assert int(told) == rest


@given(st.sets(st.integers(0, 30_000), max_size=200), st.integers(60, MOST_BYTES))
def test_a_folded_list_keeps_within_its_size(numbers: set[int], size: int) -> None:
    stems = stems_of([f"stage-{number}" for number in numbers])
    entries = fold_stems(stems, size=size)
    assert sum(len(entry.encode()) + 3 for entry in entries) <= size


@given(ANY_NAMES, st.integers(0, 60), st.sampled_from(["", "x" * 300, "y" * 5000]), DEADLINES)
def test_first_stems_show_what_all_stems_would(
    names: list[str], more: int, long: str, deadline: datetime | None
) -> None:
    tally = Tally()
    for place, name in enumerate([*names, *(f"{long}{one:x}-7-{one % 3}" for one in range(more))]):
        fact = ArrivalFact(long + name, Outcome.ARRIVED, BEGINNING + timedelta(seconds=place % 3))
        tally.add(fact)
    total = tally.count(deadline)
    shown = fold_stems(tally.first_stems(deadline), total=total)
    assert shown == fold_stems(tally.stems(deadline))
