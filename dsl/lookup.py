"""Names, fields and elements: what stands for a value that is there already."""

from konductor.dsl import expression as tree
from konductor.dsl.diagnostics import Diagnostic, Fix, Label, error, instead
from konductor.dsl.evaluation import Evaluation, a_type, evaluate
from konductor.dsl.plan import Placeholder, Text
from konductor.dsl.scope import OBJECTS, Binding, Scope, What
from konductor.dsl.source import Span
from konductor.dsl.spelling import nearest
from konductor.dsl.types import Kind
from konductor.dsl.values import WRONG, MapValue, Missing, Unknown, Value, describe, type_of
from konductor.dsl.vocabulary import VALUES


def variable(node: tree.Var, scope: Scope, evaluation: Evaluation) -> Value:
    """Return what a name stands for."""
    binding = scope.find(node.name)
    if binding is None:
        if node.name in evaluation.broken:
            return WRONG
        return evaluation.wrong(unknown_name(node.name, node.span, scope))
    if binding.what in (What.FN, What.TEMPLATE, What.IMPORT) or binding.what in OBJECTS:
        message = f"`{node.name}` is a {binding.what}, not a value"
        return evaluation.wrong(error("K0201", node.span, message, f"a {binding.what}"))
    if binding.what is What.RUN:
        return evaluation.wrong(_whole_run(node.span))
    return binding.value


def _whole_run(span: Span) -> Diagnostic:
    return error(
        "K0201",
        span,
        "`run` is not a value",
        helps=("write `run.id`, `run.status` or `run.failed_stage`",),
    )


def unknown_name(name: str, span: Span, scope: Scope) -> Diagnostic:
    """Return the error for a name that stands for nothing here."""
    visible = {binding.name: binding for binding in scope.visible()}
    parts = name.split("-")
    if len(parts) > 1 and all(part in visible for part in parts):
        apart = " - ".join(parts)
        helps = (f"write `{apart}` to subtract: a hyphen joins names",)
        message = f"nothing is named `{name}`"
        return error("K0301", span, message, "read as one name", helps=helps, fix=Fix(span, apart))
    if name in _ONLY_THERE:
        return error("K0208", span, f"`{name}` is not known here", notes=(_ONLY_THERE[name],))
    if name in VALUES:
        helps = (f"write {VALUES[name]}",)
        return error("K0301", span, f"nothing is named `{name}`", "not declared here", helps=helps)
    similar = nearest(name, visible)
    if similar is None:
        return error("K0301", span, f"nothing is named `{name}`", "not declared here")
    declared = visible[similar].span
    secondary = (Label(declared, "a similar name is declared here"),) if declared else ()
    return error(
        "K0301",
        span,
        f"nothing is named `{name}`",
        "not declared here",
        secondary=secondary,
        **instead(span, similar),
    )


_ONLY_THERE = {
    "item": "`item` is known only in `env`, `command` and `args` of a `map`",
    "matrix": "`matrix` is known only within a stage that has one",
    "run": "`run` is known only in `finally`",
}


def member(node: tree.Member, scope: Scope, evaluation: Evaluation) -> Value:
    """Return a field of a map, or of ``run``."""
    target = node.target
    if isinstance(target, tree.Var):
        binding = scope.find(target.name)
        if binding is not None and binding.what is What.RUN:
            return _run_member(node, evaluation)
        if binding is not None and binding.what is What.MATRIX:
            return _axis(node, binding.value, evaluation)
        if binding is not None and binding.what is What.IMPORT:
            return _imported_value(node, scope, evaluation)
    value = evaluate(target, scope, evaluation)
    if isinstance(value, Unknown):
        return Unknown(value.type.element) if value.type.kind is Kind.MAP else WRONG
    if not isinstance(value, MapValue):
        message = f"{a_type(type_of(value))} has no field `{node.name.text}`"
        return evaluation.wrong(error("K0304", node.name.span, message))
    return _field(value, node.name.text, node.name.span, evaluation)


