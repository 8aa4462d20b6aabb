"""May this user do what a run takes?"""

from collections.abc import Iterable
from typing import Final

from konductor.api.meta import json_map
from konductor.api.names import GROUP, ClusterRole
from konductor.cluster.port import Cluster
from konductor.cluster.resource import WHO_AM_I
from konductor.cluster.rights import Right, lacking, may_do_everything, rights_of
from konductor.errors import KonductorError, Refused

_NAMED: Final = 4
_ACCOUNT: Final = "system:serviceaccount:"
_CLIENT: Final = (
    (GROUP, "runs", "create list watch patch delete"),
    (GROUP, "barriers", "create list watch"),
    ("batch", "jobs", "create list delete"),
    ("", "configmaps", "create"),
    ("", "pods", "list watch"),
    ("", "pods/log", "get"),
)
"""What `koncli run` does itself, whoever carries the operator."""
_CLAIM: Final = Right("", "persistentvolumeclaims", "create")
_OPTIONAL: Final = (
    Right("", "events", "list"),
    Right("", "events", "watch"),
    Right("", "namespaces", "get"),
    Right("", "resourcequotas", "list"),
    Right("", "limitranges", "list"),
    Right("authorization.k8s.io", "localsubjectaccessreviews", "create"),
)
"""What only lets a person be told more."""
_LOOK: Final = Right("coordination.k8s.io", "leases", "list")
"""With which an operator is looked for in other namespaces, as far as this user sees them."""


def needed(*, embeds: bool, claims: bool) -> tuple[Right, ...]:
    """Return what a run takes of its user.

    Args:
        embeds: Whether koncli carries the operator.
        claims: Whether the run has a volume of its own.
    """
    rights = [Right(group, one, verb) for group, one, verbs in _CLIENT for verb in verbs.split()]
    if embeds:
        spared = (_CLAIM, _LOOK, *_OPTIONAL)
        rights += (one for one in rights_of(ClusterRole.EMBEDDED) if one not in spared)
    if claims:
        rights.append(_CLAIM)
    return tuple(dict.fromkeys(rights))


async def check_rights(cluster: Cluster, namespace: str, *, embeds: bool, claims: bool) -> None:
    """Ask whether this user may do what a run takes.

    Raises:
        Refused: not everything; the message names what is missing, and what grants it.
    """
    if await may_do_everything(cluster, namespace):
        return
    missing = await lacking(cluster, needed(embeds=embeds, claims=claims), namespace)
    if not missing:
        return
    role = ClusterRole.EMBEDDED if embeds else "edit"
    why = ", where no operator serves it" if embeds else ""
    raise Refused(
        f"you may not {_listed(missing)} in namespace `{namespace}`{why}",
        hint=f"an administrator grants it: `kubectl create rolebinding koncli -n {namespace} "
        f"--clusterrole={role} {await _subject(cluster)}`",
    )


def _listed(rights: Iterable[Right]) -> str:
    names = [f"`{one}`" for one in rights]
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more


async def _subject(cluster: Cluster) -> str:
    """Return this user as an option of ``kubectl create rolebinding``."""
    who = {"apiVersion": WHO_AM_I.api_version, "kind": WHO_AM_I.kind, "metadata": {}}
    try:
        answer = await cluster.create(WHO_AM_I, who)
    except KonductorError:
        return "--user=NAME"
    name = str(json_map(json_map(answer.get("status")).get("userInfo")).get("username", "NAME"))
    if name.startswith(_ACCOUNT):
        return f"--serviceaccount={name.removeprefix(_ACCOUNT)}"
    return f"--user={name}"
