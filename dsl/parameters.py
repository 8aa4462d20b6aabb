"""A program's parameters and where their values come from.

The order is ``-p``, the parameter file, ``KON_PARAM_NAME``, the default (language.md, 2.3).
"""

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TypeAlias

from konductor.dsl.beside import read_beside
from konductor.dsl.diagnostics import Diagnostic, Label, error, instead
from konductor.dsl.evaluation import Evaluation, a_type, duplicate, evaluate, truth
from konductor.dsl.expression import Expr
from konductor.dsl.plan import Parameter
from konductor.dsl.scope import Binding, Scope, What
from konductor.dsl.source import Source, Span
from konductor.dsl.spelling import nearest
from konductor.dsl.syntax import Param
from konductor.dsl.typename import type_from, wrong_type
from konductor.dsl.types import Kind, Type, accepts
from konductor.dsl.values import (
    LARGEST_INT,
    WRONG,
    MapValue,
    Percent,
    Quantity,
    Unknown,
    Value,
    describe,
    json_of,
    type_of,
)

ENVIRONMENT_PREFIX = "KON_PARAM_"
ExpressionReader: TypeAlias = Callable[[Source], tuple[Expr | None, tuple[Diagnostic, ...]]]
"""Reads one expression: the parser's second entry."""
_WRITTEN_AS_TEXT = {
    Kind.DURATION: timedelta,
    Kind.QUANTITY: Quantity,
    Kind.PERCENT: Percent,
}
"""Types that JSON has not; a parameter file writes their values as text."""
_LARGEST: Mapping[type, float] = {bool: 1, int: LARGEST_INT, float: sys.float_info.max}
"""The largest number of each kind that a file may give: JSON as Python reads it has larger ones."""


@dataclass(frozen=True, slots=True)
class Written:
    """A value and where it was written."""

    value: Value
    span: Span


@dataclass(frozen=True, slots=True)
class Given:
    """What a caller gives a program's parameters."""

    read: ExpressionReader
    raw: Mapping[str, str] = field(default_factory=dict)
    """``-p name=value``, as typed."""
    file: Mapping[str, object] | None = None
    """Members as JSON or YAML has them, or each a `Written` one."""
    environment: Mapping[str, str] = field(default_factory=dict)
    must_know: bool = True
    """Whether a parameter without a value is an error, not an unknown."""


def bind(params: list[Param], given: Given, scope: Scope, evaluation: Evaluation) -> None:
    """Declare a value for each parameter; report what does not fit and what nobody declared."""
    for param in params:
        wrong = wrong_type(param.type)
        if wrong is not None:
            evaluation.report(wrong)
        kind = type_from(param.type)
        found = _find(param, kind, given, scope, evaluation)
        value = _checked(param, kind, found, evaluation)
        name = param.name.text
        taken = scope.declare(Binding(name, What.PARAM, param.name.span, value, kind))
        if taken is not None:
            evaluation.report(duplicate(f"`{name}`", param.name.span, taken.span))
        elif param.where is not None:
            _check_where(param, found, scope, evaluation)
    _report_undeclared(params, given, evaluation)


def plan_parameter(param: Param, scope: Scope) -> Parameter:
    """Return a parameter as the Plan keeps it."""
    binding = scope.find(param.name.text)
    value = binding.value if binding is not None else None
    text = json.dumps(json_of(value), ensure_ascii=False, separators=(",", ":"))
    return Parameter(param.name.text, param.type.span.text, text, param.doc)


def origin(name: str, given: Given) -> str:
    """Return where a parameter's value comes from, as a person would look for it."""
    if name in given.raw:
        return "-p"
    if given.file is not None and name in given.file:
        return "--params"
    variable = ENVIRONMENT_PREFIX + name.upper()
    return variable if variable in given.environment else "default"


def _find(param: Param, kind: Type, given: Given, scope: Scope, evaluation: Evaluation) -> Written:
    name = param.name.text
    where = origin(name, given)
    if where == "-p":
        return _typed(name, given.raw[name], kind, given, evaluation)
    if where == "--params" and given.file is not None:
        return _from_file(name, given.file[name], kind, given, evaluation)
    if where != "default":
        return _read(where, given.environment[where], kind, given, evaluation)
    if param.default is not None:
        return Written(evaluate(param.default, scope, evaluation), param.default.span)
    if kind.optional and given.must_know:
        return Written(None, param.name.span)
    if given.must_know:
        helps = (f"give it one: `-p {name}=…`", f"or give it a default: `param {name}: … = …`")
        message = f"parameter `{name}` has no value"
        evaluation.report(error("K0606", param.name.span, message, "has no default", helps=helps))
        return Written(WRONG, param.name.span)
    return Written(Unknown(kind), param.name.span)


def _typed(name: str, text: str, kind: Type, given: Given, evaluation: Evaluation) -> Written:
    """Read what ``-p`` gives, behind ``@`` the text of a file."""
    where = f"-p {name}"
    if not text.startswith("@") or evaluation.loader is None:
        return _read(where, text, kind, given, evaluation)
    span = Source(where, text).span(0, len(text))
    content = read_beside(text[1:], evaluation.loader, "K0601", span, evaluation)
    if content is None:
        return Written(WRONG, span)
    return _read(f"{where}={text}", content, kind, given, evaluation)


