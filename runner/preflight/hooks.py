"""May the pods' hooks wait and arrive, and which image do they run?"""

from dataclasses import dataclass

from konductor.api.names import ClusterRole
from konductor.cluster.port import Cluster
from konductor.cluster.rights import lacking, rights_of
from konductor.dsl.plan import Plan
from konductor.errors import Forbidden


@dataclass(frozen=True, slots=True)
class HooksFound:
    """What is known of hooks in the pods of a run."""

    missing: str = ""
    """What keeps them from taking part; empty: nothing that is known."""
    note: str = ""
    """What a person should know besides."""


async def look_at_hooks(cluster: Cluster, plan: Plan, namespace: str, image: str) -> HooksFound:
    """Ask whether the service accounts of a run's pods may take part."""
    named = (cell.service_account for stage in plan.stages for cell in stage.cells)
    rights = rights_of(ClusterRole.PARTICIPANT)
    for account in dict.fromkeys(name or "default" for name in named):
        try:
            missing = await lacking(cluster, rights, namespace, account)
        except Forbidden:
            unknown = "whether pods may wait and arrive is not known, as you may not ask for them"
            return HooksFound(note=f"{unknown}; {pulled(image)}")
        if missing:
            return HooksFound(
                f"service account `{account}` may not `{missing[0]}` in namespace `{namespace}`"
            )
    return HooksFound(note=pulled(image))


def granting(namespace: str) -> str:
    """Return the command that lets the pods of a namespace take part."""
    return f"`koncli install --participants {namespace}`"


def pulled(image: str) -> str:
    """Return how nodes come by the hooks' image: they alone can tell whether they do.

    >>> pulled("registry.example/koncli:1.2")
    'hooks run registry.example/koncli:1.2, pulled by each node that has not got it'
    """
    name, at, _ = image.partition("@")
    tag = name.rpartition("/")[2].partition(":")[2]
    if at:
        how = "pinned by its digest, pulled by each node that has not got it"
    elif tag in ("", "latest"):
        how = "pulled anew for each pod; --hook-image IMAGE@sha256:… pins it"
    else:
        how = "pulled by each node that has not got it"
    return f"hooks run {image}, {how}"
