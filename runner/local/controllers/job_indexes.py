"""Completion indexes as the Job's status writes them: ``0-2,5``. Pure."""

from collections.abc import Iterable, Iterator
from itertools import groupby


def parse_indexes(text: str, completions: int) -> frozenset[int]:
    """Return the indexes that a text names, those below ``completions``; nonsense is skipped.

    >>> sorted(parse_indexes("0,2-4,9", 4))
    [0, 2, 3]
    """
    found: set[int] = set()
    for part in filter(None, text.split(",")):
        first, _, last = part.partition("-")
        if first.isdigit() and (last or first).isdigit():
            found.update(range(int(first), min(int(last or first) + 1, completions)))
    return frozenset(found)


def format_indexes(indexes: Iterable[int]) -> str:
    """Return the shortest text for indexes; two neighbours are written one by one.

    >>> format_indexes([4, 0, 1, 5, 6])
    '0,1,4-6'
    """
    return ",".join(_span(first, last) for first, last in _runs(indexes))


def _span(first: int, last: int) -> str:
    if first == last:
        return str(first)
    return f"{first}{',' if last == first + 1 else '-'}{last}"


def _runs(indexes: Iterable[int]) -> Iterator[tuple[int, int]]:
    numbered = enumerate(sorted(indexes))
    for _, run in groupby(numbered, key=lambda pair: pair[1] - pair[0]):
        members = [index for _, index in run]
        yield members[0], members[-1]
