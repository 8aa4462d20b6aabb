"""Runs the containers of one pod: each to its end, again where the restart policy says so."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from konductor.errors import ObjectNotFound
from konductor.runner.local.kubelet import hook
from konductor.runner.local.kubelet.execute import Execution, execute
from konductor.runner.local.kubelet.failure import NotYetRunnable
from konductor.runner.local.kubelet.image import Launch
from konductor.runner.local.kubelet.launching import prepare, resource_limits
from konductor.runner.local.kubelet.logfile import parse
from konductor.runner.local.kubelet.pod import ContainerSpec, Pod
from konductor.runner.local.kubelet.podfolder import PodFolder
from konductor.runner.local.kubelet.processes import NotStarted, Process
from konductor.runner.local.kubelet.report import Report
from konductor.runner.local.kubelet.settings import Shared
from konductor.runner.local.kubelet.state import ContainerState, Running, Terminated, Waiting
from konductor.runner.local.kubelet.volume import Material

_START_ERROR = 128
_MESSAGE_BYTES = 2048
_MESSAGE_LINES = 80
_LONGEST_PAUSE = 2.0


class Runs:
    """What of a pod runs, or waits to."""

    def __init__(
        self,
        shared: Shared,
        pod: Pod,
        folder: PodFolder,
        report: Report,
        read_again: Callable[[], Awaitable[None]],
    ) -> None:
        self._shared = shared
        self._pod = pod
        self._folder = folder
        self._report = report
        self._read_again = read_again
        self._active: dict[str, Process | hook.Hook] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._ending = False
        self._launches: dict[str, Launch] = {}
        self._beside: dict[str, list[Execution]] = {}
        self.material: Material | None = None
        self.volumes: dict[str, Path] = {}

    def active(self, container: str) -> bool:
        """Return whether a container runs now."""
        return container in self._active

    async def execute(
        self, container: str, command: Sequence[str], *, stdin: bool, tty: bool
    ) -> Execution:
        """Start a further program in a container that runs; it ends with the container.

        Raises:
            NotStarted: the container does not run as a process, or the program cannot be executed.
        """
        launch = self._launches.get(container)
        if launch is None or not isinstance(self._active.get(container), Process):
            raise NotStarted(f'container not found ("{container}")')
        beside = replace(launch, argv=tuple(command))
        execution = await execute(self._shared.processes, beside, stdin=stdin, tty=tty)
        self._beside.setdefault(container, []).append(execution)
        return execution

    async def until_done(self, container: ContainerSpec) -> ContainerState:
        """Run a container, and again after failures, until it is done for good."""
        while True:
            await self._once(container)
            state = self._report.states[container.name]
            if self._ending or not _restarts(container, self._pod, state):
                return state
            await self._pause(container, state)

    async def end(self, grace: float) -> None:
        """End what runs: politely, and after the grace at once."""
        self._ending = True
        for run in list(self._active.values()):
            await run.stop()
        if self._tasks and grace > 0:
            await asyncio.wait(self._tasks, timeout=grace)
        for run in list(self._active.values()):
            await run.kill()
        if self._tasks:
            await asyncio.wait(self._tasks)

    def abandon(self) -> None:
        """Report nothing more; hooks, which nobody else ends, are told to."""
        self._ending = True
        for task in self._tasks:
            task.cancel()
        for run in self._active.values():
            if isinstance(run, hook.Hook):
                run.killed.set()

    async def _once(self, container: ContainerSpec) -> None:
        # A task of its own, so that it still sees the end when the pod's course is cancelled.
        task = asyncio.create_task(self._run(container))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        await asyncio.shield(task)

    async def _run(self, container: ContainerSpec) -> None:
        state = self._report.states[container.name].starting()
        log = self._folder.log(container.name, state.restarts)
        run = await self._start(container, log)
        if isinstance(run, Terminated):
            await self._report.set(container.name, replace(state, now=run))
            return
        if self._ending:
            await run.kill()
        running = Running(self._shared.cluster.now())
        state = replace(state, now=running, identity=run.identity)
        self._active[container.name] = run
        try:
            await self._report.set(container.name, state)
        finally:
            code = await run.wait()
            del self._active[container.name]
            for execution in self._beside.pop(container.name, []):
                await execution.kill()
        message = _log_tail(log) if code and container.logs_tell_error else ""
        reason = "Error" if code else "Completed"
        now = self._shared.cluster.now()
        ended = Terminated(code, reason, running.started, now, message)
        await self._report.set(container.name, replace(state, now=ended))

    async def _start(self, container: ContainerSpec, log: Path) -> Process | hook.Hook | Terminated:
        """Start a container as soon as it can be; tell meanwhile why it cannot."""
        pause = 0.1
        while True:
            try:
                return await self._try_start(container, log)
            except NotStarted as error:
                return Terminated(_START_ERROR, "StartError", None, None, str(error))
            except NotYetRunnable as error:
                await self._tell_waiting(container, error)
            if self._ending:
                return Terminated(_START_ERROR, "StartError", None, None, "the pod was ended")
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)
            with suppress(NotYetRunnable, ObjectNotFound):
                await self._read_again()

    async def _try_start(self, container: ContainerSpec, log: Path) -> Process | hook.Hook:
        assert self.material is not None, "containers start after their volumes"  # noqa: S101
        launch, folders = prepare(
            container,
            self._pod,
            self.material,
            self.volumes,
            settings=self._shared.settings,
            connection=self._shared.connection,
        )
        self._folder.make_mounts(container, folders)
        self._folder.mark_started()
        self._launches[container.name] = launch
        if container.is_hook:
            return hook.start(launch, log)
        return await self._shared.processes.spawn(
            launch, log=log, limits=resource_limits(container)
        )

    async def _tell_waiting(self, container: ContainerSpec, error: NotYetRunnable) -> None:
        state = self._report.states[container.name]
        waiting = Waiting(error.reason, error.message)
        if error.reason == "ErrImagePull" and state.now == waiting:
            message = f'Back-off pulling image "{container.image}": {error.message}'
            waiting = Waiting("ImagePullBackOff", message)
        elif isinstance(state.now, Waiting) and state.now.reason in {
            error.reason,
            "ImagePullBackOff",
        }:
            return
        else:
            await self._shared.tell(self._pod, "Warning", "Failed", f"Error: {error}")
        await self._report.set(container.name, replace(state, now=waiting))

    async def _pause(self, container: ContainerSpec, state: ContainerState) -> None:
        delay = self._shared.settings.crash_delay(state.restarts)
        message = (
            f"back-off {delay.total_seconds():.0f}s restarting failed container={container.name} "
            f"pod={self._pod.meta.name}_{self._pod.meta.namespace}({self._pod.meta.uid})"
        )
        waiting = Waiting("CrashLoopBackOff", message)
        await self._report.set(container.name, state.again(waiting))
        await asyncio.sleep(delay.total_seconds())


def _restarts(container: ContainerSpec, pod: Pod, state: ContainerState) -> bool:
    if pod.restart_policy == "Never":
        return False
    return state.failed or (pod.restart_policy == "Always" and container in pod.containers)


def _log_tail(path: Path) -> str:
    """Return the last lines of a log, as much as a status takes."""
    try:
        entries = path.read_bytes().splitlines()[-_MESSAGE_LINES:]
    except OSError:
        return ""
    text = b"\n".join(parse(entry).text for entry in entries)
    return text[-_MESSAGE_BYTES:].decode("utf-8", "replace")
