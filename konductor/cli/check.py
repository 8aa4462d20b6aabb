"""``koncli check FILE…``: tells what is wrong with pipelines, and touches nothing."""

import os
import sys
from collections.abc import Sequence

from konductor.cli.arguments import Parser
from konductor.cli.diagnose import add_form_options, show, verdict
from konductor.cli.output import tell
from konductor.cli.program import (
    add_parameter_options,
    loader,
    read_parameter_file,
    read_parameters,
    read_program,
)
from konductor.cli.project import read_options
from konductor.dsl.compile import check_source
from konductor.dsl.diagnostics import Diagnostic, Severity
from konductor.dsl.render import Form


def main(argv: list[str]) -> int:
    """Check each file; return 2 if any is wrong.

    Raises:
        NotFound: a file does not exist; the others before it were checked.
        UsageError: a file or a parameter cannot be read.
    """
    options = read_options(_parser(), argv)
    parameters = read_parameters(options.parameters)
    parameter_file = read_parameter_file(options.params)
    found, for_people = list[Diagnostic](), options.format == Form.FULL
    allowed = list[Diagnostic]()
    notes: dict[str, None] = {}  # of several files, each once
    stream = sys.stderr if for_people else sys.stdout  # what a program reads is the result
    for path in options.files:
        checked = check_source(
            read_program(path),
            path=path,
            parameters=parameters,
            environment=os.environ,
            parameter_file=parameter_file,
            loader=loader(path),
        )
        found += checked.diagnostics
        allowed += checked.allowed
        if options.format != Form.SARIF:
            show(checked.diagnostics, options.format, stream)
        notes |= dict.fromkeys(checked.notes)
    for note in notes if for_people else ():
        tell(f"note: {note}")
    if options.format == Form.SARIF:
        show(found, options.format, stream, allowed)
    if for_people:
        tell(_summary(len(options.files), found))
    return verdict(found, strict=options.strict)


def _summary(files: int, found: Sequence[Diagnostic]) -> str:
    """Return how many files and findings there were, such as ``1 file checked, 2 errors``."""
    errors = sum(one.severity is Severity.ERROR for one in found)
    parts = [f"{_count(files, 'file')} checked"]
    if errors:
        parts.append(_count(errors, "error"))
    if len(found) > errors or not errors:
        parts.append(_count(len(found) - errors, "warning"))
    return ", ".join(parts)


def _count(number: int, noun: str) -> str:
    return f"{number or 'no'} {noun}{'s' * (number != 1)}"


def _parser() -> Parser:
    parser = Parser(
        prog="koncli check",
        description="Tell what is wrong with pipelines, and touch nothing. Exit code 2: something.",
    )
    parser.add_argument("files", nargs="+", metavar="FILE", help="a pipeline; - is standard input")
    add_parameter_options(parser)
    add_form_options(parser)
    return parser
