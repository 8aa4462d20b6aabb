"""Text to tokens: one stream for parser, formatter and language server.

Comments, and what belongs to no token, are kept apart as trivia. What lies between is blank, so
tokens, trivia and gaps together are the source, character for character.

A statement ends with its line, but not inside ``( )`` and ``[ ]``, after a comma, or where nothing
stands before it; the lexer makes these separators, so that the grammar need not know of lines.
"""

import re
from dataclasses import dataclass, field
from typing import NamedTuple

from konductor.dsl.diagnostics import Diagnostic
from konductor.dsl.source import Source
from konductor.dsl.stray import describe

SEPARATOR = "_SEP"
_WORDS = (
    "import",
    "as",
    "param",
    "let",
    "fn",
    "template",
    "pipeline",
    "where",
    "stage",
    "over",
    "reduce",
    "of",
    "barrier",
    "approval",
    "semaphore",
    "finally",
    "from",
    "after",
    "when",
    "on",
    "if",
    "then",
    "else",
    "for",
    "in",
    "and",
    "or",
    "not",
    "true",
    "false",
    "null",
)
KEYWORDS = {word: word.upper() for word in _WORDS} | {"map": "TMAP"}
DECLARES = frozenset(
    KEYWORDS[word]
    for word in (
        *("stage", "map", "reduce", "barrier", "approval", "semaphore", "finally"),
        *("param", "let", "fn", "template", "pipeline", "as"),
    )
)
"""The words behind which stands the name that they declare."""
PUNCTUATION = {
    "{": "LBRACE",
    "}": "RBRACE",
    "(": "LPAR",
    ")": "RPAR",
    "[": "LSQB",
    "]": "RSQB",
    ",": "COMMA",
    "=": "EQUAL",
    ":": "COLON",
    ".": "DOT",
    "+": "PLUS",
    "-": "MINUS",
    "*": "STAR",
    "/": "SLASH",
    "?": "QMARK",
    "|": "VBAR",
}
_MASTER = re.compile(
    r"""[ \t]*(?:
  (?P<NAME>[A-Za-z_][A-Za-z0-9_]*(?:-[A-Za-z0-9_]+)*)
| (?P<LINE_END>\r?\n)
| (?P<STRING>"(?:[^"\\\n]|\\.)*")
| (?P<RAWSTRING>'[^'\n]*')
| (?P<COMMENT>\#[^\n]*)
| (?P<ARROW>->)
| (?P<RANGE>\.\.)
| (?P<CMP>==|!=|<=|>=|<(?!<)|>)
| (?P<PUNCTUATION>[{}()\[\],=:.+*/?|-])
| (?P<DURATION>[0-9]+(?:\.[0-9]+)?(?:ms|s|m|h|d)(?:[0-9]+(?:ms|s|m|h|d))*(?![A-Za-z0-9_]))
| (?P<QUANTITY>[0-9]+(?:\.[0-9]+)?(?:[KMGTPE]i|[kMGTPE])(?![A-Za-z0-9_]))
| (?P<PERCENT>[0-9]+(?:\.[0-9]+)?%)
| (?P<FLOAT>[0-9]+\.[0-9]+)
| (?P<INT>[0-9][0-9_]*)
| (?P<HEREDOC><<\$?(?P<tag>[A-Z][A-Z0-9_]*)[ \t]*\r?\n(?:.*\n)*?[ \t]*(?P=tag)[ \t]*(?=\r?\n|\Z))
| (?P<OPEN><<\$?[A-Z][A-Z0-9_]*[\s\S]*|"(?:[^"\\\n]|\\.)*\\?|'[^'\n]*)
| (?P<CURLY>[“”„][^“”„\n]*[“”„]?)
| (?P<DOLLAR>\$\{[^}\n]*\}|\$[A-Za-z_][A-Za-z0-9_]*)
| (?P<BAD><<[-~]?["']?\w*["']?|[^\sA-Za-z0-9_"'\#{}()\[\],=:.+*/?|<>“”„$-]+|[\s\S])
|$)""",
    re.VERBOSE,
)
_KINDS = [""] * (_MASTER.groups + 1)
for _name, _number in _MASTER.groupindex.items():
    _KINDS[_number] = _name
