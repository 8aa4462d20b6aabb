import json

from konductor.semantics.indexes import Indexes
from konductor.semantics.participants import (
    MOST_BYTES,
    fold,
    fold_any,
    fold_stems,
    lines,
    natural,
    split,
    stems_of,
    unfold,
)


def size(entries: tuple[str, ...]) -> int:
    return len(json.dumps(entries, ensure_ascii=False, separators=(",", ":")).encode())


def test_few_names_stand_as_they_are_and_in_their_order() -> None:
    names = ["b-2", "a-10", "a-9", "über"]
    assert fold(names) == tuple(names)
    assert fold([]) == ()


def test_many_names_are_folded_one_entry_a_stem() -> None:
    numbers = [*range(5), 7, *range(9, 1200)]
    assert fold([f"extract-{number}" for number in numbers]) == ("extract-[0-4,7,9-1199]",)


def test_stems_come_in_natural_order() -> None:
    names = [f"cell-{cell}-{index}" for cell in (10, 9) for index in range(600)]
    assert fold(names) == ("cell-9-[0-599]", "cell-10-[0-599]")


def test_a_stem_may_stand_for_a_name_and_for_numbered_ones() -> None:
    assert fold_stems(stems_of(["a", "a-1", "a-2", "b-4"])) == ("a", "a-[1-2]", "b-4")


def test_long_names_are_folded_even_if_they_are_few() -> None:
    names = [f"{'x' * 220}-{number}" for number in range(60)]
    assert fold(names) == (f"{'x' * 220}-[0-59]",)


def test_what_does_not_fit_is_only_counted() -> None:
    names = [f"{'x' * 240}{number}y" for number in range(100)]
    folded = fold(names)
    assert folded[-1] == f"… and {100 - len(folded) + 1} more"
    assert len(folded) > 40
    assert size(folded) <= MOST_BYTES


def test_runs_that_do_not_fit_are_only_counted() -> None:
    odd = Indexes(tuple((number, number) for number in range(1, 20_000, 2)))
    folded = fold_stems({"a": odd})
    kept = unfold(folded)
    assert len(folded) == 2
    assert size(folded) <= MOST_BYTES
    assert folded[1] == f"… and {10_000 - len(kept)} more"
    assert kept == [f"a-{number}" for number in odd][: len(kept)]


def test_a_stem_without_room_for_one_run_is_only_counted() -> None:
    assert fold_stems({"x" * 60: Indexes(((0, 4),))}, size=100) == ("… and 5 more",)


def test_a_list_never_has_more_than_1001_entries() -> None:
    folded = fold([f"{number}x" for number in range(1100)])
    assert len(folded) == 1001
    assert folded[-1] == "… and 100 more"


def test_a_name_that_looks_folded_is_only_counted() -> None:
    names = ["a-[1-3]", "… and 7 more", "… and so on-4", "fine"]
    assert fold(names) == ("fine", "… and 3 more")
    assert fold(["a-[x]", "[1]"]) == ("a-[x]", "[1]")


def test_unfold_gives_back_what_fold_was_given() -> None:
    names = [f"a-{number}" for number in range(1500)] + ["b", "c-0"]
    assert sorted(unfold(fold(names))) == sorted(names)
    assert unfold(["a-[0-1,4]", "b-[x]", "… and 7 more"]) == ["a-0", "a-1", "a-4", "b-[x]"]


def test_fold_any_spells_out_few_and_folds_many() -> None:
    assert fold_any({"a": Indexes(((0, 2),))}) == ("a-0", "a-1", "a-2")
    assert fold_any({"a": Indexes(((0, 2000),))}) == ("a-[0-2000]",)


def test_an_index_has_no_leading_zero() -> None:
    assert split("a-0") == ("a", 0)
    assert split("a-00") == ("a-00", -1)
    assert split("a-1234567890") == ("a-1234567890", -1)
    assert split("a") == ("a", -1)


def test_natural_order_tells_equal_numbers_apart() -> None:
    assert sorted(["a-10", "a-7", "a-07", "a"], key=natural) == ["a", "a-07", "a-7", "a-10"]


def test_lines_are_in_index_order_without_the_run() -> None:
    stems = stems_of(["r-map-10", "r-map-9", "outsider"])
    assert lines(stems, without="r-") == ("outsider", "map-9", "map-10")


def test_very_many_lines_are_folded() -> None:
    assert lines({"r-map": Indexes(((0, 150_000),))}, without="r-") == ("map-[0-150000]",)
