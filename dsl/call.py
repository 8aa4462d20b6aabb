"""Calls: of the functions every program has, of a program's own, and of ``file``."""

from collections.abc import Sequence

from konductor.dsl import expression as tree
from konductor.dsl.diagnostics import Label, error
from konductor.dsl.evaluation import (
    Evaluation,
    a_type,
    evaluate,
    is_opaque,
)
from konductor.dsl.functions import FILE, FUNCTIONS, Argument, Function
from konductor.dsl.scope import Binding, Scope, What
from konductor.dsl.source import Span
from konductor.dsl.spelling import nearest
from konductor.dsl.syntax import Fn
from konductor.dsl.typename import type_from
from konductor.dsl.types import Kind, Type, accepts
from konductor.dsl.values import WRONG, Undefined, Unknown, Value, describe, type_of

_LARGEST_FILE = 256 * 1024


def call(node: tree.Call, scope: Scope, evaluation: Evaluation) -> Value:
    """Return what a call gives."""
    if not isinstance(node.function, tree.Var):
        return evaluation.wrong(
            error("K0305", node.function.span, f"`{node.function.span.text}` is no function")
        )
    name = node.function.name
    binding = scope.find(name)
    if binding is not None and binding.fn is not None:
        return _own(binding.fn, node, scope, evaluation)
    if name in FUNCTIONS:
        return _built_in(FUNCTIONS[name], node, scope, evaluation)
    if name == FILE:
        return _file(node, scope, evaluation)
    return _unknown(node.function, scope, evaluation)


def _unknown(function: tree.Var, scope: Scope, evaluation: Evaluation) -> Value:
    if function.name in evaluation.broken:
        return WRONG
    own = [one.name for one in scope.visible() if one.what is What.FN]
    similar = nearest(function.name, [*own, *FUNCTIONS, FILE])
    helps = (f"write `{similar}`",) if similar else ()
    message = f"no function is named `{function.name}`"
    return evaluation.wrong(error("K0305", function.span, message, "not a function", helps=helps))


# ---- built in ----


def _built_in(function: Function, node: tree.Call, scope: Scope, evaluation: Evaluation) -> Value:
    places = _places(function, node, evaluation)
    if places is None:
        return WRONG
    values = [evaluate(one.value, scope, evaluation) for one in node.arguments]
    checks = [
        _fits(place, value, one, function, evaluation)
        for place, value, one in zip(places, values, node.arguments, strict=True)
    ]
    if not all(checks):
        return WRONG
    if any(isinstance(value, Unknown) for value in values):
        return Unknown(function.result)
    try:
        return function.apply(*values)
    except Undefined as reason:
        return evaluation.wrong(error("K0201", node.span, str(reason)))


def _places(
    function: Function, node: tree.Call, evaluation: Evaluation
) -> Sequence[Argument] | None:
    """Return what is asked for at the place of each argument."""
    required = len(function.arguments)
    places = list(function.arguments)
    if function.repeats:
        places += [function.arguments[-1]] * (len(node.arguments) - required)
    names = [one.name for one in node.arguments if one.name is not None]
    places += list(function.optional)[: len(node.arguments) - required]
    wrong_name = next((name for name in names if name.text not in _optional(function)), None)
    if len(places) != len(node.arguments) or len(node.arguments) < required or wrong_name:
        span = wrong_name.span if wrong_name else node.span
        notes = (f"its form is `{function}`",)
        message = f"`{function.name}` is called with other arguments than it takes"
        evaluation.report(error("K0201", span, message, notes=notes))
        return None
    return places


def _optional(function: Function) -> tuple[str, ...]:
    return tuple(one.name for one in function.optional)


def _fits(
    place: Argument, value: Value, node: tree.Argument, function: Function, evaluation: Evaluation
) -> bool:
    if is_opaque(value, node.value.span, evaluation):
        return False
    kind = type_of(value).kind
    if not place.kinds or kind is Kind.ANY or kind in place.kinds:
        return True
    message = f"`{function.name}` takes {place.wants}, this is {a_type(type_of(value))}"
    notes = (f"its form is `{function}`",)
    evaluation.report(error("K0201", node.value.span, message, notes=notes))
    return False


