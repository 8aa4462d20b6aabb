"""Tokens to lines: where a program's text is indented and spaced.

The author's line breaks stay, since only he knows what belongs together. Everything else about the
white space of a line follows from its tokens and from the brackets that are open where it begins.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import NamedTuple

from konductor.dsl.text import indentation
from konductor.dsl.tokens import SEPARATOR, Token, Trivia

INDENT = "  "
_CONTINUED = 2
"""Levels by which a header's further lines stand apart from the block that follows them."""
_COMMENT, _NEGATIVE = "COMMENT", "NEGATIVE"
_CLOSED_BY = {"LBRACE": "RBRACE", "LPAR": "RPAR", "LSQB": "RSQB"}
_CLOSERS = frozenset(_CLOSED_BY.values())
_LITERALS = {"INT", "FLOAT", "PERCENT", "DURATION", "QUANTITY", "TRUE", "FALSE", "NULL"}
_OPERANDS = frozenset({"NAME", "STRING", "RAWSTRING", "HEREDOC", *_LITERALS, *_CLOSERS})
"""What a value can end with: a minus behind it subtracts, a bracket calls or picks."""
_HEADERS = frozenset({"STAGE", "TMAP", "REDUCE", "BARRIER", "APPROVAL", "FINALLY"})
"""What begins a statement with commas of its own, in `after` and `on`."""
_TIGHT_BEFORE = frozenset({"COMMA", "RPAR", "RSQB", "COLON", "DOT", "QMARK", "RANGE"})
_TIGHT_AFTER = frozenset({"LPAR", "LSQB", "DOT", "RANGE", _NEGATIVE})


class Row(NamedTuple):
    """What an author wrote in one line, or in several where a heredoc ends it."""

    pieces: Sequence[Token]
    after_blank: bool
    """Whether a blank line stands before it."""


@dataclass(frozen=True, slots=True)
class Line:
    """One row, laid out; what is aligned with its neighbours is still apart."""

    level: int
    """How deep it is indented."""
    code: str
    equals: int
    """The offset of an attribute's ``=`` in the code; -1 where it is not to be aligned."""
    comment: str
    """What stands behind the code."""
    column: int
    """Where the author began that comment; -1 without one."""
    after_blank: bool


class _Open(NamedTuple):
    """A bracket that is open."""

    kind: str
    level: int
    """How deep the line that closes it is indented."""
    in_header: bool
    """Whether it stands in the header of a statement."""


def lay_out(text: str, tokens: Sequence[Token], trivia: Sequence[Trivia]) -> Iterator[Line]:
    """Yield the lines of a program without syntax errors."""
    layout = _Layout(text)
    for row in _rows(text, _pieces(tokens, trivia)):
        yield layout.line(row)


def _pieces(tokens: Sequence[Token], trivia: Sequence[Trivia]) -> Iterator[Token]:
    """Yield the tokens with the comments between them."""
    done = 0
    for comment in trivia:
        yield from tokens[done : comment.before]
        yield Token(_COMMENT, comment.text.rstrip(), comment.start)
        done = comment.before
    yield from tokens[done:]


def _rows(text: str, pieces: Iterator[Token]) -> Iterator[Row]:
    row, end, after_blank = list[Token](), 0, False
    for piece in pieces:
        if piece.kind != SEPARATOR:
            breaks = text.count("\n", end, piece.start)
            if breaks and row:
                yield Row(row, after_blank)
                row, after_blank = [], breaks > 1
            end = piece.end
        row.append(piece)
    if row:
        yield Row(row, after_blank)


class _Layout:
    """Where in the program's structure the next line begins."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.open: list[_Open] = []
        self.in_header = False
        self.previous = SEPARATOR
        """The kind of the last token."""

    def line(self, row: Row) -> Line:
        level, base = self._level(row.pieces)
        equals = self._equals(row.pieces)
        comment, column, code, left = "", -1, "", ""
        for place, piece in enumerate(row.pieces):
            kind, text, start = piece
            if kind == SEPARATOR:
                self.previous = kind
                continue
            if kind == _COMMENT and code:
                comment = text
                column = start - self.text.rfind("\n", 0, start) - 1
                continue
            if kind == "HEREDOC":
                text = _heredoc(text, level)
            elif kind == "MINUS" and self.previous not in _OPERANDS:
                kind = _NEGATIVE
            code += _gap(left, kind) + text
            left = kind
            if kind != _COMMENT:
                self._see(kind, row.pieces[place + 1 : place + 2], level, base)
        return Line(level, code, equals, comment, column, row.after_blank)

    def _level(self, pieces: Sequence[Token]) -> tuple[int, int]:
        """Return how deep a line is indented, and its statement."""
        closers = 0
        while closers < len(pieces) and pieces[closers].kind in _CLOSERS:
            closers += 1
        if closers:
            level = self.open[-closers].level
            return level, level
        base = self.open[-1].level + 1 if self.open else 0
        is_continued = self.in_header and self.previous == "COMMA"
        return base + _CONTINUED * is_continued, base

    def _equals(self, pieces: Sequence[Token]) -> int:
        """Return the offset of the ``=`` of a line that is one attribute and nothing else."""
        is_attribute = len(pieces) > 1 and pieces[1].kind == "EQUAL"
        if not is_attribute or (self.open and self.open[-1].kind != "LBRACE"):
            return -1
        depth = 0
        for piece, following in pairwise(pieces):
            depth += (piece.kind in _CLOSED_BY) - (piece.kind in _CLOSERS)
            is_last = following.kind in (_COMMENT, SEPARATOR)
            if piece.kind == "HEREDOC" or (piece.kind == "COMMA" and not depth and not is_last):
                return -1
        depth += (pieces[-1].kind in _CLOSED_BY) - (pieces[-1].kind in _CLOSERS)
        return -1 if depth else len(pieces[0].text) + 1

    def _see(self, kind: str, following: Sequence[Token], level: int, base: int) -> None:
        """Note a token: which brackets are open now, and whether a header is being read."""
        if self.previous in (SEPARATOR, "LBRACE"):
            is_key = bool(following) and following[0].kind == "EQUAL"
            self.in_header = kind in _HEADERS and not is_key
        if kind in _CLOSED_BY:
            self.open.append(_Open(kind, base if kind == "LBRACE" else level, self.in_header))
            self.in_header = False
        elif kind in _CLOSERS:
            self.in_header = self.open.pop().in_header
        self.previous = kind


@cache
def _gap(left: str, right: str) -> str:
    """Return what stands between two tokens of a line."""
    if right == _COMMENT or not left:
        return ""
    if right in _TIGHT_BEFORE or left in _TIGHT_AFTER:
        return ""
    if right in ("LPAR", "LSQB") and (left in _OPERANDS or left == "TMAP"):
        return ""
    return "" if (left, right) == ("LBRACE", "RBRACE") else " "


def _heredoc(text: str, level: int) -> str:
    """Return a heredoc with its body one level within its line: what it says stays the same."""
    head, *body, tag = (line.removesuffix("\r") for line in text.split("\n"))
    common = indentation("\n".join(body))
    inner = INDENT * (level + 1)
    moved = [inner + line[common:] if line.strip() else "" for line in body]
    return "\n".join([head.rstrip(), *moved, INDENT * level + tag.strip()])
