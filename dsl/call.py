"""Calls: of the functions every program has, of a program's own, and of ``file``."""

import posixpath
from collections.abc import Sequence
from dataclasses import dataclass

from konductor.dsl import expression as tree
from konductor.dsl.beside import read_beside
from konductor.dsl.diagnostics import Label, error, instead
from konductor.dsl.evaluation import (
    Evaluation,
    a_type,
    evaluate,
    is_opaque,
)
from konductor.dsl.functions import FILE, FUNCTIONS, Argument, Function
from konductor.dsl.lookup import imported
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
    if isinstance(node.function, tree.Member):
        return _imported(node.function, node, scope, evaluation)
    if not isinstance(node.function, tree.Var):
        return _no_function(node, evaluation)
    name = node.function.name
    binding = scope.find(name)
    if binding is not None and binding.fn is not None:
        return _own(binding, node, scope, evaluation)
    if name in FUNCTIONS:
        return _built_in(FUNCTIONS[name], node, scope, evaluation)
    if name == FILE:
        return _file(node, scope, evaluation)
    return _unknown(node.function, scope, evaluation)


def _imported(
    function: tree.Member, node: tree.Call, scope: Scope, evaluation: Evaluation
) -> Value:
    binding = imported(function, scope, evaluation)
    if isinstance(binding, Unknown):
        return binding
    if binding is None or binding.fn is None:
        return _no_function(node, evaluation)
    return _own(binding, node, scope, evaluation)


def _no_function(node: tree.Call, evaluation: Evaluation) -> Value:
    message = f"`{node.function.span.text}` is no function"
    return evaluation.wrong(error("K0305", node.function.span, message))


def _unknown(function: tree.Var, scope: Scope, evaluation: Evaluation) -> Value:
    if function.name in evaluation.broken:
        return WRONG
    own = [one.name for one in scope.visible() if one.what is What.FN]
    similar = nearest(function.name, [*own, *FUNCTIONS, FILE])
    remedy = instead(function.span, similar)
    message = f"no function is named `{function.name}`"
    return evaluation.wrong(error("K0305", function.span, message, "not a function", **remedy))


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
    folder = evaluation.folder(span.source)
    place = posixpath.normpath(posixpath.join(folder, path))
    text = read_beside(place, evaluation.loader, "K0801", span, evaluation)
    if text is None:
        return WRONG
    if len(text.encode("utf-8", "surrogateescape")) > _LARGEST_FILE:
        return evaluation.wrong(error("K0503", span, f"`{path}` is larger than 256 KiB"))
    return text


# ---- a program's own ----


def _own(binding: Binding, node: tree.Call, scope: Scope, evaluation: Evaluation) -> Value:
    fn, home = binding.fn, binding.home
    assert fn is not None  # noqa: S101  # the caller has looked
    assert home is not None  # noqa: S101  # every function has one
    use = Use(fn.name, fn.parameters, node.span, scope, home, evaluation)
    given = use.bind(node.arguments)
    if given is None or fn.name.span in evaluation.recursive:
        return Unknown(type_from(fn.result))
    with evaluation.used(Label(node.span, "called here")):
        return returned(fn, evaluate(fn.body, home.child(*given), evaluation), evaluation)


def returned(fn: Fn, value: Value, evaluation: Evaluation) -> Value:
    """Return a function's value if it has the type that the function says it gives."""
    result = type_from(fn.result)
    if accepts(result, type_of(value)):
        return value
    message = f"`{fn.name.text}` gives {a_type(type_of(value))}, not {a_type(result)}"
    secondary = (Label(fn.result.span, f"says {result}"),)
    evaluation.report(error("K0204", fn.body.span, message, secondary=secondary))
    return Unknown(result)


@dataclass(frozen=True, slots=True)
class Use:
    """One call of a function, or use of a template, that the program declares."""

    name: tree.Name
    """Where it is declared."""
    parameters: Sequence[tree.Parameter]
    place: Span
    """The use as a whole."""
    scope: Scope
    """Of the use: in it the arguments are evaluated."""
    home: Scope
    """The names of the file that declares it: in it the defaults are evaluated."""
    evaluation: Evaluation

    def bind(self, arguments: Sequence[tree.Argument]) -> list[Binding] | None:
        """Return the parameters with what these arguments give them; None: wrong (reported)."""
        bindings: dict[str, Binding] = {}
        for number, argument in enumerate(arguments):
            binding = self.given(number, argument)
            if binding is None:
                return None
            if binding.name in bindings:
                self.report_form(argument.span, f"gives `{binding.name}` twice")
                return None
            bindings[binding.name] = binding
        for parameter in self.parameters:
            if parameter.name.text not in bindings:
                kind = type_from(parameter.type)
                if parameter.default is None and kind.optional:
                    name = parameter.name.text
                    bindings[name] = Binding(name, What.ARGUMENT, None, None, kind)
                    continue
                if parameter.default is None:
                    self.report_form(self.place, f"gives no `{parameter.name.text}`")
                    return None
                bindings[parameter.name.text] = self.default(parameter, parameter.default)
        return list(bindings.values())

    def given(self, number: int, argument: tree.Argument) -> Binding | None:
        """Return what an argument gives its parameter; None: it does not fit (reported)."""
        names = [one.name.text for one in self.parameters]
        name = argument.name.text if argument.name else names[number] if number < len(names) else ""
        value = evaluate(argument.value, self.scope, self.evaluation)
        if name not in names:
            self.report_form(argument.span, _too_much(name, names), nearest(name, names))
            return None
        wanted = type_from(self.parameters[names.index(name)].type)
        if is_opaque(value, argument.value.span, self.evaluation):
            return None
        if not _accepted(value, wanted):
            message = f"`{name}` takes {a_type(wanted)}, this is {describe(value)}"
            self.evaluation.report(error("K0204", argument.value.span, message))
            return None
        return Binding(name, What.ARGUMENT, argument.span, value, wanted)

    def default(self, parameter: tree.Parameter, default: tree.Expr) -> Binding:
        """Return a parameter that is given nothing."""
        value, name = evaluate(default, self.home, self.evaluation), parameter.name.text
        return Binding(name, What.ARGUMENT, None, value, type_from(parameter.type))

    def report_form(self, span: Span, wrong: str, similar: str | None = None) -> None:
        """Report that it is called with other arguments than it takes."""
        form = ", ".join(one.span.text for one in self.parameters)
        self.evaluation.report(
            error(
                "K0201",
                span,
                f"this use of `{self.name.text}` {wrong}",
                secondary=(Label(self.name.span, "declared here"),),
                notes=(f"its form is `{self.name.text}({form})`",),
                helps=(f"write `{similar}`",) if similar else (),
            )
        )


def _too_much(name: str, names: Sequence[str]) -> str:
    if name:
        return f"gives `{name}`, which it does not take"
    return f"gives more than its {len(names)} argument{'s' * (len(names) != 1)}"


def _accepted(value: Value, wanted: Type) -> bool:
    if isinstance(value, str) and wanted.members:
        return value in wanted.members
    return accepts(wanted, type_of(value))
