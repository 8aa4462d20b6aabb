"""Syntax tree to checked pipeline: declare, evaluate, settle edges."""

import posixpath
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial

from konductor.dsl import syntax
from konductor.dsl.attributes import NOT_IN_DEFAULTS, OBJECT_BLOCKS, PIPELINE, STAGE, find
from konductor.dsl.declare import declare, declare_file
from konductor.dsl.diagnostics import error, instead
from konductor.dsl.edges import Declared, Settled, settle
from konductor.dsl.evaluation import Evaluation, duplicate, evaluate, spend, truth
from konductor.dsl.fit import PER_ITEM
from konductor.dsl.link import object_named, read_links
from konductor.dsl.matrix import read_matrix
from konductor.dsl.parameters import Given, bind
from konductor.dsl.percell import MATRIX, CellBlock, CellReader, Entries, sized_by_cell, split_block
from konductor.dsl.pipeline import Checked, CheckedNode, CheckedPipeline, Element, condition
from konductor.dsl.plan import Placeholder, Text
from konductor.dsl.scope import OBJECT_WHATS, Binding, Scope, What
from konductor.dsl.settings import (
    Layer,
    Settings,
    collect,
    declare_let,
    merge,
    read,
)
from konductor.dsl.size import expected_of, quorum_of
from konductor.dsl.source import Source
from konductor.dsl.spelling import nearest
from konductor.dsl.template import template_layer
from konductor.dsl.types import Kind, Type
from konductor.dsl.values import Unknown, Value, describe, type_of
from konductor.dsl.vocabulary import BLOCKS

_OF_MAP = tuple(one for one in STAGE if one.name != "replicas")
_LATER = (syntax.Approval, syntax.Semaphore, syntax.Gate)


def resolve(
    source: Source, file: syntax.File, given: Given, evaluation: Evaluation
) -> CheckedPipeline | None:
    """Return the file's pipeline, as far as it makes sense; None: it has none (reported)."""
    pipeline = _the_pipeline(file, evaluation, must_run=given.must_know)
    scope = Scope()
    evaluation.program = source
    evaluation.importing = ((posixpath.basename(source.path), None),)
    declare_file(file, scope, evaluation)
    if pipeline is None:
        return None
    inner = scope.child()
    _declare_objects(pipeline, inner, evaluation)
    statements = (*file.statements, *pipeline.statements)
    params = [one for one in statements if isinstance(one, syntax.Param)]
    bind(params, given, inner, evaluation)
    for one in pipeline.statements:
        if isinstance(one, syntax.Let):
            declare_let(one, inner, evaluation)
    parts = _Parts(pipeline, inner, evaluation, _defaults(pipeline, evaluation))
    settings = read(merge([_pipeline_layer(pipeline, inner, evaluation)]), evaluation)
    return CheckedPipeline(
        source,
        pipeline,
        tuple(params),
        inner,
        settings,
        parts.objects(),
        evaluation,
        tuple(one for one in file.statements if one is not pipeline),
    )


# ---- the file ----


def _the_pipeline(
    file: syntax.File, evaluation: Evaluation, *, must_run: bool
) -> syntax.Pipeline | None:
    pipelines = [one for one in file.statements if isinstance(one, syntax.Pipeline)]
    if not pipelines and not file.broken and (must_run or not _is_for_others(file)):
        start = file.span.source.span(0, 0)
        helps = ("write `pipeline NAME { … }`",)
        notes = ("it holds what other files import",) if _is_for_others(file) else ()
        message = "the file declares no pipeline"
        evaluation.report(error("K0301", start, message, notes=notes, helps=helps))
    for other in pipelines[1:]:
        first = pipelines[0].name.span
        evaluation.report(duplicate("the file's pipeline", other.name.span, first))
    return pipelines[0] if pipelines else None


def _is_for_others(file: syntax.File) -> bool:
    """Tell whether a file holds all that an imported one may, and something to import."""
    return bool(file.statements) and not any(
        isinstance(one, syntax.Pipeline | syntax.Param) for one in file.statements
    )


# ---- the pipeline ----


def _declare_objects(pipeline: syntax.Pipeline, scope: Scope, evaluation: Evaluation) -> None:
    for one in _objects(pipeline):
        what = OBJECT_WHATS[type(one)]
        declare(Binding(one.name.text, what, one.name.span), scope, evaluation)
        if isinstance(one, _LATER):
            evaluation.cannot_run(one.name.span, f"`{what}`")


def _objects(pipeline: syntax.Pipeline) -> Iterator[CheckedNode]:
    """Yield what declares an object, in the order of the program."""
    for one in pipeline.statements:
        if isinstance(one, CheckedNode):
            yield one
        elif _is_gate(one):
            assert isinstance(one, syntax.Nested)  # noqa: S101  # what a gate is made of
            assert one.label is not None  # noqa: S101  # likewise
            yield syntax.Gate(one.label, one.block, one.span)


