"""How long it takes to lay out 50,000 lines, with the proof that they still say the same."""

import json
import runpy
import sys
import time
from pathlib import Path

from konductor.dsl.format import format_source
from konductor.dsl.source import Source

STAGES = 6_850
LIMIT = 2.0
"""Seconds."""


def main() -> int:
    """Measure, print one JSON object, and return 1 if the limit is broken."""
    beside = runpy.run_path(str(Path(__file__).with_name("bench_parse.py")))
    source = Source("big.kon", beside["program"](STAGES))
    spans = []
    for _ in range(3):
        begun = time.perf_counter()
        formatted = format_source(source)
        spans.append(time.perf_counter() - begun)
        assert formatted == source.text, "the program is formatted"
    lines = len(source.line_starts) - 1
    result = {"min": round(min(spans), 2), "max": round(max(spans), 2), "limit": LIMIT}
    document = {"bench": "format", "unit": "s", "results": {f"{lines} lines": result}}
    sys.stdout.write(json.dumps(document) + "\n")
    return int(min(spans) > LIMIT)


if __name__ == "__main__":
    sys.exit(main())
