from hypothesis import given
from hypothesis import strategies as st

from konductor.runner.local.controllers.job_indexes import format_indexes, parse_indexes


@given(st.frozensets(st.integers(0, 300)))
def test_indexes_survive_their_text(indexes: frozenset[int]) -> None:
    assert parse_indexes(format_indexes(indexes), 301) == indexes


def test_neighbours_are_written_one_by_one_and_runs_as_ranges() -> None:
    assert format_indexes([0, 1, 3, 4, 5, 9]) == "0,1,3-5,9"
    assert format_indexes([]) == ""


def test_what_lies_beyond_or_is_nonsense_is_skipped() -> None:
    assert parse_indexes("0-2,x,4-y,3-8", 5) == {0, 1, 2, 3, 4}
