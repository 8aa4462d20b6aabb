"""The limits of semantics.md, 7 on a real control plane with etcd's fsync on.

::

    python -m tests.bench.cluster [--into docs/benchmarks.json] [LINE…]

Prints JSON, puts it beside what stands in the file already, and ends with 1 if a limit is broken.
"""

import argparse
import asyncio
import json
import os
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Collection
from pathlib import Path

from konductor.api.meta import Json
from tests.bench.cluster.churn import churn
from tests.bench.cluster.command import arrives, waits
from tests.bench.cluster.creating import creating
from tests.bench.cluster.downstream import chain, lifted
from tests.bench.cluster.figure import Line
from tests.bench.cluster.large import ceiling, long_names, million, replicas
from tests.bench.cluster.opening import many_barriers, one_barrier
from tests.bench.cluster.setting import Setting, machine, setting

LINES: dict[str, Callable[[Setting], Awaitable[Line]]] = {
    "one": one_barrier,
    "many": many_barriers,
    "replicas": replicas,
    "long": long_names,
    "ceiling": ceiling,
    "million": million,
    "wait": waits,
    "arrive": arrives,
    "lifted": lifted,
    "chain": chain,
    "churn": churn,
    "creating": creating,
}
"""By name, in the order in which they run."""


def main() -> int:
    """Return 0 if every limit holds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("lines", nargs="*", metavar="LINE", help=f"of {', '.join(LINES)} (all)")
    parser.add_argument("--into", type=Path, help="the file to put the figures into")
    options = parser.parse_args()
    unknown = set(options.lines) - set(LINES)
    if unknown:
        parser.error(f"no line is named {', '.join(sorted(unknown))}")
    document = asyncio.run(_measure(options.lines or LINES, options.into))
    sys.stdout.write(json.dumps(document, ensure_ascii=False) + "\n")
    return int(not all(one["holds"] for one in document["lines"].values()))


async def _measure(names: Collection[str], into: Path | None) -> Json:
    """Measure each on a control plane of its own, so that none pays for what another left there."""
    found: Json = {"lines": {}}
    for name in (one for one in LINES if one in names):
        load, begun = os.getloadavg()[0], time.monotonic()
        with tempfile.TemporaryDirectory() as folder:
            async with setting(Path(folder)) as here:
                found["machine"] = await machine(here.cluster)
                line = await LINES[name](here)
        sys.stderr.write(f"{name}: {time.monotonic() - begun:.0f} s\n")
        found["lines"][name] = {
            "what": line.what,
            "how": line.how,
            "day": time.strftime("%Y-%m-%d"),
            "load": round(load, 1),
            "holds": line.holds,
            "figures": [one.document() for one in line.figures],
        }
        if into:
            _put(into, found)
    return found


def _put(path: Path, document: Json) -> None:
    """Write the figures; lines that were not measured now stay as they were."""
    before = json.loads(path.read_text("utf-8")) if path.exists() else {"lines": {}}
    lines = before["lines"] | document["lines"]
    ordered = {name: lines[name] for name in LINES if name in lines}
    text = json.dumps(document | {"lines": ordered}, indent=1, ensure_ascii=False)
    path.write_text(f"{text}\n", "utf-8")


if __name__ == "__main__":
    sys.exit(main())
