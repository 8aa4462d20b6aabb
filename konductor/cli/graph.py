"""``koncli graph FILE``: draws a pipeline's graph, and touches nothing."""

import shutil
import sys
from typing import TYPE_CHECKING

from konductor.cli.arguments import Parser
from konductor.cli.compiled import add_program_options, compile_program
from konductor.cli.output import tell
from konductor.cli.project import read_options
from konductor.dsl.plan import Plan, RawBarrier, Skipped, Stage
from konductor.errors import ExitCode

if TYPE_CHECKING:
    from konductor.runner.graph.graph import Graph

_MOST_BOXES = 60
"""A drawing of more is no help on a terminal."""


def main(argv: list[str]) -> int:
    """Draw a pipeline; return 2 if it has errors.

    Raises:
        NotFound: the file does not exist.
        UsageError: the file or a parameter is of no use.
    """
    options = read_options(_parser(), argv)
    compiled, code = compile_program(options)
    if compiled.plan is not None and code is ExitCode.DONE:
        sys.stdout.write(_drawn(compiled.plan, options.output))
    return code


def _drawn(plan: Plan, form: str) -> str:
    from konductor.runner.graph.dot import dot  # noqa: PLC0415  # not for --help
    from konductor.runner.graph.graph import graph_of  # noqa: PLC0415  # likewise
    from konductor.runner.graph.layout import lay_out  # noqa: PLC0415  # likewise
    from konductor.runner.graph.mermaid import mermaid  # noqa: PLC0415  # likewise
    from konductor.runner.graph.svg import svg  # noqa: PLC0415  # likewise

    graph = graph_of(plan)
    if form == "mermaid":
        return mermaid(graph)
    if form == "dot":
        return dot(graph)
    return svg(graph, lay_out(graph)) if form == "svg" else _text(plan, graph)


def _text(plan: Plan, graph: "Graph") -> str:
    """Return boxes and lines where they fit, else a line a stage."""
    from konductor.runner.graph.draw import draw, rows  # noqa: PLC0415  # not for --help
    from konductor.runner.graph.layout import lay_out  # noqa: PLC0415  # likewise
    from konductor.runner.state import spelled  # noqa: PLC0415  # likewise

    if len(graph.nodes) <= _MOST_BOXES:
        layout = lay_out(graph)
        if not sys.stdout.isatty() or layout.width <= shutil.get_terminal_size().columns:
            return "\n".join([*draw(graph, layout), ""])
    blocks: tuple[Stage | RawBarrier | Skipped, ...] = (
        *plan.stages,
        *plan.barriers,
        *plan.skipped,
    )
    after = {one.name: spelled(one.edges) for one in blocks}
    tell("a line a stage, since it is too large to draw here; `-o svg` draws it")
    return "\n".join([*rows(graph, after), ""])


def _parser() -> Parser:
    parser = Parser(
        prog="koncli graph",
        description="Draw a pipeline's graph, as it is with these parameters.",
    )
    add_program_options(parser)
    parser.add_argument("-o", "--output", choices=("text", "mermaid", "dot", "svg"), default="text")
    return parser
