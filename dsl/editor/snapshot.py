"""One program as it stood at one moment: everything the editor's features read.

The index and the places of tokens are made when somebody asks first: a key that is typed needs
only the findings.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from typing import Protocol

from konductor.dsl.check.schedule import schedule
from konductor.dsl.compile import Examined, examine_source
from konductor.dsl.diagnostics import Diagnostic
from konductor.dsl.editor.index import Index, index_of
from konductor.dsl.evaluation import Loader
from konductor.dsl.pipeline import Checked
from konductor.dsl.scope import Binding
from konductor.dsl.source import Source
from konductor.dsl.tokens import Token


class Files(Protocol):
    """The other files of a program, as an editor has them: open ones first, then the disk."""

    def imported(self, importer: str, path: str) -> "Snapshot | None":
        """Return the file that another one imports; None: it cannot be read."""
        ...

    def importers(self, path: str) -> "Iterable[tuple[Snapshot, frozenset[str]]]":
        """Return the open files that import one, each with the aliases it uses for it."""
        ...


class NoFiles:
    """A program that stands alone."""

    def imported(self, importer: str, path: str) -> "Snapshot | None":  # noqa: ARG002  # the port's form
        """Return nothing."""
        return None

    def importers(self, path: str) -> "Iterable[tuple[Snapshot, frozenset[str]]]":  # noqa: ARG002  # likewise
        """Return nothing."""
        return ()


@dataclass(frozen=True)
class Snapshot:
    """A program, its tree, its findings and its names; without slots, since parts are made late."""

    examined: Examined
    files: Files = field(default_factory=NoFiles)

    @property
    def source(self) -> Source:
        """Return the text."""
        return self.examined.parsed.source

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """Return what is wrong, in the order of the program."""
        return self.examined.diagnostics

    @property
    def tokens(self) -> tuple[Token, ...]:
        """Return the tokens, in the order of the program."""
        return self.examined.parsed.tokens

    @cached_property
    def index(self) -> Index:
        """Return the names: where each is declared and used."""
        return index_of(self.examined.parsed.file)

    @cached_property
    def _starts(self) -> list[int]:
        return [token.start for token in self.tokens]

    @cached_property
    def checked(self) -> Mapping[str, Checked]:
        """Return the stages and barriers by name, as far as they make sense."""
        pipeline = self.examined.pipeline
        return {} if pipeline is None else pipeline.by_name

    @cached_property
    def finishes(self) -> Mapping[str, timedelta | None]:
        """Return when each stage and barrier ends at the latest; None: nobody knows."""
        pipeline = self.examined.pipeline
        if pipeline is None:
            return {}
        return {name: times.finish.at for name, times in schedule(pipeline).items()}

    def binding(self, name: str) -> Binding | None:
        """Return what a name of the pipeline or the file stands for, with its value."""
        pipeline = self.examined.pipeline
        return None if pipeline is None else pipeline.scope.find(name)

    def token_before(self, offset: int) -> int:
        """Return the index of the last token that begins before an offset; -1: there is none."""
        return bisect_right(self._starts, offset - 1) - 1


def take(
    text: str, path: str, loader: Loader | None = None, files: Files | None = None
) -> Snapshot:
    """Return a snapshot of a program; parameters without a value are unknown, as in `check`."""
    return Snapshot(examine_source(text, path=path, loader=loader), files or NoFiles())
