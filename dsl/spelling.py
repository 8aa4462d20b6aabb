"""The nearest of several names to one that is not among them."""

from collections.abc import Iterable


def nearest(name: str, names: Iterable[str]) -> str | None:
    """Return the name with the least edit distance, if it is at most half of `name`'s length.

    >>> nearest("transfrom", ["extract", "transform"])
    'transform'
    >>> nearest("x", ["y"]) is None
    True
    """
    most = len(name) // 2
    ranked = sorted((distance(name.lower(), one.lower(), most), one) for one in names)
    return ranked[0][1] if ranked and ranked[0][0] <= most else None


def distance(left: str, right: str, most: int) -> int:
    """Return how many letters must change, come, go or swap, or `most` + 1 if more."""
    if abs(len(left) - len(right)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(right) + 1))
    for at, letter in enumerate(left, 1):
        older, before, row = before, row, [at]
        for to, other in enumerate(right, 1):
            cost = min(before[to] + 1, row[to - 1] + 1, before[to - 1] + (letter != other))
            if at > 1 and to > 1 and letter == right[to - 2] and left[at - 2] == other:
                cost = min(cost, older[to - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
    return row[-1]
