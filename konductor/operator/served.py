"""Whether an installed operator serves a namespace: its Lease says so, wherever that is."""

from enum import StrEnum

from konductor.api.meta import Json, json_map
from konductor.api.names import OPERATOR_LEASE, OPERATOR_NAMESPACE, Annotation
from konductor.cluster.port import Cluster
from konductor.cluster.resource import LEASES
from konductor.cluster.settings import settings_for
from konductor.errors import Forbidden, ObjectNotFound
from konductor.operator.lease import is_live


class Served(StrEnum):
    """Whether an operator serves a namespace."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"
    """This user may not look."""


async def served(cluster: Cluster, namespace: str) -> Served:
    """Look for an operator that lives and serves a namespace.

    Who may not list Leases everywhere looks into the namespace itself, and to where an operator
    is by what the installation says.
    """
    try:
        leases = (await cluster.list(LEASES, fields=f"metadata.name={OPERATOR_LEASE}")).items
        may_look = True
    except Forbidden:
        said = (await settings_for(cluster, namespace)).namespace
        home = OPERATOR_NAMESPACE if said in ("", namespace) else said
        found = [await _lease(cluster, room) for room in dict.fromkeys((home, namespace))]
        leases = tuple(lease for lease, _ in found if lease)
        may_look = all(allowed for _, allowed in found)
    if any(is_live(one, cluster.now()) and _serves(one, namespace) for one in leases):
        return Served.YES
    return Served.NO if may_look else Served.UNKNOWN


async def _lease(cluster: Cluster, namespace: str) -> tuple[Json | None, bool]:
    """Return the Lease in one namespace, and whether this user may look there at all."""
    try:
        return await cluster.get(LEASES, OPERATOR_LEASE, namespace=namespace), True
    except ObjectNotFound:
        return None, True
    except Forbidden:
        return None, False


def _serves(lease: Json, namespace: str) -> bool:
    annotations = json_map(json_map(lease.get("metadata")).get("annotations"))
    return annotations.get(Annotation.SERVES, "") in ("", namespace)
