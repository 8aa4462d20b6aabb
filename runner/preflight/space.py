"""Is the namespace there?"""

from konductor.api.meta import json_map
from konductor.cluster.port import Cluster
from konductor.cluster.resource import NAMESPACES
from konductor.errors import Forbidden, NotFound, ObjectNotFound, Refused


async def check_namespace(cluster: Cluster, namespace: str) -> None:
    """Look for a namespace; who may not look learns of it when something is created there.

    Raises:
        NotFound: there is none of that name.
        Refused: it is being deleted.
    """
    try:
        found = await cluster.get(NAMESPACES, namespace)
    except Forbidden:
        return
    except ObjectNotFound as reason:
        raise NotFound(
            f"there is no namespace `{namespace}`",
            hint=f"`kubectl create namespace {namespace}` makes it; -n names another",
        ) from reason
    if json_map(found.get("status")).get("phase") == "Terminating":
        raise Refused(
            f"namespace `{namespace}` is being deleted",
            hint="wait for its end, or name another: -n",
        )
