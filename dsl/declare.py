"""What a file declares: its imports, lets, functions and templates, each file once.

An imported file has a scope of its own; whoever imports it sees of it what it declares itself.
"""

import posixpath
import re
from collections.abc import Sequence

from konductor.dsl import syntax
from konductor.dsl.beside import read_beside
from konductor.dsl.call import returned
from konductor.dsl.diagnostics import Diagnostic, Label, error
from konductor.dsl.evaluation import Evaluation, Module, duplicate, evaluate
from konductor.dsl.expression import Parameter
from konductor.dsl.parser import parse
from konductor.dsl.recursion import recursive_functions
from konductor.dsl.scope import Binding, Scope, What
from konductor.dsl.settings import declare_let
from konductor.dsl.source import Source, Span
from konductor.dsl.template import check_template
from konductor.dsl.typename import type_from, wrong_type
from konductor.dsl.values import Unknown

_NOT_IN_MODULES = (syntax.Pipeline, syntax.Param)
_ADDRESS = re.compile(r"[\w.+-]+://|[\w.-]+@[\w.-]+:")
"""What ``git`` and browsers take."""
_MOST_DEEP = 50
"""Files that are read while others wait for them: far more than anybody follows."""


def declare_file(file: syntax.File, scope: Scope, evaluation: Evaluation) -> None:
    """Declare what a file's statements name; report what is wrong with them."""
    recursive_functions([one for one in file.statements if isinstance(one, syntax.Fn)], evaluation)
    for act in (_declare_callable, _import, _declare_let, _check):
        for statement in file.statements:
            act(statement, scope, evaluation)


def _declare_callable(
    statement: syntax.FileStatement, scope: Scope, evaluation: Evaluation
) -> None:
    """Declare a function or template: both may be used before they stand."""
    if isinstance(statement, syntax.Fn):
        name = statement.name
        binding = Binding(name.text, What.FN, name.span, fn=statement, home=scope)
        declare(binding, scope, evaluation)
    elif isinstance(statement, syntax.Template):
        name = statement.name
        binding = Binding(name.text, What.TEMPLATE, name.span, template=statement, home=scope)
        declare(binding, scope, evaluation)


def _declare_let(statement: syntax.FileStatement, scope: Scope, evaluation: Evaluation) -> None:
    if isinstance(statement, syntax.Let):
        declare_let(statement, scope, evaluation)


def _check(statement: syntax.FileStatement, scope: Scope, evaluation: Evaluation) -> None:
    """Read a function or template as if with arguments nobody knows."""
    if isinstance(statement, syntax.Fn):
        _check_function(statement, scope, evaluation)
    elif isinstance(statement, syntax.Template):
        inner = scope.child(*unknown(statement.parameters, scope, evaluation))
        check_template(statement, inner, evaluation)


def declare(binding: Binding, scope: Scope, evaluation: Evaluation) -> None:
    """Declare a name; report it if it is taken."""
    taken = scope.declare(binding)
    if taken is not None and binding.span is not None:
        evaluation.report(duplicate(f"`{binding.name}`", binding.span, taken.span))


def _check_function(fn: syntax.Fn, scope: Scope, evaluation: Evaluation) -> None:
    """Evaluate a function once with arguments nobody knows, so that it is right uncalled too."""
    wrong = wrong_type(fn.result)
    if wrong is not None:
        evaluation.report(wrong)
    bindings = unknown(fn.parameters, scope, evaluation)
    if fn.name.span not in evaluation.recursive:
        returned(fn, evaluate(fn.body, scope.child(*bindings), evaluation), evaluation)


def unknown(parameters: Sequence[Parameter], scope: Scope, evaluation: Evaluation) -> list[Binding]:
    """Return the parameters of a function or template as values of their types nobody knows."""
    bindings: dict[str, Binding] = {}
    for parameter in parameters:
        wrong = wrong_type(parameter.type)
        if wrong is not None:
            evaluation.report(wrong)
        kind, name, span = type_from(parameter.type), parameter.name.text, parameter.name.span
        taken = scope.find(name) or bindings.get(name)
        if taken is not None:
            evaluation.report(duplicate(f"`{name}`", span, taken.span))
        bindings[name] = Binding(name, What.ARGUMENT, span, Unknown(kind), kind)
    return list(bindings.values())


# ---- imports ----