def imported(node: tree.Member, scope: Scope, evaluation: Evaluation) -> Binding | Unknown | None:
    """Return what ``lib.name`` names; None: `lib` is no import; unknown: it has none (reported)."""
    binding = scope.find(node.target.name) if isinstance(node.target, tree.Var) else None
    if binding is None or binding.what is not What.IMPORT:
        return None
    if binding.home is None:
        return WRONG
    names, name = binding.home.names, node.name.text
    found = names.get(name)
    if found is not None and found.what is not What.IMPORT:
        return found
    if name not in evaluation.broken:
        similar = nearest(name, (one.name for one in names.values() if one.what is not What.IMPORT))
        helps = (f"write `{binding.name}.{similar}`",) if similar else ()
        message = f"`{binding.name}` declares no `{name}`"
        secondary = (Label(binding.span, "imported here"),) if binding.span else ()
        evaluation.report(error("K0304", node.name.span, message, secondary=secondary, helps=helps))
    return WRONG


def _imported_value(node: tree.Member, scope: Scope, evaluation: Evaluation) -> Value:
    binding = imported(node, scope, evaluation)
    if binding is None or isinstance(binding, Unknown):
        return binding
    if binding.what is What.LET:
        return binding.value
    message = f"`{node.span.text}` is a {binding.what}, not a value"
    return evaluation.wrong(error("K0201", node.span, message, f"a {binding.what}"))


def _field(value: MapValue, name: str, span: Span, evaluation: Evaluation) -> Value:
    found = value.find(name)
    if not isinstance(found, Missing):
        return found
    keys = [key for key, _ in value.pairs]
    similar = nearest(name, keys)
    remedy = instead(span, similar if span.text == name else None)
    if similar and not remedy:
        remedy = {"helps": (f"write `{similar}`",)}
    notes = (f"it has {_listed(keys)}",) if keys else ("it is empty",)
    message = f"the map has no key `{name}`"
    return evaluation.wrong(error("K0304", span, message, notes=notes, **remedy))


def _axis(node: tree.Member, value: Value, evaluation: Evaluation) -> Value:
    """Return what an axis of the stage's matrix is in this cell."""
    if not isinstance(value, MapValue):
        return WRONG
    name = node.name.text
    found = value.find(name)
    if not isinstance(found, Missing):
        return found
    axes = [axis for axis, _ in value.pairs]
    similar = nearest(name, axes)
    helps = (f"write `matrix.{similar}`",) if similar else ()
    notes = (f"it has {_listed(axes)}",) if axes else ()
    message = f"`matrix` has no axis `{name}`"
    return evaluation.wrong(
        error("K0304", node.name.span, message, "no such axis", notes=notes, helps=helps)
    )


def _run_member(node: tree.Member, evaluation: Evaluation) -> Value:
    name = node.name.text
    if name in _RUN_MEMBERS:
        return Text((_RUN_MEMBERS[name],))
    similar = nearest(name, _RUN_MEMBERS)
    return evaluation.wrong(
        error(
            "K0304",
            node.name.span,
            f"`run` has no field `{name}`",
            notes=(f"it has {_listed(list(_RUN_MEMBERS))}",),
            **instead(node.name.span, similar, f"run.{similar}"),
        )
    )


_RUN_MEMBERS = {
    "id": Placeholder.RUN_ID,
    "status": Placeholder.RUN_STATUS,
    "failed_stage": Placeholder.FAILED_STAGE,
}


def _listed(names: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in names[:8]) + (" …" if len(names) > 8 else "")  # noqa: PLR2004  # enough to see


def index(node: tree.Index, scope: Scope, evaluation: Evaluation) -> Value:
    """Return an element of a list, or of a map by its key."""
    value = evaluate(node.target, scope, evaluation)
    index = evaluate(node.index, scope, evaluation)
    if isinstance(value, Unknown) or isinstance(index, Unknown):
        return Unknown(type_of(value).element)
    if isinstance(value, MapValue) and isinstance(index, str):
        return _field(value, index, node.index.span, evaluation)
    if isinstance(value, tuple | range) and isinstance(index, int) and type(index) is int:
        if -len(value) <= index < len(value):
            return value[index]
        message = f"the list has {len(value)} elements, so no number {index}"
        return evaluation.wrong(
            error("K0304", node.index.span, message, notes=("the first one is number 0",))
        )
    message = f"{a_type(type_of(value))} has no element {describe(index)}"
    return evaluation.wrong(error("K0201", node.span, message))
