"""From the last arrival's acknowledgement to Open, while a view of 200 rows is drawn at 10 Hz."""

import asyncio
import json
import os
import subprocess
import sys
import time
import uuid
from contextlib import aclosing
from datetime import UTC, datetime

from konductor.api.arrival import Arrival
from konductor.api.barrier import Barrier, BarrierSpec, Phase
from konductor.api.meta import Json, Metadata
from konductor.cluster.choose import choose
from konductor.cluster.http import HttpCluster
from konductor.cluster.port import Changed
from konductor.cluster.resource import ARRIVALS, BARRIERS

LIMIT = 40.0
"""Milliseconds that the 99th percentile may take."""
ROWS = 200
NAMESPACE = "default"


async def measure(times: int) -> list[float]:
    """Return how long each opening took, in milliseconds."""
    run = uuid.uuid4().hex[:8]
    opened: dict[str, float] = {}
    seen = asyncio.Event()
    async with HttpCluster(choose(os.environ)) as cluster:

        async def watch() -> None:
            async with aclosing(cluster.watch(BARRIERS, namespace=NAMESPACE)) as notices:
                async for notice in notices:
                    if isinstance(notice, Changed):
                        barrier = Barrier.parse(notice.document)
                        if barrier.status.phase is Phase.OPEN:
                            opened.setdefault(barrier.metadata.name, time.perf_counter())
                            seen.set()

        watching = asyncio.create_task(watch())
        spans = []
        for number in range(times):
            name = f"bench-{run}-{number}"
            created = await _create(cluster, name)
            for participant in ("first", "last"):
                arrival = Arrival.at(
                    name, created["metadata"]["uid"], participant, namespace=NAMESPACE
                )
                await cluster.create(ARRIVALS, arrival.manifest())
            acknowledged = time.perf_counter()
            while name not in opened:
                seen.clear()
                await seen.wait()
            spans.append((opened[name] - acknowledged) * 1000)
            await cluster.delete(BARRIERS, name, namespace=NAMESPACE)
        watching.cancel()
    return spans


async def _create(cluster: HttpCluster, name: str) -> Json:
    barrier = Barrier(Metadata(name=name, namespace=NAMESPACE), BarrierSpec(expected=2))
    return await cluster.create(BARRIERS, barrier.manifest())


def view() -> None:
    """Draw a view of 200 rows at 10 Hz until ended."""
    from rich.console import Console  # noqa: PLC0415  # only in the process that draws

    from konductor.runner.screen import FRAMES_PER_SECOND, LiveScreen  # noqa: PLC0415  # likewise
    from konductor.runner.state import RunState, StageState  # noqa: PLC0415  # likewise

    rows = {f"s{at}": StageState(f"s{at}", "stage", 20, 18, "a") for at in range(ROWS)}
    screen = LiveScreen(Console(force_terminal=True, width=120, height=ROWS + 10))
    while True:
        screen.show(RunState("bench", "bench", rows), datetime.now(UTC))
        time.sleep(1 / FRAMES_PER_SECOND)


def main(times: int = 200) -> int:
    """Measure, print one JSON object, and return 1 if the limit is broken."""
    drawing = subprocess.Popen(
        [sys.executable, __file__, "--view"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        spans = sorted(asyncio.run(measure(times)))
    finally:
        drawing.kill()
        drawing.wait()
    at = {"p50": 0.5, "p90": 0.9, "p99": 0.99}
    result = {name: round(spans[int(share * (len(spans) - 1))], 1) for name, share in at.items()}
    result |= {"max": round(spans[-1], 1), "limit p99": LIMIT}
    document = {"bench": "open", "unit": "ms", "times": times, "results": {"last arrival": result}}
    sys.stdout.write(json.dumps(document) + "\n")
    return int(result["p99"] > LIMIT)


if __name__ == "__main__":
    if sys.argv[1:] == ["--view"]:
        view()
    sys.exit(main())
