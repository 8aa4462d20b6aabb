"""Run a plan on a cluster: create its objects, follow them, show them, until the run is over.

A plain client: it decides nothing about barriers, and whatever cluster it is given, the operator
there (or the one that the command embeds) carries the cascade.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import datetime

from konductor.api.barrier import Barrier
from konductor.api.meta import Json, Owner
from konductor.api.names import Label
from konductor.api.run import Run, RunPhase
from konductor.cluster.port import Change, Changed, Cluster, Listed, Notice
from konductor.cluster.resource import BARRIERS, EVENTS, JOBS, PODS, RUNS, Resource, resource_of
from konductor.errors import (
    AlreadyExists,
    ApiError,
    ExitCode,
    KonductorError,
    ObjectNotFound,
    StageFailed,
)
from konductor.runner.event import (
    REFUSED,
    BarrierSeen,
    Cancelling,
    Event,
    LogRead,
    PodGone,
    PodSeen,
    RunGone,
    RunSeen,
    read_pod,
    read_refusal,
)
from konductor.runner.screen import FRAMES_PER_SECOND, Screen
from konductor.runner.state import RunState, fold

_AT_ONCE = 16
"""Objects that are created at the same time."""
_LAST_LINES = 10
_SETTLING = 1.0
"""Seconds that a finished run is given to say the last word of its barriers and logs."""
_LAST_WORDS = 5.0
"""Likewise where it succeeded, so that the result is shown: a node may tell late of a pod's end."""
_FRAME = 1 / FRAMES_PER_SECOND
_LOOKED_AT_WITHIN = 20.0
"""Seconds in which an operator looks at a run that is ready; a Lease of a dead one has run out."""


