"""Statements of a pipeline that need not be read: the machine takes them over where it meets them.

Behind the first token of such statements a mark is put, which no rule knows. By the time the
machine stops there as at an error, it has finished all that stands before that token. If it is
between two statements of a pipeline then, it goes on behind those that are known: its state is
that of somebody who has read them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from konductor.dsl.machine import Machine, Mend
from konductor.dsl.syntax import PipelineStatement
from konductor.dsl.tokens import Token

_MARK = Token("$KNOWN", "", 0)
_OPENS_PIPELINE = ["PIPELINE", "NAME", "LBRACE"]


@dataclass(frozen=True, slots=True)
class Known:
    """Statements without a syntax error that follow each other in a pipeline."""

    first: int
    """The index of the token with which they begin."""
    stop: int
    """The index behind their tokens."""
    nodes: Callable[[], tuple[PipelineStatement, ...]]
    """What they are; called where they are taken over."""


def taking_over(machine: Machine, known: Sequence[Known], mend: Mend) -> Mend:
    """Return what mends a machine's errors, and takes over what is known on the way."""
    return _TakingOver(machine, known, mend).mend


class _TakingOver:
    def __init__(self, machine: Machine, known: Sequence[Known], mend: Mend) -> None:
        self.tokens = list(machine.tokens)
        self.ahead = list(reversed(known))
        self.recover = mend
        self.marked = 0
        """The index of the mark; 0: there is none."""
        self._mark(machine)

    def mend(self, machine: Machine) -> bool:
        is_error = machine.position != self.marked
        if self.marked:
            del machine.tokens[self.marked]
        goes_on = self.recover(machine) if is_error else self._take_over(machine)
        self._mark(machine)
        return goes_on

    def _mark(self, machine: Machine) -> None:
        """Mark what comes next of what is known, unless the repair of an error reaches into it."""
        self.marked = 0
        while self.ahead:
            first = self.ahead[-1].first
            at = len(machine.tokens) - len(self.tokens) + first
            if machine.position <= at and machine.tokens[at:] == self.tokens[first:]:
                self.marked = at + 1
                machine.tokens.insert(self.marked, _MARK)
                return
            self.ahead.pop()

    def _take_over(self, machine: Machine) -> bool:
        machine.undo(1)
        known = self.ahead.pop()
        if _is_in_pipeline(machine):
            machine.values[-1] += known.nodes()
            machine.position += known.stop - known.first
        return True


def _is_in_pipeline(machine: Machine) -> bool:
    """Tell whether some statements of a pipeline have been read, and nothing behind them."""
    last = machine.values[-4:]
    opening = [one.kind for one in last if isinstance(one, Token)]
    return opening == _OPENS_PIPELINE and isinstance(last[-1], list)
