"""Text to syntax tree: lexer, table and builder put together.

`parse` takes any text whatever and never raises: what it cannot read it reports, and it goes on
behind it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import cast

from konductor.dsl.cause import Damage, first_of_each_statement
from konductor.dsl.diagnostics import Diagnostic
from konductor.dsl.expression import Broken, Expr, TextForm, Var
from konductor.dsl.known import Known, taking_over
from konductor.dsl.machine import Machine, Reduction
from konductor.dsl.mistake import empty, explain, in_text, unclosed
from konductor.dsl.recover import Recovery
from konductor.dsl.source import Source, Span
from konductor.dsl.stray import not_utf8
from konductor.dsl.syntax import File
from konductor.dsl.table import START, START_EXPRESSION, load
from konductor.dsl.text import TextReader
from konductor.dsl.tokens import KEYWORDS, Lexed, Token, Trivia, tokenize
from konductor.dsl.tree import actions
from konductor.garbage import no_garbage_collection

_NOT_UTF8 = re.compile("[\udc80-\udcff]")
_DOC = re.compile(r"##(?!#)")
_SIMPLE = re.compile(r"([A-Za-z_][A-Za-z0-9_]*(?:-[A-Za-z0-9_]+)*)\}")


@dataclass(frozen=True, slots=True)
class Parsed:
    """A program as it was read; with errors among the diagnostics, parts are missing."""

    source: Source
    file: File
    diagnostics: tuple[Diagnostic, ...]
    """In the order of the text."""
    tokens: tuple[Token, ...]
    trivia: tuple[Trivia, ...]
    damage: Damage = field(default_factory=Damage)
    """What the syntax errors leave uncertain."""


def parse(source: Source, lexed: Lexed | None = None, known: Sequence[Known] = ()) -> Parsed:
    """Return the syntax tree of a source, and every syntax error in it.

    Args:
        source: What is read.
        lexed: Its tokens, where they are known already.
        known: Statements of its pipeline that need not be read, in their order.
    """
    with no_garbage_collection():
        return _Parser(source, lexed or tokenize(source)).parse(known)


class _Parser:
    def __init__(self, source: Source, lexed: Lexed) -> None:
        self.source = source
        self.diagnostics: list[Diagnostic] = []
        self.lexed = lexed
        self.table = load()
        report = self.diagnostics.append
        texts = TextReader(source, report, self.interpolate)
        docs = doc_comments(source, self.lexed.tokens, self.lexed.trivia)
        made = actions(self.table, source, report, texts, docs)
        self.reductions = Reduction.of_all(self.table.rules, made)

    def parse(self, known: Sequence[Known]) -> Parsed:
        machine = Machine(self.table, START, self.source, self.lexed.tokens, len(self.source.text))
        recovery = Recovery(swallowed=self.lexed.swallowed)
        mend = taking_over(machine, known, recovery.mend) if known else recovery.mend
        file = machine.run(self.reductions, mend)
        self.reductions = []  # they refer to this parser: a cycle, which nobody would collect soon
        if not isinstance(file, File):
            file = recovery.rest(machine)
        found = [one for one in self.lexed.diagnostics if not _NOT_UTF8.search(one.span.text)]
        found += [*self.diagnostics, *recovery.diagnostics, *_bad_bytes(self.source)]
        tokens = self.lexed.tokens
        found.sort(key=lambda one: one.span.start)
        damage = Damage.of(self.source, tokens, found)
        return Parsed(
            self.source,
            replace(file, broken=frozenset(recovery.names) | damage.words),
            first_of_each_statement(self.source, tokens, found),
            tuple(tokens),
            tuple(self.lexed.trivia),
            damage,
        )

    def interpolate(self, start: int, end: int, form: TextForm) -> tuple[Expr, int]:
        """Return the expression behind ``${`` and the offset behind its ``}``."""
        simple = _SIMPLE.match(self.source.text, start, end)
        if simple and simple[1] not in KEYWORDS:
            return Var(simple[1], Span(self.source, start, simple.end(1))), simple.end()
        lexed = tokenize(self.source, start, end, to_brace=True)
        span = Span(self.source, start - 2, lexed.closed or end)
        if not lexed.tokens:
            found = [empty(span)]
            value: object = None
        elif lexed.closed is None:
            found = [unclosed(span._replace(last=start), form)]
            value = None
        else:
            value, found = self._expression(lexed, lexed.closed - 1)
        if found:
            self.diagnostics.append(in_text(found[0], span, form))
            return Broken(span), span.end
        return cast("Expr", value), span.end

    def _expression(self, lexed: Lexed, end: int) -> tuple[object, list[Diagnostic]]:
        """Return the value of an interpolation and what is wrong with it, the first thing first."""
        found = list(lexed.diagnostics)

        def give_up(machine: Machine) -> bool:
            found.append(explain(machine, None))
            return False

        machine = Machine(self.table, START_EXPRESSION, self.source, lexed.tokens, end)
        return machine.run(self.reductions, give_up), found


def doc_comments(
    source: Source, tokens: Sequence[Token], trivia: Sequence[Trivia]
) -> dict[int, str]:
    """Return the ``##`` comments by the offset of the token that they stand before."""
    docs: dict[int, str] = {}
    for comment in trivia:
        if not _DOC.match(comment.text) or comment.before >= len(tokens):
            continue
        line = source.text[source.text.rfind("\n", 0, comment.start) + 1 : comment.start]
        if not line.strip():
            start = tokens[comment.before].start
            text = comment.text[2:].strip()
            docs[start] = f"{docs[start]}\n{text}" if start in docs else text
    return docs


def _bad_bytes(source: Source) -> list[Diagnostic]:
    """Return a finding for the first byte that is no UTF-8: the rest of them has one cause."""
    found = _NOT_UTF8.search(source.text)
    return [not_utf8(Span(source, found.start(), found.end()))] if found else []
