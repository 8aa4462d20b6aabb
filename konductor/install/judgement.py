"""Whether an installation may go on, by what is there already. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from konductor.api.meta import Json, json_list, json_map
from konductor.cluster.resource import CRDS, NAMESPACES, Resource
from konductor.errors import KonductorError
from konductor.install.access import ACCOUNT
from konductor.install.difference import differences
from konductor.install.kinds import CLUSTER_ROLE_BINDINGS, kind_of, shown
from konductor.install.label import is_ours

_MOST_LINES: Final = 20


@dataclass(frozen=True, slots=True)
class Step:
    """One object to put in place."""

    document: Json
    there: Json | None = None
    """As it is; None: it is not."""

    @property
    def resource(self) -> Resource:
        """Return its kind."""
        return kind_of(self.document)

    @property
    def name(self) -> str:
        """Return its name."""
        return str(self.document["metadata"]["name"])

    @property
    def namespace(self) -> str:
        """Return its namespace; empty if it has none."""
        return str(self.document["metadata"].get("namespace", ""))

    @property
    def is_kept(self) -> bool:
        """Tell whether it is somebody else's namespace, whose labels are not ours to set."""
        foreign = self.there is not None and not is_ours(self.there)
        return self.resource is NAMESPACES and foreign

    @property
    def is_alike(self) -> bool:
        """Tell whether others brought what we would, as `kubectl apply -f crds` does."""
        if self.there is None or is_ours(self.there):
            return False
        return not differences(self.there, self.document)

    def __str__(self) -> str:
        """Return how kubectl names it."""
        return shown(self.resource, self.name)


def judge(steps: tuple[Step, ...], *, adopt: bool) -> None:
    """Hold what is there to what is to come, before anything is written.

    Raises:
        KonductorError: what is there goes away, a newer konductor stores there, another
            installation is there, or objects are not ours and ``adopt`` does not say to take
            them over.
    """
    for step in steps:
        _refuse_ending(step)
        _refuse_downgrade(step)
        _refuse_second(step)
    if not adopt:
        _refuse_foreign(steps)


def takeovers(steps: tuple[Step, ...]) -> Iterator[str]:
    """Yield, a line a change, what taking over changes in objects that are not ours."""
    for step in steps:
        for line in _foreign(step):
            yield f"{step}: {line}"


def _foreign(step: Step) -> tuple[str, ...]:
    if step.there is None or step.is_kept or is_ours(step.there):
        return ()
    return differences(step.there, step.document)


def _refuse_foreign(steps: tuple[Step, ...]) -> None:
    strangers = [step for step in steps if _foreign(step)]
    if not strangers:
        return
    lines = list(takeovers(steps))
    more = [f"… and {len(lines) - _MOST_LINES} more"] if len(lines) > _MOST_LINES else []
    changes = "\n".join(f"  {line}" for line in (*lines[:_MOST_LINES], *more))
    names = ", ".join(f"`{step}`" for step in strangers)
    raise KonductorError(
        f"{names} {'is' if len(strangers) == 1 else 'are'} there already, and not by koncli; "
        f"taken over, this would change:\n{changes}",
        hint="`--adopt` takes over; nothing has been changed",
    )


def _refuse_ending(step: Step) -> None:
    holds = step.resource in (CRDS, NAMESPACES) and step.there is not None
    if holds and json_map(json_map(step.there).get("metadata")).get("deletionTimestamp"):
        raise KonductorError(
            f"`{step}` is being deleted, with all that is in it",
            hint="once it is gone the same command works; nothing has been changed",
        )


def _refuse_downgrade(step: Step) -> None:
    if step.resource is not CRDS or step.there is None:
        return
    known = {one["name"] for one in step.document["spec"]["versions"]}
    stored = set(json_list(json_map(step.there.get("status")).get("storedVersions")))
    storing = {
        one["name"]
        for one in json_list(json_map(step.there.get("spec")).get("versions"))
        if one.get("storage")
    }
    if newer := sorted((stored | storing) - known):
        raise KonductorError(
            f"`{step}` stores objects at version {', '.join(newer)}, which this koncli does not "
            f"know: it knows {', '.join(sorted(known))}",
            hint="install with a koncli at least as new as the one that installed there",
        )


def _refuse_second(step: Step) -> None:
    if step.resource is not CLUSTER_ROLE_BINDINGS or step.name != ACCOUNT or not step.there:
        return
    theirs = {str(one.get("namespace", "")) for one in json_list(step.there.get("subjects"))}
    ours = {str(one["namespace"]) for one in step.document["subjects"]}
    if is_ours(step.there) and theirs and theirs != ours:
        home = ", ".join(f"`{one}`" for one in sorted(theirs))
        raise KonductorError(
            f"the operator of this cluster is installed in namespace {home}",
            hint=f"write `--namespace {min(theirs)}`, or `koncli uninstall` it there first",
        )
