"""Shows what was found in a program, in the form that was asked for."""

import argparse
import sys
from collections.abc import Sequence
from typing import TextIO

from konductor.cli.address import of_page, of_place
from konductor.cli.output import is_coloured
from konductor.dsl.diagnostics import Diagnostic, Severity, has_errors
from konductor.dsl.render import Form, Links, render
from konductor.errors import ExitCode

_LINKS = Links(of_place, of_page)


def add_form_options(parser: argparse.ArgumentParser) -> None:
    """Add ``--format`` and ``--strict`` to a command line."""
    parser.add_argument(
        "--format",
        choices=[str(form) for form in Form],
        default=str(Form.FULL),
        help="how findings are shown (default: full)",
    )
    parser.add_argument(
        "--strict",
        action=argparse.BooleanOptionalAction,
        default=False,
        help="a warning, too, ends with 2",
    )


def show(
    diagnostics: Sequence[Diagnostic],
    form: str,
    stream: TextIO | None = None,
    allowed: Sequence[Diagnostic] = (),
) -> None:
    """Print findings, by default on standard error; coloured, with links, where a person reads."""
    stream = stream or sys.stderr
    colour = is_coloured(stream)
    if text := render(diagnostics, form=Form(form), colour=colour, links=_LINKS, allowed=allowed):
        print(text.rstrip("\n"), file=stream)


def verdict(diagnostics: Sequence[Diagnostic], *, strict: bool) -> ExitCode:
    """Return the exit code for a program with these findings."""
    warned = any(one.severity is Severity.WARNING for one in diagnostics)
    wrong = has_errors(diagnostics) or (strict and warned)
    return ExitCode.USAGE if wrong else ExitCode.DONE
