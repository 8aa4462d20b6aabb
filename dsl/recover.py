"""How the parser goes on behind a syntax error: by a small repair, else at the next statement."""

from itertools import pairwise
from typing import Any

from konductor.dsl.diagnostics import Diagnostic
from konductor.dsl.habit import LIST_ITEM
from konductor.dsl.machine import Machine
from konductor.dsl.mistake import explain
from konductor.dsl.nesting import misplaced
from konductor.dsl.repair import Change, Repair, best, lines_of_block, opened
from konductor.dsl.source import Span
from konductor.dsl.syntax import File
from konductor.dsl.table import END
from konductor.dsl.tokens import DECLARES, SEPARATOR, Token

MOST = 50
"""Errors after which the parser stops looking for more: the text is hardly a program."""
_BEGINS_IN_FILE = frozenset({"IMPORT", "PARAM", "LET", "FN", "TEMPLATE", "PIPELINE", END})


class Recovery:
    """Finds a way on behind each error, and remembers what was left out."""

    def __init__(self, *, swallowed: bool) -> None:
        """Start; `swallowed`: an open text may hide closing brackets, so these are not missed."""
        self.diagnostics: list[Diagnostic] = []
        self.names: set[str] = set()
        """What the statements that were left out would have declared."""
        self._swallowed = swallowed

    def mend(self, machine: Machine) -> bool:
        """Report the error that the machine is at, and change it so that it can go on."""
        if len(self.diagnostics) >= MOST:
            return False
        nested = misplaced(machine)
        if nested is not None:
            self._report(nested)
            self._skip(machine)
            return True
        repair = best(machine)
        if not self._follows(machine, repair):
            self._report(explain(machine, repair))
        if repair is None:
            if machine.token.kind == END:
                return False
            self._skip(machine)
            return True
        if repair.change is Change.DELETE:
            self._remember(machine.tokens[repair.start - 1 : repair.stop + 1])
        machine.undo(machine.position - repair.start)
        machine.tokens[repair.start : repair.stop] = repair.tokens
        return True

    def _report(self, found: Diagnostic) -> None:
        """Keep a finding; the items of one YAML list are one mistake."""
        last = self.diagnostics[-1] if self.diagnostics else None
        if found.message != LIST_ITEM or last is None or last.code != found.code:
            self.diagnostics.append(found)

    def _follows(self, machine: Machine, repair: Repair | None) -> bool:
        """Tell whether brackets do not match only because of what has been reported already."""
        at_end = machine.token.kind == END
        early = repair is not None and repair.change is Change.UNCLOSE
        return (at_end and self._swallowed) or (bool(self.diagnostics) and (at_end or early))

    def rest(self, machine: Machine) -> File:
        """Return what was read before the parser gave up."""
        self._remember(machine.tokens[: machine.position])
        statements: list[Any] = next((one for one in machine.values if isinstance(one, list)), [])
        return File(tuple(statements), Span(machine.source, 0, len(machine.source.text)))

    def _skip(self, machine: Machine) -> None:
        """Drop the statement; go on at the next one of the same block."""
        first = machine.position
        was_open = opened(machine)
        while not _is_between_statements(machine, machine.states[-1]):
            first = self._start_of(machine, first)
            del machine.states[-1], machine.values[-1], machine.starts[-1]
        left = [*was_open[len(opened(machine)) :], machine.token]
        if any(bracket.kind in ("LPAR", "LSQB") for bracket in left):
            machine.position += machine.token.kind in ("LPAR", "LSQB")
            stop, rest = lines_of_block(machine, machine.position)
            machine.tokens[machine.position : stop] = rest
        closes = machine.table.rows[machine.states[-1]].get("RBRACE", -1) >= 0
        machine.position = _next_statement(machine.tokens, machine.position, closes=closes)
        while not closes and machine.token.kind not in _BEGINS_IN_FILE:
            machine.position = _next_statement(machine.tokens, machine.position, closes=False)
        self._remember(machine.tokens[first : machine.position])

    def _start_of(self, machine: Machine, first: int) -> int:
        """Return the index of the token with which the last value begins."""
        start = machine.starts[-1]
        while first and machine.tokens[first - 1].start >= start:
            first -= 1
        return first

    def _remember(self, tokens: list[Token]) -> None:
        for keyword, name in pairwise(tokens):
            if keyword.kind in DECLARES and name.kind == "NAME":
                self.names.add(name.text)


def _is_between_statements(machine: Machine, state: int) -> bool:
    row = machine.table.rows[state]
    in_block = row.get("RBRACE", -1) >= 0 and row.get("NAME", -1) >= 0
    return in_block or (row.get("PIPELINE", -1) >= 0 and END in row)


def _next_statement(tokens: list[Token], position: int, *, closes: bool) -> int:
    """Return the index of the token with which the next statement, or the end of the block, begins.

    `closes`: the block ends with a brace; a file does not.
    """
    at, depth = position, 0
    while not _is_next(kind := tokens[at].kind, depth, closes=closes):
        if kind == SEPARATOR and not depth:
            return at + 1
        if kind == "LBRACE":
            depth += 1
        elif kind == "RBRACE" and depth:
            depth -= 1
        at += 1
    return at


def _is_next(kind: str, depth: int, *, closes: bool) -> bool:
    return kind == END or (kind == "RBRACE" and not depth and closes)