def _read(where: str, text: str, kind: Type, given: Given, evaluation: Evaluation) -> Written:
    """Read a value as it was typed: strings bare, everything else as a literal."""
    source = Source(where, text)
    span = source.span(0, len(text))
    if kind.kind in (Kind.STRING, Kind.ENUM):
        return Written(text, span)
    expression, wrong = given.read(source)
    if wrong or expression is None:
        return Written(_not_of(kind, span, evaluation), span)
    apart = Evaluation(evaluation.evaluators)
    value = evaluate(expression, Scope(), apart)
    return Written(_not_of(kind, span, evaluation) if apart.diagnostics else value, span)


def _not_of(kind: Type, span: Span, evaluation: Evaluation) -> Value:
    message = f"`{span.text}` is no {kind}"
    helps = (f"write it as in a program, such as `{_EXAMPLES.get(kind.kind, '…')}`",)
    return evaluation.wrong(error("K0601", span, message, f"not {a_type(kind)}", helps=helps))


_EXAMPLES = {
    Kind.INT: "5",
    Kind.FLOAT: "0.5",
    Kind.BOOL: "true",
    Kind.DURATION: "1h30m",
    Kind.QUANTITY: "4Gi",
    Kind.PERCENT: "90%",
    Kind.LIST: "[1, 2]",
    Kind.MAP: "{ a = 1 }",
}


def _from_file(
    name: str, member: object, kind: Type, given: Given, evaluation: Evaluation
) -> Written:
    if isinstance(member, Written):
        return member
    text = (
        member if isinstance(member, str) else json.dumps(member, ensure_ascii=False, default=str)
    )
    source = Source(f"--params {name}", text)
    return Written(_member(member, kind, given, evaluation, source), source.span(0, len(text)))


def _member(
    member: object, kind: Type, given: Given, evaluation: Evaluation, source: Source
) -> Value:
    """Return a member of a parameter file as a value of the type that is asked for."""
    if isinstance(member, str) and kind.kind in _WRITTEN_AS_TEXT:
        return _read(source.path, member, kind, given, evaluation).value
    if isinstance(member, list):
        return tuple(_member(one, kind.element, given, evaluation, source) for one in member)
    if isinstance(member, dict):
        pairs = ((str(key), one) for key, one in member.items())
        return MapValue(
            tuple(
                (key, _member(one, kind.element, given, evaluation, source)) for key, one in pairs
            )
        )
    if isinstance(member, int | float) and not abs(member) <= _LARGEST[type(member)]:  # NaN, too
        message = f"a number of `{source.path}` is beyond what {a_type(kind)} holds"
        return evaluation.wrong(error("K0601", source.span(0, len(source.text)), message))
    if isinstance(member, bool | int | float | str) or member is None:
        return member
    return _not_of(kind, source.span(0, len(source.text)), evaluation)


def _checked(param: Param, kind: Type, found: Written, evaluation: Evaluation) -> Value:
    """Return the value if it is of the parameter's type; an int where a float is asked widens."""
    value = found.value
    if isinstance(value, str) and kind.kind is Kind.ENUM:
        return value if value in kind.members else _not_a_member(param, kind, found, evaluation)
    if not accepts(kind, type_of(value)) or not _all_fit(kind, value):
        is_default = param.default is not None and found.span == param.default.span
        code = "K0203" if is_default else "K0601"
        message = f"`{param.name.text}` is {a_type(kind)}, {describe(value)} is not"
        label = f"{a_type(type_of(value))}"
        secondary = (Label(param.type.span, f"says {kind}"),)
        return evaluation.wrong(error(code, found.span, message, label, secondary=secondary))
    if kind.kind is Kind.FLOAT and isinstance(value, int):
        return float(value)
    return value


def _all_fit(kind: Type, value: Value) -> bool:
    """Tell whether every element of a list or map is of the element's type."""
    if isinstance(value, MapValue):
        value = tuple(one for _, one in value.pairs)
    if not isinstance(value, tuple):
        return not (isinstance(value, str) and kind.members and value not in kind.members)
    return all(accepts(kind.element, type_of(one)) and _all_fit(kind.element, one) for one in value)


def _not_a_member(param: Param, kind: Type, found: Written, evaluation: Evaluation) -> Value:
    similar = nearest(str(found.value), kind.members)
    remedy = instead(found.span, f'"{similar}"' if similar else None)
    return evaluation.wrong(
        error(
            "K0602",
            found.span,
            f"`{param.name.text}` is one of {kind}, {describe(found.value)} is not",
            secondary=(Label(param.type.span, "its values are declared here"),),
            **remedy,
        )
    )


def _check_where(param: Param, found: Written, scope: Scope, evaluation: Evaluation) -> None:
    assert param.where is not None  # noqa: S101  # the caller has looked
    holds = truth(param.where, scope, evaluation, "`where`")
    if holds is not False:
        return
    name = param.name.text
    evaluation.report(
        error(
            "K0603",
            found.span,
            f"`{name}` is {describe(found.value)}, which breaks its `where`",
            secondary=(Label(param.where.span, "does not hold"),),
        )
    )


def _report_undeclared(params: list[Param], given: Given, evaluation: Evaluation) -> None:
    names = [param.name.text for param in params]
    for where, keys in (("-p", given.raw), ("--params", given.file or {})):
        for key in keys:
            if key not in names and key not in evaluation.broken:
                similar = nearest(key, names)
                helps = (f"write `{similar}`",) if similar else ()
                notes = (f"it has {', '.join(f'`{one}`' for one in names) or 'none'}",)
                span = Source(where, key).span(0, len(key))
                message = f"the pipeline has no parameter `{key}`"
                evaluation.report(error("K0605", span, message, notes=notes, helps=helps))
