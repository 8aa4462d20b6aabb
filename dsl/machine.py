"""The LALR(1) machine: a loop over the table that lark made.

lark's own driver is four times as slow, and after an error it can only drop the token; this one
leaves its whole state open to `konductor.dsl.recover`.
"""

import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from operator import itemgetter
from typing import Any, NamedTuple, Self, TypeAlias, cast

from konductor.dsl.source import Source, Span
from konductor.dsl.table import END, Rule, Table
from konductor.dsl.tokens import SEPARATOR, Token

Action: TypeAlias = Callable[[Sequence[Any], Span], object]
"""Makes a node of what a rule keeps, and of its place."""
Pick: TypeAlias = Callable[[Sequence[Any]], Any]
Mend: TypeAlias = "Callable[[Machine], bool]"
"""Called at an error; changes the machine so that it can go on, or answers False."""
_ENDS_NOTHING = frozenset({SEPARATOR, "COMMA"})
"""Behind these a statement is over; they are no part of its place."""


class Reduction(NamedTuple):
    """A rule, ready for use: a tuple, since it is unpacked for every node."""

    unit: bool
    length: int
    matched: slice
    """Where what it matched lies on a stack."""
    name: str
    pick: Pick
    """What is kept of the matched symbols, behind which stands a None for absent parts."""
    build: Action | None
    """None: what is kept is a list that is spliced into its user."""

    @classmethod
    def of(cls, rule: Rule, actions: Mapping[str, Action]) -> Self:
        """Bind a rule to what makes its node."""
        build = actions[rule.action] if rule.action else None
        if rule.collapses:
            build = _itself
        matched = slice(-rule.length if rule.length else sys.maxsize, None)
        return cls(rule.is_unit, rule.length, matched, rule.name, _pick(rule), build)

    @classmethod
    def of_all(cls, rules: Sequence[Rule], actions: Mapping[str, Action]) -> list[Self]:
        """Bind all rules, the last one first: the table's number -1 - n is the n-th one's index."""
        return [cls.of(rule, actions) for rule in reversed(rules)]


def _pick(rule: Rule) -> Pick:
    places = [rule.length if place is None else place for place in rule.picks]
    match places:
        case [-1, place] if not rule.action:
            return partial(_grown, place if place > 0 else -1 - place)
    if min(places, default=0) < 0:
        return partial(_spliced, places)
    if len(places) > 1 and rule.action:
        return itemgetter(*places)
    return lambda children: [children[place] for place in places]


class Machine:
    """One parse: what was read, as three stacks in step, and the tokens, read and to come."""

    def __init__(
        self, table: Table, start: str, source: Source, tokens: list[Token], end: int
    ) -> None:
        """Begin at the grammar's start symbol; `end` is the offset behind all tokens."""
        self.table = table
        self.source = source
        self.tokens = [*tokens, Token(END, "", end)]
        self.position = 0
        self.states = [table.starts[start]]
        self.values: list[Any] = []
        """Tokens, nodes, and lists that are spliced into nodes."""
        self.starts: list[int] = []
        """The offset at which each value begins."""
        self.goal = table.ends[start]

    @property
    def token(self) -> Token:
        """Return the token that comes next."""
        return self.tokens[self.position]

    def accepts(self, kind: str) -> bool:
        """Tell whether a token of that kind could come next."""
        return self.advance(list(self.states), kind)

    def advance(self, states: list[int], kind: str) -> bool:
        """Read one token on a copy of the states, without making nodes; tell whether it fits."""
        rows, rules = self.table.rows, self.table.rules
        while (act := rows[states[-1]].get(kind)) is not None:
            if act >= 0:
                states.append(act)
                return True
            rule = rules[-1 - act]
            del states[len(states) - rule.length :]
            states.append(rows[states[-1]][rule.name])
            if states[-1] == self.goal and kind == END:
                return True
        return False

    def undo(self, count: int) -> None:
        """Take back the last tokens read; they must not be part of a node yet."""
        if count:
            del self.states[-count:], self.values[-count:], self.starts[-count:]
            self.position -= count

    def run(  # noqa: C901, PLR0915  # the hot path: a call a token would double its time
        self, reductions: Sequence[Reduction], mend: Mend
    ) -> object:
        """Return the value of the whole, or None if `mend` gave up; see `Reduction.of_all`."""
        rows, chains, new = self.table.rows, self.table.chains, tuple.__new__
        tokens, source, behind = self.tokens, self.source, 0
        states, values, starts = self.states, self.values, self.starts
        at, ends_nothing = self.position, _ENDS_NOTHING
        while True:
            token = tokens[at]
            kind, text, offset = token
            while (act := rows[states[-1]].get(kind)) is not None and act < 0:
                unit, length, matched, name, pick, build = reductions[act]
                if unit:
                    chain = (states[-2], states[-1], kind)
                    states[-1] = chains.get(chain) or self.table.chain(*chain)
                    continue
                if length == 1:  # the same as below, in place: a third of all nodes
                    value = pick((values[-1], None))
                    if build is not None:
                        value = build(value, new(Span, (source, starts[-1], behind)))
                    values[-1] = value
                    states[-1] = rows[states[-2]][name]
                    continue
                children = values[matched]
                children.append(None)
                value = pick(children)
                start = starts[-length] if length else offset
                if build is not None:
                    end = max(start, behind)
                    value = build(value, new(Span, (source, start, end)))
                del states[matched], values[matched], starts[matched]
                values.append(value)
                starts.append(start)
                states.append(rows[states[-1]][name])
            if act is not None:
                states.append(act)
                values.append(token)
                starts.append(offset)
                at += 1
                if kind not in ends_nothing:
                    behind = offset + len(text)
                continue
            self.position = at
            if kind == END and states[-1] == self.goal:
                return cast("object", values[-1])
            if not mend(self):
                return None
            at = self.position


def _itself(kept: Sequence[object], _: Span) -> object:
    return kept[0]


def _grown(place: int, children: Sequence[Any]) -> list[Any]:
    """Return the list that the first child is, with one more child at its end."""
    kept: list[Any] = children[0]
    kept.append(children[place])
    return kept


def _spliced(places: Sequence[int], children: Sequence[Any]) -> list[Any]:
    """Return the kept children, lists among them opened; the first list grows in place."""
    kept: list[Any] = []
    for place in places:
        if place >= 0:
            kept.append(children[place])
            continue
        child = children[-1 - place]
        if child.__class__ is not list:
            kept.append(child)
        elif kept:
            kept += child
        else:
            kept = child
    return kept
