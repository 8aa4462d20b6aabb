"""How long the compiler takes, and how much memory: many stages, many participants, a short check;
and the formatter.

Beside the times stands the ratio to stock lark's parse of the same text in the same process, which
a busy machine does not change.
"""

import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from konductor.dsl.compile import compile_source
from konductor.dsl.emit import emit
from konductor.dsl.format import format_source
from konductor.dsl.parser import parse
from konductor.dsl.source import Source
from konductor.dsl.table import oracle
from tests.separators import Separators

STAGES = 10_000
_SHORT = (3, 6, 9)
"""Of ten stages, those that stand in one line: 7.3 lines a stage in all."""
LIMITS = {
    "parse 10,000 stages": 1.0,
    "compile and emit 10,000 stages": 5.0,
    "100,000 participants over 1": 0.3,
    "koncli check of 20 lines": 0.2,
    "format 50,000 lines": 2.0,
}
"""Seconds that the median may take."""
MOST_MEMORY = 600
"""MiB of this process, which holds tree, plan and manifests of 10,000 stages."""
_LINES = 6_850
"""Stages that make 50,000 lines."""
_TIMES = 3
_PROCESSES = 15


def program(stages: int) -> str:
    """Return a program of that many stages, with edges, heredocs and templates of text."""
    lines = ["pipeline big {", '  param day: string = "2026-11-23"']
    for number in range(stages):
        after = f" after s{(number - 1) // 2}" if number else ""
        if number % 10 in _SHORT:
            lines.append(f"  stage s{number}{after} {{ image = \"busybox:1\", run = 'echo' }}")
            continue
        lines += [
            f"  # stage number {number}",
            f"  stage s{number}{after} {{",
            f'    image    = "ghcr.io/acme/tool{number % 17}:1.{number % 9}.0"',
            f"    replicas = {1 + number % 7}",
            f"    timeout  = {10 + number % 50}m",
            f'    env      = {{ DAY = day, PART = "p-${{day}}-{number}" }}',
            "    run = <<SH",
            f'      process --day "$DAY" --part "$PART" --n {number}',
            "    SH",
            "  }",
        ]
    return "\n".join([*lines, "}", ""])


def main() -> int:
    """Measure, print one JSON object, and return 1 if a limit is broken."""
    text = program(STAGES)
    spans = {
        "parse 10,000 stages": _took(lambda: parse(Source("big.kon", text))),
        "compile and emit 10,000 stages": _took(lambda: _compiled(text)),
    }
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    many, one = (statistics.median(_took(partial(_compiled, _stage(n)))) for n in (100_000, 1))
    spans["100,000 participants over 1"] = [many - one]
    spans["koncli check of 20 lines"] = _took(_check, _PROCESSES)
    lines = Source("big.kon", program(_LINES))
    spans["format 50,000 lines"] = _took(lambda: format_source(lines))
    results = {what: _result(what, each) for what, each in spans.items()}
    stock = oracle(Separators())
    lark = min(_took(lambda: stock.parse(text, start="start"), 1))
    document = {
        "bench": "compile",
        "unit": "s",
        "results": results,
        "memory": {"MiB": round(memory), "limit": MOST_MEMORY, "holds": memory <= MOST_MEMORY},
        "stock lark over ours": round(lark / min(spans["parse 10,000 stages"]), 1),
    }
    sys.stdout.write(json.dumps(document) + "\n")
    holds = memory <= MOST_MEMORY and all(one["holds"] for one in results.values())
    return int(not holds)


def _took(work: Callable[[], object], times: int = _TIMES) -> list[float]:
    spans = []
    for _ in range(times):
        begun = time.perf_counter()
        work()
        spans.append(time.perf_counter() - begun)
    return spans


def _compiled(text: str) -> None:
    compiled = compile_source(text, path="big.kon")
    assert compiled.plan is not None, "the program is right"
    emit(compiled.plan, "big-00000")


def _stage(replicas: int) -> str:
    return f'pipeline p {{ stage s {{ image = "a:1", run = "x", replicas = {replicas} }} }}\n'


def _check() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "short.kon")
        path.write_text(program(3), "utf-8")
        koncli = Path(sys.executable).with_name("koncli")
        subprocess.run([koncli, "check", path], check=True, capture_output=True)


def _result(what: str, spans: list[float]) -> dict[str, float | bool]:
    median = statistics.median(spans)
    return {
        "median": round(median, 3),
        "best": round(min(spans), 3),
        "limit": LIMITS[what],
        "holds": median <= LIMITS[what],
    }


if __name__ == "__main__":
    sys.exit(main())
