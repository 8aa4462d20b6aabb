"""``koncli plan FILE``: tells what a run would do, and does nothing; also ``run --dry-run``."""

import argparse
import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from konductor.api.meta import Json, json_map
from konductor.cli.arguments import Parser, cluster_options, connect
from konductor.cli.compile import name_of_run, with_hooks
from konductor.cli.compiled import add_hooks_option, add_program_options, compile_program
from konductor.cli.project import local_settings, read_options
from konductor.dsl.compile import Compiled
from konductor.dsl.plan import Plan
from konductor.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from konductor.runner.plan.preview import Preview

MOST = 200
"""Stages, edges and the like that the text shows of each, unless asked for all."""
_PATH = "koncli's own PATH"


def main(argv: list[str]) -> int:
    """Tell what would run; return 2 if the program has errors.

    Raises:
        KonductorError: the file, a parameter or what to compare with is of no use.
    """
    options = read_options(_parser(), argv)
    compiled, code = compile_program(options)
    if compiled.plan is None or code is not ExitCode.DONE:
        return code
    shown = preview_of(compiled, with_hooks(compiled.plan, options.hooks), options.run)
    if options.diff:
        _print_changes(shown, options)
    elif options.output == "json":
        from konductor.runner.plan.document import document  # noqa: PLC0415  # not for --help

        print(json.dumps(document(shown), indent=2, ensure_ascii=False))
    else:
        print_page(shown, most=None if options.all else MOST, verbose=options.verbose)
    return code


def preview_of(compiled: Compiled, plan: Plan, run: str) -> "Preview":
    """Return what a run of a compiled program would do.

    Raises:
        UsageError: ``run`` cannot name its objects, or ``konductor.toml`` is of no use.
    """
    from konductor.runner.plan.preview import preview  # noqa: PLC0415  # not for --help

    name = name_of_run(plan, run)
    return preview(plan, name, origins=compiled.origins, images=_images(plan))


def print_page(shown: "Preview", *, most: int | None, verbose: bool) -> None:
    """Print it for a person: in colour on a terminal, whole lines everywhere else."""
    from rich.console import Console  # noqa: PLC0415  # not for --help

    from konductor.runner.plan.page import page  # noqa: PLC0415  # likewise

    console = Console(highlight=False)
    for line in page(shown, most=most, verbose=verbose):
        console.print(line, soft_wrap=not console.is_terminal)


def _images(plan: Plan) -> Mapping[str, str]:
    """Return what the local cluster would run for each image."""
    from konductor.runner.local.kubelet.image import (  # noqa: PLC0415  # not for --help
        find_image,
        parse_images,
    )

    settings = local_settings(Path.cwd())
    table = parse_images(settings.images, Path(settings.base))
    told: dict[str, str] = {}
    for stage in plan.stages:
        for cell in stage.cells:
            image = find_image(table, cell.image)
            what = _PATH if cell.program else f"nothing: `{stage.name}` needs `run` or `command`"
            if image is not None:
                what = ", ".join((*image.path, _PATH))
            told.setdefault(cell.image, what)
    return told


# ---- compared with another ----


def _print_changes(shown: "Preview", options: argparse.Namespace) -> None:
    from konductor.runner.plan.difference import (  # noqa: PLC0415  # not for --help
        change_json,
        changes,
        object_changes,
        objects_of,
        sentence,
    )
    from konductor.runner.plan.document import document  # noqa: PLC0415  # likewise

    now, before = document(shown), _other(options)
    found = changes(before["plan"], now["plan"])
    if "objects" in before:
        found += object_changes(
            objects_of(str(before["run"]), before["objects"]),
            objects_of(shown.run, now["objects"]),
        )
    if options.output == "json":
        print(json.dumps([change_json(one) for one in found], indent=2, ensure_ascii=False))
        return
    for one in found:
        print(sentence(one))
    if not found:
        print(f"nothing has changed since {options.diff}")


def _other(options: argparse.Namespace) -> Json:
    """Return what to compare with: a file that ``-o json`` wrote, or a run of the cluster."""
    path = Path(options.diff)
    if not path.is_file():
        return asyncio.run(_stored(options))
    try:
        found = json_map(json.loads(path.read_bytes()))
    except ValueError as error:
        raise UsageError(f"{path} is no JSON: {error}") from error
    if "stages" not in found:
        raise UsageError(f"{path} holds no plan", hint="`koncli plan FILE -o json` writes one")
    return found if "plan" in found else {"plan": found}


async def _stored(options: argparse.Namespace) -> Json:
    from konductor.cluster.http import HttpCluster  # noqa: PLC0415  # 0.3 s, only for a cluster
    from konductor.runner.plan.stored import stored_plan  # noqa: PLC0415  # likewise

    connection = connect(options)
    async with HttpCluster(connection) as cluster:
        return await stored_plan(cluster, options.diff, options.namespace or connection.namespace)


def _parser() -> Parser:
    parser = Parser(
        prog="koncli plan",
        description="Tell what a run of a pipeline would do, and do nothing.",
        parents=[cluster_options()],
    )
    add_program_options(parser)
    parser.add_argument(
        "--run", default="", metavar="NAME", help="the run's name (default: PIPELINE-00000)"
    )
    add_hooks_option(parser)
    parser.add_argument("-o", "--output", choices=("text", "json"), default="text")
    parser.add_argument("-v", "--verbose", action="store_true", help="name every object")
    parser.add_argument("--all", action="store_true", help=f"show more than {MOST} of a kind")
    parser.add_argument(
        "--diff",
        default="",
        metavar="RUN|FILE",
        help="tell what has changed since a run of the cluster, or a file that -o json wrote",
    )
    return parser
