"""The operator's desk: what it knows, what is to be done, when, and what is to be read again.

All in one event loop and without a single await, so every piece of news is taken in as a whole.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from konductor.api.meta import Json
from konductor.cluster.port import Change, Listed
from konductor.cluster.resource import ARRIVALS, BARRIERS, JOBS, LEASES, PODS, RUNS, Resource
from konductor.operator.alarms import Alarms
from konductor.operator.pace import Pace
from konductor.operator.reads import Reads
from konductor.operator.store import Store
from konductor.operator.subject import Kind, Subject, Touched, Urgency
from konductor.operator.work import Work
from konductor.semantics.observation import FreshRead

_PROGRESS_AT_ONCE: Final = 2
"""Of all writes under way, so that a slow server answers openings first."""
_PROGRESS_WHEN_BUSY: Final = 1
"""While more is under way than a server does at once: a write that nobody waits for would take
its place."""
_MANY: Final = 8
_CYCLES_AFTER: Final = 0.2
"""Looking for cycles costs as much as a namespace has barriers, and nobody waits for it."""


class Desk:
    """What is known and what is to be done."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self.store = Store()
        self.work = Work()
        self.reads = Reads()
        self.pods_wanted = asyncio.Event()
        self.all_listed = asyncio.Event()
        self._now = now
        self._loop = asyncio.get_running_loop()
        store = self.store
        self._puts: dict[str, Callable[[Json], Touched]] = {
            ARRIVALS.plural: store.put_arrival,
            BARRIERS.plural: lambda document: store.put_barrier(document, now()),
            JOBS.plural: lambda document: store.put_job(document, now()),
            LEASES.plural: store.put_lease,
            PODS.plural: store.put_pod,
            RUNS.plural: store.put_run,
        }
        self._drops: dict[str, Callable[[Json], Touched]] = {
            BARRIERS.plural: store.drop_barrier,
            JOBS.plural: store.drop_job,
            LEASES.plural: store.drop_lease,
            RUNS.plural: store.drop_run,
        }
        self._alarms: Alarms[Subject] = Alarms()
        self._pace: Pace[Subject] = Pace()
        self._granted: set[Subject] = set()
        self._alarm_timer: asyncio.TimerHandle | None = None
        self._pace_timer: asyncio.TimerHandle | None = None
        self._cycle_timer: asyncio.TimerHandle | None = None

    # -- news

    def hear(self, resource: Resource, document: Json, change: Change = Change.MODIFIED) -> None:
        """Take in one version of an object, or its deletion."""
        take_in = self._drops if change is Change.DELETED else self._puts
        if act := take_in.get(resource.plural):
            self.touch(act(document))
        self._follow_up()

    def hear_part(self, resource: Resource, items: tuple[Json, ...]) -> None:
        """Take in some of the objects that there are, of a kind of which none is missed if gone."""
        self.touch(self._take_in_part(resource, items))
        self._follow_up()

    def hear_part_of_read(self, resource: Resource, items: tuple[Json, ...]) -> None:
        """Take in a part of what a fresh read finds, as `hear_read` does."""
        for subject, urgency in self._take_in_part(resource, items).items():
            self.add(subject, urgency)
        self._follow_up()

    def _take_in_part(self, resource: Resource, items: tuple[Json, ...]) -> Touched:
        if resource == ARRIVALS:
            return self.store.put_arrivals(items)
        for document in items:
            self.store.put_pod(document)
        return {}

    def hear_list(self, resource: Resource, listed: Listed) -> None:
        """Take in all objects that there are within the operator's scope.

        The answer also told the server's time: where that has jumped, or a laptop has slept, what
        was to be done later may be due.
        """
        self.touch(self._take_in(resource, listed, namespace=""))
        self._follow_up()
        self._arm_alarms()

    def hear_read(self, resource: Resource, listed: Listed, namespace: str) -> None:
        """Take in what a fresh read of one namespace found.

        Unlike other news, it does not make the reads that are under way worthless.
        """
        for subject, urgency in self._take_in(resource, listed, namespace).items():
            self.add(subject, urgency)
        self._follow_up()

    def _take_in(self, resource: Resource, listed: Listed, namespace: str) -> Touched:
        items, version = listed.items, listed.resource_version
        match resource.plural:
            case BARRIERS.plural:
                return self.store.list_barriers(items, version, self._now(), namespace)
            case JOBS.plural:
                return self.store.list_jobs(items, version, self._now(), namespace)
            case LEASES.plural:
                return self.store.list_leases(items)
            case RUNS.plural:
                return self.store.list_runs(items, version)
            case ARRIVALS.plural:
                self.store.arrivals_listed = True
                return self._take_in_part(resource, items)
            case _:
                return self._take_in_part(resource, items)

    def _follow_up(self) -> None:
        if self.store.cycles_stale and self._cycle_timer is None:
            self._cycle_timer = self._loop.call_later(_CYCLES_AFTER, self._find_cycles)
        if self.store.counts_jobs:
            self.pods_wanted.set()
        if self.store.listed and not self.all_listed.is_set():
            self.all_listed.set()
            self.touch(self.store.everything())

    def _find_cycles(self) -> None:
        self._cycle_timer = None
        self.touch(self.store.find_cycles())

    # -- what is to be done

    def touch(self, touched: Touched) -> None:
        """Have subjects settled, each as urgently as its news is."""
        for subject, urgency in touched.items():
            if urgency is Urgency.CHANGE:
                self.reads.cause(subject)
            self.add(subject, urgency)

    def add(self, subject: Subject, urgency: Urgency) -> None:
        """Have a subject settled; mere progress waits for its turn."""
        if urgency is Urgency.PROGRESS:
            self._pace.want(subject, self._loop.time())
            self._arm_pace()
        else:
            self.work.add(subject, urgency)

    def may_write_progress(self, subject: Subject) -> bool:
        """Tell whether a turn was granted; if not, ask for one."""
        if subject in self._granted:
            return True
        self.add(subject, Urgency.PROGRESS)
        return False

    def wrote(self, subject: Subject) -> None:
        """Note a write, which has told progress too."""
        self._pace.wrote(subject, self._loop.time())

    def settled(self, subject: Subject) -> None:
        """Give the turn of a subject that has been settled to the next."""
        self.work.done(subject)
        self._granted.discard(subject)
        self._arm_pace()

    @property
    def pressing(self) -> int:
        """Return how many subjects are to be settled that somebody may be waiting for."""
        return len(self.work) + self.work.under_way - len(self._granted)

    def gone(self, subject: Subject) -> None:
        """Drop an object that the server says it does not have."""
        rows = self.store.barriers.rows if subject.kind is Kind.BARRIER else self.store.runs.rows
        known = rows.get(subject.key)
        if known is not None:
            metadata: Json = {"name": subject.key.name, "namespace": subject.key.namespace}
            document: Json = {"metadata": metadata | {"uid": known.metadata.uid}}
            resource = BARRIERS if subject.kind is Kind.BARRIER else RUNS
            self.hear(resource, document, Change.DELETED)

    def forget(self, subject: Subject) -> None:
        """Keep nothing of a subject that does not exist."""
        self.alarms_set(subject, None)
        self._pace.forget(subject)

    # -- reads

    def ask_read(self, subject: Subject) -> bool:
        """Ask for a consistent read for a subject; False: it has just had one."""
        return self.reads.ask(subject)

    def take_read(self, subject: Subject) -> FreshRead | None:
        """Return the read that was made for a subject, if nothing has happened to it since."""
        return self.reads.take(subject)

    # -- time

    def alarms_set(self, subject: Subject, at: datetime | None) -> None:
        """Have a subject settled at that server time, and not at another set before."""
        self._alarms.set(subject, at)
        self._arm_alarms()

    def _arm_alarms(self) -> None:
        if self._alarm_timer:
            self._alarm_timer.cancel()
            self._alarm_timer = None
        if (at := self._alarms.next()) is not None:
            wait = max((at - self._now()) / timedelta(seconds=1), 0.0)
            self._alarm_timer = self._loop.call_later(wait, self._ring)

    def _ring(self) -> None:
        for subject in self._alarms.ring(self._now()):
            self.work.add(subject, Urgency.CHANGE)
        self._arm_alarms()

    def _arm_pace(self) -> None:
        due = self._pace.due()
        most = _PROGRESS_WHEN_BUSY if self.pressing > _MANY else _PROGRESS_AT_ONCE
        if self._pace_timer is None and len(self._granted) < most and due is not None:
            self._pace_timer = self._loop.call_at(due, self._grant)

    def _grant(self) -> None:
        self._pace_timer = None
        if (subject := self._pace.take(self._loop.time())) is not None:
            self._granted.add(subject)
            self.work.add(subject, Urgency.PROGRESS)
        self._arm_pace()

    def stop(self) -> None:
        """Cancel all timers."""
        for timer in (self._alarm_timer, self._pace_timer, self._cycle_timer):
            if timer:
                timer.cancel()
