"""Whether the operator has each right that it will need, asked before it leads.

Without the right to write a status every barrier would wait for ever, and only a log would say why.
"""

import asyncio
import logging
from datetime import timedelta
from typing import Final

from konductor.api.names import ClusterRole
from konductor.cluster.port import Cluster
from konductor.cluster.rights import lacking, rights_of
from konductor.errors import Forbidden, ObjectNotFound, Refused, ServerBusy, Unreachable
from konductor.operator.pause import pause

_log = logging.getLogger(__name__)
OPERATOR: Final = ClusterRole.OPERATOR
LEADER: Final = ClusterRole.LEADER
_ASKED_AGAIN: Final = 2
_AGAIN: Final = timedelta(seconds=1)


async def hold_rights(
    cluster: Cluster,
    *,
    namespace: str,
    lease_namespace: str,
    stop: asyncio.Event,
    again: timedelta = _AGAIN,
) -> None:
    """Return once it is known that we have our rights, or we are stopped.

    A server that starts refuses everybody until it has read its roles, so a refusal is not taken
    for its last word (https://github.com/kubernetes/kubernetes/issues/121635).

    Args:
        cluster: The cluster as the operator.
        namespace: The only one that it serves; empty: all.
        lease_namespace: Where its Lease is.
        stop: Ends the asking.
        again: How long to wait before asking again.

    Raises:
        Refused: we lack some; the message names each.
        Forbidden: we may not even ask.
    """
    refusals = 0
    while not stop.is_set():
        try:
            await _ask(cluster, namespace, lease_namespace)
        except (Unreachable, ServerBusy) as error:
            _log.warning("it cannot be told yet whether all rights are there: %s", error)
        except (Refused, Forbidden):
            refusals += 1
            if refusals > _ASKED_AGAIN:
                raise
        else:
            return
        await pause(stop, again)


async def _ask(cluster: Cluster, namespace: str, lease_namespace: str) -> None:
    places = ((OPERATOR, namespace), (LEADER, lease_namespace))
    try:
        missing = [await _lacking(cluster, role, where) for role, where in places]
    except ObjectNotFound:
        return  # a server that tells nobody
    if listed := "; ".join(filter(None, missing)):
        raise Refused(
            f"the operator lacks rights: {listed}",
            hint=f"bind the roles `{OPERATOR}` and `{LEADER}` to it, as `koncli install` does",
        )


async def _lacking(cluster: Cluster, role: str, namespace: str) -> str:
    """Return what we lack of a role in a namespace, or in all; empty: nothing."""
    missing = await lacking(cluster, rights_of(role), namespace)
    where = f"namespace `{namespace}`" if namespace else "all namespaces"
    return f"{', '.join(f'`{one}`' for one in missing)} in {where}" if missing else ""
