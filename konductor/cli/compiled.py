"""From a command line to a compiled program: the same for every command that needs a plan."""

import argparse
import os

from konductor.cli.diagnose import add_form_options, show, verdict
from konductor.cli.program import (
    add_parameter_options,
    loader,
    read_parameter_file,
    read_parameters,
    read_program,
)
from konductor.dsl.compile import Compiled, compile_source
from konductor.dsl.emit.hook import HOOK_IMAGE
from konductor.dsl.plan import Hooks
from konductor.errors import ExitCode


def add_program_options(parser: argparse.ArgumentParser) -> None:
    """Add the program, its parameters, and the forms of what is found in it."""
    parser.add_argument("file", metavar="FILE", help="the pipeline; - is standard input")
    add_parameter_options(parser)
    add_form_options(parser)


def add_hooks_option(parser: argparse.ArgumentParser) -> None:
    """Add ``--hooks``."""
    parser.add_argument(
        "--hooks",
        choices=[str(mode) for mode in Hooks],
        default="",
        help="where arrivals come from, whatever the program says",
    )


def add_hook_image_option(parser: argparse.ArgumentParser) -> None:
    """Add ``--hook-image``; an empty one is whoever compiles to find."""
    parser.add_argument(
        "--hook-image",
        default="",
        metavar="IMAGE",
        help=f"the image that hooks in pods run (the installation's, else {HOOK_IMAGE})",
    )


def compile_program(options: argparse.Namespace) -> tuple[Compiled, ExitCode]:
    """Compile the program of a command line, and show what was found in it.

    Returns:
        What became of it, and what to end with; without a plan it is never `ExitCode.DONE`.

    Raises:
        NotFound: the file does not exist.
        UsageError: the file or a parameter is of no use.
    """
    compiled = compile_source(
        read_program(options.file),
        path=options.file,
        parameters=read_parameters(options.parameters),
        environment=os.environ,
        parameter_file=read_parameter_file(options.params),
        loader=loader(options.file),
    )
    show(compiled.diagnostics, options.format)
    return compiled, verdict(compiled.diagnostics, strict=options.strict)
