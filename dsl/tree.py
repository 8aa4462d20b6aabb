"""From what the machine matched to the syntax tree: one method a rule or alias of the grammar.

A method takes what its rule keeps (tokens, nodes, None for an absent part) and the place of the
whole, and returns the node.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

from konductor.dsl import syntax
from konductor.dsl.diagnostics import Diagnostic, error
from konductor.dsl.expression import (
    Argument,
    Binary,
    Broken,
    Call,
    Compare,
    Comprehension,
    Conditional,
    EnumType,
    Expr,
    In,
    Index,
    List,
    Map,
    Member,
    Name,
    NamedType,
    Operator,
    Pair,
    Parameter,
    Range,
    Ref,
    Text,
    Unary,
    Var,
)
from konductor.dsl.literal import OutOfRange, read
from konductor.dsl.machine import Action
from konductor.dsl.source import Source, Span
from konductor.dsl.stray import UNREADABLE
from konductor.dsl.table import Table
from konductor.dsl.text import TextReader
from konductor.dsl.tokens import Token

Kept: TypeAlias = Sequence[Any]
"""What a rule keeps; which, the grammar says."""


def actions(
    table: Table,
    source: Source,
    report: Callable[[Diagnostic], None],
    texts: TextReader,
    docs: Mapping[int, str],
) -> Mapping[str, Action]:
    """Return what makes each node of a source, by the grammar's name for it.

    Args:
        table: Its rules say which are needed.
        source: What the places are in.
        report: Where findings go.
        texts: Reads texts with their interpolations.
        docs: Doc comments, by the offset of the statement that they stand before.
    """
    builder = _Builder(source, report, texts, docs)
    return {rule.action: getattr(builder, rule.action) for rule in table.rules if rule.action}


class _Builder:
    def __init__(
        self,
        source: Source,
        report: Callable[[Diagnostic], None],
        texts: TextReader,
        docs: Mapping[int, str],
    ) -> None:
        self.source = source
        self.report = report
        self.texts = texts
        self.docs = docs

    def _doc(self, span: Span) -> str:
        return self.docs.get(span.start, "") if self.docs else ""

    # ---- names ----

    def _name(self, token: Token) -> Name:
        kind, text, start = token
        span = Span(self.source, start, start + len(text))
        if kind != "STRING":
            return Name(text, span)
        plain = self.texts.read(token).plain
        if plain is None:
            self.report(error("K0101", span, "a name cannot contain `${ }`", "a plain text only"))
        return Name(plain or "", span, quoted=True)

    def _optional(self, token: Token | None) -> Name | None:
        return None if token is None else self._name(token)

    def _names(self, tokens: Sequence[Token | None]) -> tuple[Name, ...]:
        return tuple(self._name(token) for token in tokens if token is not None)

    def ref(self, kept: Kept, span: Span) -> Ref:
        return Ref(self._names(kept), span)

    def softkw(self, kept: Kept, _: Span) -> object:
        return kept[0]

    # ---- files ----

    def start(self, kept: Kept, span: Span) -> syntax.File:
        return syntax.File(tuple(kept), span)

    def import_(self, kept: Kept, span: Span) -> syntax.Import:
        path, alias = kept
        return syntax.Import(self._name(path), self._name(alias), span, self._doc(span))

    def param(self, kept: Kept, span: Span) -> syntax.Param:
        name, type_, default, where = kept
        return syntax.Param(self._name(name), type_, default, where, span, self._doc(span))

    def let(self, kept: Kept, span: Span) -> syntax.Let:
        name, type_, value = kept
        return syntax.Let(self._name(name), type_, value, span, self._doc(span))

    def fn(self, kept: Kept, span: Span) -> syntax.Fn:
        name, parameters, result, body = kept
        doc = self._doc(span)
        return syntax.Fn(self._name(name), parameters or (), result, body, span, doc)

    def template(self, kept: Kept, span: Span) -> syntax.Template:
        name, parameters, block = kept
        return syntax.Template(self._name(name), parameters or (), block, span, self._doc(span))

    def pipeline(self, kept: Kept, span: Span) -> syntax.Pipeline:
        name, *statements = kept
        return syntax.Pipeline(self._name(name), tuple(statements), span, self._doc(span))

    # ---- what a pipeline holds ----

    def stage(self, kept: Kept, span: Span) -> syntax.Stage:
        name, template, after, when, block = kept
        doc = self._doc(span)
        return syntax.Stage(self._name(name), template, after or (), when, block, span, doc)

    def map_(self, kept: Kept, span: Span) -> syntax.MapStage:
        _, name, over, template, after, when, block = kept
        doc = self._doc(span)
        name = self._name(name)
        return syntax.MapStage(name, over, template, after or (), when, block, span, doc)

    def reduce(self, kept: Kept, span: Span) -> syntax.Reduce:
        name, of, template, after, when, block = kept
        doc = self._doc(span)
        name = self._name(name)
        return syntax.Reduce(name, of, template, after or (), when, block, span, doc)

    def finally_(self, kept: Kept, span: Span) -> syntax.Finally:
        name, on, template, when, block = kept
        doc = self._doc(span)
        return syntax.Finally(self._name(name), on or (), template, when, block, span, doc)

    def barrier(self, kept: Kept, span: Span) -> syntax.Barrier:
        name, after, when, block = kept
        return syntax.Barrier(self._name(name), after or (), when, block, span, self._doc(span))

    def approval(self, kept: Kept, span: Span) -> syntax.Approval:
        name, after, when, block = kept
        return syntax.Approval(self._name(name), after or (), when, block, span, self._doc(span))

    def semaphore(self, kept: Kept, span: Span) -> syntax.Semaphore:
        name, block = kept
        return syntax.Semaphore(self._name(name), block, span, self._doc(span))

    def from_(self, kept: Kept, span: Span) -> syntax.From:
        template, arguments = kept
        return syntax.From(template, arguments or (), span)

    def after(self, kept: Kept, _: Span) -> tuple[syntax.Edge, ...]:
        return tuple(kept)

    def when(self, kept: Kept, _: Span) -> object:
        return kept[0]

    def on_(self, kept: Kept, _: Span) -> tuple[Name, ...]:
        return self._names(kept)

    def edge_opened(self, kept: Kept, span: Span) -> syntax.OpenedEdge:
        target, guard = kept
        return syntax.OpenedEdge(target, guard, span)

    def edge_optional(self, kept: Kept, span: Span) -> syntax.OptionalEdge:
        target, guard = kept
        return syntax.OptionalEdge(target, guard, span)

    def edge_fn(self, kept: Kept, span: Span) -> syntax.FunctionEdge:
        function, arguments, guard = kept
        return syntax.FunctionEdge(function, arguments, guard, span)

    # ---- blocks ----

    def block(self, kept: Kept, span: Span) -> syntax.Block:
        return syntax.Block(tuple(kept), span)

    def attr(self, kept: Kept, span: Span) -> syntax.Attr:
        return syntax.Attr(self._name(kept[0]), kept[1], span)

    def nested(self, kept: Kept, span: Span) -> syntax.Nested:
        name, label, block = kept
        return syntax.Nested(self._name(name), self._optional(label), block, span)

    # ---- types ----

    def type_named(self, kept: Kept, span: Span) -> NamedType:
        arguments = tuple(one for one in kept[1:] if one is not None)
        return NamedType(self._name(kept[0]), arguments, optional=False, span=span)

    def type_optional(self, kept: Kept, span: Span) -> NamedType:
        return replace(self.type_named(kept, span), optional=True)

    def type_enum(self, kept: Kept, span: Span) -> EnumType:
        return EnumType(self._names(kept), span)

    def tparams(self, kept: Kept, _: Span) -> tuple[Parameter, ...]:
        return tuple(kept)

    def tparam(self, kept: Kept, span: Span) -> Parameter:
        name, type_, default = kept
        return Parameter(self._name(name), type_, default, span)

    # ---- expressions ----

    def expr_start(self, kept: Kept, _: Span) -> object:
        return kept[0]

    def cond(self, kept: Kept, span: Span) -> Conditional:
        condition, consequence, alternative = kept
        return Conditional(condition, consequence, alternative, span)

    def or_(self, kept: Kept, span: Span) -> Binary:
        left, right = kept
        return Binary(Operator.OR, left, right, span)

    def and_(self, kept: Kept, span: Span) -> Binary:
        left, right = kept
        return Binary(Operator.AND, left, right, span)

    def not_(self, kept: Kept, span: Span) -> Unary:
        return Unary(Operator.NOT, kept[0], span)

    def cmp(self, kept: Kept, span: Span) -> Compare:
        left, symbol, right = kept
        return Compare(Operator(symbol.text), left, right, span)

    def in_(self, kept: Kept, span: Span) -> In:
        item, values = kept
        return In(item, values, negated=False, span=span)

    def not_in(self, kept: Kept, span: Span) -> In:
        item, values = kept
        return In(item, values, negated=True, span=span)

    def range(self, kept: Kept, span: Span) -> Range:
        low, high = kept
        return Range(low, high, span)

    def add(self, kept: Kept, span: Span) -> Binary:
        left, right = kept
        return Binary(Operator.ADD, left, right, span)

    def sub(self, kept: Kept, span: Span) -> Binary:
        left, right = kept
        return Binary(Operator.SUBTRACT, left, right, span)

    def mul(self, kept: Kept, span: Span) -> Binary:
        left, right = kept
        return Binary(Operator.MULTIPLY, left, right, span)

    def div(self, kept: Kept, span: Span) -> Binary:
        left, right = kept
        return Binary(Operator.DIVIDE, left, right, span)

    def neg(self, kept: Kept, span: Span) -> Unary:
        return Unary(Operator.SUBTRACT, kept[0], span)

    def member(self, kept: Kept, span: Span) -> Member:
        return Member(kept[0], self._name(kept[1]), span)

    def index(self, kept: Kept, span: Span) -> Index:
        target, index = kept
        return Index(target, index, span)

    def call(self, kept: Kept, span: Span) -> Call:
        function, arguments = kept
        return Call(function, arguments or (), span)

    def args(self, kept: Kept, _: Span) -> tuple[Argument, ...]:
        return tuple(kept)

    def arg_pos(self, kept: Kept, span: Span) -> Argument:
        return Argument(None, kept[0], span)

    def arg_kw(self, kept: Kept, span: Span) -> Argument:
        return Argument(self._name(kept[0]), kept[1], span)

    def var(self, kept: Kept, span: Span) -> Var:
        return Var(kept[0].text, span)

    def text(self, kept: Kept, _: Span) -> Text:
        return self.texts.read(kept[0])

    def literal(self, kept: Kept, span: Span) -> Expr:
        token = kept[0]
        if token.kind == UNREADABLE and token.text != "null":
            return Broken(span)
        try:
            return read(token.kind, token.text, span)
        except OutOfRange as out_of_range:
            self.report(error("K0100", span, str(out_of_range)))
            return Broken(span)

    def list(self, kept: Kept, span: Span) -> List:
        return List(tuple(one for one in kept if one is not None), span)

    def comp(self, kept: Kept, span: Span) -> Comprehension:
        element, first, second, values, condition = kept
        return Comprehension(element, self._names((first, second)), values, condition, span)

    def map(self, kept: Kept, span: Span) -> Map:
        return Map(tuple(kept), span)

    def pair(self, kept: Kept, span: Span) -> Pair:
        return Pair(self._name(kept[0]), kept[1], span)