_OPENED_BY = {"RBRACE": "LBRACE", "RPAR": "LPAR", "RSQB": "LSQB"}
_NO_STATEMENT = frozenset({SEPARATOR, "LBRACE", "COMMA"})
"""After these, a line end ends nothing."""
_BRACKET = frozenset({*_OPENED_BY, *_OPENED_BY.values()})
_ODD = frozenset({"COMMENT", "OPEN", "CURLY", "DOLLAR", "BAD"})
_SPECIAL = _BRACKET | _ODD | {"LINE_END"}
_FIXED = KEYWORDS | PUNCTUATION


class Token(NamedTuple):
    """A token; a named tuple, because a program has very many."""

    kind: str
    """The terminal's name in the grammar."""
    text: str
    start: int

    @property
    def end(self) -> int:
        """Return the offset behind it."""
        return self.start + len(self.text)


class Trivia(NamedTuple):
    """A comment, or characters that belong to no token."""

    text: str
    start: int
    before: int
    """The index of the token that follows."""


@dataclass(slots=True)
class Lexed:
    """What a text, or a part of it, consists of."""

    tokens: list[Token] = field(default_factory=list)
    trivia: list[Trivia] = field(default_factory=list)
    diagnostics: list[Diagnostic] = field(default_factory=list)
    swallowed: bool = False
    """Whether an open text or heredoc may have swallowed what should have followed it."""
    closed: int | None = None
    """The offset behind the ``}`` that ended the part, where one was asked for."""


class _Brackets:
    """The brackets that are open, and whether a line end counts among them."""

    def __init__(self) -> None:
        self.open: list[str] = []
        self.lines_count = True

    def see(self, kind: str) -> None:
        opened_by = _OPENED_BY.get(kind)
        if opened_by is None:
            self.open.append(kind)
        elif kind == "RBRACE" and opened_by in self.open:
            while self.open.pop() != opened_by:
                pass
        elif self.open and self.open[-1] == opened_by:
            self.open.pop()
        self.lines_count = not self.open or self.open[-1] == "LBRACE"


def tokenize(  # noqa: C901  # the hot path of the front: a call a token would double its time
    source: Source, start: int = 0, end: int | None = None, *, to_brace: bool = False
) -> Lexed:
    """Return the tokens between two offsets, or up to a ``}`` that nothing there opened."""
    out, brackets = Lexed(), _Brackets()
    tokens, previous, new = out.tokens, SEPARATOR, tuple.__new__
    end = len(source.text) if end is None else end
    for match in _MASTER.finditer(source.text, start, end):
        group = match.lastindex
        if group is None:
            continue
        at, value = match.start(group), match[group]
        kind = _FIXED.get(value) or _KINDS[group]
        if kind in _SPECIAL:
            if kind == "LINE_END":
                if not brackets.lines_count or previous in _NO_STATEMENT:
                    continue
                kind = SEPARATOR
            elif kind in _ODD:
                kind = _odd(out, source, Token(kind, value, at))
                if not kind:
                    continue
            else:
                if kind == "RBRACE":
                    if to_brace and "LBRACE" not in brackets.open:
                        out.closed = at + 1
                        break
                    if previous not in _NO_STATEMENT:
                        tokens.append(Token(SEPARATOR, "", at))
                brackets.see(kind)
        tokens.append(new(Token, (kind, value, at)))
        previous = kind
    if previous != SEPARATOR:
        tokens.append(Token(SEPARATOR, "", tokens[-1].end))
    return out


def _odd(out: Lexed, source: Source, piece: Token) -> str:
    """Deal with what is no token as it stands; return the kind to take it for, or ""."""
    if piece.kind != "COMMENT":
        found = describe(source, piece.kind, piece.start, piece.end)
        out.diagnostics.append(found.diagnostic)
        out.swallowed = out.swallowed or piece.kind == "OPEN"
        if found.stands_for:
            return found.stands_for
    out.trivia.append(Trivia(piece.text, piece.start, len(out.tokens)))
    return ""
