"""Small changes to the tokens that would make a broken program go on, and which of them is best.

Each is tried on a copy of the machine's states: the one that carries the parser furthest is the
likeliest to be what was meant. That keeps one mistake one message, where skipping to the next
statement would lose names and find errors that are none.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto

from konductor.dsl.machine import Machine
from konductor.dsl.spelling import nearest
from konductor.dsl.stray import UNREADABLE
from konductor.dsl.table import END
from konductor.dsl.tokens import DECLARES, KEYWORDS, PUNCTUATION, SEPARATOR, Token

AHEAD = 12
"""How many tokens a change must carry the parser to be trusted wholly."""
_ENOUGH = 3
"""How many at least."""
CLOSERS = {"LBRACE": "RBRACE", "LPAR": "RPAR", "LSQB": "RSQB"}
SPELLING = {kind: text for text, kind in (PUNCTUATION | KEYWORDS).items()} | {"ARROW": "->"}
"""How a kind of token is written, where there is but one way."""
_RESPELLED = {"=": ("CMP", "=="), "==": ("EQUAL", "="), ":": ("EQUAL", "=")}
_INSERTED = (
    *("RPAR", "RSQB", "COMMA", "EQUAL", "LBRACE", "COLON", "LPAR", "LSQB", "ARROW"),
    *("OVER", "OF", "THEN", "ELSE", "IN", "AS"),
)
CONTINUES = frozenset(
    {
        "ELSE",
        "THEN",
        "AND",
        "OR",
        "CMP",
        "PLUS",
        "STAR",
        "SLASH",
        "MINUS",
        "IN",
        "DOT",
        "RANGE",
        "AFTER",
        "WHEN",
        "FROM",
        "OVER",
        "OF",
        "ON",
        "LBRACE",
    }
)
_HEADED_BY = {
    "AFTER": "STAGE",
    "WHEN": "STAGE",
    "FROM": "STAGE",
    "OVER": "TMAP",
    "OF": "REDUCE",
    "ON": "FINALLY",
    "COLON": "PARAM",
}
"""What a statement begins with, by what stands behind its name."""
_AFTER = ("depends_on", "dependsOn", "depends-on", "needs", "requires", "depends", "dependencies")
_DEEPEST = 3
_MOST_CLOSED = 16
"""How many forgotten brackets are looked for at one place."""


class Change(Enum):
    """What kind of change it is; the sentence is chosen by it."""

    RESPELL = auto()
    JOIN = auto()
    SEPARATE = auto()
    VALUE = auto()
    NAME = auto()
    KEYWORD = auto()
    INSERT = auto()
    RENAME = auto()
    CLOSE = auto()
    UNCLOSE = auto()
    DELETE = auto()


@dataclass(frozen=True, slots=True)
class Repair:
    """Put `tokens` where the tokens from `start` up to `stop` are."""

    change: Change
    start: int
    stop: int
    tokens: tuple[Token, ...] = ()
    cost: int = 1


def best(machine: Machine) -> Repair | None:
    """Return the change that carries the parser furthest, or None if none goes far enough."""
    found: tuple[int, int, Repair] | None = None
    for repair in _candidates(machine):
        reach = _reach(machine, repair)
        if repair.change is Change.DELETE and reach < AHEAD:
            continue
        if found is None or (reach, -repair.cost) > found[:2]:
            found = (reach, -repair.cost, repair)
    return found[2] if found is not None and found[0] >= _ENOUGH else None


def _reach(machine: Machine, repair: Repair) -> int:
    """Return how many of the program's own tokens behind the place are then read."""
    back = machine.position - repair.start
    states = machine.states[: len(machine.states) - back]
    read = 0
    upcoming = machine.tokens[repair.stop : repair.stop + AHEAD]
    for token in repair.tokens[: 2 * AHEAD]:
        if not machine.advance(states, token.kind):
            return 0
        read += bool(token.text)
    for token in upcoming:
        if not machine.advance(states, token.kind):
            return read
        read += 1
    return AHEAD if upcoming and upcoming[-1].kind == END else min(read, AHEAD)


def unread(machine: Machine) -> int:
    """Return how many of the last tokens are still as they were read, so that they can go back."""
    count = 0
    while (
        count < min(_DEEPEST, machine.position)
        and machine.values
        and len(machine.values) > count
        and machine.values[-1 - count] is machine.tokens[machine.position - 1 - count]
    ):
        count += 1
    return count


def opened(machine: Machine) -> list[Token]:
    """Return the brackets that are open, outermost first."""
    return [one for one in machine.values if isinstance(one, Token) and one.kind in CLOSERS]


def _candidates(machine: Machine) -> Iterator[Repair]:
    yield from _respelled(machine)
    yield from _joined(machine)
    yield from _inserted(machine)
    yield from _closed(machine)
    yield from _deleted(machine)


def _respelled(machine: Machine) -> Iterator[Repair]:
    """Take one token for another: `=` for `==`, a word for the keyword it resembles."""
    at, token = machine.position, machine.token
    if token.text in _RESPELLED:
        kind, text = _RESPELLED[token.text]
        yield Repair(Change.RESPELL, at, at + 1, (Token(kind, text, token.start),))
    if token.kind == "NAME":
        expected = [word for word, kind in KEYWORDS.items() if machine.accepts(kind)]
        word = "after" if token.text in _AFTER else nearest(token.text, expected)
        if word is not None:
            meant = KEYWORDS[word]
            yield Repair(Change.RESPELL, at, at + 1, (token._replace(kind=meant),))
    elif token.text in KEYWORDS and machine.accepts("NAME"):
        yield Repair(Change.RENAME, at, at + 1, (token._replace(kind="NAME"),), 5)


