from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import pytest

from konductor.dsl.editor.index import Use
from konductor.dsl.editor.snapshot import Snapshot, take

Look = Callable[..., tuple[Snapshot, int]]


@dataclass
class Folder:
    """Files that know of each other, all of them open."""

    texts: dict[str, str] = field(default_factory=dict)
    made: dict[str, Snapshot] = field(default_factory=dict)

    def imported(self, importer: str, path: str) -> Snapshot | None:
        del importer
        if path not in self.texts:
            return None
        if path not in self.made:
            self.made[path] = take(self.texts[path], path, files=self)
        return self.made[path]

    def importers(self, path: str) -> Iterable[tuple[Snapshot, frozenset[str]]]:
        for one in self.texts:
            snapshot = self.imported("", one)
            assert snapshot is not None
            uses: Iterable[Use] = snapshot.index.uses
            aliases = {
                use.symbol.name
                for use in uses
                if getattr(use.symbol.node, "path", None) is not None
            }
            if path != one and aliases:
                yield snapshot, frozenset(aliases)


@pytest.fixture
def look() -> Look:
    """Return what reads a program in which `|` marks the cursor; others lie beside it."""

    def read(text: str, **others: str) -> tuple[Snapshot, int]:
        offset = text.index("|")
        files = Folder({f"{name}.kon": one for name, one in others.items()})
        snapshot = take(text[:offset] + text[offset + 1 :], "a.kon", files=files)
        files.texts["a.kon"] = snapshot.source.text
        files.made["a.kon"] = snapshot
        return snapshot, offset

    return read