@dataclass(frozen=True, slots=True)
class Target:
    """The run to follow."""

    name: str
    namespace: str

    @property
    def labels(self) -> str:
        """Return the selector of everything that belongs to it."""
        return f"{Label.RUN}={self.name}"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person asks of a run that is followed."""

    interrupts: asyncio.Queue[None] = field(default_factory=asyncio.Queue)
    """The first cancels the run, the second ends what is left of it."""
    leave: asyncio.Event = field(default_factory=asyncio.Event)
    """Follow it no longer, and let it go on."""


def _nothing(_: Owner) -> None:
    """Do nothing about a Run that is there."""


async def create(
    cluster: Cluster,
    manifests: Iterable[Json],
    target: Target,
    begun: Callable[[Owner], None] = _nothing,
) -> None:
    """Create the objects of a run, each owned by the Run, and then say that it is ready.

    Nothing of the run starts before that, and if an object is refused the Run goes again and
    takes along what it owns.

    Args:
        cluster: Where.
        manifests: The Run first.
        target: What it is called.
        begun: Is told of the Run, as an owner, once it is there.

    Raises:
        KonductorError: the cluster refused an object.
    """
    run, *others = (_placed(one, target.namespace) for one in manifests)
    owner = await _create_run(cluster, run)
    begun(owner)
    try:
        await _create_all(cluster, others, owner)
        await cluster.patch(
            RUNS, target.name, {"spec": {"ready": True}}, namespace=target.namespace
        )
    except (BaseExceptionGroup, KonductorError) as errors:
        first = _first(errors)
        await _undo(cluster, target, owner, first)
        raise first from errors


async def _create_run(cluster: Cluster, run: Json) -> Owner:
    try:
        return Run.parse(await cluster.create(RUNS, run)).owner()
    except AlreadyExists as error:
        name, namespace = run["metadata"]["name"], run["metadata"]["namespace"]
        raise StageFailed(
            f"there is a run `{name}` in namespace `{namespace}` already",
            hint=f"another --run, or `kubectl delete run {name} -n {namespace}`",
        ) from error


async def _create_all(cluster: Cluster, documents: Iterable[Json], owner: Owner) -> None:
    turns = asyncio.Semaphore(_AT_ONCE)

    async def one(document: Json) -> None:
        document["metadata"]["ownerReferences"] = [owner.manifest()]
        async with turns:
            await cluster.create(resource_of(document), document)

    async with asyncio.TaskGroup() as group:
        for document in documents:
            group.create_task(one(document))


async def _undo(cluster: Cluster, target: Target, owner: Owner, reason: BaseException) -> None:
    """Delete a Run and with it all that it owns.

    Raises:
        KonductorError: that cannot be done now.
    """
    name, namespace = target.name, target.namespace
    try:
        await cluster.delete(RUNS, name, namespace=namespace, uid=owner.uid)
    except ObjectNotFound:
        return
    except KonductorError as error:
        left = KonductorError(
            f"{reason}; and what was created of run `{name}` could not be deleted: {error.message}",
            hint=f"it starts nothing; `kubectl delete run {name} -n {namespace}` clears it away",
        )
        left.exit_code = error.exit_code
        raise left from reason


def _first(errors: BaseException) -> BaseException:
    first = errors.exceptions[0] if isinstance(errors, BaseExceptionGroup) else errors
    if isinstance(first, AlreadyExists):
        return StageFailed(
            f"{first.message}: another run or person created it",
            hint="wait for the other run to end, or delete the object",
        )
    return first


def _placed(document: Json, namespace: str) -> Json:
    return document | {"metadata": {**document["metadata"], "namespace": namespace}}


class Following:
    """One run as it is followed: what is known, and what to do about news."""

    def __init__(
        self,
        cluster: Cluster,
        target: Target,
        state: RunState,
        screen: Screen,
        now: Callable[[], datetime],
    ) -> None:
        """Take the run, where to show it, and the clock that times are counted by."""
        self._cluster = cluster
        self._target = target
        self._screen = screen
        self._now = now
        self._events: asyncio.Queue[Event] = asyncio.Queue()
        self._reading: set[str] = set()
        self.has_left = False
        """Whether it was followed no longer, as a person asked, before it was over."""
        self.state = state

    async def until_over(self, asked: Asked) -> ExitCode:
        """Follow the run to its end, show it, and return the exit code it deserves.

        The first interrupt cancels the run, which then ends in its own order; the second ends
        what is left of it at once. Who is asked to leave does only that.

        Raises:
            KonductorError: the cluster refused what following it takes.
        """
        try:
            at_once = await self._follow(asked)
        except BaseExceptionGroup as errors:
            raise errors.exceptions[0] from errors
        self._screen.show(self.state, self._now())
        return ExitCode.INTERRUPTED if at_once or self.has_left else exit_code(self.state)

    async def _follow(self, asked: Asked) -> bool:
        """Follow the run to its end; return whether it was ended at once."""
        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(self._hear(RUNS, f"metadata.name={self._target.name}")),
                group.create_task(self._hear(BARRIERS)),
                *(
                    group.create_task(self._hear(BARRIERS, f"metadata.name={name}"))
                    for name in self.state.external
                ),
                group.create_task(self._hear(PODS)),
                group.create_task(self._hear_refusals()),
                group.create_task(self._draw()),
                group.create_task(self._expect_operator()),
            ]
            ending = group.create_task(self._interrupted(asked.interrupts))
            leaving = group.create_task(asked.leave.wait())
            over = group.create_task(self._fold_until_over(group))
            await asyncio.wait((over, ending, leaving), return_when=asyncio.FIRST_COMPLETED)
            at_once = ending.done() and not over.done()
            self.has_left = leaving.done() and not over.done()
            for task in (*tasks, ending, leaving, over):
                task.cancel()
        return at_once

    async def _hear(self, resource: Resource, fields: str = "") -> None:
        labels = "" if fields else self._target.labels
        notices = self._cluster.watch(
            resource, namespace=self._target.namespace, labels=labels, fields=fields
        )
        async with aclosing(_changes(notices)) as changes:
            async for document, gone in changes:
                self._events.put_nowait(read_event(resource, document, gone=gone))

    async def _hear_refusals(self) -> None:
        """Hear why Jobs cannot create pods, where this user may read Events."""
        notices = self._cluster.watch(EVENTS, namespace=self._target.namespace, fields=REFUSED)
        try:
            async with aclosing(_changes(notices)) as changes:
                async for document, gone in changes:
                    refusal = None if gone else read_refusal(document, self._target.name)
                    if refusal:
                        self._events.put_nowait(refusal)
        except ApiError:
            return

    async def _fold_until_over(self, group: asyncio.TaskGroup) -> None:
        while not (self.state.phase.is_terminal or self.state.gone):
            self._take(await self._events.get(), group)
        try:
            succeeded = self.state.phase is RunPhase.SUCCEEDED
            async with asyncio.timeout(_LAST_WORDS if succeeded else _SETTLING):
                while not self.state.is_settled:
                    self._take(await self._events.get(), group)
        except TimeoutError:
            return

    def _take(self, event: Event, group: asyncio.TaskGroup) -> None:
        self.state = fold(self.state, event)
        stage = self.state.stages.get(event.stage) if isinstance(event, PodSeen) else None
        for pod, container in stage.unread if stage else ():
            if pod not in self._reading:
                self._reading.add(pod)
                group.create_task(self._read_log(pod, container))

    async def _read_log(self, pod: str, container: str) -> None:
        lines: list[str] = []
        try:
            log = self._cluster.logs(
                pod, namespace=self._target.namespace, container=container, tail=_LAST_LINES
            )
            async with aclosing(log) as read:
                lines = [line.decode(errors="replace") async for line in read]
        except KonductorError as error:
            lines = [f"(no log: {error.message})"]
        self._events.put_nowait(LogRead(pod, tuple(lines)))

    async def _draw(self) -> None:
        while True:
            self._screen.show(self.state, self._now())
            await asyncio.sleep(_FRAME)

    async def _expect_operator(self) -> None:
        """Say so if no operator looks at the run: the one whose Lease was live may have died."""
        await asyncio.sleep(_LOOKED_AT_WITHIN)
        if self.state.phase is RunPhase.PENDING:
            name, namespace = self._target.name, self._target.namespace
            again = f"`koncli watch {name} -n {namespace}` in another terminal"
            self._screen.say(f"no operator looks at this run; if none comes, {again} carries it")

    async def _interrupted(self, interrupts: asyncio.Queue[None]) -> None:
        await interrupts.get()
        self._events.put_nowait(Cancelling())
        await _ignoring_absence(
            self._cluster.patch(
                RUNS,
                self._target.name,
                {"spec": {"cancel": True}},
                namespace=self._target.namespace,
            )
        )
        await interrupts.get()
        jobs = await self._cluster.list(
            JOBS, namespace=self._target.namespace, labels=self._target.labels
        )
        for job in jobs.items:
            await _ignoring_absence(
                self._cluster.delete(
                    JOBS, job["metadata"]["name"], namespace=self._target.namespace, grace_seconds=0
                )
            )


async def _ignoring_absence(request: object) -> None:
    try:
        await request  # type: ignore[misc]  # any request of the port
    except ObjectNotFound:
        return


async def _changes(
    notices: AsyncGenerator[Notice, None],
) -> AsyncGenerator[tuple[Json, bool], None]:
    """Yield each object that is there or has changed, and each that is gone, also over gaps."""
    known: dict[str, Json] = {}
    async with aclosing(notices):
        async for notice in notices:
            match notice:
                case Listed(items):
                    present = {one["metadata"]["name"]: one for one in items}
                    for name in known.keys() - present.keys():
                        yield known[name], True
                    for document in items:
                        yield document, False
                    known = present
                case Changed(change, document):
                    gone = change is Change.DELETED
                    name = document["metadata"]["name"]
                    known.pop(name, None) if gone else known.update({name: document})
                    yield document, gone


def read_event(resource: Resource, document: Json, *, gone: bool) -> Event:
    """Read an object of the run into what the state takes."""
    if resource is RUNS:
        return RunGone() if gone else RunSeen(Run.parse(document))
    if resource is PODS:
        return PodGone(document["metadata"]["name"]) if gone else read_pod(document)
    return BarrierSeen(Barrier.parse(document))


def exit_code(state: RunState) -> ExitCode:
    """Return the exit code of a run that is over (semantics.md, 5)."""
    if state.phase is RunPhase.SUCCEEDED:
        return ExitCode.DONE
    if state.phase is RunPhase.TIMEOUT:
        return ExitCode.TIMED_OUT
    return ExitCode.INTERRUPTED if state.phase is RunPhase.CANCELLED else ExitCode.FAILED
