import pytest

from konductor.dsl.spelling import distance, nearest


@pytest.mark.parametrize(
    ("left", "right", "steps"),
    [
        ("transform", "transform", 0),
        ("transfrom", "transform", 1),
        ("aftr", "after", 1),
        ("", "", 0),
        ("kitten", "sitting", 3),
    ],
)
def test_distance_counts_letters_that_change_come_go_or_swap(
    left: str, right: str, steps: int
) -> None:
    assert distance(left, right, 9) == steps


def test_distance_is_not_reckoned_beyond_what_is_asked() -> None:
    assert distance("abcdef", "uvwxyz", 2) == 3
    assert distance("a", "abcdef", 2) == 3


def test_nearest_name_is_within_half_the_length() -> None:
    assert nearest("extrct", ["load", "extract", "transform"]) == "extract"
    assert nearest("EXTRACT", ["extract"]) == "extract"
    assert nearest("x", ["y"]) is None
    assert nearest("load", []) is None
