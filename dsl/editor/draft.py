"""A file while somebody types in it, without reading all of it for every key.

What a statement of a pipeline is depends on nothing but its own tokens, and on the comments before
them. So of a file without a syntax error the statements are kept, each as a piece that can be
moved. When the file has changed, those before and behind the change stand in the new tree as they
are, and only what lies between is read. What comes of it is what `parse` returns, with every place
where it is now; where nothing can be taken over, it is `parse`.

The tree that was read before is then no longer of use: its statements have moved on.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import partial
from operator import attrgetter
from typing import Any, TypeVar

from konductor.dsl import expression, syntax
from konductor.dsl.known import Known
from konductor.dsl.parser import Parsed, parse
from konductor.dsl.source import Piece, Source, Span
from konductor.dsl.tokens import SEPARATOR, Lexed, Token, Trivia, tokenize
from konductor.garbage import no_garbage_collection

T = TypeVar("T")
_PIPELINE = ("LBRACE",)
"""The braces around a pipeline's statements."""


class Draft:
    """One file, from one version to the next."""

    def __init__(self) -> None:
        """Begin with nothing read."""
        self._kept: _Kept | None = None
        """The last version without a syntax error."""

    def read(self, source: Source) -> Parsed:
        """Return what `parse` does of the file as it is now."""
        with no_garbage_collection():
            parsed = _Change(self._kept, source).parsed() if self._kept else parse(source)
            if parsed.diagnostics:
                return parsed
            self._kept = _kept(parsed)
        return self._kept.parsed if self._kept else parsed


@dataclass(frozen=True, slots=True)
class _Kept:
    """A version of which the pipeline's statements can be moved."""

    parsed: Parsed
    pipeline: syntax.Pipeline
    pieces: tuple[Piece, ...]
    """Of each of its statements."""
    starts: tuple[int, ...]
    """Where each of them stood."""


def _kept(parsed: Parsed) -> _Kept | None:
    """Return a version with its pipeline's statements as pieces; None: it has nothing to keep."""
    pipelines = [one for one in parsed.file.statements if isinstance(one, syntax.Pipeline)]
    if not pipelines:
        return None
    try:
        pairs = [_piece(one) for one in pipelines[0].statements]
    except RecursionError:  # an expression is nested too deep to be moved
        return None
    pipeline = replace(pipelines[0], statements=tuple(node for node, _ in pairs))
    statements = (pipeline if one is pipelines[0] else one for one in parsed.file.statements)
    parsed = replace(parsed, file=replace(parsed.file, statements=tuple(statements)))
    pieces = tuple(piece for _, piece in pairs)
    return _Kept(parsed, pipeline, pieces, tuple(one.at for one in pieces))


def _piece(
    node: syntax.PipelineStatement,
) -> tuple[syntax.PipelineStatement, Piece]:
    """Return a statement all places of which are in a piece of its own, and that."""
    origin, start, end = node.span
    if isinstance(origin, Piece):
        return node, origin
    piece = Piece(origin, start, end)
    return _moved(node, piece, -start), piece


@dataclass(frozen=True, slots=True)
class _Cut:
    """A place behind a line's end, between two statements of the pipeline as it was."""

    statement: int = 0
    """How many statements stand before it."""
    token: int = 0
    """How many tokens."""
    offset: int = 0


