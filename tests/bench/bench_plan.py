"""How long it takes to tell what a run of 10,000 stages would do, and to draw 200 of them."""

import json
import sys
import time
from collections.abc import Callable

from konductor.dsl.compile import compile_source
from konductor.dsl.plan import Plan
from konductor.runner.graph.graph import graph_of
from konductor.runner.graph.layout import lay_out
from konductor.runner.graph.svg import svg
from konductor.runner.plan.page import page
from konductor.runner.plan.preview import preview

LIMIT = 10.0
"""Seconds."""


def plan_of(stages: int, fan: int) -> Plan:
    """Return the plan of that many stages, each but the first after one or two before it."""
    lines = ['pipeline big {\n defaults { image = "a:1", timeout = 1m, command = ["x"] }']
    for number in range(stages):
        after = sorted({(number - 1) // fan, max(number - fan, 0)}) if number else []
        names = ", ".join(f"s{one}" for one in after)
        lines.append(f" stage s{number}{f' after {names}' if names else ''}")
    compiled = compile_source("\n".join([*lines, "}"]))
    assert compiled.plan is not None, "the program is right"
    return compiled.plan


def measured(action: Callable[[], object]) -> float:
    """Return how many seconds it takes."""
    begun = time.perf_counter()
    action()
    return round(time.perf_counter() - begun, 2)


def main() -> int:
    """Measure, print one JSON object, and return 1 if a limit is broken."""
    large, small = plan_of(10_000, 2), plan_of(200, 3)
    results = {
        "plan, 10000 stages": measured(
            lambda: page(preview(large, "big-0", origins={}, images={}), most=200)
        ),
        "svg, 200 stages": measured(lambda: svg(graph := graph_of(small), lay_out(graph))),
    }
    document = {
        "bench": "plan",
        "unit": "s",
        "results": {name: {"value": value, "limit": LIMIT} for name, value in results.items()},
    }
    sys.stdout.write(json.dumps(document) + "\n")
    return int(max(results.values()) > LIMIT)


if __name__ == "__main__":
    sys.exit(main())