def _file(node: tree.Call, scope: Scope, evaluation: Evaluation) -> Value:
    values = [evaluate(one.value, scope, evaluation) for one in node.arguments]
    if len(values) != 1 or type_of(values[0]).kind not in (Kind.STRING, Kind.ANY):
        return evaluation.wrong(error("K0201", node.span, "`file` takes one path"))
    path = values[0]
    if not isinstance(path, str) or evaluation.loader is None:
        return Unknown(Type(Kind.STRING))
    span = node.arguments[0].value.span
    try:
        text = evaluation.loader(path)
    except (OSError, ValueError) as reason:
        return evaluation.wrong(error("K0801", span, f"`{path}` cannot be read: {reason}"))
    if len(text.encode("utf-8", "surrogateescape")) > _LARGEST_FILE:
        return evaluation.wrong(error("K0503", span, f"`{path}` is larger than 256 KiB"))
    return text


# ---- a program's own ----


def _own(fn: Fn, node: tree.Call, scope: Scope, evaluation: Evaluation) -> Value:
    result = type_from(fn.result)
    given = _own_arguments(fn, node, scope, evaluation)
    if given is None or fn.name.text in evaluation.recursive:
        return Unknown(result)
    file_scope = _outermost(scope)
    inner = file_scope.child(*given)
    value = evaluate(fn.body, inner, evaluation)
    return returned(fn, value, evaluation)


def returned(fn: Fn, value: Value, evaluation: Evaluation) -> Value:
    """Return a function's value if it has the type that the function says it gives."""
    result = type_from(fn.result)
    if accepts(result, type_of(value)):
        return value
    message = f"`{fn.name.text}` gives {a_type(type_of(value))}, not {a_type(result)}"
    secondary = (Label(fn.result.span, f"says {result}"),)
    evaluation.report(error("K0204", fn.body.span, message, secondary=secondary))
    return Unknown(result)


def _outermost(scope: Scope) -> Scope:
    while scope.parent is not None:
        scope = scope.parent
    return scope


def _own_arguments(
    fn: Fn, node: tree.Call, scope: Scope, evaluation: Evaluation
) -> list[Binding] | None:
    bindings: dict[str, Binding] = {}
    names = [parameter.name.text for parameter in fn.parameters]
    for number, argument in enumerate(node.arguments):
        name = argument.name.text if argument.name else names[number] if number < len(names) else ""
        value = evaluate(argument.value, scope, evaluation)
        if name not in names or name in bindings:
            _report_wrong_call(fn, argument.span, evaluation)
            return None
        wanted = type_from(fn.parameters[names.index(name)].type)
        if is_opaque(value, argument.value.span, evaluation):
            return None
        if not _accepted(value, wanted):
            message = f"`{name}` takes {a_type(wanted)}, this is {describe(value)}"
            evaluation.report(error("K0204", argument.value.span, message))
            return None
        bindings[name] = Binding(name, What.ARGUMENT, argument.span, value, wanted)
    for parameter in fn.parameters:
        if parameter.name.text not in bindings:
            if parameter.default is None:
                _report_wrong_call(fn, node.span, evaluation)
                return None
            value = evaluate(parameter.default, _outermost(scope), evaluation)
            name = parameter.name.text
            bindings[name] = Binding(name, What.ARGUMENT, None, value, type_from(parameter.type))
    return list(bindings.values())


def _accepted(value: Value, wanted: Type) -> bool:
    if isinstance(value, str) and wanted.members:
        return value in wanted.members
    return accepts(wanted, type_of(value))


def _report_wrong_call(fn: Fn, span: Span, evaluation: Evaluation) -> None:
    form = ", ".join(one.span.text for one in fn.parameters)
    evaluation.report(
        error(
            "K0201",
            span,
            f"`{fn.name.text}` is called with other arguments than it takes",
            secondary=(Label(fn.name.span, "declared here"),),
            notes=(f"its form is `{fn.name.text}({form})`",),
        )
    )
