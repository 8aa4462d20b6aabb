"""The LALR(1) machine: a loop over the table that lark made.

lark's own driver is four times as slow, and after an error it can only drop the token; this one
leaves its whole state open to `konductor.dsl.recover`.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, Self, TypeAlias

from konductor.dsl.source import Source, Span
from konductor.dsl.table import END, Rule, Table
from konductor.dsl.tokens import SEPARATOR, Token

Action: TypeAlias = Callable[[Sequence[Any], Span], object]
"""Makes a node of what a rule keeps, and of its place."""
Mend: TypeAlias = "Callable[[Machine], bool]"
"""Called at an error; changes the machine so that it can go on, or answers False."""
_ENDS_NOTHING = frozenset({SEPARATOR, "COMMA"})
"""Behind these a statement is over; they are no part of its place."""


class Reduction(NamedTuple):
    """A rule, ready for use: a tuple, since it is unpacked for every node."""

    unit: bool
    length: int
    name: str
    build: Action | None
    picks: tuple[int, ...]
    """An absent part is the one behind the last."""
    splices: bool

    @classmethod
    def of(cls, rule: Rule, actions: Mapping[str, Action]) -> Self:
        """Bind a rule to what makes its node."""
        picks = tuple(rule.length if place is None else place for place in rule.picks)
        build = actions[rule.action] if rule.action else None
        if rule.collapses:
            build = _itself
        splices = min(picks, default=0) < 0
        return cls(rule.is_unit, rule.length, rule.name, build, picks, splices)


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
        """Return the value of the whole, or None if `mend` gave up."""
        table, source = self.table, self.source
        rows = table.rows
        states, values, starts, behind = self.states, self.values, self.starts, 0
        while True:
            token = self.tokens[self.position]
            kind, text, start = token
            act = rows[states[-1]].get(kind)
            if act is None:
                if not mend(self):
                    return None
            elif act >= 0:
                states.append(act)
                values.append(token)
                starts.append(start)
                self.position += 1
                if kind not in _ENDS_NOTHING:
                    behind = start + len(text)
            else:
                unit, length, name, build, picks, splices = reductions[-1 - act]
                if unit:
                    states[-1] = table.chain(states[-2], states[-1], kind)
                    continue
                if length:
                    children = values[-length:]
                    start = starts[-length]
                    del states[-length:], values[-length:], starts[-length:]
                else:
                    children = []
                    behind = max(behind, start)
                children.append(None)
                kept = _spliced(children, picks) if splices else [children[at] for at in picks]
                if build is not None:
                    values.append(build(kept, Span(source, start, behind)))
                else:
                    values.append(kept)
                starts.append(start)
                states.append(rows[states[-1]][name])
                if states[-1] == self.goal and kind == END:
                    value: object = values[-1]
                    return value


def _itself(kept: Sequence[object], _: Span) -> object:
    return kept[0]


def _spliced(children: list[Any], picks: tuple[int, ...]) -> list[Any]:
    """Return the kept children, lists among them opened; the first list grows in place."""
    kept: list[Any] = []
    for place in picks:
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
