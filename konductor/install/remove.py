"""Takes an installation out again: what carries our labels, and kinds only on explicit demand."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from konductor.api.meta import Json, json_map
from konductor.api.names import OPERATOR_LEASE
from konductor.api.run import RunPhase
from konductor.cluster.port import Cluster, Propagation
from konductor.cluster.resource import (
    ARRIVALS,
    BARRIERS,
    CONFIGMAPS,
    CRDS,
    JOBS,
    LEASES,
    NAMESPACES,
    PODS,
    PVC,
    RUNS,
    SECRETS,
    Resource,
)
from konductor.errors import ObjectNotFound
from konductor.install.installation import MANAGER
from konductor.install.kinds import DEPLOYMENTS, KINDS, SERVICES, kind_of, shown
from konductor.install.label import MANAGED_BY, NAME, PROGRAM, is_ours
from konductor.install.ready import gone

_OURS: Final = f"{NAME}={PROGRAM},{MANAGED_BY}={MANAGER}"
_OTHERS: Final = f"{NAME}={PROGRAM},{MANAGED_BY}!={MANAGER}"
_HELD: Final = (RUNS, BARRIERS, DEPLOYMENTS, SERVICES, JOBS, PODS, PVC, SECRETS, CONFIGMAPS)
"""What keeps a namespace, where there is any that is not ours."""
_PEOPLES: Final = (CRDS, NAMESPACES)
_AUTHORITY: Final = "kube-root-ca.crt"
_LINGERS: Final = "deleted, and not gone yet"
_ENDS_WITHIN: Final = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Found:
    """One object of an installation."""

    resource: Resource
    name: str
    namespace: str = ""

    def __str__(self) -> str:
        """Return how kubectl names it."""
        return shown(self.resource, self.name)


async def installed(cluster: Cluster, namespaces: tuple[str, ...]) -> tuple[Found, ...]:
    """Return what an installation brought, in the order in which to remove it.

    With ``namespaces``, only what is in them.
    """
    found: list[Found] = []
    for kind in reversed(KINDS):
        if kind.namespaced or not namespaces:
            for place in namespaces or ("",):
                found += map(_found, (await _list(cluster, kind, place, _OURS)))
    return tuple(found)


async def left_over(cluster: Cluster, wanted: tuple[Json, ...]) -> tuple[Found, ...]:
    """Return what an older version gave the whole cluster, and the wanted objects do not.

    A right or a rule that nobody needs any more is not to stay. Kinds and namespaces hold what
    people have, and what lies in a namespace may be another installation's.
    """
    kept = {(kind_of(one), str(one["metadata"]["name"])) for one in wanted}
    kinds = (kind for kind in reversed(KINDS) if not kind.namespaced and kind not in _PEOPLES)
    found = [_found(one) for kind in kinds for one in await _list(cluster, kind, "", _OURS)]
    return tuple(one for one in found if (one.resource, one.name) not in kept)


async def installers(cluster: Cluster, namespaces: tuple[str, ...]) -> tuple[str, ...]:
    """Return which other tools brought an operator, such as ``Helm``."""
    names = {
        str(json_map(one["metadata"].get("labels")).get(MANAGED_BY, "somebody"))
        for place in namespaces or ("",)
        for one in await _list(cluster, DEPLOYMENTS, place, _OTHERS)
    }
    return tuple(sorted(names))


@dataclass(frozen=True, slots=True)
class Users:
    """What people and pipelines have in the cluster, of our kinds."""

    runs: tuple[Json, ...]
    barriers: tuple[Json, ...]
    arrivals: int

    @property
    def count(self) -> int:
        """Return how many there are."""
        return len(self.runs) + len(self.barriers) + self.arrivals

    @property
    def unfinished(self) -> tuple[str, ...]:
        """Return the runs that are not over, as ``namespace/name``."""
        return tuple(_place(one) for one in self.runs if not _is_over(one))

    def lines(self) -> Iterator[str]:
        """Yield a line an object that would be lost with its kind."""
        for kind, objects in ((RUNS, self.runs), (BARRIERS, self.barriers)):
            for one in objects:
                phase = json_map(one.get("status")).get("phase", "not looked after yet")
                yield f"{kind.kind.lower()} {_place(one)}: {phase}"
        if self.arrivals:
            yield f"arrivals: {self.arrivals}"


async def users(cluster: Cluster, namespaces: tuple[str, ...]) -> Users:
    """Return the objects of our kinds, of all namespaces or of some."""
    places = namespaces or ("",)
    runs, barriers, arrivals = [
        [one for place in places for one in await _list(cluster, kind, place)]
        for kind in (RUNS, BARRIERS, ARRIVALS)
    ]
    return Users(tuple(runs), tuple(barriers), len(arrivals))


async def remove(
    cluster: Cluster,
    found: tuple[Found, ...],
    *,
    kinds: bool,
    dry_run: bool,
    say: Callable[[Found, str], None],
) -> None:
    """Delete what was found, and say of each object what has become of it.

    The operator goes first, while it has its rights. The kinds stay unless ``kinds`` says
    otherwise, and so does a namespace that holds something of others.
    """
    ending = []
    for one in found:
        if one.resource is CRDS and not kinds:
            say(one, "kept, with everything of its kind")
        elif kept := await _kept(cluster, one):
            say(one, f"kept: {kept} is in it")
        elif dry_run:
            say(one, "deleted (dry run)")
        else:
            say(one, await _delete(cluster, one))
            ending.append(one)
    for one in ending:
        if one.resource in _PEOPLES and not await _ended(cluster, one):
            say(one, _LINGERS)


async def _kept(cluster: Cluster, one: Found) -> str:
    """Return what of others is in a namespace of ours; empty: nothing."""
    if one.resource is not NAMESPACES:
        return ""
    for kind in _HELD:
        for document in await _list(cluster, kind, one.name):
            name = str(document["metadata"]["name"])
            if not is_ours(document) and name != _AUTHORITY:
                return shown(kind, name)
    return ""


async def _delete(cluster: Cluster, one: Found) -> str:
    operator = one.resource is DEPLOYMENTS
    propagation = Propagation.FOREGROUND if operator else Propagation.BACKGROUND
    place = one.namespace
    try:
        await cluster.delete(one.resource, one.name, namespace=place, propagation=propagation)
    except ObjectNotFound:
        return "is gone already"
    if operator:  # it needs its rights until it has ended
        ended = await _ended(cluster, one)
        await _forget_lease(cluster, place)
        return "deleted" if ended else _LINGERS
    return "deleted"


async def _ended(cluster: Cluster, one: Found) -> bool:
    return await gone(cluster, one.resource, one.name, namespace=one.namespace, within=_ENDS_WITHIN)


async def _forget_lease(cluster: Cluster, namespace: str) -> None:
    try:
        await cluster.delete(LEASES, OPERATOR_LEASE, namespace=namespace)
    except ObjectNotFound:
        return


async def _list(
    cluster: Cluster, kind: Resource, namespace: str, labels: str = ""
) -> tuple[Json, ...]:
    try:
        return (await cluster.list(kind, namespace=namespace, labels=labels)).items
    except ObjectNotFound:  # the kind itself is not there
        return ()


def _found(document: Json) -> Found:
    metadata = document["metadata"]
    return Found(kind_of(document), str(metadata["name"]), str(metadata.get("namespace", "")))


def _is_over(run: Json) -> bool:
    phase = json_map(run.get("status")).get("phase", "")
    return phase in [str(one) for one in RunPhase if one.is_terminal]


def _place(document: Json) -> str:
    metadata = document["metadata"]
    return f"{metadata.get('namespace', '')}/{metadata['name']}"
