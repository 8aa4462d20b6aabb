"""What each word of a program is, for colours: finer than a grammar of patterns can tell.

The body of a heredoc whose language the editor knows is left to the editor, but for the
variables of a shell and the ``${…}`` of `<<$TAG`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from konductor.dsl.editor.embedded import language_of, tags, variables
from konductor.dsl.editor.snapshot import Snapshot
from konductor.dsl.functions import FILE, FUNCTIONS
from konductor.dsl.scope import OBJECTS, What
from konductor.dsl.source import Source, Span
from konductor.dsl.tokens import KEYWORDS, SEPARATOR, Token, tokenize


class Colour(StrEnum):
    """What a word is, by the names that editors have for it."""

    NAMESPACE = "namespace"
    TYPE = "type"
    CLASS = "class"
    PARAMETER = "parameter"
    VARIABLE = "variable"
    PROPERTY = "property"
    FUNCTION = "function"
    MACRO = "macro"
    KEYWORD = "keyword"
    COMMENT = "comment"
    STRING = "string"
    NUMBER = "number"
    OPERATOR = "operator"


class Modifier(StrEnum):
    """What else there is to say of a word."""

    DECLARATION = "declaration"
    READONLY = "readonly"
    DOCUMENTATION = "documentation"
    DEFAULT_LIBRARY = "defaultLibrary"


@dataclass(frozen=True, slots=True)
class Word:
    """A part of one line, and what it is."""

    start: int
    end: int
    colour: Colour
    modifiers: tuple[Modifier, ...] = ()


_OF_KINDS = {
    **dict.fromkeys(("INT", "FLOAT", "PERCENT", "DURATION", "QUANTITY"), Colour.NUMBER),
    **dict.fromkeys(("CMP", "PLUS", "MINUS", "STAR", "SLASH", "RANGE", "ARROW"), Colour.OPERATOR),
    **dict.fromkeys(KEYWORDS.values(), Colour.KEYWORD),
    "STRING": Colour.STRING,
    "RAWSTRING": Colour.STRING,
}
_OF_WHATS = {
    **dict.fromkeys(OBJECTS, Colour.CLASS),
    What.PARAM: Colour.PARAMETER,
    What.ARGUMENT: Colour.PARAMETER,
    What.LET: Colour.VARIABLE,
    What.VARIABLE: Colour.VARIABLE,
    What.FN: Colour.FUNCTION,
    What.TEMPLATE: Colour.FUNCTION,
    What.IMPORT: Colour.NAMESPACE,
}
_BUILT_IN = frozenset({*FUNCTIONS, FILE, "done", "failed", "any", "atleast", "each"})
_INTERPOLATION = re.compile(r"(?<!\$)\$\{[^}\n]*\}?")


def words(snapshot: Snapshot) -> tuple[Word, ...]:
    """Return the words of a program in its order; none overlaps another or a line's end."""
    painter = _Painter(snapshot)
    found = [*painter.tokens(snapshot.tokens), *painter.comments()]
    return tuple(sorted(found, key=lambda one: one.start))


class _Painter:
    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.source = snapshot.source
        self.uses = {use.span.start: use for use in snapshot.index.uses}

    def tokens(self, tokens: "tuple[Token, ...] | list[Token]") -> Iterator[Word]:
        for at, token in enumerate(tokens):
            if token.kind == "NAME":
                behind = tokens[at + 1].kind if at + 1 < len(tokens) else ""
                before = tokens[at - 1].kind if at else SEPARATOR
                yield from self._name(token, before, behind)
            elif token.kind in KEYWORDS.values() and self._is_key(tokens, at):
                yield Word(token.start, token.end, Colour.PROPERTY)
            elif token.kind == "HEREDOC":
                yield from self._heredoc(token)
            elif token.kind == "STRING" and "${" in token.text:
                yield from self._interpolated(token.start, token.end, Colour.STRING)
            elif token.kind in _OF_KINDS and token.text:
                yield from _lines(self.source, token.start, token.end, _OF_KINDS[token.kind])

    def _is_key(self, tokens: "tuple[Token, ...] | list[Token]", at: int) -> bool:
        return at + 1 < len(tokens) and tokens[at + 1].kind == "EQUAL"

    def _name(self, token: Token, before: str, behind: str) -> Iterator[Word]:
        use = self.uses.get(token.start)
        if use is not None:
            colour = Colour.FUNCTION if use.member else _OF_WHATS[use.symbol.what]
            found = [Modifier.DECLARATION] if use.declares else []
            if use.symbol.what is What.LET and not use.member:
                found.append(Modifier.READONLY)
            yield Word(token.start, token.end, colour, tuple(found))
        elif behind == "LPAR" and token.text in _BUILT_IN:
            yield Word(token.start, token.end, Colour.FUNCTION, (Modifier.DEFAULT_LIBRARY,))
        elif before in ("COLON", "ARROW"):
            yield Word(token.start, token.end, Colour.TYPE, (Modifier.DEFAULT_LIBRARY,))
        elif before == "PIPELINE":
            yield Word(token.start, token.end, Colour.CLASS, (Modifier.DECLARATION,))
        elif behind in ("EQUAL", "LBRACE", "NAME") or before == "DOT":
            yield Word(token.start, token.end, Colour.PROPERTY)
        else:
            yield Word(token.start, token.end, Colour.VARIABLE)

    # ---- texts ----

    def _interpolated(self, start: int, end: int, colour: Colour | None) -> Iterator[Word]:
        """Colour a text and the expressions in it; without a colour the expressions alone."""
        at = start
        for found in _INTERPOLATION.finditer(self.source.text, start, end):
            if colour is not None:
                yield from _lines(self.source, at, found.start() + 2, colour)
            inner = tokenize(self.source, found.start() + 2, found.end(), to_brace=True)
            yield from self.tokens(inner.tokens)
            at = (inner.closed or found.end() + 1) - 1
            at = max(at, found.start() + 2)
        if colour is not None:
            yield from _lines(self.source, at, end, colour)

    def _heredoc(self, token: Token) -> Iterator[Word]:
        places = tags(token)
        for start, end in places:
            yield Word(start, end, Colour.MACRO)
        first = self.source.text.find("\n", token.start, token.end) + 1
        last = places[1][0] if len(places) > 1 else token.end
        if not first or first >= last:
            return
        language = language_of(token.text)
        interpolates = token.text.startswith("<<$")
        if interpolates:
            yield from self._interpolated(first, last, None if language else Colour.STRING)
        elif language == "shellscript":
            for span in variables(Span(self.source, first, last)):
                yield Word(span.start, span.end, Colour.VARIABLE)
        elif not language:
            yield from _lines(self.source, first, last, Colour.STRING)

    def comments(self) -> Iterator[Word]:
        for one in self.snapshot.parsed.trivia:
            if one.text.startswith("#"):
                docs = (Modifier.DOCUMENTATION,) if one.text.startswith("##") else ()
                yield Word(one.start, one.start + len(one.text), Colour.COMMENT, docs)


def _lines(source: Source, start: int, end: int, colour: Colour) -> Iterator[Word]:
    """Yield a word for each line of a part: editors take none over a line's end."""
    at = start
    for line in source.text[start:end].splitlines(keepends=True):
        text = line.rstrip("\r\n")
        if text.strip():
            yield Word(at, at + len(text), colour)
        at += len(line)
