"""From a name to its declaration, and to every other place where it stands."""

from konductor.dsl import syntax
from konductor.dsl.editor.index import Symbol, Use
from konductor.dsl.editor.snapshot import Snapshot
from konductor.dsl.source import Span


def resolved(use: Use, snapshot: Snapshot) -> tuple[Symbol | None, Snapshot]:
    """Return what a name stands for, and the file that declares it.

    A name of an imported file that cannot be read stands for nothing.
    """
    if not use.member:
        return use.symbol, snapshot
    assert isinstance(use.symbol.node, syntax.Import)  # noqa: S101  # only imports have members
    other = snapshot.files.imported(snapshot.source.path, use.symbol.node.path.text)
    if other is None:
        return None, snapshot
    return other.index.exported.get(use.member), other


def definition(snapshot: Snapshot, offset: int) -> Span | None:
    """Return where the name at an offset is declared; of an import's path: the file's start."""
    use = snapshot.index.use_at(offset)
    if use is not None:
        symbol, _ = resolved(use, snapshot)
        return None if symbol is None else symbol.span
    for one in snapshot.parsed.file.statements:
        if isinstance(one, syntax.Import) and one.path.span.start <= offset <= one.path.span.end:
            other = snapshot.files.imported(snapshot.source.path, one.path.text)
            return None if other is None else other.source.span(0, 0)
    return None


def references(snapshot: Snapshot, offset: int, *, declaration: bool = True) -> tuple[Span, ...]:
    """Return every place of the name at an offset, in this file and the open ones around it."""
    use = snapshot.index.use_at(offset)
    if use is None:
        return ()
    symbol, home = resolved(use, snapshot)
    if symbol is None:
        return tuple(one.span for one in snapshot.index.uses_of(use.symbol, use.member))
    return tuple(
        one.span for one in occurrences(symbol, home, snapshot) if declaration or not one.declares
    )


def occurrences(symbol: Symbol, home: Snapshot, asked: Snapshot) -> list[Use]:
    """Return every use of a symbol: of its own file, the file that asks, and open importers."""
    found = list(home.index.uses_of(symbol))
    if symbol is not home.index.exported.get(symbol.name):
        return found
    importers = {one.source.path: (one, aliases) for one, aliases in _importers(home, asked)}
    for other, aliases in importers.values():
        found += (
            use
            for use in other.index.uses
            if use.member == symbol.name and use.symbol.name in aliases
        )
    return found


def _importers(home: Snapshot, asked: Snapshot) -> "list[tuple[Snapshot, frozenset[str]]]":
    found = list(home.files.importers(home.source.path))
    aliases = frozenset(
        one.alias.text
        for one in asked.parsed.file.statements
        if isinstance(one, syntax.Import) and _imports(asked, one.path.text, home)
    )
    return [*found, (asked, aliases)] if aliases else found


def _imports(asked: Snapshot, path: str, home: Snapshot) -> bool:
    other = asked.files.imported(asked.source.path, path)
    return other is not None and other.source.path == home.source.path


def highlights(snapshot: Snapshot, offset: int) -> tuple[Use, ...]:
    """Return every place of the name at an offset in this file."""
    use = snapshot.index.use_at(offset)
    return () if use is None else snapshot.index.uses_of(use.symbol, use.member)
