"""The order of a graph: what can begin when what it waits for has begun. Linear, for any depth."""

from collections.abc import Iterable, Mapping


def generations(waits: Mapping[str, Iterable[str]]) -> tuple[tuple[str, ...], ...]:
    """Return names by the length of the longest path that leads to them.

    Within a generation they keep the order of ``waits``; a name that is no key of it is waited for
    by nobody, and what waits in a cycle, or for one, is left out.

    >>> generations({"c": ("a", "b"), "a": (), "b": ("a",), "d": ()})
    (('a', 'd'), ('b',), ('c',))
    """
    place = {name: number for number, name in enumerate(waits)}
    missing = {name: set(upstream) & place.keys() for name, upstream in waits.items()}
    followers: dict[str, list[str]] = {name: [] for name in waits}
    for name, upstream in missing.items():
        for one in upstream:
            followers[one].append(name)
    left = {name: len(upstream) for name, upstream in missing.items()}
    ready = [name for name in waits if not left[name]]
    found = []
    while ready:
        found.append(tuple(sorted(ready, key=place.__getitem__)))
        released = []
        for name in found[-1]:
            for follower in followers[name]:
                left[follower] -= 1
                if not left[follower]:
                    released.append(follower)
        ready = released
    return tuple(found)
