"""Ranges of completion indexes, ``0-3,7``, as a Job's status and success policy write them."""

from itertools import pairwise


def count(text: str, completions: int) -> int:
    """Return how many indexes a text of ranges names.

    >>> count("0-3,7", 10)
    5

    Raises:
        ValueError: it is malformed, not increasing or names an index that there is not.
    """
    if not text:
        return 0
    ranges = []
    last: int | None = None
    for part in text.split(","):
        first, final = _range(part, completions)
        if last is not None and last >= first:
            raise ValueError(f"non-increasing order, previous: {last}, current: {first}")
        ranges.append((first, final))
        last = final
    return sum(final - first + 1 for first, final in ranges)


def overlap(one: str, other: str, completions: int) -> int | None:
    """Return the first index that two texts of ranges both name.

    Raises:
        ValueError: one of them is malformed.
    """
    for text in (one, other):
        count(text, completions)
    ranges = sorted(_ranges(one, completions) + _ranges(other, completions))
    return next((two[0] for first, two in pairwise(ranges) if two[0] <= first[1]), None)


def _ranges(text: str, completions: int) -> list[tuple[int, int]]:
    return [_range(part, completions) for part in text.split(",")] if text else []


def _range(text: str, completions: int) -> tuple[int, int]:
    limits = text.split("-")
    if len(limits) > 2:  # noqa: PLR2004  # a range has two ends
        raise ValueError(
            f'the fragment "{text}" violates the requirement that an index interval can have at '
            "most two parts separated by '-'"
        )
    first, final = (_index(limit, completions) for limit in (limits[0], limits[-1]))
    if len(limits) > 1 and first >= final:
        raise ValueError(f"non-increasing order, previous: {first}, current: {final}")
    return first, final


def _index(text: str, completions: int) -> int:
    if not (text.isascii() and text.isdigit()):
        raise ValueError(f'cannot convert string to integer for index: "{text}"')
    if int(text) >= completions:
        raise ValueError(f'too large index: "{text}"')
    return int(text)
