"""Every name of a file: where it is declared, where it is used, and where it can be used.

The scopes are those of `konductor.dsl.scope` (file > pipeline > block > comprehension), but
nothing is evaluated, so names are found in code that is half typed, skipped or wrong.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from konductor.dsl import expression as tree
from konductor.dsl import syntax
from konductor.dsl.recursion import children
from konductor.dsl.scope import OBJECT_WHATS, What
from konductor.dsl.source import Span

_GATE = "gate"
"""The grammar reads it as a block like any other, with a label."""


@dataclass(frozen=True, slots=True, eq=False)
class Symbol:
    """A declared name; two are the same only if they are one object."""

    name: str
    what: What
    span: Span
    """Of the name alone."""
    node: object
    """What declares it: a statement, a parameter, or an axis of a matrix."""
    members: "tuple[Symbol, ...]" = ()
    """The parameters of a function or template."""


@dataclass(frozen=True, slots=True)
class Use:
    """One place where a name stands."""

    span: Span
    symbol: Symbol
    """What it stands for; where `member` is not empty, the alias of the import it goes through."""
    declares: bool = False
    member: str = ""
    """A name of the imported file."""


@dataclass(frozen=True, slots=True)
class Area:
    """A part of a file in which names can be used."""

    span: Span
    symbols: Mapping[str, Symbol]


@dataclass(frozen=True)
class Index:
    """The names of one file; without slots, since the order of places is made late."""

    uses: tuple[Use, ...]
    """In the order of the file."""
    areas: tuple[Area, ...]
    """Each behind those around it."""

    @cached_property
    def _starts(self) -> list[int]:
        return [use.span.start for use in self.uses]

    def use_at(self, offset: int) -> Use | None:
        """Return the name that an offset is in or touches."""
        at = bisect_right(self._starts, offset) - 1
        for use in self.uses[max(at - 1, 0) : at + 1][::-1]:
            if use.span.start <= offset <= use.span.end:
                return use
        return None

    def uses_of(self, symbol: Symbol, member: str = "") -> tuple[Use, ...]:
        """Return every place where a name stands, its declaration among them."""
        return tuple(use for use in self.uses if use.symbol is symbol and use.member == member)

    def visible(self, offset: int) -> dict[str, Symbol]:
        """Return the names that can be used at an offset."""
        found: dict[str, Symbol] = {}
        for area in self.areas:
            if area.span.start <= offset <= area.span.end:
                for name, symbol in area.symbols.items():
                    found.setdefault(name, symbol)
        return found

    @property
    def exported(self) -> Mapping[str, Symbol]:
        """Return what an importing file may name: lets, functions and templates of the file."""
        whats = (What.LET, What.FN, What.TEMPLATE)
        return {name: one for name, one in self.areas[0].symbols.items() if one.what in whats}


def index_of(file: syntax.File) -> Index:
    """Return the names of a file."""
    indexer = _Indexer()
    indexer.file(file)
    uses = sorted(indexer.uses, key=lambda use: (use.span.start, use.span.end))
    return Index(tuple(uses), tuple(indexer.areas))


@dataclass(slots=True)
class _Scope:
    names: dict[str, Symbol] = field(default_factory=dict)
    parent: "_Scope | None" = None
    axes: dict[str, Symbol] = field(default_factory=dict)
    """The axes of the stage's matrix."""

    def find(self, name: str) -> Symbol | None:
        scope: _Scope | None = self
        while scope is not None:
            if name in scope.names:
                return scope.names[name]
            scope = scope.parent
        return None

    def axis(self, name: str) -> Symbol | None:
        scope: _Scope | None = self
        while scope is not None:
            if name in scope.axes:
                return scope.axes[name]
            scope = scope.parent
        return None