def _import(statement: syntax.FileStatement, scope: Scope, evaluation: Evaluation) -> None:
    if not isinstance(statement, syntax.Import):
        return
    module = _module(statement, evaluation)
    name, span = statement.alias.text, statement.alias.span
    home = None if module is None else module.scope
    declare(Binding(name, What.IMPORT, span, home=home), scope, evaluation)


def _module(node: syntax.Import, evaluation: Evaluation) -> Module | None:
    """Return the imported file, read and declared; None: it cannot be had (reported)."""
    path = _path(node, evaluation)
    if path is None:
        return None
    if path in (other for other, _ in evaluation.importing):
        _report_cycle(path, node, evaluation)
        return None
    if path not in evaluation.modules:
        text = _text(path, node.path.span, evaluation)
        if text is None:
            return None
        _load(path, text, node, evaluation)
    return evaluation.modules[path]


def _path(node: syntax.Import, evaluation: Evaluation) -> str | None:
    """Return the path of an import from the program's folder, or from its root (``@name/…``)."""
    asked, span = node.path.text, node.path.span
    refused = _refused(asked, span)
    if refused is not None:
        evaluation.report(refused)
        return None
    start = "" if asked.startswith("@") else evaluation.folder(span.source)
    joined = posixpath.join(start, asked)
    path = posixpath.normpath(joined)
    root = joined.partition("/")[0]
    if root.startswith("@") and path.partition("/")[0] != root:
        message = f"`{asked}` leads out of its module root"
        evaluation.report(error("K0801", span, message, "outside of the root"))
        return None
    return path


def _refused(asked: str, span: Span) -> Diagnostic | None:
    """Return the error for what is no path of a file within the project."""
    if _ADDRESS.match(asked):
        remedy = "copy the file beside the program, and import that"
        return error("K0801", span, "an import names a file, not an address", helps=(remedy,))
    if not asked or asked.startswith("/"):
        message = f"`{asked}` is a place on this machine" if asked else "the import names no file"
        helps = (
            "write its path from this file's folder, such as `lib/common.kon`",
            "or `@name/common.kon`, with `name` under `[modules]` in `konductor.toml`",
        )
        return error("K0801", span, message, helps=helps)
    return None


def _report_cycle(path: str, node: syntax.Import, evaluation: Evaluation) -> None:
    circle = evaluation.importing
    while circle[0][0] != path:
        circle = circle[1:]
    way = " -> ".join([*(f"`{one}`" for one, _ in circle), f"`{path}`"])
    labels = tuple(
        Label(by.path.span, f"imports `{one}`") for one, by in circle[1:] if by is not None
    )
    evaluation.report(
        error(
            "K0802",
            node.path.span,
            "these files import each other",
            f"imports `{path}`",
            secondary=labels,
            notes=(f"cycle: {way}",),
            helps=("move what they share into a file of its own",),
        )
    )


def _text(path: str, span: Span, evaluation: Evaluation) -> str | None:
    if evaluation.loader is None:
        evaluation.report(error("K0801", span, f"`{path}` cannot be read here"))
        return None
    if len(evaluation.importing) > _MOST_DEEP:
        message = f"files import each other more than {_MOST_DEEP} deep"
        helps = ("import what is needed where it is needed",)
        evaluation.report(error("K0418", span, message, "reached here", helps=helps))
        return None
    return read_beside(path, evaluation.loader, "K0801", span, evaluation)


def _load(path: str, text: str, node: syntax.Import, evaluation: Evaluation) -> None:
    program = evaluation.program
    folder = posixpath.dirname(program.path) if program is not None else ""
    shown = path if path.startswith("@") else posixpath.join(folder, path)
    parsed = parse(Source(posixpath.normpath(shown), text))
    module = Module(path, parsed, Scope())
    evaluation.broken |= parsed.file.broken
    evaluation.importing = (*evaluation.importing, (path, node))
    evaluation.modules[path] = module  # before it is declared: it is known by its source
    try:
        declare_file(parsed.file, module.scope, evaluation)
    finally:
        evaluation.importing = evaluation.importing[:-1]
    for one in parsed.file.statements:
        if isinstance(one, _NOT_IN_MODULES):
            what = "pipeline" if isinstance(one, syntax.Pipeline) else "parameter"
            message = f"an imported file holds no {what}"
            notes = ("it may hold lets, functions, templates and imports",)
            evaluation.report(error("K0306", one.name.span, message, notes=notes))