def _joined(machine: Machine) -> Iterator[Repair]:
    """Take a line for the rest of the one above."""
    at, tokens = machine.position, machine.tokens
    if machine.token.kind == SEPARATOR and tokens[at + 1].kind in CONTINUES:
        yield Repair(Change.JOIN, at, at + 1)
    if at and tokens[at - 1].kind == SEPARATOR and unread(machine):
        yield Repair(Change.JOIN, at - 1, at)


def _inserted(machine: Machine) -> Iterator[Repair]:
    """Take something for forgotten."""
    at, start = machine.position, machine.token.start
    if machine.accepts(SEPARATOR):
        yield Repair(Change.SEPARATE, at, at, (Token(SEPARATOR, "", start),))
    if machine.accepts(UNREADABLE):
        yield Repair(Change.VALUE, at, at, (Token(UNREADABLE, "", start),))
    yield from _named(machine)
    in_statement = not machine.accepts("NAME")
    for kind in _INSERTED:
        if kind == "IN" and machine.accepts("PLUS"):
            continue  # `a in b` is a comparison, which is not what was forgotten
        if machine.accepts(kind) and (in_statement or kind in PUNCTUATION.values()):
            cost = 3 if kind in CLOSERS else 1
            yield Repair(Change.INSERT, at, at, (Token(kind, "", start),), cost)
            if kind == "LBRACE" and machine.token.kind == SEPARATOR:
                yield Repair(Change.INSERT, at, at + 1, (Token(kind, "", start),))


def _named(machine: Machine) -> Iterator[Repair]:
    """Take the name that a statement declares or sets, or the word before it, for forgotten."""
    at, token = machine.position, machine.token
    before = machine.tokens[at - 1]
    is_asked_for = before.kind in DECLARES or token.kind == "EQUAL"
    if is_asked_for and token.kind != "NAME" and machine.accepts("NAME"):
        yield Repair(Change.NAME, at, at, (Token("NAME", "", token.start),))
    if before.kind == "NAME" and token.kind in _HEADED_BY and unread(machine):
        keyword = Token(_HEADED_BY[token.kind], "", before.start)
        yield Repair(Change.KEYWORD, at - 1, at, (keyword, before), 2)


def _closed(machine: Machine) -> Iterator[Repair]:
    """Take brackets for closed: innermost first, as many as it takes; or for closed too early."""
    at, tokens = machine.position, machine.tokens
    back = 1 if unread(machine) and tokens[at - 1].kind in KEYWORDS.values() else 0
    for start in {at, at - back}:
        closers: list[Token] = []
        for count, bracket in enumerate(reversed(opened(machine)[-_MOST_CLOSED:]), 1):
            place = tokens[start].start
            closers += _closing(bracket, place, tokens[start - 1] if count == 1 else None)
            yield Repair(Change.CLOSE, start, start, tuple(closers), 1 + count)
            if bracket.kind != "LBRACE":
                stop, rest = lines_of_block(machine, start)
                yield Repair(Change.CLOSE, start, stop, (*closers, *rest), 1 + count)
            if tokens[start].kind == SEPARATOR:
                yield Repair(Change.CLOSE, start, start + 1, tuple(closers), 1 + count)
    if unread(machine) > 1 and tokens[at - 2].kind == "RBRACE":
        yield Repair(Change.UNCLOSE, at - 2, at, (), 2)


def _closing(bracket: Token, place: int, before: Token | None) -> list[Token]:
    closer = Token(CLOSERS[bracket.kind], "", place)
    end = Token(SEPARATOR, "", place)
    if bracket.kind != "LBRACE":
        return [closer]
    if before is None or before.kind in (SEPARATOR, "LBRACE", "COMMA"):
        return [closer, end]
    return [end, closer, end]


def lines_of_block(machine: Machine, start: int) -> tuple[int, list[Token]]:
    """Return the rest of a block, with the line ends that an open `(` or `[` had made nothing.

    Returns:
        The index of the token that closes the block, and the tokens before that.
    """
    tokens, text = machine.tokens, machine.source.text
    rest: list[Token] = []
    nested: list[str] = []
    at = start
    while not _ends_block(token := tokens[at], nested):
        before = tokens[at - 1]
        breaks = not nested or nested[-1] == "LBRACE"
        if breaks and "\n" in text[before.end : token.start] and _may_break(before, token):
            rest.append(Token(SEPARATOR, "", token.start))
        if token.kind in CLOSERS:
            nested.append(token.kind)
        elif nested and CLOSERS[nested[-1]] == token.kind:
            nested.pop()
        rest.append(token)
        at += 1
    return at, rest


def _ends_block(token: Token, nested: list[str]) -> bool:
    return token.kind == END or (token.kind == "RBRACE" and "LBRACE" not in nested)


def _may_break(before: Token, token: Token) -> bool:
    return before.kind not in (SEPARATOR, "COMMA", "LBRACE") and token.kind != SEPARATOR


def _deleted(machine: Machine) -> Iterator[Repair]:
    """Take a token, or a bracket before it, for one too many."""
    at = machine.position
    if machine.token.kind != END and machine.token.kind not in CLOSERS:
        yield Repair(Change.DELETE, at, at + 1, (), 2)
    for back in range(1, unread(machine) + 1):
        bracket = machine.tokens[at - back]
        if bracket.kind in CLOSERS:
            between = machine.tokens[at - back + 1 : at]
            stop, rest = at, list[Token]()
            if bracket.kind != "LBRACE":
                stop, rest = lines_of_block(machine, at)
            yield Repair(Change.DELETE, at - back, stop, (*between, *rest), 2 + back)
