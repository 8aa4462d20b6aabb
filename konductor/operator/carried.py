"""Which runs another operator carries: a koncli that brought one along, by the run's own Lease.

An operator of the whole cluster leaves such a run alone while that Lease is live, and takes it
over when it is given back, deleted, or no longer renewed. Times are the server's on both sides.
"""

from datetime import datetime

from konductor.api.meta import Json, json_map, optional_time
from konductor.api.names import Label
from konductor.operator.lease import Record
from konductor.operator.table import Key


class Carried:
    """The Leases of runs, each by the run that it names in its label."""

    def __init__(self) -> None:
        self._until: dict[Key, datetime] = {}

    def put(self, lease: Json) -> Key | None:
        """Take in a Lease; return its run if that is no longer carried by another."""
        run = _run_of(lease)
        record = Record.of(lease)
        renewed = optional_time(record.renewed)
        if not run.name or renewed is None or not record.holder:
            return self._forget(run)
        self._until[run] = renewed + record.duration
        return None

    def drop(self, lease: Json) -> Key | None:
        """Take in the deletion of a Lease; return its run if that was carried by another."""
        return self._forget(_run_of(lease))

    def replace(self, leases: tuple[Json, ...]) -> list[Key]:
        """Take in all Leases that there are; return the runs that are no longer carried."""
        gone = self._until.keys() - {_run_of(one) for one in leases}
        freed = [self._forget(run) for run in gone] + [self.put(one) for one in leases]
        return [run for run in freed if run]

    def until(self, run: Key) -> datetime | None:
        """Return until when another carries a run, unless it renews; None: nobody does."""
        return self._until.get(run)

    def _forget(self, run: Key) -> Key | None:
        return run if self._until.pop(run, None) else None


def _run_of(lease: Json) -> Key:
    metadata = json_map(lease.get("metadata"))
    name = json_map(metadata.get("labels")).get(Label.RUN)
    return Key(str(metadata.get("namespace") or ""), str(name or ""))