def _is_gate(one: syntax.PipelineStatement) -> bool:
    return isinstance(one, syntax.Nested) and one.name.text == "gate" and one.label is not None


def _pipeline_layer(pipeline: syntax.Pipeline, scope: Scope, evaluation: Evaluation) -> Layer:
    statements: list[syntax.Attr | syntax.Nested] = []
    for one in pipeline.statements:
        if isinstance(one, syntax.Attr):
            statements.append(one)
        elif _is_gate(one):
            continue
        elif isinstance(one, syntax.Nested) and one.name.text != "defaults":
            if find(PIPELINE, one.name.text) is None:
                _report_unknown_block(one, evaluation)
            else:
                statements.append(one)
    return collect(statements, PIPELINE, scope, evaluation, "a pipeline")


_BLOCKS = (*map(str, OBJECT_WHATS.values()), "defaults", "gate", "labels")


def _report_unknown_block(nested: syntax.Nested, evaluation: Evaluation) -> None:
    similar = nearest(nested.name.text, _BLOCKS)
    remedy = instead(nested.name.span, similar)
    foreign = BLOCKS.get(nested.name.text)
    if foreign:
        remedy = {"helps": (f"write {foreign}",)}
    message = f"a pipeline has no block `{nested.name.text}`"
    evaluation.report(
        error(
            "K0306",
            nested.name.span,
            message,
            "no such block",
            **remedy,
        )
    )


def _defaults(pipeline: syntax.Pipeline, evaluation: Evaluation) -> syntax.Nested | None:
    found = [
        one
        for one in pipeline.statements
        if isinstance(one, syntax.Nested) and one.name.text == "defaults"
    ]
    for other in found[1:]:
        evaluation.report(duplicate("`defaults`", other.name.span, found[0].name.span))
    return found[0] if found else None


