"""The names that a folded list begins with, kept while names are added one by one.

A barrier with 100,000 participants that have nothing in common shows some fifty of them. To sort
all of them for each write of its status would take seconds.
"""

from bisect import insort
from collections.abc import Iterator
from typing import TypeAlias

from konductor.semantics.participants import MOST_BYTES, is_shown, natural

_Key: TypeAlias = tuple[tuple[str | int, ...], str]


class First:
    """The first stems in natural order, as many as a status could ever show."""

    def __init__(self) -> None:
        self._keys: list[_Key] = []
        self._size = 0

    def add(self, stem: str) -> None:
        """Add a stem that was not added before."""
        key = natural(stem)
        if self._size > MOST_BYTES and key > self._keys[-1]:
            return
        insort(self._keys, key)
        self._size += _size(stem)
        while self._size - _size(self._keys[-1][1]) > MOST_BYTES:
            self._size -= _size(self._keys.pop()[1])

    def __iter__(self) -> Iterator[str]:
        """Yield them in natural order."""
        return (stem for _, stem in self._keys)


def _size(stem: str) -> int:
    """Return at most what it takes in a list; nothing for a stem that may be left out there."""
    return len(stem) if is_shown(stem) else 0
