"""Settling one barrier or run: observe, ask the pure core, do what it says.

A subject is settled by one worker at a time. Whatever cannot be done now is tried again, from a
fresh observation: nothing is kept of a decision that was not carried out.
"""

import logging
import time
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from konductor.api.barrier import Barrier, BarrierStatus
from konductor.api.meta import Json
from konductor.cluster.port import Cluster
from konductor.cluster.resource import BARRIERS, JOBS, RUNS, Resource
from konductor.errors import ApiError, Conflict, Forbidden, KonductorError, ObjectNotFound
from konductor.operator import acts
from konductor.operator.desk import Desk
from konductor.operator.measure import Measure
from konductor.operator.post import Post
from konductor.operator.refusal import Refusals
from konductor.operator.subject import Kind, Subject, Urgency
from konductor.operator.table import Key
from konductor.semantics.barrier import decide
from konductor.semantics.decision import EmitEvent
from konductor.semantics.run import decide_run

_log = logging.getLogger(__name__)
_SOON: Final = timedelta(milliseconds=250)
_PAUSES: Final = (0.2, 0.5, 1.0, 2.0, 5.0)


class Settler:
    """Settles subjects with the cluster."""

    def __init__(
        self, cluster: Cluster, desk: Desk, post: Post, measure: Measure, refusals: Refusals
    ) -> None:
        self._cluster = cluster
        self._desk = desk
        self._post = post
        self._measure = measure
        self._refusals = refusals
        self._failures: dict[Subject, int] = {}

    async def settle(self, subject: Subject) -> None:
        """Bring one subject to where it should be, or see to it that it is tried again."""
        if self._is_put_off(subject):
            return
        since = self._desk.work.since(subject)
        self._measure.waiting(len(self._desk.work))
        try:
            if subject.kind is Kind.BARRIER:
                await self._barrier(subject, since)
            else:
                await self._run(subject)
        except Conflict as error:
            self._measure.failed(error)
            await self._look_again(subject)
        except ObjectNotFound as error:
            self._measure.failed(error)
            self._desk.gone(subject)
        except KonductorError as error:
            self._measure.failed(error)
            self._try_later(subject, error)
        except Exception:  # noqa: BLE001  # one barrier's bug must not stop all others
            _log.exception("%s %s could not be settled; please report this", *subject)
            self._try_later(subject, None)
        else:
            self._failures.pop(subject, None)
            self._refusals.forget(subject)

    def _is_put_off(self, subject: Subject) -> bool:
        """Tell whether it is forbidden for now, or a koncli carries the run; look again later."""
        if left := self._refusals.left(subject):
            self._again_in(subject, left)
            return True
        until = self._desk.store.carried_until(subject)
        if until is None or until <= self._cluster.now():
            return False
        self._desk.alarms_set(subject, until)
        return True

    async def _barrier(self, subject: Subject, since: float) -> None:
        read = self._desk.take_read(subject)
        observed = self._desk.store.observe(subject.key, read)
        if observed is None:
            self._desk.forget(subject)
            return
        now = self._cluster.now()
        decision = decide(observed, now)
        self._plan(subject, decision.wake_at, needs_read=decision.needs_read, now=now)
        barrier, status = observed.barrier, decision.status
        if decision.publish:
            await acts.publish_arrivals(self._cluster, barrier, decision.publish)
        if status != barrier.status:
            if not decision.effects and self._waits(subject, barrier.status, status):
                return
            await self._write(subject, barrier, status, since)
        for effect in decision.effects:
            if isinstance(effect, EmitEvent):
                self._post.put(barrier, effect)
            else:
                await self._on_job(subject, effect)

    def _waits(self, subject: Subject, old: BarrierStatus, new: BarrierStatus) -> bool:
        """Tell whether the write is only of progress, and its turn has not come."""
        return only_progress(old, new) and not self._desk.may_write_progress(subject)

    async def _write(
        self, subject: Subject, barrier: Barrier, status: BarrierStatus, since: float
    ) -> None:
        stored = await acts.write_barrier(self._cluster, barrier, status)
        latency, at = time.monotonic() - since, self._cluster.now()
        self._measure.wrote(barrier.status, status, at=at, latency=latency)
        self._desk.wrote(subject)
        self._desk.hear(BARRIERS, stored)

    async def _on_job(self, subject: Subject, effect: acts.JobEffect) -> None:
        key = Key(subject.key.namespace, effect.name)
        job = self._desk.store.jobs.rows.get(key)
        if job is None or job.metadata.uid != effect.uid:
            return  # it is gone, which touches the barrier
        try:
            stored = await acts.act_on_job(self._cluster, job, effect)
        except Conflict:
            stored = await self._cluster.get(JOBS, key.name, namespace=key.namespace)
            self._desk.add(subject, Urgency.CHANGE)
        except ObjectNotFound:
            return
        if stored:
            self._desk.hear(JOBS, stored)

    async def _run(self, subject: Subject) -> None:
        read = self._desk.take_read(subject)
        observed = self._desk.store.observe_run(subject.key, read)
        if observed is None:
            self._desk.forget(subject)
            return
        now = self._cluster.now()
        decision = decide_run(observed, now)
        self._plan(subject, decision.wake_at, needs_read=decision.needs_read, now=now)
        run = observed.run
        if decision.publish:
            await acts.publish_result(self._cluster, run, decision.publish)
            self._desk.store.published.add(run.metadata.uid)
            self._desk.add(subject, Urgency.CHANGE)
        self._desk.touch(self._desk.store.set_gates(subject.key, decision.gates))
        if decision.status != run.status:
            stored = await acts.write_run(self._cluster, run, decision.status)
            self._desk.hear(RUNS, stored)
        for effect in decision.effects:
            self._post.put(run, effect)
        if decision.delete:
            await acts.delete_run(self._cluster, run)

    def _plan(
        self, subject: Subject, wake_at: datetime | None, *, needs_read: bool, now: datetime
    ) -> None:
        """Set the alarm; ask for a read, but not as fast as one can be had."""
        if needs_read and self._desk.ask_read(subject) is False:
            wake_at = min(wake_at or now + _SOON, now + _SOON)
        self._desk.alarms_set(subject, wake_at)

    async def _look_again(self, subject: Subject) -> None:
        """Read what somebody else has written, and settle once more."""
        resource = BARRIERS if subject.kind is Kind.BARRIER else RUNS
        try:
            self._desk.hear(resource, await self._get(resource, subject.key))
        except ObjectNotFound:
            self._desk.gone(subject)
        except KonductorError as error:
            self._try_later(subject, error)
        else:
            self._desk.add(subject, Urgency.CHANGE)

    async def _get(self, resource: Resource, key: Key) -> Json:
        return await self._cluster.get(resource, key.name, namespace=key.namespace)

    def _try_later(self, subject: Subject, error: KonductorError | None) -> None:
        if isinstance(error, Forbidden):
            self._again_in(subject, self._refusals.note(subject, error))
            return
        count = self._failures[subject] = self._failures.get(subject, 0) + 1
        pause = _PAUSES[min(count, len(_PAUSES)) - 1]
        if isinstance(error, ApiError) or count > 1:
            _log.warning("%s %s: %s; again in %s s", *subject, error, pause)
        self._again_in(subject, pause)

    def _again_in(self, subject: Subject, seconds: float) -> None:
        self._desk.alarms_set(subject, self._cluster.now() + timedelta(seconds=seconds))


def only_progress(old: BarrierStatus, new: BarrierStatus) -> bool:
    """Tell whether two statuses differ in nothing but counts, names and messages."""
    return _course(old) == _course(new)


def _course(status: BarrierStatus) -> BarrierStatus:
    return replace(
        status,
        arrived=0,
        arrivals=(),
        failed=0,
        failures=(),
        late=0,
        progress="",
        conditions=tuple(
            replace(one, message="", changed=None, observed_generation=0)
            for one in status.conditions
        ),
    )
