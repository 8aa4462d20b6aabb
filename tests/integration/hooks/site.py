"""One pipeline in both hook modes at once, on a real control plane with this project's kubelet.

Each program waits until the test says with which code it is to end, so that a fault strikes where
it is meant to.
"""

import asyncio
import os
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from contextlib import AsyncExitStack, aclosing, asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

from konductor.api.arrival import Arrival
from konductor.api.barrier import Barrier, Phase
from konductor.api.meta import Json, json_list, json_map
from konductor.api.names import Label, arrivals_name
from konductor.api.run import Run, RunPhase
from konductor.cluster.http import HttpCluster
from konductor.cluster.port import Change, Changed, Listed
from konductor.cluster.resource import (
    ARRIVALS,
    BARRIERS,
    CONFIGMAPS,
    NAMESPACES,
    PODS,
    RUNS,
    Resource,
)
from konductor.connection import Connection
from konductor.dsl.compile import compile_source
from konductor.dsl.emit import emit
from konductor.dsl.plan import Hooks
from konductor.hooks import follow
from konductor.hooks.client import Client, Stopped
from konductor.hooks.stop import Stop
from konductor.hooks.timing import ENDLESS, Clock
from konductor.operator.embed import Operator
from konductor.runner.local.kubelet.agent import Kubelet
from konductor.runner.local.kubelet.settings import Settings
from konductor.runner.run import Target, create
from tests.controlplane.plane import ControlPlane

_AT_ONCE = 0.005
WITHIN = 180.0
"""Seconds that one step may take, on a busy machine or when the server was away for long."""
ROOT = Path(__file__).parents[3]
MODES = tuple(Hooks)
FIRST = ("first-0", "first-1", "first-2")
SECOND = ("second-0", "second-1")
_SCRIPT = """
    run = <<SH
      #!/bin/sh
      echo "$KON_POD" >> "$HOME/runs-of-$KON_PARTICIPANT"
      read code < "$HOME/end-of-$KON_PARTICIPANT"
      echo > "$HOME/ended-$KON_PARTICIPANT"
      exit "$code"
    SH
"""
PROGRAM = f"""
pipeline meet {{
  param again: int
  defaults {{
    image   = "program:1"
    retries = again
  }}
  stage first {{
    replicas = 3
{_SCRIPT}
  }}
  stage second after first {{
    replicas = 2
{_SCRIPT}
  }}
}}
"""


@dataclass(frozen=True)
class Met:
    """How a stage ended."""

    phase: Phase
    arrived: int
    counted: tuple[str, ...]
    failed: int
    late: int


@dataclass(frozen=True)
class Ended:
    """How a run ended: what no fault may change."""

    phase: RunPhase
    first: Met
    second: Met
    told: tuple[str, ...]
    """Who had arrived at the first barrier, as the second stage reads it."""
    recorded: tuple[str, ...]
    """Who has an Arrival, once for each."""


