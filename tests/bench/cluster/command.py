"""koncli's own commands, as whole processes."""

import asyncio
import sys
import time
from asyncio.subprocess import DEVNULL, PIPE, Process
from pathlib import Path

from tests.bench.cluster.figure import Line, spread
from tests.bench.cluster.setting import Setting

_TIMES = 60


async def waits(setting: Setting) -> Line:
    """Open barriers that a process waits for."""
    spans, floors = [], []
    for _ in range(_TIMES):
        floors.append(await setting.floor())
        name = setting.fresh("waited")
        uid = await setting.barrier(name, 1)
        process = await _koncli(setting, "wait", name)
        assert process.stderr
        await process.stderr.readline()  # it says what it waits for: its watch is there
        await setting.arrive(name, uid, "only")
        await process.wait()
        ended = time.perf_counter()
        assert process.returncode == 0
        spans.append(max(ended - await setting.sight.opened(name), 0))
        await setting.delete(name)
    return Line(
        "phase Open → `koncli barrier wait` has ended",
        f"{_TIMES} processes, one after the other",
        spread(spans, limits=(15, 60), floor=floors),
    )


async def arrives(setting: Setting) -> Line:
    """Arrive, from the start of the process to its end."""
    name = setting.fresh("arrive")
    await setting.barrier(name, _TIMES)
    await setting.served(name)
    spans, floors, bare = [], [], []
    for number in range(_TIMES):
        floors.append(await setting.floor())
        begun = time.perf_counter()
        process = await _koncli(setting, "arrive", name, "--id", f"p-{number}")
        await process.wait()
        spans.append(time.perf_counter() - begun)
        assert process.returncode == 0
        begun = time.perf_counter()
        await (await asyncio.create_subprocess_exec(sys.executable, "-c", "pass")).wait()
        bare.append(time.perf_counter() - begun)
    await setting.sight.opened(name)
    await setting.delete(name)
    return Line(
        "`koncli barrier arrive`, the whole process",
        f"{_TIMES} processes, one after the other; it makes three requests",
        (
            *spread(spans, limits=(60, None), floor=floors),
            *spread(bare, limits=(None, None), prefix="a Python that does nothing, ")[:1],
        ),
    )


async def _koncli(setting: Setting, command: str, *words: str) -> Process:
    """Start a command as in a pod of the barrier's namespace."""
    return await asyncio.create_subprocess_exec(
        Path(sys.executable).with_name("koncli"),
        *("barrier", command, *words),
        env=setting.participant,
        stdout=DEVNULL,
        stderr=PIPE,
    )
