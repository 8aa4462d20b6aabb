import pytest

from konductor.semantics.indexes import Indexes


@pytest.mark.parametrize("text", ["", "0", "1,3-5", "0-999999"])
def test_text_is_read_and_written(text: str) -> None:
    assert str(Indexes.parse(text)) == text


def test_numbers_become_runs_whatever_their_order() -> None:
    assert str(Indexes.of([5, 1, 4, 3, 3])) == "1,3-5"
    assert not Indexes.of([])


def test_indexes_are_counted_and_listed() -> None:
    one = Indexes.parse("1,3-5")
    assert len(one) == 4
    assert list(one) == [1, 3, 4, 5]


@pytest.mark.parametrize(
    ("left", "right", "rest"),
    [
        ("0-9", "3,7-20", "0-2,4-6"),
        ("0-9", "", "0-9"),
        ("", "0-9", ""),
        ("0-9", "0-9", ""),
        ("5-9", "0-2,4-6,8", "7,9"),
        ("0-2,6-8", "1-7", "0,8"),
        ("0,2,4", "1,3", "0,2,4"),
        ("0-3", "5-6", "0-3"),
    ],
)
def test_minus_leaves_what_the_other_has_not(left: str, right: str, rest: str) -> None:
    assert str(Indexes.parse(left).minus(Indexes.parse(right))) == rest


def test_what_is_no_list_is_refused() -> None:
    with pytest.raises(ValueError, match="invalid literal"):
        Indexes.parse("a-b")
