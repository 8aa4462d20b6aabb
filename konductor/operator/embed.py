"""The operator in a thread of its own, within whichever process carries it (semantics.md, 6).

Three homes: the local cluster's process, ``koncli run``, and ``koncli operator`` in a cluster.
kopf wants an event loop that is all its own: it cancels what else runs there when it ends.
"""

import asyncio
import logging
import threading
import time
from typing import Final

from konductor.connection import Connection
from konductor.operator.measure import Measure

_log = logging.getLogger(__name__)
_PAUSES: Final = (0.1, 0.5, 1.0, 2.0)
_STOP_WITHIN: Final = 10.0


class Operator:
    """Looks after the barriers and runs of a cluster, from `start` to `stop`."""

    def __init__(
        self,
        connection: Connection,
        *,
        run: str | None = None,
        namespace: str | None = None,
        measure: Measure | None = None,
    ) -> None:
        """Say what to look after.

        Args:
            connection: the cluster, as somebody who may write statuses, Jobs and Events.
            run: only objects that are labelled with that run; None: all.
            namespace: only objects of that namespace; None: of all.
            measure: who counts what is done; None: nobody.
        """
        self.ready = threading.Event()
        """Set once everything has been listed, so that any barrier is served from then on."""
        self._connection = connection
        self._run = run or ""
        self._namespace = namespace or ""
        self._measure = measure
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None
        self._thread = threading.Thread(target=self._supervise, name="operator", daemon=True)

    def start(self) -> None:
        """Start the thread; `ready` tells when it serves."""
        self._thread.start()

    def stop(self) -> None:
        """Stop, and wait until it has; nothing that a decision began is left half done for good."""
        self._stopping.set()
        with self._lock:
            if self._loop and self._task:
                self._loop.call_soon_threadsafe(self._task.cancel)
        if self._thread.is_alive():
            self._thread.join(_STOP_WITHIN)

    def _supervise(self) -> None:
        """Run the operator; should it ever fall over, begin anew from what the cluster says."""
        falls = 0
        while not self._stopping.is_set():
            begun = time.monotonic()
            try:
                asyncio.run(self._operate())
            except asyncio.CancelledError:
                continue
            except BaseException:  # noqa: BLE001  # a thread has nobody to raise to
                _log.exception("the operator fell over and begins anew; please report this")
            falls = 0 if time.monotonic() - begun > _STOP_WITHIN else falls + 1
            self._stopping.wait(_PAUSES[min(falls, len(_PAUSES) - 1)])

    async def _operate(self) -> None:
        from konductor.operator.engine import Scope, operate  # noqa: PLC0415  # kopf takes 0.3 s

        with self._lock:
            if self._stopping.is_set():
                return
            self._loop, self._task = asyncio.get_running_loop(), asyncio.current_task()
        try:
            scope = Scope(self._namespace, self._run)
            await operate(self._connection, scope, self.ready.set, self._measure)
        finally:
            with self._lock:
                self._loop = self._task = None