class _Change:
    def __init__(self, kept: _Kept, source: Source) -> None:
        self.kept = kept
        self.before = kept.parsed
        self.source = source
        self.by = len(source.text) - len(self.before.source.text)
        """How far what stands behind the change has moved."""

    def parsed(self) -> Parsed:
        """Return the tree of the file as it is."""
        same = _same(self.before.source.text, self.source.text)
        front, back = self._front(same), self._back(same)
        changed = self._changed(front, back)
        if back is not None and not _is_whole(changed):
            back, changed = None, self._changed(front, None)
        lexed = self._lexed(front, changed, back)
        return parse(self.source, lexed, self._known(front, back, len(lexed.tokens)))

    # ---- where the change is ----

    def _front(self, same: int) -> _Cut:
        """Return the last cut before the change; the file's start if there is none."""
        starts = self.kept.starts
        for number in range(min(bisect_right(starts, same), len(starts) - 1), 1, -1):
            cut = self._cut(number)
            if cut is not None and cut.offset <= same:
                return cut
        return _Cut()

    def _back(self, same: int) -> _Cut | None:
        """Return the first cut behind the change."""
        old, text = self.before.source.text, self.source.text
        most = min(len(old), len(text)) - same
        end = len(old) - _same(old[::-1][:most], text[::-1][:most])
        starts = self.kept.starts
        cuts = (self._cut(number) for number in range(bisect_left(starts, end), len(starts)))
        return next((cut for cut in cuts if cut is not None and cut.offset >= end), None)

    def _cut(self, number: int) -> _Cut | None:
        """Return the cut before a statement; None: it does not begin a line."""
        token = self._token_at(self.kept.starts[number])
        line_end = self.before.tokens[token - 1]
        is_cut = line_end.kind == SEPARATOR and line_end.text != ""
        return _Cut(number, token, line_end.end) if is_cut else None

    def _token_at(self, offset: int) -> int:
        return bisect_right(self.before.tokens, offset, key=lambda token: token.start) - 1

    # ---- tokens ----

    def _changed(self, front: _Cut, back: _Cut | None) -> Lexed:
        """Return the tokens between two cuts."""
        end = None if back is None else back.offset + self.by
        return tokenize(self.source, front.offset, end, within=_PIPELINE if front.statement else ())

    def _lexed(self, front: _Cut, changed: Lexed, back: _Cut | None) -> Lexed:
        """Return the tokens of the whole file."""
        tokens, trivia, by, new = self.before.tokens, self.before.trivia, self.by, tuple.__new__
        lexed = Lexed(
            [*tokens[: front.token], *changed.tokens],
            [
                *trivia[: _count(trivia, front.offset)],
                *(Trivia(one.text, one.start, one.before + front.token) for one in changed.trivia),
            ],
            changed.diagnostics,
            changed.swallowed,
        )
        if back is not None:
            more = len(lexed.tokens) - back.token
            rest = trivia[_count(trivia, back.offset) :]
            moved = ((kind, text, at + by) for kind, text, at in tokens[back.token :])
            lexed.tokens += [new(Token, one) for one in moved]
            lexed.trivia += [Trivia(one.text, one.start + by, one.before + more) for one in rest]
        return lexed

    # ---- statements ----

    def _known(self, front: _Cut, back: _Cut | None, tokens: int) -> list[Known]:
        """Return what is taken over.

        Not the first statement, with which the list of them begins; nor the last one before the
        change, which a mistake at the beginning of the change is seen as a part of.
        """
        starts, last, known = self.kept.starts, front.statement - 1, list[Known]()
        if last > 1:
            first, stop = self._token_at(starts[1]), self._token_at(starts[last])
            known.append(Known(first, stop, partial(self._take, slice(1, last), 0)))
        if back is not None:
            more = tokens - len(self.before.tokens)
            stop = self._token_at(self.kept.pipeline.span.end - 1)
            rest = partial(self._take, slice(back.statement, None), self.by)
            known.append(Known(back.token + more, stop + more, rest))
        return known

    def _take(self, part: slice, by: int) -> tuple[syntax.PipelineStatement, ...]:
        """Return some statements, moved."""
        for piece, start in zip(self.kept.pieces[part], self.kept.starts[part], strict=True):
            piece.move(self.source, start + by)
        return self.kept.pipeline.statements[part]


def _same(one: str, other: str) -> int:
    """Return how many characters two texts begin with alike."""
    least, most = 0, min(len(one), len(other))
    while least < most:
        middle = (least + most + 1) // 2
        if one[:middle] == other[:middle]:
            least = middle
        else:
            most = middle - 1
    return least


def _is_whole(changed: Lexed) -> bool:
    """Tell whether a change ends as it began, so that what follows means what it did.

    What is no token may go on behind it, and a comment at its end document what follows.
    """
    tokens, trivia = changed.tokens, changed.trivia
    ends_line = not tokens or tokens[-1].text.endswith("\n")
    ends_in_comment = bool(trivia) and trivia[-1].before == len(tokens)
    is_closed = not changed.diagnostics and tuple(changed.open) == _PIPELINE
    return ends_line and is_closed and not ends_in_comment


def _count(trivia: tuple[Trivia, ...], offset: int) -> int:
    """Return how many stand before an offset."""
    return bisect_left(trivia, offset, key=lambda one: one.start)


# ---- the same tree, told from elsewhere ----


def _moved(node: T, origin: Source, by: int) -> T:
    """Return a part of a tree with its places told from elsewhere, and so many further on."""
    new, parts_of = tuple.__new__, _PARTS.get

    def move(node: Any) -> Any:  # noqa: ANN401  # whatever a tree is made of
        kind = node.__class__
        if kind is Span:
            return new(Span, (origin, node[1] + by, node[2] + by))
        if kind is expression.Name:  # in full, since they are a quarter of all nodes
            _, start, end = node.span
            return kind(node.text, new(Span, (origin, start + by, end + by)), node.quoted)
        parts = parts_of(kind)
        if parts is not None:
            return kind(*map(move, parts(node)))
        return tuple(map(move, node)) if kind is tuple else node

    moved: T = move(node)
    return moved


def _parts(kind: type) -> Callable[[Any], tuple[Any, ...]]:
    """Return what takes a node apart."""
    names = [one.name for one in fields(kind)]
    return attrgetter(*names) if len(names) > 1 else lambda node: (getattr(node, names[0]),)


_PARTS = {
    one: _parts(one)
    for module in (expression, syntax)
    for one in vars(module).values()
    if isinstance(one, type) and is_dataclass(one)
}
"""What takes nodes apart, by their class."""