class _Indexer:
    def __init__(self) -> None:
        self.uses: list[Use] = []
        self.areas: list[Area] = []

    def _open(self, span: Span, parent: _Scope | None) -> _Scope:
        scope = _Scope(parent=parent)
        self.areas.append(Area(span, scope.names))
        return scope

    def _declare(self, scope: _Scope, name: tree.Name, what: What, node: object) -> Symbol:
        members = self._members(node)
        symbol = Symbol(name.text, what, name.span, node, members)
        self.uses.append(Use(name.span, symbol, declares=True))
        scope.names.setdefault(name.text, symbol)
        return symbol

    def _members(self, node: object) -> tuple[Symbol, ...]:
        if not isinstance(node, syntax.Fn | syntax.Template):
            return ()
        return tuple(
            Symbol(one.name.text, What.ARGUMENT, one.name.span, one) for one in node.parameters
        )

    def _use(self, symbol: Symbol | None, span: Span, member: str = "") -> None:
        if symbol is not None:
            self.uses.append(Use(span, symbol, member=member))

    # ---- statements ----

    def file(self, file: syntax.File) -> None:
        scope = self._open(file.span.source.span(0, len(file.span.source.text)), None)
        whats = {syntax.Let: What.LET, syntax.Fn: What.FN, syntax.Template: What.TEMPLATE}
        for one in file.statements:
            if isinstance(one, syntax.Import):
                self._declare(scope, one.alias, What.IMPORT, one)
            elif isinstance(one, syntax.Param):
                self._declare(scope, one.name, What.PARAM, one)
            elif not isinstance(one, syntax.Pipeline):
                self._declare(scope, one.name, whats[type(one)], one)
        for one in file.statements:
            self._file_statement(one, scope)

    def _file_statement(self, one: syntax.FileStatement, scope: _Scope) -> None:
        if isinstance(one, syntax.Pipeline):
            self._pipeline(one, scope)
        elif isinstance(one, syntax.Fn | syntax.Template):
            self._callable(one, scope)
        elif isinstance(one, syntax.Let):
            self._expression(one.value, scope)
        elif isinstance(one, syntax.Param):
            self._param(one, scope)

    def _param(self, one: syntax.Param, scope: _Scope) -> None:
        self._optional(one.default, scope)
        self._optional(one.where, scope)

    def _callable(self, one: syntax.Fn | syntax.Template, scope: _Scope) -> None:
        inner = self._open(one.span, scope)
        symbol = scope.names.get(one.name.text)
        members = (
            symbol.members if symbol is not None and symbol.node is one else self._members(one)
        )
        for member in members:
            self.uses.append(Use(member.span, member, declares=True))
            inner.names.setdefault(member.name, member)
        for parameter in one.parameters:
            self._optional(parameter.default, scope)
        if isinstance(one, syntax.Fn):
            self._expression(one.body, inner)
        else:
            self._block(one.block, inner)

    def _pipeline(self, pipeline: syntax.Pipeline, file: _Scope) -> None:
        scope = self._open(pipeline.span, file)
        for one in pipeline.statements:
            if isinstance(one, syntax.Param):
                self._declare(scope, one.name, What.PARAM, one)
            elif isinstance(one, syntax.Let):
                self._declare(scope, one.name, What.LET, one)
            elif isinstance(one, syntax.Nested):
                if one.name.text == _GATE and one.label is not None:
                    self._declare(scope, one.label, What.GATE, one)
            elif not isinstance(one, syntax.Attr):
                self._declare(scope, one.name, OBJECT_WHATS[type(one)], one)
        for one in pipeline.statements:
            self._pipeline_statement(one, scope)

    def _pipeline_statement(self, one: syntax.PipelineStatement, scope: _Scope) -> None:
        match one:
            case syntax.Param():
                self._param(one, scope)
            case syntax.Let() | syntax.Attr():
                self._expression(one.value, scope)
            case syntax.Nested():
                self._block(one.block, scope)
            case _:
                self._object(one, scope)

    def _object(
        self,
        one: syntax.StageLike | syntax.Barrier | syntax.Approval | syntax.Semaphore,
        scope: _Scope,
    ) -> None:
        if isinstance(one, syntax.MapStage):
            self._expression(one.over, scope)
        if isinstance(one, syntax.Reduce):
            self._ref(one.of, scope)
        if isinstance(one, syntax.Stage | syntax.MapStage | syntax.Reduce | syntax.Finally):
            self._template(one.template, scope)
        if not isinstance(one, syntax.Semaphore):
            self._optional(one.when, scope)
        for edge in () if isinstance(one, syntax.Finally | syntax.Semaphore) else one.after:
            self._edge(edge, scope)
        if one.block is not None:
            self._block(one.block, scope)

    def _edge(self, edge: syntax.Edge, scope: _Scope) -> None:
        self._optional(edge.guard, scope)
        if isinstance(edge, syntax.FunctionEdge):
            self._arguments(edge.arguments, scope, ())
        else:
            self._ref(edge.target, scope)

    def _template(self, template: syntax.From | None, scope: _Scope) -> None:
        if template is not None:
            symbol = self._ref(template.template, scope)
            self._arguments(template.arguments, scope, symbol.members if symbol else ())

    def _ref(self, ref: tree.Ref, scope: _Scope) -> Symbol | None:
        """Note what a dotted name stands for; return it if it is declared in this file."""
        symbol = scope.find(ref.names[0].text)
        self._use(symbol, ref.names[0].span)
        for name in ref.names[1:2]:
            if symbol is not None and symbol.what is What.IMPORT:
                self._use(symbol, name.span, name.text)
            symbol = None
        return symbol

    def _block(self, block: syntax.Block, parent: _Scope) -> None:
        scope = self._open(block.span, parent)
        for one in block.statements:
            if isinstance(one, syntax.Let):
                self._declare(scope, one.name, What.LET, one)
            elif isinstance(one, syntax.Nested) and one.name.text == "matrix":
                self._matrix(one, scope)
        for one in block.statements:
            if isinstance(one, syntax.Nested):
                self._block(one.block, scope)
            else:
                self._expression(one.value, scope)

    def _matrix(self, matrix: syntax.Nested, scope: _Scope) -> None:
        for one in matrix.block.statements:
            if isinstance(one, syntax.Attr):
                symbol = Symbol(one.key.text, What.VARIABLE, one.key.span, one)
                self.uses.append(Use(one.key.span, symbol, declares=True))
                scope.axes.setdefault(one.key.text, symbol)
        for one in matrix.block.statements:
            if isinstance(one, syntax.Nested) and one.name.text in ("exclude", "include"):
                for attr in one.block.statements:
                    if isinstance(attr, syntax.Attr):
                        self._use(scope.axes.get(attr.key.text), attr.key.span)

    # ---- expressions ----

    def _optional(self, node: tree.Expr | None, scope: _Scope) -> None:
        if node is not None:
            self._expression(node, scope)

    def _expression(self, root: tree.Expr, scope: _Scope) -> None:
        waiting: list[object] = [root]
        while waiting:
            node = waiting.pop()
            match node:
                case tree.Text():
                    waiting += [one.value for one in node.parts if type(one) is tree.Interpolation]
                case tree.Var():
                    self._use(scope.find(node.name), node.span)
                case tree.Member(target=tree.Var() as target):
                    self._member(node, target, scope)
                case tree.Call(function=tree.Var() as function):
                    symbol = scope.find(function.name)
                    self._use(symbol, function.span)
                    self._arguments(node.arguments, scope, symbol.members if symbol else ())
                case tree.Comprehension():
                    self._comprehension(node, scope)
                case _:
                    waiting += children(node)

    def _member(self, node: tree.Member, target: tree.Var, scope: _Scope) -> None:
        symbol = scope.find(target.name)
        self._use(symbol, target.span)
        if symbol is not None and symbol.what is What.IMPORT:
            self._use(symbol, node.name.span, node.name.text)
        elif symbol is None and target.name == "matrix":
            self._use(scope.axis(node.name.text), node.name.span)

    def _arguments(
        self, arguments: Iterable[tree.Argument], scope: _Scope, members: tuple[Symbol, ...]
    ) -> None:
        for one in arguments:
            if one.name is not None:
                named = (member for member in members if member.name == one.name.text)
                self._use(next(named, None), one.name.span)
            self._expression(one.value, scope)

    def _comprehension(self, node: tree.Comprehension, scope: _Scope) -> None:
        self._expression(node.values, scope)
        inner = self._open(node.span, scope)
        for name in node.names:
            self._declare(inner, name, What.VARIABLE, node)
        self._expression(node.element, inner)
        self._optional(node.condition, inner)
