"""Text to Plan: parse, resolve, check, plan."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypedDict, Unpack

from konductor.dsl.allow import sort_out
from konductor.dsl.cause import without_consequences
from konductor.dsl.check import check, unused_imports
from konductor.dsl.diagnostics import Diagnostic, error, has_errors
from konductor.dsl.evaluate import new_evaluation
from konductor.dsl.evaluation import Evaluation, Loader, OutOfSteps
from konductor.dsl.expression import Expr
from konductor.dsl.parameters import Given, origin
from konductor.dsl.parser import Parsed, parse
from konductor.dsl.pipeline import CheckedPipeline
from konductor.dsl.plan import Plan
from konductor.dsl.resolve import resolve
from konductor.dsl.source import Source, Span
from konductor.dsl.syntax import Let
from konductor.garbage import no_garbage_collection


class Inputs(TypedDict, total=False):
    """What a program is compiled with, beside its text."""

    parameters: Mapping[str, str] | None
    """``-p name=value``, as typed."""
    environment: Mapping[str, str] | None
    """Of the process; ``KON_PARAM_NAME`` gives a parameter its value."""
    parameter_file: Mapping[str, object] | None
    """The members of ``--params``."""
    loader: Loader | None
    """Reads a file beside the program, for imports, ``file(…)`` and ``-p name=@path``."""


@dataclass(frozen=True, slots=True)
class Compiled:
    """What became of a program; there is a plan exactly if no diagnostic is an error."""

    plan: Plan | None
    diagnostics: tuple[Diagnostic, ...]
    """In the order of the program."""
    notes: tuple[str, ...] = ()
    """What was not checked, for ``koncli check`` to say."""
    origins: Mapping[str, str] = field(default_factory=dict)
    """Where each parameter's value is from: ``-p``, ``--params``, a variable or ``default``."""
    allowed: tuple[Diagnostic, ...] = ()
    """The warnings that comments allow, for a form that keeps account of them."""
    written: frozenset[str] = frozenset()
    """The pipeline's attributes that the program gives a value."""


def compile_source(
    text: str | bytes, *, path: str = "<text>", **inputs: Unpack[Inputs]
) -> Compiled:
    """Return the plan of a program, or what keeps it from having one.

    Args:
        text: The program.
        path: How the program is called in diagnostics.
        inputs: What it is compiled with.
    """
    from konductor.dsl.planner import plan_of  # noqa: PLC0415  # which `koncli check` has no use for

    given = _given(inputs, must_know=True)
    with no_garbage_collection():
        parsed = parse(_source(text, path))
        pipeline, evaluation = _checked(parsed, given, inputs.get("loader"))
        diagnostics = [*evaluation.diagnostics, *(_cannot_run(one) for one in evaluation.later)]
        plan = None if pipeline is None or has_errors(diagnostics) else plan_of(pipeline)
    origins = {one.name: origin(one.name, given) for one in plan.parameters} if plan else {}
    written = frozenset(pipeline.settings) if pipeline else frozenset()
    found = _in_order(diagnostics, parsed.source)
    return Compiled(plan, found, origins=origins, written=written)


def check_source(text: str | bytes, *, path: str = "<text>", **inputs: Unpack[Inputs]) -> Compiled:
    """Return what is wrong with a program, whatever its parameters without a value will be.

    What this version cannot run yet is a note here, not an error; there is never a plan.
    """
    examined = examine_source(text, path=path, **inputs)
    notes = tuple(f"{what} ({span}) cannot be run yet (K0999)" for span, what in examined.later)
    return Compiled(None, examined.diagnostics, notes, allowed=examined.allowed)


@dataclass(frozen=True, slots=True)
class Examined:
    """A program as far as it makes sense, for whoever wants more of it than what is wrong."""

    parsed: Parsed
    pipeline: CheckedPipeline | None
    """None: the file has none, or computing it never ends."""
    diagnostics: tuple[Diagnostic, ...]
    """In the order of the program."""
    later: tuple[tuple[Span, str], ...] = ()
    """What the language has and this version cannot run yet."""
    allowed: tuple[Diagnostic, ...] = ()
    """The warnings that comments allow."""


def examine_source(
    text: str | bytes, *, path: str = "<text>", **inputs: Unpack[Inputs]
) -> Examined:
    """Return a program as `check_source` sees it, with its tree and what its names stand for."""
    return examine(parse(_source(text, path)), **inputs)


def examine(parsed: Parsed, **inputs: Unpack[Inputs]) -> Examined:
    """Return a program that has been read as `check_source` sees it."""
    given = _given(inputs, must_know=False)
    with no_garbage_collection():
        pipeline, evaluation = _checked(parsed, given, inputs.get("loader"))
        diagnostics = _in_order(evaluation.diagnostics, parsed.source)
    allowed = tuple(evaluation.allowed)
    return Examined(parsed, pipeline, diagnostics, tuple(evaluation.later), allowed)


def _given(inputs: Inputs, *, must_know: bool) -> Given:
    return Given(
        _read_expression,
        inputs.get("parameters") or {},
        inputs.get("parameter_file"),
        inputs.get("environment") or {},
        must_know=must_know,
    )


def _read_expression(source: Source) -> tuple[Expr | None, tuple[Diagnostic, ...]]:
    """Read one expression, such as the value of ``-p``."""
    wrapped = Source(source.path, f"let value = {source.text}\n")
    parsed = parse(wrapped)
    statements = parsed.file.statements
    if len(statements) != 1 or not isinstance(statements[0], Let):
        return None, parsed.diagnostics
    return statements[0].value, parsed.diagnostics


def _source(text: str | bytes, path: str) -> Source:
    return Source.decode(path, text) if isinstance(text, bytes) else Source(path, text)


def _checked(
    parsed: Parsed, given: Given, loader: Loader | None
) -> tuple[CheckedPipeline | None, Evaluation]:
    evaluation = new_evaluation(loader, parsed.file.broken)
    pipeline = None
    try:
        pipeline = resolve(parsed.source, parsed.file, given, evaluation)
        if pipeline is not None:
            check(pipeline)
    except OutOfSteps:
        pass
    files = [parsed, *(one.parsed for one in evaluation.modules.values())]
    for one in files:
        for unused in unused_imports(one.file):
            evaluation.report(unused)
    lasting: Sequence[Diagnostic] = evaluation.diagnostics
    for one in files:
        causes = without_consequences(one.damage, one.file, lasting)
        lasting, allowed = sort_out(one, causes)
        evaluation.allowed += allowed
    syntax_errors = [finding for one in files for finding in one.diagnostics]
    evaluation.diagnostics[:] = (*syntax_errors, *lasting)
    return pipeline, evaluation


def _cannot_run(later: tuple[Span, str]) -> Diagnostic:
    span, what = later
    message = f"this version of koncli cannot run {what} yet"
    return error("K0999", span, message, "not built yet")


def _in_order(diagnostics: list[Diagnostic], source: Source) -> tuple[Diagnostic, ...]:
    """Return them as the program is read; those about other texts, such as ``-p``, first."""
    files = list(dict.fromkeys(one.span.source for one in diagnostics))
    places = {each: number for number, each in enumerate(files)} | {source: len(files)}
    return tuple(
        sorted(diagnostics, key=lambda one: (places[one.span.source], one.span.start, one.code))
    )
