"""``koncli operator`` killed with SIGKILL at some of its writes."""

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeAlias

from tests.controlplane.plane import ControlPlane
from tests.integration.faults.oracle import differences
from tests.integration.faults.place import Place
from tests.integration.faults.proxy import Die, Proxy, Rule, no_faults
from tests.integration.faults.test_killed import at_write

Play: TypeAlias = Callable[[Callable[[Place], Any]], Any]
WRITES = (8, 20, 34)
"""Its Lease is one of them at first, and every 2 s."""


def kubeconfig(server: str) -> str:
    """Return a kubeconfig of a server that asks nobody who he is."""
    return json.dumps(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "it",
            "contexts": [{"name": "it", "context": {"cluster": "it", "user": "it"}}],
            "clusters": [{"name": "it", "cluster": {"server": server}}],
            "users": [{"name": "it", "user": {}}],
        }
    )


@asynccontextmanager
async def process(place: Place, folder: Path, rule: Rule) -> AsyncGenerator[Proxy, None]:
    """Run ``koncli operator`` behind a proxy, which kills it if the rule says so."""
    async with place.proxy(rule) as proxy:
        file = folder / f"kubeconfig-{proxy.url.rpartition(':')[2]}"
        file.write_text(kubeconfig(proxy.url))
        command = [sys.executable, "-m", "konductor.cli.main", "operator"]
        command += ["--kubeconfig", str(file), "-n", place.namespace]
        command += ["--lease-namespace", place.namespace, "--host", "127.0.0.1", "--port", "0"]
        running = await asyncio.create_subprocess_exec(*command, stderr=subprocess.DEVNULL)
        proxy.kill = running.kill
        try:
            yield proxy
        finally:
            if running.returncode is None:
                running.terminate()
            await running.wait()


def test_operator_process_that_is_killed_changes_nothing(
    play: Play, tmp_path: Path, real_cluster: ControlPlane | None
) -> None:
    """On a real cluster another process follows, which waits for the Lease of the dead."""

    async def one(place: Place, number: int) -> dict[str, Any]:
        playing = asyncio.create_task(place.scene.play())
        async with process(place, tmp_path, at_write(number, Die(done=bool(number % 2)))) as first:
            await first.died.wait()
        second = process(place, tmp_path, no_faults) if real_cluster else place.operator()
        async with second:
            return differences(await playing)

    async def scene(place: Place) -> list[dict[str, Any]]:
        places = [await place.another() for _ in WRITES]
        return await asyncio.gather(*map(one, places, WRITES))

    assert play(scene) == [{}] * len(WRITES)
