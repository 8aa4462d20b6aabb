"""The parser's table: made by lark from the grammar, read without lark.

``python -m konductor.dsl.table`` writes ``table.json`` beside the grammar. lark numbers its states
anew in every run, so they are renumbered breadth first: the same grammar is the same file, and a
test holds the two together.

A rule says how its node is made from what was matched: ``picks`` lists the matched symbols that are
kept, ``None`` where an optional part is absent, and ``-1 - n`` where the n-th is itself a list that
is spliced in.
"""

import json
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, cast

if TYPE_CHECKING:
    from importlib.abc import ResourceLoader

    from lark import Lark

START = "start"
START_EXPRESSION = "expr_start"
END = "$END"
Picks: TypeAlias = tuple[int | None, ...]
Row: TypeAlias = dict[str, int]
"""By terminal: shift (a state) or reduce (-1 minus a rule's index); by rule: the state after."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Replace the last `length` symbols by one."""

    name: str
    length: int
    action: str
    """The builder's method; empty: no node, but a list that is spliced into its user."""
    picks: Picks
    collapses: bool
    """Whether the one kept symbol stands for itself instead of such a list."""

    @property
    def is_unit(self) -> bool:
        """Tell whether one symbol becomes itself, so that only the state changes."""
        kept = self.length == 1 and self.picks in ((0,), (-1,))
        return kept and not self.action and not self.name.startswith("__")


@dataclass(frozen=True, slots=True)
class Table:
    """A whole LALR(1) table."""

    rows: tuple[Row, ...]
    starts: Mapping[str, int]
    ends: Mapping[str, int]
    rules: tuple[Rule, ...]
    chains: dict[tuple[int, int, str], int] = field(default_factory=dict, compare=False)
    """Where chains of unit rules lead, by state below, state and terminal; filled in use."""

    def chain(self, below: int, state: int, kind: str) -> int:
        """Return the state that a chain of unit rules ends in, and keep it in `chains`."""
        found = state
        while (act := self.rows[found].get(kind, 0)) < 0 and self.rules[-1 - act].is_unit:
            found = self.rows[below][self.rules[-1 - act].name]
        self.chains[below, state, kind] = found
        return found


@cache
def load() -> Table:
    """Return the table that is shipped beside the grammar."""
    # As importlib.resources would, whose import alone takes as long as reading the table.
    loader = cast("ResourceLoader", globals()["__loader__"])
    shipped = loader.get_data(str(Path(__file__).with_name("table.json")))
    return decode(json.loads(shipped))


def decode(data: Mapping[str, Any]) -> Table:
    """Return the table that a JSON document holds."""
    symbols: list[str] = data["symbols"]
    rules = (
        Rule(name, length, action, tuple(picks), collapses)
        for name, length, action, picks, collapses in data["rules"]
    )
    rows = (
        {symbols[key]: to for key, to in zip(flat[::2], flat[1::2], strict=True)}
        for flat in data["states"]
    )
    return Table(tuple(rows), data["starts"], data["ends"], tuple(rules))


# ---- made at build time, by lark ----


def grammar() -> str:
    """Return the grammar's text."""
    from importlib.resources import files  # noqa: PLC0415  # at build time and in tests only

    return files("konductor.dsl").joinpath("grammar.lark").read_text("utf-8")


def oracle(postlex: object) -> "Lark":
    """Return lark's own parser for the grammar, which must not have a single conflict.

    Raises:
        lark.exceptions.GrammarError: the grammar has a conflict.
    """
    from lark import Lark  # noqa: PLC0415  # lark is there at build time and in tests only
    from lark.parsers.lalr_analysis import LALR_Analyzer  # noqa: PLC0415  # likewise

    parser = Lark(
        grammar(),
        parser="lalr",
        lexer="basic",
        start=[START, START_EXPRESSION],
        maybe_placeholders=True,
        postlex=postlex,
    )
    analysis: Any = LALR_Analyzer(parser.parser.parser_conf, strict=True)
    analysis.compute_lalr()
    return parser


def encode() -> dict[str, Any]:
    """Return the table of the grammar as a JSON document."""
    made = oracle(_AnyLineEnd()).parser.parser._parse_table  # noqa: SLF001  # lark has no other door
    order = _breadth_first(made.states, made.start_states)
    symbols = sorted({key for row in made.states.values() for key in row})
    rules = sorted({rule for row in made.states.values() for rule in _reduced(row)}, key=_rank)
    rows = []
    for state in order:
        row: list[int] = []
        for key, (_, target) in sorted(made.states[state].items()):
            to = order[target] if isinstance(target, int) else -1 - rules.index(target)
            row += [symbols.index(key), to]
        rows.append(row)
    return {
        "symbols": symbols,
        "starts": {name: order[state] for name, state in sorted(made.start_states.items())},
        "ends": {name: order[state] for name, state in sorted(made.end_states.items())},
        "rules": [_encoded_rule(rule) for rule in rules],
        "states": rows,
    }


class _AnyLineEnd:
    """What tells lark's lexer to accept line ends, where nothing is read with it."""

    always_accept = ("_NL",)


def _breadth_first(states: Mapping[int, Any], starts: Mapping[str, int]) -> dict[int, int]:
    order: dict[int, int] = {}
    waiting = deque(starts[name] for name in sorted(starts))
    while waiting:
        state = waiting.popleft()
        if state in order:
            continue
        order[state] = len(order)
        waiting += [to for _, (_, to) in sorted(states[state].items()) if isinstance(to, int)]
    return order


def _reduced(row: Mapping[str, Any]) -> list[Any]:
    return [target for _, target in row.values() if not isinstance(target, int)]


def _rank(rule: Any) -> tuple[str, int, str]:  # noqa: ANN401  # lark ships no types
    return rule.origin.name, rule.order, str(rule)


def _encoded_rule(rule: Any) -> list[object]:  # noqa: ANN401  # likewise
    """Return name, length, action, picks and whether it collapses."""
    name: str = rule.origin.name
    collapses = bool(rule.options.expand1) and not rule.alias
    action = "" if collapses or name.startswith("_") else rule.alias or name
    absent = "".join(str(int(gap)) for gap in rule.options.empty_indices).split("0")
    gaps = [len(gap) for gap in absent] if rule.options.empty_indices else []
    picks: list[int | None] = [None] * (gaps[0] if gaps else 0)
    for place, symbol in enumerate(rule.expansion):
        if not symbol.is_term:
            picks.append(-1 - place if symbol.name.startswith("_") else place)
        elif rule.options.keep_all_tokens or not symbol.filter_out:
            picks.append(place)
        picks += [None] * (gaps[place + 1] if gaps else 0)
    return [name, len(rule.expansion), action, picks, collapses]


def main() -> None:
    """Write the table beside the grammar."""
    rows = encode()
    lines = [f'"{key}": {json.dumps(value)}' for key, value in rows.items() if key != "states"]
    states = ",\n".join(json.dumps(row, separators=(",", ":")) for row in rows["states"])
    text = "{" + ",\n".join([*lines, f'"states": [\n{states}\n]']) + "}\n"
    Path(__file__).with_name("table.json").write_text(text, "utf-8")


if __name__ == "__main__":  # pragma: no cover  # tests call main
    main()
