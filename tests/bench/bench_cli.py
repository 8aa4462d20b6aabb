"""How long ``koncli barrier wait`` and ``arrive`` take as whole processes, as JSON.

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
        results = {"barrier arrive": [took("arrive", name, "--id", f"p-{n}") for n in range(times)]}
        koncli("wait", name, "--timeout", "30s")
        results["barrier wait"] = [took("wait", name) for _ in range(times)]
    finally:
        koncli("delete", name)
    report = {what: summary(what, spans) for what, spans in results.items()}
    document = {"bench": "cli", "unit": "ms", "times": times, "results": report}
    sys.stdout.write(json.dumps(document) + "\n")
    return 0 if all(one["holds"] for one in report.values()) else 1


def took(*words: str) -> float:
    """Return how long a command took, in milliseconds."""
    begun = time.perf_counter()
    koncli(*words)
    return (time.perf_counter() - begun) * 1000


def koncli(*words: str) -> None:
    """Run ``koncli barrier``, as a user's shell would."""
    subprocess.run(  # our own program
        [Path(sys.executable).with_name("koncli"), "barrier", *words],
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def summary(what: str, spans: Sequence[float]) -> dict[str, float | bool]:
    """Return what is worth knowing of some measurements."""
    median = statistics.median(spans)
    return {
        "median": round(median, 1),
        "best": round(min(spans), 1),
        "worst": round(max(spans), 1),
        "limit": LIMITS[what],
        "holds": median <= LIMITS[what],
    }


if __name__ == "__main__":
    sys.exit(main())
