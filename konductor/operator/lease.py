"""Who of several operators works: the one that holds the Lease (KEP-589, coordination.k8s.io/v1).

As client-go's leader election: whoever wants to lead watches whether the holder still renews, by a
clock of its own, so that clocks of two machines need not agree. A leader that could not renew for
`RENEW_WITHIN` stops before others may take over.

Two that work at once would do no harm (the CRD's own rules see to it), only needless writes.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from konductor.api.meta import Json, json_map, optional_time
from konductor.cluster.port import Cluster
from konductor.cluster.resource import LEASES
from konductor.errors import AlreadyExists, Conflict, KonductorError, ObjectNotFound
from konductor.operator.pause import pause

_log = logging.getLogger(__name__)
DURATION: Final = timedelta(seconds=15)
"""How long a Lease that nobody renews keeps others away."""
RENEW_WITHIN: Final = timedelta(seconds=10)
"""How long a leader goes on without being able to renew."""
RETRY: Final = timedelta(seconds=2)
"""Between two attempts to take, or to renew."""


@dataclass(frozen=True, slots=True)
class Record:
    """What a Lease says."""

    holder: str = ""
    """Empty: nobody."""
    duration: timedelta = DURATION
    acquired: str = ""
    renewed: str = ""
    transitions: int = 0

    @classmethod
    def of(cls, lease: Json) -> "Record":
        """Return what a Lease object says; whatever it lacks is empty."""
        spec = json_map(lease.get("spec"))
        return cls(
            holder=str(spec.get("holderIdentity") or ""),
            duration=timedelta(seconds=int(spec.get("leaseDurationSeconds") or 0)),
            acquired=str(spec.get("acquireTime") or ""),
            renewed=str(spec.get("renewTime") or ""),
            transitions=int(spec.get("leaseTransitions") or 0),
        )

    def spec(self) -> Json:
        """Return it as ``spec`` of a Lease."""
        return {
            "holderIdentity": self.holder,
            "leaseDurationSeconds": max(int(self.duration.total_seconds()), 1),
            "acquireTime": self.acquired or None,
            "renewTime": self.renewed or None,
            "leaseTransitions": self.transitions,
        }


def is_live(lease: Json, now: datetime) -> bool:
    """Tell whether somebody holds a Lease, as far as its own times say."""
    record = Record.of(lease)
    renewed = optional_time(record.renewed)
    return bool(record.holder) and renewed is not None and renewed + record.duration > now


def claim(there: Record, holder: str, now: datetime) -> Record:
    """Return the record with which `holder` takes a Lease over, or renews its own."""
    stamp = now.isoformat(timespec="microseconds").replace("+00:00", "Z")
    if there.holder == holder:
        return replace(there, renewed=stamp, duration=DURATION)
    return Record(holder, DURATION, stamp, stamp, there.transitions + bool(there.holder))


class Candidate:
    """One who wants to lead."""

    def __init__(
        self,
        cluster: Cluster,
        *,
        namespace: str,
        name: str,
        holder: str,
        metadata: Json | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Say for which Lease.

        Args:
            cluster: where the Lease is.
            namespace: of the Lease.
            name: of the Lease.
            holder: who we are, unlike anybody else: a host's name and a random part.
            metadata: what else the Lease's metadata says while it is ours, such as its labels.
            clock: seconds that only ever grow.
        """
        self.namespace, self.name, self.holder = namespace, name, holder
        self._cluster = cluster
        self._metadata = metadata or {}
        self._clock = clock
        self._seen = Record()
        self._seen_at = clock()

    async def attempt(self) -> bool:
        """Try once to take the Lease, or to renew it; tell whether we hold it now.

        Raises:
            KonductorError: the cluster does not answer, or refuses.
        """
        try:
            lease = await self._cluster.get(LEASES, self.name, namespace=self.namespace)
        except ObjectNotFound:
            return await self._create()
        there = Record.of(lease)
        if there != self._seen:
            self._seen, self._seen_at = there, self._clock()
        if self._is_held_by_another(there):
            return False
        return await self._store(lease, claim(there, self.holder, self._cluster.now()))

    def _is_held_by_another(self, there: Record) -> bool:
        if there.holder in ("", self.holder):
            return False
        return self._clock() - self._seen_at < there.duration.total_seconds()

    async def _create(self) -> bool:
        record = claim(Record(), self.holder, self._cluster.now())
        document: Json = {
            "apiVersion": LEASES.api_version,
            "kind": LEASES.kind,
            "metadata": {"name": self.name, "namespace": self.namespace} | self._metadata,
            "spec": record.spec(),
        }
        try:
            await self._cluster.create(LEASES, document)
        except AlreadyExists:
            return False
        self._seen, self._seen_at = record, self._clock()
        return True

    async def _store(self, lease: Json, record: Record) -> bool:
        try:
            await self._cluster.patch(
                LEASES,
                self.name,
                {"metadata": self._metadata, "spec": record.spec()},
                namespace=self.namespace,
                resource_version=lease["metadata"]["resourceVersion"],
            )
        except Conflict:
            return False
        self._seen, self._seen_at = record, self._clock()
        return True

    async def win(self, stop: asyncio.Event) -> bool:
        """Wait until we hold the Lease; False: we were stopped before."""
        told = ""
        while not stop.is_set():
            try:
                if await self.attempt():
                    _log.info("%s holds the lease %s", self.holder, self.name)
                    return True
                if self._seen.holder != told:
                    told = self._seen.holder
                    _log.info("%s holds the lease %s; waiting", told, self.name)
            except KonductorError as error:
                _log.warning("the lease %s cannot be taken: %s", self.name, error)
            await pause(stop, RETRY)
        return False

    async def hold(self, stop: asyncio.Event) -> None:
        """Renew the Lease until we are stopped, or have lost it."""
        renewed = self._clock()
        while not stop.is_set():
            await pause(stop, RETRY)
            try:
                async with asyncio.timeout(RENEW_WITHIN.total_seconds()):
                    if await self.attempt():
                        renewed = self._clock()
                    elif self._seen.holder != self.holder:
                        break
            except (KonductorError, TimeoutError) as error:
                _log.warning("the lease %s cannot be renewed: %s", self.name, error)
            if self._clock() - renewed > RENEW_WITHIN.total_seconds():
                break
        if not stop.is_set():
            _log.error("%s has lost the lease %s", self.holder, self.name)

    async def release(self) -> None:
        """Give the Lease back, so that another need not wait; if that fails, it runs out."""
        try:
            lease = await self._cluster.get(LEASES, self.name, namespace=self.namespace)
            there = Record.of(lease)
            if there.holder == self.holder:
                await self._store(lease, replace(there, holder="", duration=timedelta(seconds=1)))
        except KonductorError as error:
            _log.warning("the lease %s cannot be given back: %s", self.name, error)
