from collections.abc import Callable

import pytest

from konductor.dsl.compile import compile_source
from konductor.runner.graph.graph import Graph, graph_of

Grapher = Callable[..., Graph]


@pytest.fixture
def graph() -> Grapher:
    """Return the graph of a program that must have one."""

    def made(text: str, **parameters: str) -> Graph:
        compiled = compile_source(text, path="p.kon", parameters=parameters)
        assert compiled.plan is not None, compiled.diagnostics
        return graph_of(compiled.plan)

    return made
