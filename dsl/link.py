"""``after`` as written, to the edges whose guards hold."""

from konductor.dsl import syntax
from konductor.dsl.diagnostics import Label, error, instead
from konductor.dsl.edges import Link
from konductor.dsl.evaluation import Evaluation, evaluate, truth
from konductor.dsl.expression import Argument, Ref, Var
from konductor.dsl.pipeline import CheckedNode, Waiting
from konductor.dsl.plan import EdgeKind
from konductor.dsl.scope import OBJECTS, WAITED_FOR, Scope, What
from konductor.dsl.source import Span
from konductor.dsl.spelling import nearest
from konductor.dsl.types import Kind
from konductor.dsl.values import type_of
from konductor.dsl.vocabulary import EDGES

_FUNCTIONS = {
    "done": EdgeKind.DONE,
    "failed": EdgeKind.FAILED,
    "any": EdgeKind.ANY,
    "atleast": EdgeKind.AT_LEAST,
}
_EACH = "each"
_HAVE_CELLS = frozenset({What.STAGE, What.MAP, What.REDUCE})


def read_links(
    node: CheckedNode, scope: Scope, evaluation: Evaluation
) -> tuple[tuple[Link, ...], bool]:
    """Return the edges of a stage or barrier, and whether guards have removed all it has.

    An edge whose guard is false does not exist.
    """
    links: list[Link] = []
    removed = kept = 0
    if isinstance(node, syntax.Reduce):
        links += _opened(EdgeKind.OPENED, node.of, node.of.span, scope, evaluation)
    for edge in node.after if isinstance(node, Waiting) else ():
        if edge.guard is not None:
            holds = truth(edge.guard, scope, evaluation, "the guard of an edge")
            if holds is False:
                removed += 1
                continue
        kept += 1
        links += _edge(edge, scope, evaluation)
    return tuple(links), bool(removed and not kept and not links)


def _edge(edge: syntax.Edge, scope: Scope, evaluation: Evaluation) -> list[Link]:
    if isinstance(edge, syntax.OpenedEdge):
        return _opened(EdgeKind.OPENED, edge.target, edge.span, scope, evaluation)
    if isinstance(edge, syntax.OptionalEdge):
        return _opened(EdgeKind.OPTIONAL, edge.target, edge.span, scope, evaluation)
    name = edge.function.text
    if name == _EACH:
        evaluation.cannot_run(edge.function.span, "`each`")
        return _each(edge, scope, evaluation)
    if name not in _FUNCTIONS:
        similar = nearest(name, [*_FUNCTIONS, _EACH])
        remedy = instead(edge.function.span, similar, f"{similar}(…)")
        if name in EDGES:
            remedy = {"helps": (f"write {EDGES[name]}",)}
        notes = ("there are `done`, `failed`, `any`, `atleast` and `each`",)
        message = f"no edge is named `{name}`"
        evaluation.report(error("K0311", edge.function.span, message, notes=notes, **remedy))
        return []
    return _function(_FUNCTIONS[name], edge, scope, evaluation)


def _opened(
    kind: EdgeKind, target: Ref, span: Span, scope: Scope, evaluation: Evaluation
) -> list[Link]:
    name = object_named(target, scope, evaluation)
    return [Link(kind, (name,), span, spans=(target.span,))] if name else []


def _function(
    kind: EdgeKind, edge: syntax.FunctionEdge, scope: Scope, evaluation: Evaluation
) -> list[Link]:
    arguments = edge.arguments
    at_least = 1 if kind is EdgeKind.ANY else None
    if kind is EdgeKind.AT_LEAST:
        if len(arguments) < 2:  # noqa: PLR2004  # a number and a name
            return _wrong_form(edge, evaluation)
        at_least = _count(arguments[0], scope, evaluation)
        arguments = arguments[1:]
        if at_least is None:
            return []
    named = [(_argument(one, scope, evaluation), one.span) for one in arguments]
    places = {name: span for name, span in reversed(named) if name}
    names = tuple(dict.fromkeys(name for name, _ in named if name))
    if len(places) != len(arguments):
        return []
    spans = tuple(places[name] for name in names)
    if at_least is not None and not 1 <= at_least <= len(names):
        message = f"`atleast` asks for {at_least} of {len(names)}"
        evaluation.report(error("K0403", edge.arguments[0].span, message))
        return []
    return [Link(kind, names, edge.span, at_least, spans)]