@dataclass(frozen=True, slots=True)
class _Parts:
    """What the objects of a pipeline are read with."""

    pipeline: syntax.Pipeline
    scope: Scope
    evaluation: Evaluation
    defaults: syntax.Nested | None

    def objects(self) -> tuple[Checked, ...]:
        """Return every stage and barrier, in the order of the program."""
        nodes = self._first_of_each_name()
        declared = {node.name.text: self._declared(node) for node in nodes}
        settled = settle(declared)
        return tuple(
            self._checked(node, declared[node.name.text], settled[node.name.text]) for node in nodes
        )

    def _first_of_each_name(self) -> list[CheckedNode]:
        nodes: dict[str, CheckedNode] = {}
        for one in _objects(self.pipeline):
            nodes.setdefault(one.name.text, one)
        return list(nodes.values())

    def _declared(self, node: CheckedNode) -> Declared:
        """Return an object with its edges and what ``when`` says."""
        left_out = ""
        when = condition(node)
        if when is not None:
            holds = truth(when, self.scope, self.evaluation, "`when`")
            left_out = f"`when {when.span.text}` is false" if holds is False else ""
        links, is_freed = read_links(node, self.scope, self.evaluation)
        return Declared(node.name.text, links, left_out, is_freed)

    def _checked(self, node: CheckedNode, declared: Declared, settled: Settled) -> Checked:
        what = OBJECT_WHATS[type(node)]
        source = ""
        if isinstance(node, syntax.Reduce):
            source = object_named(node.of, self.scope, self.evaluation) or ""
        checked = Checked(
            node,
            what,
            links=settled.links,
            declared=declared.links,
            is_freed=declared.is_freed,
            source=source,
            skipped=settled.skipped,
            because=settled.because,
        )
        if settled.skipped:
            return checked
        if isinstance(node, syntax.StageLike):
            return self._stage(checked, node)
        table = OBJECT_BLOCKS[what]
        of = f"{'an' if what is What.APPROVAL else 'a'} {what}"
        layer = collect(node.block.statements, table, self.scope.child(), self.evaluation, of)
        settings = read(merge([layer]), self.evaluation)
        return _sized(checked, settings, None, frozenset(layer))

    def _stage(self, checked: Checked, node: syntax.StageLike) -> Checked:
        template: Layer = {}
        below: CellBlock | None = None
        if node.template is not None:
            template, below = template_layer(node.template, self.scope, self.evaluation)
        statements = node.block.statements if node.block else ()
        scope = self._block_scope(checked.what)
        block = split_block(statements, scope, has_matrix=MATRIX in template)
        blocks = (block,) if below is None else (below, block)
        own = self._layer(block.shared, checked.what, block.scope)
        entries = merge([self._default_layer(checked.what), template, own])
        over = self._over(node)
        reader = partial(self._read, node=node, over=over)
        matrix = read_matrix(entries.pop(MATRIX, ()), self.evaluation)
        if matrix is None:
            for one in blocks:
                one.settle(self.evaluation)
            settings, elements = reader(entries, with_elements=True)
            return _sized(checked, settings, over, frozenset(own), elements)
        cells = CellReader(matrix, blocks, self.evaluation, reader).cells(entries)
        sized = sized_by_cell(checked, matrix, cells, over)
        return replace(sized, elements=cells[0].elements, own=frozenset(own))

    def _read(
        self,
        entries: Entries,
        *,
        with_elements: bool,
        node: syntax.StageLike,
        over: Value,
    ) -> tuple[Settings, tuple[Element, ...]]:
        """Return the settings of a stage, those of a map's first element too, and its elements."""
        items = _items(over)
        item = _item_binding(over, node)
        names = None if items is None else frozenset(entries) - PER_ITEM
        settings = read(entries, self.evaluation, item, names)
        if items is None or not with_elements:
            return settings, ()
        elements = self._elements(items, entries, node)
        first = elements[0].settings if elements else {}
        return settings | dict(first), elements

    def _block_scope(self, what: What) -> Scope:
        scope = self.scope.child()
        if what is What.FINALLY:
            scope.declare(Binding("run", What.RUN))
        return scope

    def _layer(
        self,
        statements: Iterable[syntax.Let | syntax.Attr | syntax.Nested],
        what: What,
        scope: Scope,
    ) -> Layer:
        table = _OF_MAP if what is What.MAP else STAGE
        return collect(statements, table, scope, self.evaluation, f"a {what}")

    def _default_layer(self, what: What) -> Layer:
        if self.defaults is None:
            return {}
        for one in self.defaults.block.statements:
            key = one.key if isinstance(one, syntax.Attr) else one.name
            if key.text in NOT_IN_DEFAULTS and not isinstance(one, syntax.Let):
                message = f"`{key.text}` belongs to one stage, not to `defaults`"
                self.evaluation.report(error("K0306", key.span, message))
        statements = [
            one
            for one in self.defaults.block.statements
            if (one.key if isinstance(one, syntax.Attr) else one.name).text not in NOT_IN_DEFAULTS
            or isinstance(one, syntax.Let)
        ]
        return self._layer(statements, what, self._block_scope(what))

    def _over(self, node: syntax.StageLike) -> Value:
        """Return what a map goes over: a number, a list, or null for what is no map."""
        if not isinstance(node, syntax.MapStage):
            return None
        value = evaluate(node.over, self.scope, self.evaluation)
        if type_of(value).kind in (Kind.INT, Kind.LIST, Kind.ANY):
            return value
        message = f"a map goes over a number or a list, {describe(value)} is neither"
        return self.evaluation.wrong(error("K0205", node.over.span, message))

    def _elements(
        self,
        items: "tuple[Value, ...] | range",
        entries: Entries,
        node: syntax.StageLike,
    ) -> tuple[Element, ...]:
        assert isinstance(node, syntax.MapStage)  # noqa: S101  # only a map has items
        elements = []
        for value in items:
            spend(1, node.over.span, self.evaluation)
            binding = Binding("item", What.ITEM, node.over.span, value, type_of(value))
            elements.append(Element(value, read(entries, self.evaluation, binding, PER_ITEM)))
        self._report_twins(items, node)
        return tuple(elements)

    def _report_twins(self, items: "tuple[Value, ...] | range", node: syntax.MapStage) -> None:
        seen: set[Value] = set()
        for value in items:
            if value in seen:
                message = f"the list has {describe(value)} twice"
                notes = ("each element of a map is one participant",)
                self.evaluation.report(error("K0302", node.over.span, message, notes=notes))
                return
            seen.add(value)


def _items(over: Value) -> "tuple[Value, ...] | range | None":
    return over if isinstance(over, tuple | range) else None


def _item_binding(over: Value, node: syntax.StageLike) -> Binding | None:
    """Return ``item`` where it is the same for all pods: opaque, or not known yet."""
    if not isinstance(node, syntax.MapStage) or _items(over) is not None:
        return None
    value: Value = Text((Placeholder.ITEM,))
    if isinstance(over, Unknown) and over.type.kind is not Kind.INT:
        value = Unknown(over.type.element)
    return Binding("item", What.ITEM, node.over.span, value, Type(Kind.STRING))


def _sized(
    checked: Checked,
    settings: Settings,
    over: Value,
    own: frozenset[str],
    elements: tuple[Element, ...] = (),
) -> Checked:
    expected = expected_of(checked, settings, over)
    return Checked(  # in full, since `replace` takes four times as long, for every stage
        checked.node,
        checked.what,
        settings,
        expected,
        quorum_of(settings, expected),
        checked.links,
        checked.declared,
        checked.is_freed,
        checked.source,
        elements,
        own=own,
    )
