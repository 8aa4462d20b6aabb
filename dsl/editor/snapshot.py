"""One program as it stood at one moment: everything the editor's features read.

What is found, the index and the places of tokens are made when somebody asks first: a key that is
typed needs the findings only, most questions do without them.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from typing import Protocol

from konductor.dsl.check.schedule import schedule
from konductor.dsl.compile import Examined, examine
from konductor.dsl.declare import declare_file
from konductor.dsl.diagnostics import Diagnostic
from konductor.dsl.editor.draft import Draft
from konductor.dsl.editor.index import Index, index_of
from konductor.dsl.evaluate import new_evaluation
from konductor.dsl.evaluation import Loader, OutOfSteps
from konductor.dsl.parser import Parsed
from konductor.dsl.pipeline import Checked
from konductor.dsl.scope import Binding, Scope
from konductor.dsl.source import Source, Span
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

    parsed: Parsed
    loader: Loader | None = None
    """Reads the files that it names."""
    files: Files = field(default_factory=NoFiles)

    @cached_property
    def examined(self) -> Examined:
        """Return what the checker makes of it; parameters without a value are unknown."""
        return examine(self.parsed, loader=self.loader)

    @property
    def source(self) -> Source:
        """Return the text."""
        return self.parsed.source

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """Return what is wrong, in the order of the program.

        That a file of templates and functions has no pipeline is not wrong: others import it.
        """
        found = self.examined.diagnostics
        if not self.parsed.file.statements:
            return found
        return tuple(one for one in found if (one.code, one.span) != self._no_pipeline)

    @property
    def _no_pipeline(self) -> tuple[str, Span]:
        return "K0301", self.source.span(0, 0)

    @property
    def tokens(self) -> tuple[Token, ...]:
        """Return the tokens, in the order of the program."""
        return self.parsed.tokens

    @cached_property
    def index(self) -> Index:
        """Return the names: where each is declared and used."""
        return index_of(self.parsed.file)

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
        return self._scope.find(name)

    @cached_property
    def _scope(self) -> Scope:
        """Return the names of the pipeline; of a file without one those that it declares."""
        if self.examined.pipeline is not None:
            return self.examined.pipeline.scope
        file, scope = self.parsed.file, Scope()
        with suppress(OutOfSteps):
            declare_file(file, scope, new_evaluation(broken=file.broken))
        return scope

    def token_before(self, offset: int) -> int:
        """Return the index of the last token that begins before an offset; -1: there is none."""
        return bisect_right(self._starts, offset - 1) - 1


def take(
    text: str,
    path: str,
    loader: Loader | None = None,
    files: Files | None = None,
    draft: Draft | None = None,
) -> Snapshot:
    """Return a snapshot of a program.

    Args:
        text: As it is.
        path: How it is called.
        loader: Reads the files that it names.
        files: Those that are open, or imported.
        draft: What is known of it from before; its earlier snapshots are then of no use any more.
    """
    parsed = (draft or Draft()).read(Source(path, text))
    return Snapshot(parsed, loader, files or NoFiles())
