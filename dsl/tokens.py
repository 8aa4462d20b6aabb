"""Text to tokens: one stream for parser, formatter and language server.

Comments, and what belongs to no token, are kept apart as trivia. What lies between is blank, so
tokens, trivia and gaps together are the source, character for character.

A statement ends with its line, but not inside ``( )`` and ``[ ]``, after a comma, or where nothing
stands before it; the lexer makes these separators, so that the grammar need not know of lines.
"""

import re
from dataclasses import dataclass, field
from itertools import takewhile
from typing import NamedTuple

from konductor.dsl.diagnostics import Diagnostic
from konductor.dsl.reach import end_before_closers, goes_on
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
| (?P<PUNCTUATION>[{}()\[\],=:.+?|-])
| (?P<FOREIGN>//[^\n]*|/\*(?:[\s\S]*?\*/|[^\n]*(?:\n[ \t]*\*[^\n]*)*)|\*/)
| (?P<FACTOR>[*/])
| (?P<DURATION>[0-9]+(?:\.[0-9]+)?(?:ms|s|m|h|d)(?:[0-9]+(?:ms|s|m|h|d))*(?![A-Za-z0-9_]))
| (?P<QUANTITY>[0-9]+(?:\.[0-9]+)?(?:[KMGTPE]i|[kMGTPE])(?![A-Za-z0-9_]))
| (?P<PERCENT>[0-9]+(?:\.[0-9]+)?%)
| (?P<FLOAT>[0-9]+\.[0-9]+)
| (?P<INT>[0-9][0-9_]*)
| (?P<HEREDOC><<\$?(?P<tag>[A-Z][A-Z0-9_]*)[ \t]*\r?\n(?:.*\n)*?[ \t]*(?P=tag)[ \t]*(?=\r?\n|\Z))
| (?P<OPEN><<\$?[A-Z][A-Z0-9_]*[\s\S]*|"(?:[^"\\\n]|\\.)*\\?|'[^'\n]*)
| (?P<CURLY>[“”„][^“”„\n]*[“”„]?)
| (?P<DOLLAR>\$\{[^}\n]*\}|\$[A-Za-z_][A-Za-z0-9_]*)
| (?P<JOIN>\\[ \t]*\r?\n)
| (?P<BAD><<[-~]?["']?\w*["']?|[^\sA-Za-z0-9_"'\#{}()\[\],=:.+*/?|<>“”„$-]+|[\s\S])
|$)""",
    re.VERBOSE,
)
_KINDS = [""] * (_MASTER.groups + 1)
for _name, _number in _MASTER.groupindex.items():
    _KINDS[_number] = _name
_OPENED_BY = {"RBRACE": "LBRACE", "RPAR": "LPAR", "RSQB": "LSQB"}
_SPELLED = {"LBRACE": "{", "LPAR": "(", "LSQB": "["}
_NO_STATEMENT = frozenset({SEPARATOR, "LBRACE", "COMMA"})
"""After these, a line end ends nothing."""
_BRACKET = frozenset({*_OPENED_BY, *_OPENED_BY.values()})
_ODD = frozenset({"COMMENT", "FOREIGN", "OPEN", "CURLY", "DOLLAR", "JOIN", "BAD"})
_SPECIAL = _BRACKET | _ODD | {"LINE_END"}
_FIXED = KEYWORDS | PUNCTUATION
_LONGEST_SHELL_HEREDOC = 16_384
"""Characters that are searched for its end; it is an error either way."""


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
    open: list[str] = field(default_factory=list)
    """The brackets that are open at the end, the outermost first."""


class _Brackets:
    """The brackets that are open, and whether a line end counts among them."""

    def __init__(self, within: list[str]) -> None:
        """Begin within some; the list is kept up to date."""
        self.open = within
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


def tokenize(
    source: Source,
    start: int = 0,
    end: int | None = None,
    *,
    to_brace: bool = False,
    within: tuple[str, ...] = (),
) -> Lexed:
    """Return the tokens between two offsets, or up to a ``}`` that nothing there opened.

    Args:
        source: What is read.
        start: Where to begin: between two statements.
        end: Where to stop; None: at its end.
        to_brace: Whether such a ``}`` ends it.
        within: The braces around the place where it begins.
    """
    out = Lexed(open=list(within))
    brackets = _Brackets(out.open)
    end = len(source.text) if end is None else end
    while start < end:
        start = _scan(out, brackets, source, (start, end), to_brace=to_brace)
    if out.tokens and out.tokens[-1].kind != SEPARATOR:
        out.tokens.append(Token(SEPARATOR, "", out.tokens[-1].end))
    return out


def _scan(  # noqa: C901  # the hot path of the front: a call a token would double its time
    out: Lexed, brackets: _Brackets, source: Source, part: tuple[int, int], *, to_brace: bool
) -> int:
    """Add the tokens of a part of the text; return the offset up to which it was read."""
    start, end = part
    tokens, new = out.tokens, tuple.__new__
    previous = tokens[-1].kind if tokens else SEPARATOR
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
                kind, stop = _odd(out, source, Token(kind, value, at))
                if kind:
                    tokens.append(Token(kind, source.text[at:stop], at))
                    previous = kind
                if stop != match.end():
                    return stop
                continue
            else:
                if kind == "RBRACE":
                    if to_brace and "LBRACE" not in brackets.open:
                        out.closed = at + 1
                        return end
                    if previous not in _NO_STATEMENT:
                        tokens.append(Token(SEPARATOR, "", at))
                brackets.see(kind)
        tokens.append(new(Token, (kind, value, at)))
        previous = kind
    return end


def _odd(out: Lexed, source: Source, piece: Token) -> tuple[str, int]:
    """Deal with what is no token as it stands.

    Returns:
        The kind to take it for, or "", and the offset behind what was taken.
    """
    stop = piece.end
    if piece.kind != "COMMENT":
        stop = _stop(out, source, piece)
        found = describe(source, piece.kind, piece.start, stop)
        out.diagnostics.append(found.diagnostic)
        out.swallowed = out.swallowed or piece.kind == "OPEN"
        if found.stands_for:
            return found.stands_for, stop
    out.trivia.append(Trivia(source.text[piece.start : stop], piece.start, len(out.tokens)))
    return "", stop


def _stop(out: Lexed, source: Source, piece: Token) -> int:
    """Return where what is no token ends, if it is not to make more of its line unreadable."""
    if piece.text.startswith("<<") and piece.kind == "BAD":
        return _shell_heredoc_end(source.text, piece)
    if piece.kind == "JOIN":
        before = out.tokens[-1].text if out.tokens else ""
        return piece.end if goes_on(source.text, piece.end, before) else piece.start + 1
    if piece.kind not in ("OPEN", "FOREIGN") or piece.text.startswith("<<") or "\n" in piece.text:
        return piece.end
    line = source.text.rfind("\n", 0, piece.start) + 1
    of_line = list(takewhile(lambda token: token.start >= line, reversed(out.tokens)))
    brackets = _Brackets([])
    for token in reversed(of_line):
        if token.kind in _BRACKET:
            brackets.see(token.kind)
    openers = [_SPELLED[kind] for kind in brackets.open]
    return piece.start + end_before_closers(piece.text, openers)


def _shell_heredoc_end(text: str, piece: Token) -> int:
    """Return where a heredoc ends that is written as a shell wants it, such as ``<<eof``."""
    tag = piece.text.lstrip("<-~").strip("\"'")
    body = rf"[ \t]*\r?\n(?:.*\n)*?[ \t]*{tag}[ \t]*(?=\r?\n)"
    closed = re.compile(body).match(text, piece.end, piece.end + _LONGEST_SHELL_HEREDOC)
    return closed.end() if tag and closed else piece.end
