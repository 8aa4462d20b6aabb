"""Every object that there is: the newest version of each in memory and in sqlite, and what changed.

A write is one sqlite transaction first and memory second, so neither a full disk nor a killed
process leaves half of it. The log of changes is kept in memory and bounded: who watches from
before its beginning is told to list again, as after a restart.

Objects in here are never changed in place. What is handed out must be copied to be edited.
"""

import asyncio
import sqlite3
from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from konductor.runner.local.apiserver.answer import Refusal, internal

Json = dict[str, Any]
_HISTORY, _HISTORY_BYTES = 20_000, 32 * 1024 * 1024
"""How many changes are remembered, and how much JSON."""
_PRIVATE = 0o600
_GONE_BYTES = 100
"""What the memory of a deletion costs: its object was remembered by the write before."""
_SCHEMA = """
CREATE TABLE IF NOT EXISTS objects (
  resource TEXT, namespace TEXT, name TEXT, version INTEGER, body BLOB,
  PRIMARY KEY (resource, namespace, name)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS counter (only INTEGER PRIMARY KEY CHECK (only = 0), version INTEGER);
INSERT OR IGNORE INTO counter VALUES (0, 1);
"""


class Key(NamedTuple):
    """What names an object: the resource as ``barriers.konductor.io``."""

    resource: str
    namespace: str
    name: str


@dataclass(frozen=True, slots=True)
class Change:
    """One write: the object as it was and as it is; one of them is None at its birth and end."""

    version: int
    key: Key
    before: Json | None
    after: Json | None
    """None: it was deleted."""


@dataclass(eq=False, slots=True)
class Watcher:
    """Whoever follows one resource, or one name in it: changes wait here until they are taken."""

    resource: str
    name: str
    """Empty: every name."""
    waiting: deque[Change] = field(default_factory=deque)
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    lost: bool = False
    """It fell behind all that is remembered: it has to list again."""

    def tell(self, change: Change, oldest: int) -> None:
        """Add a change; ``oldest`` is the version that the memory of changes begins at."""
        if self.waiting and self.waiting[0].version <= oldest:
            self.lost = True
            self.waiting.clear()
        elif not self.lost:
            self.waiting.append(change)
        self.wake.set()


class _History:
    """The last changes, bounded in number and in size: no write may make memory grow for ever."""

    def __init__(self, version: int) -> None:
        self.oldest = version
        """The oldest version that a watch can begin at."""
        self._changes: deque[tuple[Change, int]] = deque()
        self._size = 0

    def add(self, change: Change, size: int) -> None:
        """Remember a change whose object is so many bytes of JSON."""
        self._changes.append((change, size))
        self._size += size
        while len(self._changes) > _HISTORY or self._size > _HISTORY_BYTES:
            forgotten, freed = self._changes.popleft()
            self.oldest = forgotten.version
            self._size -= freed

    def since(self, version: int) -> Iterator[Change]:
        """Yield the changes after a version, the oldest first."""
        first = bisect_right(self._changes, version, key=lambda entry: entry[0].version)
        for change, _ in islice(self._changes, first, None):
            yield change

    def back_to(self, version: int) -> Iterator[Change]:
        """Yield the changes after a version, the newest first."""
        for change, _ in reversed(self._changes):
            if change.version <= version:
                return
            yield change


