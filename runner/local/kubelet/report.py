"""Keeps the states of a pod's containers and writes its status to the API server."""

import asyncio
from dataclasses import replace
from datetime import datetime

from konductor.api.meta import Json, optional_time, time_text
from konductor.cluster.port import PatchType
from konductor.cluster.resource import PODS
from konductor.errors import ServerBusy, Unreachable
from konductor.runner.local.kubelet.pod import Pod
from konductor.runner.local.kubelet.scheduling import condition
from konductor.runner.local.kubelet.settings import Shared
from konductor.runner.local.kubelet.state import (
    ContainerState,
    ContainerStates,
    Terminated,
    Verdict,
    Waiting,
)
from konductor.runner.local.kubelet.status import phase_of, pod_status, rejection

_PAUSES = (0.05, 0.2, 0.5, 1.0, 2.0)
_UNKNOWN = 137


class Report:
    """The status of one pod; each write tells the newest states."""

    def __init__(self, shared: Shared, pod: Pod) -> None:
        self._shared = shared
        self._pod = pod
        self.states: ContainerStates = {one.name: ContainerState() for one in pod.every_container}
        self.started: datetime | None = optional_time(pod.status.get("startTime"))
        self.verdict: Verdict | None = None
        self.expected: Verdict | None = None
        """What the verdict will be as soon as all containers have ended."""
        self._written: Json = pod.status
        self._writing = asyncio.Lock()

    @property
    def phase(self) -> str:
        """Return the phase as the states tell it now."""
        return "Failed" if self.verdict else phase_of(self._pod, self.states)

    async def set(self, container: str, state: ContainerState) -> None:
        """Take in a container's new state and write it.

        Raises:
            ObjectNotFound: the pod is gone.
            Conflict: another pod has its name.
        """
        self.states[container] = state
        await self.write()

    async def write(self) -> None:
        """Write the status, unless it is written already; try until the server has it.

        Raises:
            ObjectNotFound: the pod is gone.
            Conflict: another pod has its name.
        """
        async with self._writing:
            status = self._status()
            if status != self._written:
                await self._send(status)

    async def reject(self, verdict: Verdict) -> None:
        """Write that this node does not run the pod."""
        async with self._writing:
            await self._send(rejection(self._pod, verdict, self._shared.cluster.now()))

    async def cannot_schedule(self) -> None:
        """Write that no node fits the pod, and leave the rest of its status as it is."""
        async with self._writing:
            since = time_text(self._shared.cluster.now())
            await self._send({"conditions": [condition(since)]})
            self._written = self._pod.status

    def conclude(self, verdict: Verdict | None) -> None:
        """Let the pod be over: what never ran, or was not seen to end, is unknown."""
        for name, state in self.states.items():
            if not isinstance(state.now, Terminated):
                self.states[name] = replace(state, now=_unknown(state))
        self.verdict = verdict
        if verdict is None and self.phase not in {"Succeeded", "Failed"}:
            self.verdict = Verdict("", "")

    def _status(self) -> Json:
        now = self._shared.cluster.now()
        self.started = self.started or now
        ended = phase_of(self._pod, self.states) in {"Succeeded", "Failed"}
        return pod_status(
            replace(self._pod, status=self._written),
            self.states,
            now=now,
            started=self.started,
            address=self._shared.settings.address,
            verdict=self.verdict or (self.expected if ended else None),
        )

    async def _send(self, status: Json) -> None:
        meta = self._pod.meta
        patch = {"metadata": {"uid": meta.uid}, "status": status}
        for attempt in range(1_000_000):
            try:
                await self._shared.cluster.patch(
                    PODS,
                    meta.name,
                    patch,
                    namespace=meta.namespace,
                    kind=PatchType.STRATEGIC,
                    subresource="status",
                )
            except (ServerBusy, Unreachable):
                await asyncio.sleep(_PAUSES[min(attempt, len(_PAUSES) - 1)])
            else:
                break
        self._written = status


def _unknown(state: ContainerState) -> Terminated:
    message = "The container could not be located when the pod was terminated"
    if isinstance(state.now, Waiting) and state.last:
        return state.last
    return Terminated(_UNKNOWN, "ContainerStatusUnknown", None, None, message)
