"""How long ``koncli barrier wait`` and ``arrive`` take as whole processes, as JSON.

Beside each stands how many times as long as Python itself that is, started by turns with it: what a
busy or slow machine changes least.

Run it on an otherwise idle machine while a local cluster is up (`koncli cluster up`), or with
$KUBECONFIG set to another cluster that has the operator.
"""

import argparse
import json
import statistics
import subprocess
import sys
import time
import uuid
from collections.abc import Sequence
from pathlib import Path

LIMITS = {"barrier wait": 80.0, "barrier arrive": 80.0}
"""Milliseconds that the median may take (docs/design.md, Fast)."""


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print one JSON object, and return 1 if a limit is broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=21, help="how often each is measured")
    times = parser.parse_args(argv).times
    name = f"bench-{uuid.uuid4().hex[:8]}"
    koncli("create", name, "--expected", str(times))
    try:
        arrive = [took("arrive", name, "--id", f"p-{n}") for n in range(times)]
        koncli("wait", name, "--timeout", "30s")
        wait = [took("wait", name) for _ in range(times)]
    finally:
        koncli("delete", name)
    results = {"barrier arrive": arrive, "barrier wait": wait}
    report = {what: summary(what, spans) for what, spans in results.items()}
    document = {"bench": "cli", "unit": "ms", "times": times, "results": report}
    sys.stdout.write(json.dumps(document) + "\n")
    return 0 if all(one["holds"] for one in report.values()) else 1


def took(*words: str) -> tuple[float, float]:
    """Return how long a command took, and how long Python alone, in milliseconds."""
    begun = time.perf_counter()
    koncli(*words)
    ended = time.perf_counter()
    subprocess.run([sys.executable, "-c", "pass"], check=True)
    return (ended - begun) * 1000, (time.perf_counter() - ended) * 1000


def koncli(*words: str) -> None:
    """Run ``koncli barrier``, as a user's shell would."""
    subprocess.run(  # our own program
        [Path(sys.executable).with_name("koncli"), "barrier", *words],
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def summary(what: str, pairs: Sequence[tuple[float, float]]) -> dict[str, float | bool]:
    """Return what is worth knowing of some measurements."""
    spans = [span for span, _ in pairs]
    median = statistics.median(spans)
    python = statistics.median(alone for _, alone in pairs)
    return {
        "median": round(median, 1),
        "best": round(min(spans), 1),
        "worst": round(max(spans), 1),
        "times_python": round(median / python, 2),
        "limit": LIMITS[what],
        "holds": median <= LIMITS[what],
    }


if __name__ == "__main__":
    sys.exit(main())