@dataclass(frozen=True)
class Site:
    """A namespace with a run in each hook mode."""

    cluster: HttpCluster
    namespace: str
    folder: Path
    plane: ControlPlane
    _pipes: dict[str, int] = field(default_factory=dict)

    async def make(self) -> None:
        """Make the namespace."""
        kind = {"apiVersion": "v1", "kind": "Namespace"}
        await self.cluster.create(NAMESPACES, kind | {"metadata": {"name": self.namespace}})

    async def begin(self, *, retries: int) -> list[str]:
        """Begin a run in each mode; return the pods of its first stage once their programs run."""
        for participant in self.of_modes(*FIRST, *SECOND):
            self.pipe(f"end-of-{participant}")
            self.pipe(f"ended-{participant}")
        plan = compile_source(PROGRAM, parameters={"again": str(retries)}).plan
        assert plan is not None
        for mode in MODES:
            target = Target(self.run_of(mode), self.namespace)
            await create(self.cluster, emit(replace(plan, hooks=mode), target.name), target)
        return await self.running(*FIRST)

    def pipe(self, name: str) -> int:
        """Return a pipe to or from programs; what is written stays until it is read."""
        if name not in self._pipes:
            os.mkfifo(self.folder / name)
            self._pipes[name] = os.open(self.folder / name, os.O_RDWR)
        return self._pipes[name]

    def close(self) -> None:
        """Give back what programs are told through."""
        for pipe in self._pipes.values():
            os.close(pipe)

    def run_of(self, mode: Hooks) -> str:
        """Return the name of a mode's run; the programs of all sites share a folder."""
        return f"{self.namespace}-{mode}"

    def of_modes(self, *participants: str) -> list[str]:
        """Return these participants of both runs."""
        return [f"{self.run_of(mode)}-{one}" for mode in MODES for one in participants]

    def end(self, *participants: str, code: int = 0) -> None:
        """Let programs end with a code, in both modes; one that does not run yet will."""
        for participant in self.of_modes(*participants):
            self.tell(f"end-of-{participant}", str(code))

    def tell(self, pipe: str, word: str) -> None:
        """Write a line for whoever reads a pipe."""
        os.write(self.pipe(pipe), f"{word}\n".encode())

    async def have_ended(self, *participants: str) -> None:
        """Wait until programs have ended, whether the API server knows or not."""
        for participant in self.of_modes(*participants):
            await asyncio.to_thread(os.read, self.pipe(f"ended-{participant}"), 1)

    async def running(self, *participants: str, but: Iterable[str] = ()) -> list[str]:
        """Return the pods in which programs run, of both modes, once they do; not in those."""
        sought, old = self.of_modes(*participants), frozenset(but)
        found: dict[str, str] = {}

        def fits(pods: list[Json]) -> bool:
            found.update({_participant(one): one["metadata"]["name"] for one in pods if _runs(one)})
            return all(found.get(one, "") not in {"", *old} for one in sought)

        await self.until(PODS, fits)
        return [found[one] for one in sought]

    async def counted(self, number: int) -> None:
        """Wait until that many have been counted at the first barrier, in both modes."""
        names = [f"{self.run_of(mode)}-first" for mode in MODES]

        def fits(barriers: list[Json]) -> bool:
            there = {one["metadata"]["name"]: one.get("status", {}) for one in barriers}
            return all(there[name].get("arrived", 0) >= number for name in names)

        await self.until(BARRIERS, fits)

    async def rest(self) -> dict[Hooks, Ended]:
        """Let the second stage end well, and tell how the runs ended."""
        self.end(*SECOND)
        return await self.outcome()

    @asynccontextmanager
    async def silence(self) -> AsyncGenerator[None, None]:
        """Have no API server."""
        async with AsyncExitStack() as stack:
            silence = self.plane.without_apiserver()
            await asyncio.to_thread(silence.__enter__)
            stack.push_async_callback(asyncio.to_thread, silence.__exit__, None, None, None)
            yield

    @asynccontextmanager
    async def participant_asking(self) -> AsyncGenerator[None, None]:
        """Have a pod's account ask for a barrier all the time; it must get its answer each time."""
        token = await asyncio.to_thread(self.plane.kubectl, "create", "token", "default")
        connection = self.cluster.connection._replace(
            token=token.strip(),
            client_certificate="",
            namespace=self.namespace,
        )
        clock = Clock(pause=lambda stop, _: stop.wait(_AT_ONCE))
        stop = Stop()
        client = Client(connection, clock=clock, stop=stop, patience=ENDLESS)

        def ask() -> None:
            with suppress(Stopped):
                while True:
                    client.read(client.path(*follow.BARRIERS, f"{self.run_of(MODES[0])}-first"))
                    clock.pause(stop, 0)

        asking = asyncio.create_task(asyncio.to_thread(ask))
        try:
            yield
        finally:
            stop.set()
            await asking
            client.close()

    async def outcome(self) -> dict[Hooks, Ended]:
        """Tell how the runs ended, once they have."""

        def fits(runs: list[Json]) -> bool:
            phases = [Run.parse(one).status.phase for one in runs]
            return len(phases) == len(MODES) and all(one.is_terminal for one in phases)

        await self.until(RUNS, fits)
        return {mode: await self._ended(mode) for mode in MODES}

    async def _ended(self, mode: Hooks) -> Ended:
        run = self.run_of(mode)
        told = await self._read(CONFIGMAPS, arrivals_name(f"{run}-first"))
        listed = await self.cluster.list(ARRIVALS, namespace=self.namespace)
        arrivals = map(Arrival.parse, listed.items)
        recorded = (one.participant for one in arrivals if one.barrier.startswith(f"{run}-"))
        return Ended(
            Run.parse(await self._read(RUNS, run)).status.phase,
            await self._met(run, "first"),
            await self._met(run, "second"),
            tuple(told["data"]["participants"].split()),
            tuple(sorted(one.removeprefix(f"{run}-") for one in recorded)),
        )

    async def _met(self, run: str, stage: str) -> Met:
        status = Barrier.parse(await self._read(BARRIERS, f"{run}-{stage}")).status
        names = sorted(one.removeprefix(f"{run}-") for one in status.arrivals)
        return Met(status.phase, status.arrived, tuple(names), status.failed, status.late)

    async def _read(self, resource: Resource, name: str) -> Json:
        return await self.cluster.get(resource, name, namespace=self.namespace)

    def starts_of(self, participant: str) -> list[int]:
        """Return how often a participant's program was started, by mode."""
        paths = [self.folder / f"runs-of-{one}" for one in self.of_modes(participant)]
        return [len(path.read_text().splitlines()) for path in paths]

    async def until(self, resource: Resource, fits: Callable[[list[Json]], bool]) -> None:
        """Wait until the namespace's objects of a kind are as they should be."""
        there: dict[str, Json] = {}
        watch = self.cluster.watch(resource, namespace=self.namespace)
        try:
            async with asyncio.timeout(WITHIN), aclosing(watch) as notices:
                async for notice in notices:
                    match notice:
                        case Listed(items):
                            there = {one["metadata"]["name"]: one for one in items}
                        case Changed(Change.DELETED, document):
                            there.pop(document["metadata"]["name"], None)
                        case Changed(_, document):
                            there[document["metadata"]["name"]] = document
                    if fits(list(there.values())):
                        return
        except TimeoutError:
            states = {name: one.get("status") for name, one in there.items()}
            raise AssertionError(f"{self.namespace}: {resource.plural}: {states}") from None


