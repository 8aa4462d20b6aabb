"""How long the front of the language takes for 10,000 stages."""

import json
import sys
import time

from konductor.dsl.parser import parse
from konductor.dsl.source import Source

STAGES = 10_000
_SHORT = (3, 6, 9)
"""Of ten stages, those that stand in one line: 7.3 lines a stage in all."""
LIMIT = 1.0
"""Seconds."""


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
    """Measure, print one JSON object, and return 1 if the limit is broken."""
    source = Source("big.kon", program(STAGES))
    spans = []
    for _ in range(3):
        begun = time.perf_counter()
        parsed = parse(source)
        spans.append(time.perf_counter() - begun)
        assert not parsed.diagnostics, "the program is right"
    result = {"min": round(min(spans), 2), "max": round(max(spans), 2), "limit": LIMIT}
    document = {"bench": "parse", "unit": "s", "results": {f"{STAGES} stages": result}}
    sys.stdout.write(json.dumps(document) + "\n")
    return int(min(spans) > LIMIT)


if __name__ == "__main__":
    sys.exit(main())
