"""The files that an editor has open, and those on the disk that they import."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from lsprotocol.types import (
    TextDocumentContentChangeEvent,
    TextDocumentContentChangePartial,
)
from pygls.uris import from_fs_path, to_fs_path

from konductor.cli.lsp.position import UTF16, Positions
from konductor.cli.project import module_root
from konductor.dsl.editor.draft import Draft
from konductor.dsl.editor.snapshot import Snapshot, take
from konductor.dsl.syntax import Import
from konductor.errors import KonductorError


@dataclass(eq=False)
class Document:
    """One open file at one version; without slots, since the snapshot is made when asked for."""

    uri: str
    path: str
    """In the file system; what has no place there is called by its URI."""
    version: int | None
    text: str
    store: "Documents"
    draft: Draft = field(default_factory=Draft)
    """What is known of it from one version to the next."""
    uses: set[str] = field(default_factory=set)
    """The paths of the files that it names; filled when the snapshot is made."""

    @cached_property
    def snapshot(self) -> Snapshot:
        """Return what the language says of it."""
        snapshot = take(self.text, self.path, self.load, self.store, self.draft)
        self.uses.update(beside(self.path, one.path.text) for one in imports(snapshot))
        return snapshot

    def load(self, path: str) -> str:
        """Return the text of a file that this one names, as the editor has it if it is open.

        Raises:
            OSError, ValueError: it cannot be read.
        """
        full = beside(self.path, path)
        self.uses.add(full)
        return self.store.read(full)

    @cached_property
    def positions(self) -> Positions:
        """Return its lines."""
        return Positions(self.text, self.store.encoding)


@dataclass(eq=False, slots=True)
class Documents:
    """Every open file, and what was read of others."""

    encoding: str = UTF16
    _open: dict[str, Document] = field(default_factory=dict)
    """By URI."""
    _paths: dict[str, str] = field(default_factory=dict)
    """URIs of open files by path."""
    _disk: dict[str, tuple[tuple[int, int], Document]] = field(default_factory=dict)
    """Imported files by path, with their time and size when they were read."""
    _past: list[Document] = field(default_factory=list)
    """What was replaced since the last rest: to take a large tree apart takes its time."""

    def __iter__(self) -> Iterator[Document]:
        """Yield the open files."""
        return iter(tuple(self._open.values()))

    def find(self, uri: str) -> Document | None:
        """Return an open file."""
        return self._open.get(uri)

    def open(self, uri: str, version: int | None, text: str) -> Document:
        """Take a file as the editor has it, first or anew."""
        past = self._open.get(uri)
        draft = Draft() if past is None else past.draft
        document = Document(uri, path_of(uri), version, text, self, draft)
        if past is not None:
            self._past.append(past)
        self._open[uri] = document
        self._paths[document.path] = uri
        return document

    def change(
        self, uri: str, version: int | None, changes: "list[TextDocumentContentChangeEvent]"
    ) -> None:
        """Change a file that is open; of one that is not there is nothing to change."""
        document = self._open.get(uri)
        if document is None:
            return
        text = document.text
        for change in changes:
            if isinstance(change, TextDocumentContentChangePartial):
                is_first = text is document.text
                positions = document.positions if is_first else Positions(text, self.encoding)
                place = change.range
                start = positions.offset(place.start.line, place.start.character)
                end = positions.offset(place.end.line, place.end.character)
                text = text[:start] + change.text + text[max(start, end) :]
            else:
                text = change.text
        self.open(uri, version, text)

    def close(self, uri: str) -> None:
        """Forget a file; from now on it is what the disk says."""
        document = self._open.pop(uri, None)
        if document is not None:
            self._paths.pop(document.path, None)

    def touch(self, uris: Iterable[str]) -> list[Document]:
        """Look anew at the open files that use some others; return them."""
        changed = set(uris)
        paths = {path_of(uri) for uri in changed}
        dependent = [one for one in self if one.uri not in changed and paths & one.uses]
        return [self.open(one.uri, one.version, one.text) for one in dependent]

    def rest(self) -> None:
        """Give back the memory of what was replaced, while nobody waits."""
        self._past.clear()

    def positions(self, path: str, text: str) -> Positions:
        """Return the lines of a file that need not be open."""
        uri = self._paths.get(path)
        document = self._open.get(uri) if uri is not None else None
        if document is not None and document.text is text:
            return document.positions
        return Positions(text, self.encoding)

    def uri(self, path: str) -> str:
        """Return how the editor calls a file."""
        return self._paths.get(path) or from_fs_path(path) or path

    # ---- other files ----

    def read(self, path: str) -> str:
        """Return a file's text, as the editor has it if it is open.

        Raises:
            OSError, ValueError: it cannot be read.
        """
        uri = self._paths.get(path)
        return self._open[uri].text if uri else Path(path).read_text(encoding="utf-8")

    def imported(self, importer: str, path: str) -> Snapshot | None:
        """Return the file that another one imports; None: it cannot be read."""
        full = beside(importer, path)
        uri = self._paths.get(full)
        if uri is not None:
            return self._open[uri].snapshot
        try:
            status = Path(full).stat()
            stamp = status.st_mtime_ns, status.st_size
            known = self._disk.get(full)
            if known is None or known[0] != stamp:
                document = Document(self.uri(full), full, None, self.read(full), self)
                known = self._disk[full] = stamp, document
        except (OSError, ValueError):
            return None
        return known[1].snapshot

    def importers(self, path: str) -> "list[tuple[Snapshot, frozenset[str]]]":
        """Return the open files that import one, each with the aliases it uses for it."""
        found = []
        for document in self:
            aliases = frozenset(
                one.alias.text
                for one in imports(document.snapshot)
                if beside(document.path, one.path.text) == path
            )
            if aliases:
                found.append((document.snapshot, aliases))
        return found


def imports(snapshot: Snapshot) -> list[Import]:
    """Return the imports of a file."""
    statements = snapshot.parsed.file.statements
    return [one for one in statements if isinstance(one, Import)]


def beside(program: str, path: str) -> str:
    """Return the path of a file that a program names, from its folder or from a module root.

    What no root leads to is called as it is written: there is no such file.
    """
    folder = Path(program).parent
    if not path.startswith("@"):
        return os.path.normpath(folder / path)
    root, _, rest = path[1:].partition("/")
    try:
        return os.path.normpath(module_root(folder.absolute(), root) / rest)
    except (ValueError, OSError, KonductorError):
        return path


def path_of(uri: str) -> str:
    """Return the path of a URI; what is no file is called by its URI."""
    if not uri.startswith("file:"):
        return uri
    path = to_fs_path(uri)
    return os.path.normpath(path) if path else uri