class Stock:
    """The objects of a cluster."""

    def __init__(self, path: Path) -> None:
        """Open or create the database.

        Raises:
            OSError: the file cannot be made.
            sqlite3.Error: it cannot be used.
        """
        path.touch(_PRIVATE)  # there are Secrets in it; sqlite gives its other files the same mode
        self._database = sqlite3.connect(path, isolation_level=None)
        self._database.execute("PRAGMA journal_mode=WAL")
        self._database.execute("PRAGMA synchronous=NORMAL")
        self._database.executescript(_SCHEMA)
        (self.version,) = self._database.execute("SELECT version FROM counter").fetchone()
        self._objects: dict[str, dict[tuple[str, str], Json]] = {}
        for resource, namespace, name, body in self._database.execute(
            "SELECT resource, namespace, name, body FROM objects ORDER BY namespace, name"
        ):
            self._objects.setdefault(resource, {})[namespace, name] = orjson.loads(body)
        self._history = _History(self.version)
        self._watchers: dict[tuple[str, str], set[Watcher]] = {}
        self.listeners: list[Callable[[Change], None]] = []
        """Called with each change, after it is made."""

    def close(self) -> None:
        """Close the database."""
        self._database.close()

    def get(self, key: Key) -> Json | None:
        """Return an object, not to be changed, or None."""
        return self._objects.get(key.resource, {}).get((key.namespace, key.name))

    def list_at(self, resource: str, namespace: str, version: int) -> list[Json] | None:
        """Return what `list` returned at a version; None if that is history."""
        if version == self.version:
            return self.list(resource, namespace)
        if version < self._history.oldest:
            return None
        found = dict(self._objects.get(resource, {}))
        for change in self._history.back_to(version):
            if change.key.resource == resource:
                place = change.key.namespace, change.key.name
                if change.before is None:
                    del found[place]
                else:
                    found[place] = change.before
        return [found[place] for place in sorted(found) if namespace in ("", place[0])]

    def list(self, resource: str, namespace: str = "") -> list[Json]:
        """Return a resource's objects, of one namespace or of all, in order of their names."""
        found = self._objects.get(resource, {})
        if not namespace:
            return [found[place] for place in sorted(found)]
        return [found[place] for place in sorted(found) if place[0] == namespace]

    def uid_of(self, key: Key) -> str:
        """Return an object's uid, or an empty string if there is none."""
        found = self.get(key)
        return str(found["metadata"]["uid"]) if found else ""

    def names(self, resource: str) -> Iterator[tuple[str, str]]:
        """Yield namespace and name of each object of a resource."""
        yield from self._objects.get(resource, {})

    def put(self, key: Key, document: Json) -> Json:
        """Store an object under a new version and return it as stored.

        Raises:
            Refusal: it could not be written.
        """
        version = self.version + 1
        stored = {
            **document,
            "metadata": {**document["metadata"], "resourceVersion": str(version)},
        }
        body = orjson.dumps(stored)
        statement = "INSERT OR REPLACE INTO objects VALUES (?, ?, ?, ?, ?)"
        self._write(version, statement, (*key, version, body))
        room = self._objects.setdefault(key.resource, {})
        before = room.get((key.namespace, key.name))
        room[key.namespace, key.name] = stored
        self._tell(Change(version, key, before, stored), len(body))
        return stored

    def remove(self, key: Key) -> Json:
        """Delete an object; return it with the version of its deletion.

        Raises:
            Refusal: it could not be written.
        """
        version = self.version + 1
        self._write(
            version,
            "DELETE FROM objects WHERE resource = ? AND namespace = ? AND name = ?",
            tuple(key),
        )
        gone = self._objects[key.resource].pop((key.namespace, key.name))
        last = {**gone, "metadata": {**gone["metadata"], "resourceVersion": str(version)}}
        self._tell(Change(version, key, gone, None), _GONE_BYTES)
        return last

    def watch(self, resource: str, since: int, name: str = "") -> Watcher | None:
        """Return a watcher that is told all changes after a version; None if that is history.

        With a name it is told of objects of that name alone: a thousand programs that each wait
        for a barrier of their own cost nothing while others change.
        """
        if since < self._history.oldest:
            return None
        watcher = Watcher(resource, name)
        for change in self._history.since(since):
            if change.key.resource == resource and name in ("", change.key.name):
                watcher.tell(change, self._history.oldest)
        self._watchers.setdefault((resource, name), set()).add(watcher)
        return watcher

    def unwatch(self, watcher: Watcher) -> None:
        """Forget a watcher."""
        place = watcher.resource, watcher.name
        self._watchers[place].discard(watcher)
        if not self._watchers[place]:
            del self._watchers[place]

    def _write(self, version: int, statement: str, values: tuple[object, ...]) -> None:
        try:
            self._database.execute("BEGIN IMMEDIATE")
            try:
                self._database.execute(statement, values)
                self._database.execute("UPDATE counter SET version = ?", (version,))
                self._database.execute("COMMIT")
            except BaseException:
                if self._database.in_transaction:
                    self._database.execute("ROLLBACK")
                raise
        except sqlite3.Error as error:
            raise _unwritten(error) from error
        self.version = version

    def _tell(self, change: Change, size: int) -> None:
        self._history.add(change, size)
        for name in ("", change.key.name):
            for watcher in self._watchers.get((change.key.resource, name), ()):
                watcher.tell(change, self._history.oldest)
        for listener in self.listeners:
            listener(change)


def _unwritten(error: sqlite3.Error) -> Refusal:
    text = str(error)
    if "full" in text or "disk I/O" in text:
        return internal("the disk is full: nothing was stored; make room in the state folder")
    return internal(f"the state folder cannot be written: {text}")
