"""The outline of a file, the parts that fold, and the chain of parts around a place."""

from dataclasses import dataclass

from konductor.dsl import syntax
from konductor.dsl.editor.snapshot import Snapshot
from konductor.dsl.expression import Name
from konductor.dsl.recursion import walk
from konductor.dsl.scope import OBJECT_WHATS
from konductor.dsl.source import Span


@dataclass(frozen=True, slots=True)
class Entry:
    """One declaration in the outline."""

    name: str
    what: str
    """As a word of the language, such as ``stage``."""
    name_span: Span
    span: Span
    children: "tuple[Entry, ...]" = ()


@dataclass(frozen=True, slots=True)
class Fold:
    """Lines, counted from 1, of which all but the first can be hidden."""

    first: int
    last: int
    is_comment: bool = False


_WHATS: dict[type, str] = {
    syntax.Import: "import",
    syntax.Param: "param",
    syntax.Let: "let",
    syntax.Fn: "fn",
    syntax.Template: "template",
    syntax.Pipeline: "pipeline",
    **{kind: str(what) for kind, what in OBJECT_WHATS.items()},
}


def outline(snapshot: Snapshot) -> tuple[Entry, ...]:
    """Return what a file declares, in its order."""
    return tuple(_entry(one) for one in snapshot.parsed.file.statements)


def _entry(one: syntax.FileStatement | syntax.PipelineStatement) -> Entry:
    children: tuple[Entry, ...] = ()
    if isinstance(one, syntax.Pipeline):
        named = (below for below in one.statements if not isinstance(below, syntax.Attr))
        children = tuple(_entry(below) for below in named)
    name = one.alias if isinstance(one, syntax.Import) else _name(one)
    if isinstance(one, syntax.Nested):
        name = one.label or name
    what = _WHATS.get(type(one), "block")
    return Entry(name.text or what, what, name.span, _around(one.span, name.span), children)


def _name(one: object) -> Name:
    name = getattr(one, "name", None) or getattr(one, "key", None)
    assert isinstance(name, Name)  # noqa: S101  # every other statement has one
    return name


def _around(span: Span, name: Span) -> Span:
    """Return a place that certainly holds the name, as editors demand it."""
    return span.source.span(min(span.start, name.start), max(span.end, name.end))


def folds(snapshot: Snapshot) -> tuple[Fold, ...]:
    """Return blocks, brackets and texts of several lines, and runs of comments."""
    source = snapshot.source
    found: list[Fold] = []
    opened: list[int] = []
    for token in snapshot.tokens:
        if token.kind in ("LBRACE", "LPAR", "LSQB"):
            opened.append(token.start)
        elif token.kind in ("RBRACE", "RPAR", "RSQB") and opened:
            found.append(_fold(source.span(opened.pop(), token.start)))
        elif token.kind == "HEREDOC":
            found.append(_fold(source.span(token.start, token.end)))
    return (*(one for one in found if one.last > one.first), *_comments(snapshot))


def _fold(span: Span) -> Fold:
    first, _ = span.source.position(span.start)
    last, _ = span.source.position(span.end)
    return Fold(first, last - 1)


def _comments(snapshot: Snapshot) -> list[Fold]:
    found: list[Fold] = []
    for one in snapshot.parsed.trivia:
        line, column = snapshot.source.position(one.start)
        if not one.text.startswith("#") or snapshot.source.line(line)[: column - 1].strip():
            continue
        if found and found[-1].last == line - 1:
            found[-1] = Fold(found[-1].first, line, is_comment=True)
        else:
            found.append(Fold(line, line, is_comment=True))
    return [one for one in found if one.last > one.first]


def around(snapshot: Snapshot, offset: int) -> tuple[Span, ...]:
    """Return the parts of the program that hold an offset, the smallest first."""
    whole = snapshot.source.span(0, len(snapshot.source.text))
    spans = {whole}
    for one in walk(snapshot.parsed.file):
        span = getattr(one, "span", None)
        if isinstance(span, Span) and span.start <= offset <= span.end:
            spans.add(span)
    ordered = sorted(spans, key=lambda span: span.end - span.start)
    chain = ordered[:1]
    for span in ordered[1:]:
        if span.start <= chain[-1].start and chain[-1].end <= span.end:
            chain.append(span)
    return tuple(chain)
