"""Looks before anything is created whether a run can go well on a cluster.

Everything is looked at side by side; of several faults the first in the order of this page is told.
What can only be known later, such as whether a node can pull an image, is told beside its stage.
"""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass

from konductor.api.meta import Json
from konductor.cluster.port import Cluster
from konductor.dsl.plan import EmptyVolume, Hooks, Plan
from konductor.runner.preflight.external import check_external
from konductor.runner.preflight.hooks import HooksFound, look_at_hooks
from konductor.runner.preflight.kinds import check_kinds
from konductor.runner.preflight.quota import look_at_quotas
from konductor.runner.preflight.rights import check_rights
from konductor.runner.preflight.space import check_namespace
from konductor.runner.preflight.version import check_version


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to run, and where."""

    plan: Plan
    namespace: str
    hook_image: str
    embeds: bool
    """Whether koncli carries the operator."""


async def check_cluster(cluster: Cluster, asked: Asked) -> HooksFound:
    """Look at the server, its kinds, the namespace and rights; return what is known of hooks.

    Raises:
        NotFound: a kind or the namespace is not there.
        Refused: the server or its kinds are too old, or rights are missing.
    """
    plan, namespace = asked.plan, asked.namespace
    claims = isinstance(plan.workspace, EmptyVolume)
    *found, hooks = await asyncio.gather(
        check_version(cluster),
        check_kinds(cluster),
        check_namespace(cluster, namespace),
        check_rights(cluster, namespace, embeds=asked.embeds, claims=claims),
        _hooks(cluster, asked),
        return_exceptions=True,
    )
    for one in (*found, hooks):
        if isinstance(one, BaseException):
            raise one
    assert isinstance(hooks, HooksFound)  # noqa: S101  # what is left
    return hooks


async def _hooks(cluster: Cluster, asked: Asked) -> HooksFound:
    if asked.plan.hooks is Hooks.JOB:
        return HooksFound()
    return await look_at_hooks(cluster, asked.plan, asked.namespace, asked.hook_image)


async def check_objects(
    cluster: Cluster, plan: Plan, manifests: Iterable[Json], namespace: str
) -> tuple[str, ...]:
    """Hold a run's objects to the barriers of others, and to quotas; return what is tight.

    Raises:
        Refused: the quotas have no room.
        NotFound: a barrier of others is not there.
        UsageError: one is not as the program says.
    """
    await check_external(cluster, plan, namespace)
    return await look_at_quotas(cluster, manifests, namespace)
