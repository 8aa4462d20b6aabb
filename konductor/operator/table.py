"""The newest version of each object, and who names whom: what a store is made of.

Level-based and pure: lists and single changes are taken in any order, and the newest version of
each object, by its resource version, is kept. Two watches tell the operator of Barriers (kopf's
and its own lists), so an older version never replaces a newer one, and what is gone never returns.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Generic, NamedTuple, Protocol, TypeVar

from konductor.api.meta import Json, Metadata


class Key(NamedTuple):
    """A namespaced object."""

    namespace: str
    name: str


class HasMetadata(Protocol):
    """An API object."""

    @property
    def metadata(self) -> Metadata:
        """Return its metadata."""
        ...


T = TypeVar("T", bound=HasMetadata)
_REMEMBERED = 10_000


def key_of(document: Json) -> Key:
    """Return the key of a JSON object."""
    metadata = document["metadata"]
    return Key(str(metadata.get("namespace", "")), str(metadata["name"]))


def version_of(document: Json) -> int:
    """Return an object's resource version as a number, by which versions compare."""
    return int(document["metadata"]["resourceVersion"])


@dataclass(slots=True)
class Table(Generic[T]):
    """All objects of one kind."""

    parse: Callable[[Json], T]
    listed: bool = False
    """Whether a whole list has been taken in, so that what is absent does not exist."""
    rows: dict[Key, T] = field(default_factory=dict)
    _gone: dict[str, None] = field(default_factory=dict)

    def put(self, document: Json) -> T | None:
        """Take in a version; return the object if that was news, else None."""
        key, uid = key_of(document), str(document["metadata"]["uid"])
        old = self.rows.get(key)
        if uid in self._gone:
            return None
        if old and int(old.metadata.resource_version) >= version_of(document):
            return None
        if old and old.metadata.uid != uid:
            self._bury(old.metadata.uid)
        self.rows[key] = self.parse(document)
        return self.rows[key]

    def drop(self, document: Json) -> T | None:
        """Take in a deletion; return the object as it was, if it was there."""
        key, uid = key_of(document), str(document["metadata"]["uid"])
        self._bury(uid)
        old = self.rows.get(key)
        return self.rows.pop(key) if old and old.metadata.uid == uid else None

    def replace(
        self, items: Iterable[Json], version: str, fits: Callable[[Key], bool] = lambda _: True
    ) -> tuple[list[T], list[T]]:
        """Take in a list of all objects that fit; return what is news, and what is gone."""
        news, seen = [], set()
        for document in items:
            seen.add(key_of(document))
            if (one := self.put(document)) is not None:
                news.append(one)
        missing = [
            key
            for key, old in self.rows.items()
            if key not in seen and fits(key) and int(old.metadata.resource_version) <= int(version)
        ]
        gone = [self.rows.pop(key) for key in missing]
        for old in gone:
            self._bury(old.metadata.uid)
        self.listed = True
        return news, gone

    def _bury(self, uid: str) -> None:
        self._gone[uid] = None
        while len(self._gone) > _REMEMBERED:
            del self._gone[next(iter(self._gone))]


class Index:
    """Keys under names: which barriers name a barrier, belong to a run, count a Job."""

    def __init__(self) -> None:
        self._under: dict[Key, dict[Key, None]] = defaultdict(dict)
        self._names: dict[Key, frozenset[Key]] = {}

    def put(self, key: Key, names: frozenset[Key]) -> None:
        """Let a key stand under exactly these names."""
        old = self._names.get(key, frozenset())
        if names == old:
            return
        for name in old - names:
            self._under[name].pop(key, None)
            if not self._under[name]:
                del self._under[name]
        for name in names - old:
            self._under[name][key] = None
        if names:
            self._names[key] = names
        else:
            self._names.pop(key, None)

    def __bool__(self) -> bool:
        """Tell whether anything stands under any name."""
        return bool(self._names)

    def of(self, name: Key) -> tuple[Key, ...]:
        """Return the keys that stand under a name."""
        return tuple(self._under.get(name, ()))
