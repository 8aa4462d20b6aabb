"""``koncli compile FILE``: prints the Kubernetes objects of one run of a pipeline.

The same program, parameters and name give the same bytes, so the output can be kept and compared.
"""

import argparse
import json
import re
import sys
from collections.abc import Iterator
from dataclasses import replace

from konductor.cli.arguments import Parser
from konductor.cli.compiled import (
    add_hook_image_option,
    add_hooks_option,
    add_program_options,
    compile_program,
)
from konductor.cli.project import read_options
from konductor.dsl.emit import HOOK_IMAGE, emit, write_yaml
from konductor.dsl.plan import Gate, Hooks, Plan
from konductor.errors import ExitCode, UsageError

_RUN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
_LONGEST = 63
"""Characters of a label's value, which the names of Jobs, hosts and Barriers become."""


def main(argv: list[str]) -> int:
    """Compile a file and print its manifests; findings go to standard error.

    Raises:
        NotFound: the file does not exist.
        UsageError: the file, a parameter or the run's name is of no use.
    """
    options = read_options(_parser(), argv)
    compiled, code = compile_program(options)
    if compiled.plan is not None and code is ExitCode.DONE:
        _print(with_hooks(compiled.plan, options.hooks), options)
    return code


def with_hooks(plan: Plan, hooks: str) -> Plan:
    """Return the plan with the hooks that the command line asks for, if it does.

    Raises:
        UsageError: the program needs the others.
    """
    if not hooks:
        return plan
    if hooks == Hooks.JOB and plan.gate is Gate.INIT:
        raise UsageError('`gate = "init"` needs hooks in the pod', hint="leave out --hooks job")
    needing = next(_needing_hooks(plan), "")
    if hooks == Hooks.JOB and needing:
        raise UsageError(f"{needing} needs hooks in the pod", hint="leave out --hooks job")
    return replace(plan, hooks=Hooks(hooks))


def _needing_hooks(plan: Plan) -> Iterator[str]:
    """Yield what only a hook in the pod can keep."""
    for one in plan.stages:
        if one.arrive:
            yield f"`arrive` of `{one.name}`"
        if any(cell.retries.backoff for cell in one.cells):
            yield f"`backoff` of `{one.name}`"


def name_of_run(plan: Plan, wanted: str) -> str:
    """Return the run's name: the one that is wanted, or one that is always the same.

    Raises:
        UsageError: it cannot name the run's objects.
    """
    name = wanted or f"{plan.pipeline}-00000"
    if not _RUN.fullmatch(name):
        raise UsageError(
            f"`{name}` is no name of a run", hint="write lower-case letters, digits and `-`"
        )
    objects = [one.name for one in plan.barriers]
    objects += [
        f"{one.stem(cell)}-{cell.replicas - 1}" for one in plan.stages for cell in one.cells
    ]
    longest = max(objects, key=len, default="")
    if len(name) + 1 + len(longest) > _LONGEST:
        raise UsageError(
            f"`{name}-{longest}` has more than {_LONGEST} characters",
            hint=f"a run of this pipeline has a name of at most {_LONGEST - 1 - len(longest)}",
        )
    return name


def _print(plan: Plan, options: argparse.Namespace) -> None:
    manifests = emit(
        plan, name_of_run(plan, options.run), hook_image=options.hook_image or HOOK_IMAGE
    )
    if options.output == "json":
        whole = {"apiVersion": "v1", "kind": "List", "items": manifests}
        print(json.dumps(whole, indent=2, ensure_ascii=False))
    else:
        sys.stdout.write(write_yaml(manifests))


def _parser() -> Parser:
    parser = Parser(
        prog="koncli compile",
        description="Print the Kubernetes objects of one run of a pipeline, and create nothing.",
    )
    add_program_options(parser)
    parser.add_argument(
        "--run", default="", metavar="NAME", help="the run's name (default: PIPELINE-00000)"
    )
    parser.add_argument("-o", "--output", choices=("yaml", "json"), default="yaml")
    add_hooks_option(parser)
    add_hook_image_option(parser)
    return parser
