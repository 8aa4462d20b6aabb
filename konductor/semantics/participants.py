"""Long lists of participants in little space: ``extract-[0-4,7,9-811]``.

A name is a stem and an index, ``extract`` and 7; one without an index is a stem alone. What
stands for several names has a form that no single name in a list ever has: a name that looks
like it is only counted (in "… and N more"), so that a list is always read back exactly.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain

from konductor.semantics.indexes import Indexes

NO_INDEX = -1
"""The index of a name that is all stem."""
MOST_NAMES = 1_000
"""More are folded."""
MOST_BYTES = 12_000
"""The most that a list takes as JSON, with its commas and quotes."""
MOST_LINES_BYTES = 900 * 1024
"""The most that a ConfigMap of names takes; etcd refuses objects of more than 1.5 MiB."""
_REST_BYTES = 40
_INDEX = re.compile(r"-(0|[1-9][0-9]{0,8})\Z")
_RUN = r"[0-9]{1,9}(?:-[0-9]{1,9})?"
_FOLDED = re.compile(rf"(.*)-\[({_RUN}(?:,{_RUN})*)\]", re.DOTALL)
_REST = "… and "
_DIGITS = re.compile(r"([0-9]+)")

Stems = Mapping[str, Indexes]
"""Participants by stem; `ALONE` stands for the stem itself."""
ALONE = Indexes(((NO_INDEX, NO_INDEX),))


def split(name: str) -> tuple[str, int]:
    """Return a name's stem and index, the latter `NO_INDEX` if it has none.

    >>> split("extract-7"), split("extract-07")
    (('extract', 7), ('extract-07', -1))
    """
    match = _INDEX.search(name)
    return (name[: match.start()], int(match[1])) if match else (name, NO_INDEX)


def join(stem: str, index: int) -> str:
    """Return the name of a stem and an index."""
    return stem if index == NO_INDEX else f"{stem}-{index}"


def natural(name: str) -> tuple[tuple[str | int, ...], str]:
    """Return the key that sorts names as people do: ``a-9`` before ``a-10``."""
    parts = enumerate(_DIGITS.split(name))
    return tuple(int(part) if place % 2 else part for place, part in parts), name


def stems_of(names: Iterable[str]) -> Stems:
    """Return the names by stem, in natural order."""
    found: dict[str, list[int]] = {}
    for stem, index in map(split, names):
        found.setdefault(stem, []).append(index)
    return {stem: runs_of(found[stem]) for stem in sorted(found, key=natural)}


def runs_of(indexes: Iterable[int]) -> Indexes:
    """Return the indexes of one stem as runs; `NO_INDEX`, the stem alone, is a run of its own."""
    numbers = sorted(indexes)
    alone = ALONE.runs if numbers and numbers[0] == NO_INDEX else ()
    return Indexes(alone + Indexes.of(number for number in numbers if number >= 0).runs)


def names_of(stems: Stems) -> list[str]:
    """Return every name."""
    return [join(stem, index) for stem, indexes in stems.items() for index in indexes]


def fold(names: Sequence[str]) -> tuple[str, ...]:
    """Return the names as ``status.arrivals`` holds them.

    At most 1,000 names within 12 kB stand as they are, in the order given. More are folded, one
    entry a stem, in natural order; what exceeds 12 kB even so ends in "… and N more".

    >>> fold(["b", "a"])
    ('b', 'a')
    """
    if len(names) <= MOST_NAMES and not any(map(_is_ambiguous, names)):
        plain = tuple(names)
        if sum(map(_size, plain)) <= MOST_BYTES:
            return plain
    return fold_stems(stems_of(names))


def fold_stems(
    stems: Stems, *, size: int = MOST_BYTES, total: int | None = None
) -> tuple[str, ...]:
    """Return the folded entries of names by stem, as JSON at most that many bytes.

    With ``total`` there are so many names, and these stems are only the first of them.
    """
    entries: list[str] = []
    shown, room = 0, size - _REST_BYTES
    for entry, count in chain.from_iterable(_entries(one, stems[one], size) for one in stems):
        room -= _size(entry)
        if room < 0 or len(entries) == MOST_NAMES:
            break
        entries.append(entry)
        shown += count
    rest = (sum(map(len, stems.values())) if total is None else total) - shown
    return (*entries, f"{_REST}{rest} more") if rest else tuple(entries)


def fold_any(stems: Stems) -> tuple[str, ...]:
    """Return names by stem as `fold` would, but never spell out more than it shows."""
    few = sum(map(len, stems.values())) <= MOST_NAMES
    return fold(names_of(stems)) if few else fold_stems(stems)


def unfold(entries: Iterable[str]) -> list[str]:
    """Return the names in what `fold` gave, all but those of "… and N more".

    >>> unfold(["a-[0-1,4]", "b", "… and 7 more"])
    ['a-0', 'a-1', 'a-4', 'b']
    """
    return list(chain.from_iterable(map(_unfold_entry, entries)))


def _unfold_entry(entry: str) -> Iterable[str]:
    if entry.startswith(_REST):
        return ()
    match = _FOLDED.fullmatch(entry)
    return (f"{match[1]}-{index}" for index in Indexes.parse(match[2])) if match else (entry,)


def _entries(stem: str, indexes: Indexes, size: int) -> Iterable[tuple[str, int]]:
    """Yield the entries of one stem, each with how many names it stands for.

    Usually that is one; runs that do not fit are left out at the end.
    """
    numbered = indexes
    if indexes.runs[0] == ALONE.runs[0]:
        numbered = Indexes(indexes.runs[1:])
        if not _is_ambiguous(stem):
            yield stem, 1
    if stem.startswith(_REST):
        return
    if len(numbered) == 1:
        yield join(stem, numbered.runs[0][0]), 1
    elif numbered.runs:
        fitting = _fitting(numbered, size - _size(stem) - _REST_BYTES)
        if fitting.runs:
            yield f"{stem}-[{fitting}]", len(fitting)


def _fitting(indexes: Indexes, size: int) -> Indexes:
    """Return the leading runs whose text takes at most that many bytes."""
    taken = 0
    for place, (first, last) in enumerate(indexes.runs):
        taken += len(str(first)) + len(str(last)) + 2
        if taken > size:
            return Indexes(indexes.runs[:place])
    return indexes


def is_shown(stem: str) -> bool:
    """Tell whether a list shows the stem itself if there is room: it stands for nothing else."""
    return not _is_ambiguous(stem)


def _is_ambiguous(name: str) -> bool:
    return (name.endswith("]") and bool(_FOLDED.fullmatch(name))) or name.startswith(_REST)


def _size(entry: str) -> int:
    """Return the bytes that an entry takes in a JSON list, with its comma."""
    return len(json.dumps(entry, ensure_ascii=False).encode()) + 1


def lines(stems: Stems, *, without: str) -> tuple[str, ...]:
    """Return the names in index order, without a prefix that they share.

    Beyond `MOST_LINES_BYTES` each stem is one folded line.
    """
    bare = {stem.removeprefix(without): indexes for stem, indexes in stems.items()}
    names = names_of(bare)
    if sum(len(name.encode()) + 1 for name in names) <= MOST_LINES_BYTES:
        return tuple(names)
    return fold_stems(bare, size=MOST_LINES_BYTES)
