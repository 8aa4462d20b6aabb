"""What the ownerReferences of an object say is to happen to it. Pure.

As in Kubernetes: an object whose owners are all gone is deleted; references to owners that are
gone are taken off an object that still has others; what waits with the finalizer
``foregroundDeletion`` goes after those it blocks for, and ``orphan`` lets its dependents go free.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

from konductor.api.meta import Json, json_list, json_map
from konductor.runner.local.controllers.objects import is_deleting, owners_of, uid_of

FOREGROUND = "foregroundDeletion"
ORPHAN = "orphan"


class Fate(StrEnum):
    """What is to be done with an object."""

    KEEP = "keep"
    DELETE = "delete"
    """Its owners are gone, or go with it in the foreground."""
    RELEASE = "release"
    """Take its finalizer off: what it waited for is done."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is to be done with an object, and around it."""

    fate: Fate = Fate.KEEP
    foreground: bool = False
    """Delete it in the foreground, as its owner is."""
    finalizer: str = ""
    """The one to take off."""
    free: tuple[Json, ...] = ()
    """Dependents that lose their reference to it first."""
    wake: tuple[Json, ...] = ()
    """Dependents to look at, since it waits for them."""
    unref: tuple[str, ...] = ()
    """The uids of owners that are gone, to be taken off it."""


def judge(
    document: Json,
    owners: Sequence[Json],
    absent: Collection[str],
    dependents: Sequence[Json],
) -> Verdict:
    """Return what is to be done with an object.

    Args:
        document: the object.
        owners: those of its owners that are known.
        absent: the uids of those owners that are known to be gone.
        dependents: the objects that name it as an owner.
    """
    finalizers = json_list(json_map(document.get("metadata")).get("finalizers"))
    if is_deleting(document):
        return _judge_deleted(document, finalizers, dependents)
    references = [str(owner.get("uid")) for owner in owners_of(document)]
    if not references:
        return Verdict()
    waiting = [owner for owner in owners if _waits_for_dependents(owner)]
    solid = [uid for uid in references if uid not in absent]
    if not solid:
        return Verdict(Fate.DELETE)
    if waiting and len(waiting) == len(solid):
        return Verdict(Fate.DELETE, foreground=bool(dependents))
    return Verdict(unref=tuple(uid for uid in references if uid in absent))


def _judge_deleted(
    document: Json, finalizers: Sequence[object], dependents: Sequence[Json]
) -> Verdict:
    if ORPHAN in finalizers:
        return Verdict(Fate.RELEASE, finalizer=ORPHAN, free=tuple(dependents))
    if FOREGROUND not in finalizers:
        return Verdict()
    blocking = tuple(one for one in dependents if _blocks(one, uid_of(document)))
    if blocking:
        return Verdict(wake=tuple(dependents))
    return Verdict(Fate.RELEASE, finalizer=FOREGROUND, wake=tuple(dependents))


def _waits_for_dependents(owner: Json) -> bool:
    finalizers = json_list(json_map(owner.get("metadata")).get("finalizers"))
    return is_deleting(owner) and FOREGROUND in finalizers


def _blocks(dependent: Json, owner: str) -> bool:
    return any(
        one.get("uid") == owner and one.get("blockOwnerDeletion") for one in owners_of(dependent)
    )
