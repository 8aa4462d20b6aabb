"""Puts an installation in place: looks at what is there, judges, and applies object by object.

Server-side apply, so that a field which somebody else holds is never overwritten unasked, and what
an older version brought and this one does not goes away. Applying is the same done twice: after a
failure the same command goes on.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum

from konductor.api.meta import Json, json_list, json_map
from konductor.cluster.port import Cluster
from konductor.cluster.resource import ARRIVALS, BARRIERS, CRDS, NAMESPACES, RUNS
from konductor.errors import (
    BadRequest,
    Conflict,
    Forbidden,
    KonductorError,
    NotFound,
    ObjectNotFound,
    Refused,
)
from konductor.install.difference import restricted
from konductor.install.judgement import Step, judge, takeovers
from konductor.install.ready import established

FIELD_MANAGER = "koncli-install"
_NO_APPLY = 415


class Outcome(StrEnum):
    """What has become of one object, in kubectl's words where it has one."""

    CREATED = "created"
    CONFIGURED = "configured"
    UNCHANGED = "unchanged"
    KEPT = "left as it is: koncli did not create it"
    UNSEEN = "left as it is: only an administrator may read it"
    UNJUDGED = "created (not judged: its namespace is not there yet)"


@dataclass(frozen=True, slots=True)
class Manner:
    """How to go about it."""

    adopt: bool = False
    """Take over what others created or hold."""
    dry_run: bool = False
    """Let the server judge, and store nothing."""
    tenant: str = ""
    """A namespace in which the kinds count as served although they may not be read; empty: none."""
    established_within: timedelta = timedelta(seconds=60)


class Unfinished(KonductorError):
    """Some of the objects are in place, and the next one is refused or got no answer."""

    def __init__(self, error: KonductorError, at: Step, done: int, steps: int) -> None:
        """Say what failed, and how far it came."""
        how_far = f"{done} of {steps} objects are in place" if done else "nothing has been changed"
        super().__init__(
            f"`{at}` cannot be put in place: {error.message}; {how_far}",
            hint=error.hint or "once that is mended, the same command goes on from here",
        )
        self.exit_code = error.exit_code


async def install(
    cluster: Cluster,
    wanted: tuple[Json, ...],
    manner: Manner,
    *,
    say: Callable[[Step, Outcome], None],
    warn: Callable[[str], None],
) -> None:
    """Put objects in place; say of each what has become of it, and warn of what is taken over.

    Raises:
        KonductorError: what is there forbids it, and nothing was changed.
        Unfinished: an object was refused; those before it are in place.
        TimedOut: the server does not serve the kinds.
    """
    steps, unseen = await _look(cluster, wanted, manner.tenant)
    judge(steps, adopt=manner.adopt)
    for line in takeovers(steps):
        warn(f"takes over {line}")
    for step in unseen:
        say(step, Outcome.UNSEEN)
    absent = {one.name for one in steps if one.resource is NAMESPACES and not one.there}
    last_kind = max((place for place, one in enumerate(steps) if one.resource is CRDS), default=-1)
    for place, step in enumerate(steps):
        judged = not (manner.dry_run and step.namespace in absent)
        try:
            say(step, await _put(cluster, step, manner) if judged else Outcome.UNJUDGED)
        except KonductorError as error:
            done = 0 if manner.dry_run else place
            raise Unfinished(_explained(error), step, done, len(steps)) from error
        if place == last_kind and not manner.dry_run:
            names = [one.name for one in steps if one.resource is CRDS]
            await established(cluster, names, within=manner.established_within)


async def _look(
    cluster: Cluster, wanted: tuple[Json, ...], tenant: str
) -> tuple[tuple[Step, ...], tuple[Step, ...]]:
    """Return what to do, and what only an administrator may look at."""
    steps, unseen = [], []
    for step in map(Step, wanted):
        try:
            there = await cluster.get(step.resource, step.name, namespace=step.namespace)
            steps.append(replace(step, there=there))
        except ObjectNotFound:
            steps.append(step)
        except Forbidden:
            if step.resource is not CRDS or not tenant:
                raise
            unseen.append(step)
    if unseen:
        await _hold_served(cluster, tenant)
    return tuple(steps), tuple(unseen)


async def _hold_served(cluster: Cluster, namespace: str) -> None:
    for kind in (BARRIERS, ARRIVALS, RUNS):
        try:
            await cluster.list(kind, namespace=namespace)
        except ObjectNotFound as error:
            raise NotFound(
                f"the cluster does not know the kind `{kind.kind}`",
                hint="an administrator's `koncli install --crds-only` brings the kinds",
            ) from error


async def _put(cluster: Cluster, step: Step, manner: Manner) -> Outcome:
    if step.is_kept and not manner.adopt:
        return Outcome.KEPT
    stored = await cluster.apply(
        step.resource,
        step.document,
        manager=FIELD_MANAGER,
        force=manner.adopt or step.is_alike,
        dry_run=manner.dry_run,
    )
    if step.there is None:
        return Outcome.CREATED
    before, after = (_part(one, step.document) for one in (step.there, stored))
    return Outcome.UNCHANGED if before == after else Outcome.CONFIGURED


def _part(document: Json, wanted: Json) -> tuple[object, object]:
    """Return what of an object is ours: controllers write into the rest at any time.

    The values of what we want, and which fields we hold: one that we gave up may be gone.
    """
    entries = json_list(json_map(document.get("metadata")).get("managedFields"))
    held = next((one.get("fieldsV1") for one in entries if one["manager"] == FIELD_MANAGER), None)
    return restricted(document, wanted), held


def _explained(error: KonductorError) -> KonductorError:
    match error:
        case Conflict():
            causes = json_list(json_map(error.status.get("details")).get("causes"))
            held = ", ".join(f"{one.get('field')} ({one.get('message')})" for one in causes)
            hint = "`--adopt` takes those fields over"
            return KonductorError(f"others hold fields of it: {held or error.message}", hint=hint)
        case BadRequest() if error.code == _NO_APPLY:
            return KonductorError("the server takes no server-side apply", hint=_LOCAL)
        case Forbidden():
            return Refused(error.message, hint="installing needs these rights; ask for them")
        case _:
            return error


_LOCAL = "koncli's local cluster needs no installation: its operator is built in"
