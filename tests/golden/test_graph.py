"""The examples, drawn and planned, as they stand."""

from collections.abc import Callable
from pathlib import Path

import pytest

from konductor.cli.program import loader
from konductor.dsl.compile import compile_source
from konductor.runner.graph.dot import dot
from konductor.runner.graph.draw import draw
from konductor.runner.graph.graph import graph_of
from konductor.runner.graph.layout import lay_out
from konductor.runner.graph.mermaid import mermaid
from konductor.runner.plan.page import page
from konductor.runner.plan.preview import preview

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted((ROOT / "examples").glob("*.kon"))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_example_is_drawn_and_planned(path: Path, golden: Callable[[Path, str], None]) -> None:
    plan = compile_source(path.read_bytes(), path=path.name, loader=loader(str(path))).plan
    assert plan is not None
    graph = graph_of(plan)
    lines = page(preview(plan, f"{path.stem}-00000", origins={}, images={}), most=None)
    parts = (
        "\n".join(draw(graph, lay_out(graph))),
        mermaid(graph),
        dot(graph),
        "\n".join(line.plain.rstrip() for line in lines),
    )
    expected = Path(__file__).parent / "graph" / f"{path.stem}.expected"
    golden(expected, "\n\n".join(part.strip("\n") for part in parts) + "\n")