def _participant(pod: Json) -> str:
    metadata = pod["metadata"]
    index = metadata["annotations"]["batch.kubernetes.io/job-completion-index"]
    return f"{metadata['labels'][Label.BARRIER]}-{index}"


def _runs(pod: Json) -> bool:
    """Tell whether the program runs in a pod that nobody wants to end."""
    states = json_list(json_map(pod.get("status")).get("containerStatuses"))
    main: Json = next((one["state"] for one in states if one["name"] == "main"), {})
    return "running" in main and "deletionTimestamp" not in pod["metadata"]


@asynccontextmanager
async def staffed(
    connection: Connection, folder: Path, environment: dict[str, str]
) -> AsyncGenerator[HttpCluster, None]:
    """Run the node and the operator in this process; give a client."""
    settings = Settings(
        folder=folder / "node",
        slots=100,
        environment=environment | {"HOME": str(folder), "PYTHONPATH": str(ROOT)},
        work_folder=str(folder),
        inherit=("PYTHONPATH",),
        binds=False,
        heartbeat=timedelta(seconds=10),
    )
    settings.folder.mkdir(exist_ok=True)
    async with AsyncExitStack() as stack:
        cluster = await stack.enter_async_context(HttpCluster(connection))
        await stack.enter_async_context(Kubelet(settings, cluster, connection))
        operator = Operator(connection)
        operator.start()
        stack.push_async_callback(asyncio.to_thread, operator.stop)
        assert await asyncio.to_thread(operator.ready.wait, WITHIN)
        yield cluster


Scene = Callable[[Site], Awaitable[object]]
Play = Callable[..., dict[Scene, object]]
