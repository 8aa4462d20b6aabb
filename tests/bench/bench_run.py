"""How long ``koncli run`` of a one-stage pipeline that does nothing takes, from start to exit."""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

LIMIT = 2000.0
"""Milliseconds that the median may take."""
PROGRAM = "pipeline nothing {\n  stage one { image = \"busybox:1.37\", run = 'true' }\n}\n"


def main(times: int = 7) -> int:
    """Measure, print one JSON object, and return 1 if the limit is broken."""
    koncli = Path(sys.executable).with_name("koncli")
    with tempfile.TemporaryDirectory() as folder:
        own = {name: value for name, value in os.environ.items() if name != "KUBECONFIG"}
        own["KONDUCTOR_HOME"] = folder
        program = Path(folder, "nothing.kon")
        program.write_text(PROGRAM)
        spans = []
        for _ in range(times):
            begun = time.perf_counter()
            subprocess.run([koncli, "run", program], check=True, capture_output=True, env=own)
            spans.append((time.perf_counter() - begun) * 1000)
    median = statistics.median(spans)
    result = {"median": round(median), "max": round(max(spans)), "limit": LIMIT}
    document = {"bench": "run", "unit": "ms", "times": times, "results": {"one stage": result}}
    sys.stdout.write(json.dumps(document) + "\n")
    return int(median > LIMIT)


if __name__ == "__main__":
    sys.exit(main())
