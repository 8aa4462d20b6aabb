"""``--params FILE.kon``: values for parameters, written as in a program.

::

    # Everything a night's run needs.
    let day    = "2026-11-24"
    let shards = 2 * 8
    let mode   = "safe"

A value may use those above it. Every value keeps its place, so that what does not fit its parameter
is shown where it was written.
"""

from collections.abc import Mapping

from konductor.dsl.diagnostics import Diagnostic, error
from konductor.dsl.evaluate import new_evaluation
from konductor.dsl.evaluation import OutOfSteps
from konductor.dsl.parameters import Written
from konductor.dsl.parser import parse
from konductor.dsl.scope import Scope
from konductor.dsl.settings import declare_let
from konductor.dsl.source import Source
from konductor.dsl.syntax import Let


def read_values(path: str, data: bytes) -> tuple[Mapping[str, Written], tuple[Diagnostic, ...]]:
    """Return the values of a file by their names, and what is wrong with it."""
    parsed = parse(Source.decode(path, data))
    evaluation, scope = new_evaluation(None, parsed.file.broken), Scope()
    values: dict[str, Written] = {}
    try:
        for one in parsed.file.statements:
            if isinstance(one, Let):
                value = declare_let(one, scope, evaluation)
                values[one.name.text] = Written(value, one.value.span)
            else:
                message = "a file of values holds `let NAME = VALUE` only"
                evaluation.report(error("K0306", one.span._replace(last=one.span.first), message))
    except OutOfSteps:
        pass
    return values, (*parsed.diagnostics, *evaluation.diagnostics)
