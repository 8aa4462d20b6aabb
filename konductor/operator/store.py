"""All that the operator knows, and what a piece of news means for whom.

Pure: it is told lists and changes in any order, and answers with those barriers and runs that are
to be settled because of them. It makes the values that `konductor.semantics` decides on.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from konductor.api.arrival import Outcome
from konductor.api.barrier import Barrier
from konductor.api.meta import Json
from konductor.api.names import Label
from konductor.api.run import Run
from konductor.operator.carried import Carried
from konductor.operator.facts import Job, arrival_fact, finish_of, parse_job
from konductor.operator.subject import Kind, Subject, Touched, Urgency, barrier_at, merge
from konductor.operator.table import Index, Key, Table
from konductor.semantics.barrier import opens
from konductor.semantics.cascade import find_cycles, upstream_of
from konductor.semantics.observation import FreshRead, Gate, GateState, Observed
from konductor.semantics.run_observation import ObservedRun
from konductor.semantics.tally import ArrivalFact, Tally


def key_of(one: Barrier | Run | Job) -> Key:
    """Return the key of an object."""
    return Key(one.metadata.namespace, one.metadata.name)


class Store:
    """All that the operator knows."""

    def __init__(self) -> None:
        self.barriers = Table(Barrier.parse)
        self.runs = Table(Run.parse)
        self.jobs = Table(parse_job)
        self.arrivals_listed = False
        self.leases_listed = True  # False while the Leases of runs are yet to be listed
        self._carried = Carried()
        self.published: set[str] = set()
        """Uids of the runs whose result is published."""
        self._gates: dict[Key, Mapping[str, Gate]] = {}
        self._tallies: dict[str, Tally] = {}
        self._by_uid: dict[str, Key] = {}
        self._early: dict[str, list[ArrivalFact]] = {}
        self._early_before: frozenset[str] = frozenset()
        self._finished: dict[Key, dict[int, datetime]] = {}
        self._followers = Index()  # barriers under those that they name in `after`
        self._counting = Index()  # barriers under the Jobs that they count
        self._members = Index()  # barriers under their run
        self._labelled = Index()  # Jobs under their barrier
        self._cycles: dict[str, Mapping[str, tuple[str, ...]]] = {}
        self.cycles_stale: set[str] = set()
        """Namespaces in which barriers may have begun, or ceased, to wait in a circle."""

    @property
    def listed(self) -> bool:
        """Tell whether everything has been listed since the start."""
        tables = (self.barriers.listed, self.runs.listed, self.jobs.listed)
        return all(tables) and self.arrivals_listed and self.leases_listed

    @property
    def counts_jobs(self) -> bool:
        """Tell whether any barrier counts Jobs, so that pods are worth watching."""
        return bool(self._counting)

    # -- barriers

    def put_barrier(self, document: Json, now: datetime) -> Touched:
        """Take in a version of a Barrier."""
        old = self.barriers.rows.get(Key(*_place(document)))
        barrier = self.barriers.put(document)
        return self._barrier_news(barrier, old, now) if barrier else {}

    def drop_barrier(self, document: Json) -> Touched:
        """Take in the deletion of a Barrier."""
        gone = self.barriers.drop(document)
        return self._barrier_gone(gone) if gone else {}

    def list_barriers(
        self, items: Iterable[Json], version: str, now: datetime, namespace: str = ""
    ) -> Touched:
        """Take in all Barriers that there are, in one namespace or in all."""
        old = dict(self.barriers.rows)
        news, gone = self.barriers.replace(items, version, _within(namespace))
        out: Touched = {}
        for barrier in gone:
            out |= self._barrier_gone(barrier)
        for barrier in news:
            out |= self._barrier_news(barrier, old.get(key_of(barrier)), now)
        return out

    def _barrier_news(self, barrier: Barrier, old: Barrier | None, now: datetime) -> Touched:
        key, uid = key_of(barrier), barrier.metadata.uid
        if old and old.metadata.uid != uid:
            self._forget(old)
            old = None
        if uid not in self._tallies:
            self._begin(barrier, now)
        if (
            old is None
            or old.spec != barrier.spec
            or old.metadata.labels != barrier.metadata.labels
        ):
            self._index(barrier)
        out: Touched = {barrier_at(key): Urgency.CHANGE}
        if old and old.status.upstreams != barrier.status.upstreams and barrier.spec.after:
            self.cycles_stale.add(key.namespace)  # what is left of its `any` may be a circle
        if old is None or _course(old) != _course(barrier):
            out |= self._touch_run(barrier)
        if barrier.status.phase.is_terminal and (old is None or not old.status.phase.is_terminal):
            out |= self._touch(self._followers.of(key))
        return out

    def _barrier_gone(self, barrier: Barrier) -> Touched:
        key = key_of(barrier)
        out = self._touch_run(barrier) | {barrier_at(key): Urgency.CHANGE}
        self._forget(barrier)
        for index in (self._followers, self._counting, self._members):
            index.put(key, frozenset())
        for job in (Key(key.namespace, name) for name in barrier.spec.jobs):
            if not self._counting.of(job):
                self._finished.pop(job, None)
        return out

    def _begin(self, barrier: Barrier, now: datetime) -> None:
        uid = barrier.metadata.uid
        self._tallies[uid] = tally = Tally.of(barrier)
        self._by_uid[uid] = key_of(barrier)
        for fact in self._early.pop(uid, ()):
            tally.add(fact)
        for name in barrier.spec.jobs:
            if job := self.jobs.rows.get(Key(barrier.metadata.namespace, name)):
                self._complete(tally, job, now)

    def _forget(self, barrier: Barrier) -> None:
        uid, namespace = barrier.metadata.uid, barrier.metadata.namespace
        self._tallies.pop(uid, None)
        self._by_uid.pop(uid, None)
        if barrier.metadata.name in self._cycles.get(namespace, {}):
            self.cycles_stale.add(namespace)

    def _index(self, barrier: Barrier) -> None:
        key = key_of(barrier)
        upstream = (name for term in barrier.spec.after for name in term.barriers)
        self._followers.put(key, frozenset(Key(key.namespace, name) for name in upstream))
        self._counting.put(key, frozenset(Key(key.namespace, one) for one in barrier.spec.jobs))
        run = barrier.metadata.labels.get(Label.RUN)
        self._members.put(key, frozenset([Key(key.namespace, run)] if run else []))
        if barrier.spec.after and self._followers.of(key):
            self.cycles_stale.add(key.namespace)

    def find_cycles(self) -> Touched:
        """Look for barriers that wait in a circle, where that may have changed."""
        out: Touched = {}
        for namespace in self.cycles_stale:
            here = (one for key, one in self.barriers.rows.items() if key.namespace == namespace)
            old, new = self._cycles.get(namespace, {}), find_cycles(here)
            self._cycles[namespace] = new
            changed = old.keys() ^ new.keys()
            out |= self._touch(Key(namespace, name) for name in changed)
        self.cycles_stale = set()
        return out

    # -- arrivals

    def put_arrival(self, document: Json) -> Touched:
        """Take in an Arrival."""
        uid, fact = document["spec"]["barrierUID"], arrival_fact(document)
        tally = self._tallies.get(uid)
        if tally is None:
            self._early.setdefault(uid, []).append(fact)
            return {}
        if not tally.add(fact):
            return {}
        key = self._by_uid[uid]
        return {barrier_at(key): self._urgency(key, tally, fact)}

    def put_arrivals(self, items: Iterable[Json]) -> Touched:
        """Take in some Arrivals; those that are gone stay counted."""
        out: Touched = {}
        for document in items:
            merge(out, self.put_arrival(document))
        return out

    def forget_strays(self) -> None:
        """Drop arrivals at barriers that did not show up since this was last called."""
        for uid in self._early_before & self._early.keys():
            del self._early[uid]
        self._early_before = frozenset(self._early)

    def _urgency(self, key: Key, tally: Tally, fact: ArrivalFact) -> Urgency:
        barrier = self.barriers.rows[key]
        if barrier.status.phase.is_terminal:
            return Urgency.PROGRESS
        if opens(Observed(barrier, tally)):
            return Urgency.OPENING
        return Urgency.PROGRESS if fact.outcome is Outcome.ARRIVED else Urgency.CHANGE

    # -- Jobs and pods

    def put_job(self, document: Json, now: datetime) -> Touched:
        """Take in a version of a Job."""
        job = self.jobs.put(document)
        return self._job_news(job, now) if job else {}

    def drop_job(self, document: Json) -> Touched:
        """Take in the deletion of a Job."""
        gone = self.jobs.drop(document)
        return self._job_gone(gone) if gone else {}

    def list_jobs(
        self, items: Iterable[Json], version: str, now: datetime, namespace: str = ""
    ) -> Touched:
        """Take in all Jobs that there are, in one namespace or in all."""
        news, gone = self.jobs.replace(items, version, _within(namespace))
        out: Touched = {}
        for job in gone:
            out |= self._job_gone(job)
        for job in news:
            out |= self._job_news(job, now)
        return out

    def put_pod(self, document: Json) -> Touched:
        """Take in when the pod of an index finished; only pods of counted Jobs matter.

        Nothing is touched: an index counts once its Job says that it is completed.
        """
        finish = finish_of(document)
        if finish and self._counting.of(finish.job):
            self._finished.setdefault(finish.job, {}).setdefault(finish.index, finish.at)
        return {}

    def _job_news(self, job: Job, now: datetime) -> Touched:
        key = key_of(job)
        barrier = frozenset([Key(key.namespace, job.barrier)] if job.barrier else [])
        self._labelled.put(key, barrier)
        for counter in self._counting.of(key):
            if found := self.barriers.rows.get(counter):
                self._complete(self._tallies[found.metadata.uid], job, now)
        return self._touch((*barrier, *self._counting.of(key)))

    def _job_gone(self, job: Job) -> Touched:
        key = key_of(job)
        out = self._touch((*self._counting.of(key), Key(key.namespace, job.barrier)))
        self._labelled.put(key, frozenset())
        self._finished.pop(key, None)
        return out

    def _complete(self, tally: Tally, job: Job, now: datetime) -> None:
        finished = self._finished.get(key_of(job), {})
        tally.complete(job.metadata.name, job.completed, finished=finished, seen=now)

    # -- runs

    def put_run(self, document: Json) -> Touched:
        """Take in a version of a Run."""
        run = self.runs.put(document)
        return {Subject(Kind.RUN, key_of(run)): Urgency.CHANGE} if run else {}

    def drop_run(self, document: Json) -> Touched:
        """Take in the deletion of a Run."""
        gone = self.runs.drop(document)
        return self._run_gone(gone) if gone else {}

    def list_runs(self, items: Iterable[Json], version: str) -> Touched:
        """Take in all Runs that there are."""
        news, gone = self.runs.replace(items, version)
        out: Touched = {}
        for run in gone:
            out |= self._run_gone(run)
        return out | {Subject(Kind.RUN, key_of(run)): Urgency.CHANGE for run in news}

    def _run_gone(self, run: Run) -> Touched:
        key = key_of(run)
        self._gates.pop(key, None)
        self.published.discard(run.metadata.uid)
        return self._touch(self._members.of(key)) | {Subject(Kind.RUN, key): Urgency.CHANGE}

    def put_lease(self, document: Json) -> Touched:
        """Take in a run's Lease."""
        return self._freed(self._carried.put(document))

    def drop_lease(self, document: Json) -> Touched:
        """Take in the deletion of a run's Lease."""
        return self._freed(self._carried.drop(document))

    def list_leases(self, items: tuple[Json, ...]) -> Touched:
        """Take in all Leases of runs that there are."""
        self.leases_listed = True
        freed = [self._freed(run) for run in self._carried.replace(items)]
        return {subject: urgency for one in freed for subject, urgency in one.items()}

    def _freed(self, run: Key | None) -> Touched:
        members = self._touch(self._members.of(run)) if run else {}
        return members | ({Subject(Kind.RUN, run): Urgency.CHANGE} if run else {})

    def carried_until(self, subject: Subject) -> datetime | None:
        """Return until when another operator carries the run of a subject; None: none does."""
        if subject.kind is Kind.RUN:
            return self._carried.until(subject.key)
        barrier = self.barriers.rows.get(subject.key)
        name = barrier.metadata.labels.get(Label.RUN) if barrier else None
        return self._carried.until(Key(subject.key.namespace, name)) if name else None

    def set_gates(self, run: Key, gates: Mapping[str, Gate]) -> Touched:
        """Take in what a run says to its barriers; those that hear something new are touched."""
        old = self._gates.get(run, {})
        self._gates[run] = dict(gates)
        return self._touch(
            Key(run.namespace, name) for name, gate in gates.items() if old.get(name) != gate
        )

    # -- what is decided on

    def everything(self) -> Touched:
        """Return all that there is to settle."""
        runs = {Subject(Kind.RUN, key): Urgency.CHANGE for key in self.runs.rows}
        return self._touch(self.barriers.rows) | runs

    def observe(self, key: Key, read: FreshRead | None) -> Observed | None:
        """Return all that is known of a barrier; None if there is none."""
        barrier = self.barriers.rows.get(key)
        if barrier is None:
            return None
        names = (name for term in barrier.spec.after for name in term.barriers)
        rows = {name: self.barriers.rows.get(Key(key.namespace, name)) for name in names}
        return Observed(
            barrier=barrier,
            tally=self._tallies[barrier.metadata.uid],
            upstreams={name: upstream_of(one) for name, one in rows.items() if one},
            jobs=tuple(job.fact for job in self._jobs_of(barrier)),
            cycle=self._cycles.get(key.namespace, {}).get(key.name, ()),
            gate=self._gate(barrier),
            read=read,
            listed=self.listed,
        )

    def observe_run(self, key: Key, read: FreshRead | None) -> ObservedRun | None:
        """Return all that is known of a run; None if there is none."""
        run = self.runs.rows.get(key)
        if run is None:
            return None
        members = (self.barriers.rows.get(one) for one in self._members.of(key))
        barriers = tuple(one for one in members if one)
        return ObservedRun(
            run=run,
            barriers=barriers,
            last_created=self._last_created(run, barriers),
            published=run.metadata.uid in self.published,
            read=read,
            listed=self.listed,
        )

    def _last_created(self, run: Run, barriers: tuple[Barrier, ...]) -> datetime | None:
        """Return when the youngest object was created; it matters until the run is ready."""
        if run.spec.ready:
            return run.metadata.created
        jobs = (job for barrier in barriers for job in self._jobs_of(barrier))
        metadata = [one.metadata for group in ((run,), barriers, jobs) for one in group]
        return max((one.created for one in metadata if one.created), default=None)

    def _gate(self, barrier: Barrier) -> Gate:
        name = barrier.metadata.labels.get(Label.RUN)
        if not name:
            return Gate()
        gates = self._gates.get(Key(barrier.metadata.namespace, name), {})
        waiting = Gate(GateState.HOLD, message=f"its run `{name}` has not let it start yet")
        return gates.get(barrier.metadata.name, waiting)

    def _jobs_of(self, barrier: Barrier) -> list[Job]:
        key = key_of(barrier)
        named = (Key(key.namespace, name) for name in barrier.spec.jobs)
        keys = dict.fromkeys((*named, *self._labelled.of(key)))
        found = (self.jobs.rows.get(one) for one in keys)
        return [job for job in found if job and not job.metadata.deleted]

    def _touch(self, keys: Iterable[Key]) -> Touched:
        return {barrier_at(key): Urgency.CHANGE for key in keys}

    def _touch_run(self, barrier: Barrier) -> Touched:
        name = barrier.metadata.labels.get(Label.RUN)
        key = Key(barrier.metadata.namespace, name or "")
        return {Subject(Kind.RUN, key): Urgency.CHANGE} if name else {}


def _within(namespace: str) -> Callable[[Key], bool]:
    return lambda key: not namespace or key.namespace == namespace


def _place(document: Json) -> tuple[str, str]:
    metadata = document["metadata"]
    return str(metadata.get("namespace", "")), str(metadata["name"])


def _course(barrier: Barrier) -> tuple[object, ...]:
    """Return what a run follows of its barrier."""
    status = barrier.status
    return status.phase, status.started_at, status.reason, barrier.metadata.annotations