def _each(edge: syntax.FunctionEdge, scope: Scope, evaluation: Evaluation) -> list[Link]:
    if len(edge.arguments) != 1:
        message = f"`each` names one stage, these are {len(edge.arguments)}"
        helps = ("write `each(a), each(b)` for two",)
        evaluation.report(error("K0201", edge.span, message, helps=helps))
        return []
    (argument,) = edge.arguments
    name = _argument(argument, scope, evaluation)
    binding = scope.find(name) if name else None
    if name is None or binding is None:
        return []
    if binding.what not in _HAVE_CELLS:
        message = f"`{name}` is {_a(binding.what)}, which has no cells"
        helps = (f"write `after {name}`",)
        evaluation.report(error("K0410", argument.span, message, helps=helps))
        return []
    return [Link(EdgeKind.EACH, (name,), edge.span, spans=(argument.span,))]


def _a(what: What) -> str:
    return f"{'an' if what is What.APPROVAL else 'a'} {what}"


def _count(argument: Argument, scope: Scope, evaluation: Evaluation) -> int | None:
    value = evaluate(argument.value, scope, evaluation)
    if type_of(value).kind not in (Kind.INT, Kind.ANY):
        message = "`atleast` takes a number first: `atleast(2, a, b, c)`"
        evaluation.report(error("K0201", argument.span, message))
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _wrong_form(edge: syntax.FunctionEdge, evaluation: Evaluation) -> list[Link]:
    message = "`atleast` names nothing to wait for"
    helps = ("write `atleast(2, a, b)`: a number, then the names",)
    evaluation.report(error("K0201", edge.span, message, helps=helps))
    return []


def _argument(argument: Argument, scope: Scope, evaluation: Evaluation) -> str | None:
    if isinstance(argument.value, Var):
        return _named(argument.value.name, argument.span, scope, evaluation)
    message = f"`{argument.span.text}` is no stage or barrier"
    evaluation.report(error("K0301", argument.span, message))
    return None


def object_named(ref: Ref, scope: Scope, evaluation: Evaluation) -> str | None:
    """Return the name of a stage or barrier; None: there is no such one to wait for (reported)."""
    return _named(ref.text, ref.span, scope, evaluation)


def _named(name: str, span: Span, scope: Scope, evaluation: Evaluation) -> str | None:
    binding = scope.find(name)
    if binding is None or binding.what not in OBJECTS:
        if name not in evaluation.broken:
            _report_unknown(name, span, scope, evaluation)
        return None
    if binding.what in WAITED_FOR:
        return name
    reason = "it starts once all else has ended" if binding.what is What.FINALLY else ""
    message = f"`{name}` is a {binding.what}, nothing can wait for it"
    secondary = (Label(binding.span, "declared here"),) if binding.span else ()
    notes = (reason,) if reason else ()
    helps = () if reason else (f"write `acquire = [{name}]` in the block",)
    evaluation.report(error("K0310", span, message, secondary=secondary, notes=notes, helps=helps))
    return None


def _report_unknown(name: str, span: Span, scope: Scope, evaluation: Evaluation) -> None:
    objects = {one.name: one for one in scope.visible() if one.what in WAITED_FOR}
    similar = nearest(name, objects)
    message = f"no stage is named `{name}`"
    label = "not declared in this pipeline"
    if similar is None:
        evaluation.report(error("K0301", span, message, label))
        return
    declared = objects[similar].span
    secondary = (Label(declared, "a similar name is declared here"),) if declared else ()
    remedy = instead(span, similar)
    evaluation.report(error("K0301", span, message, label, secondary=secondary, **remedy))
