"""Sets of completion indexes as runs, the form in which a Job's status gives them: ``1,3-5``.

A Job with a million indexes says ``0-999999``; work on runs costs what the text costs, not what
it names.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class Indexes:
    """A set of whole numbers from 0, as ascending runs that neither touch nor overlap."""

    runs: tuple[tuple[int, int], ...] = ()
    """First and last index of each run."""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``completedIndexes`` or ``failedIndexes`` of a Job's status.

        Raises:
            ValueError: the text is no list of ascending indexes and runs.

        >>> Indexes.parse("1,3-5")
        Indexes(runs=((1, 1), (3, 5)))
        """
        return cls(tuple(_parse_run(part) for part in text.split(",")) if text else ())

    @classmethod
    def of(cls, numbers: Iterable[int]) -> Self:
        """Return the set of these numbers.

        >>> str(Indexes.of([5, 1, 4, 3]))
        '1,3-5'
        """
        runs: list[tuple[int, int]] = []
        first = last = -1
        for number in sorted(numbers):
            if number <= last + 1 and last >= 0:
                last = number
                continue
            if last >= 0:
                runs.append((first, last))
            first = last = number
        return cls((*runs, (first, last)) if last >= 0 else ())

    def __str__(self) -> str:
        """Return the text that `parse` reads."""
        return ",".join(
            str(first) if first == last else f"{first}-{last}" for first, last in self.runs
        )

    def __len__(self) -> int:
        """Return how many indexes there are."""
        return sum(last - first + 1 for first, last in self.runs)

    def __iter__(self) -> Iterator[int]:
        """Yield the indexes in ascending order."""
        for first, last in self.runs:
            yield from range(first, last + 1)

    def minus(self, other: "Indexes") -> "Indexes":
        """Return the indexes that are not in the other set, in time linear in the runs of both.

        >>> str(Indexes.parse("0-9").minus(Indexes.parse("3,7-20")))
        '0-2,4-6'
        """
        left: list[tuple[int, int]] = []
        holes = iter(other.runs)
        hole = next(holes, None)
        for first, last in self.runs:
            start = first
            while hole and hole[1] < start:
                hole = next(holes, None)
            while hole and hole[0] <= last:
                if hole[0] > start:
                    left.append((start, hole[0] - 1))
                start = hole[1] + 1
                if start > last:
                    break
                hole = next(holes, None)
            if start <= last:
                left.append((start, last))
        return Indexes(tuple(left))


def _parse_run(text: str) -> tuple[int, int]:
    first, _, last = text.partition("-")
    return int(first), int(last or first)
