"""Holds the barriers of others to what the program says of them.

An external barrier is neither created nor owned by the run: somebody else's number of arrivals
counts there, so the two have to agree before anything starts.
"""

from konductor.api.barrier import Barrier
from konductor.cluster.port import Cluster
from konductor.cluster.resource import BARRIERS
from konductor.dsl.plan import Plan, RawBarrier
from konductor.duration import format_duration
from konductor.errors import NotFound, ObjectNotFound, UsageError


async def check_external(cluster: Cluster, plan: Plan, namespace: str) -> None:
    """Hold every external barrier of a plan to what the program says of it.

    Raises:
        NotFound: one is not there.
        UsageError: one expects or needs others than the program says, or has ended already.
    """
    for one in plan.barriers:
        if not one.external:
            continue
        try:
            document = await cluster.get(BARRIERS, one.object_name, namespace=namespace)
        except ObjectNotFound as reason:
            raise NotFound(
                f"external barrier `{one.object_name}` is not in namespace `{namespace}`",
                hint=f"`{_creating(one)}` makes it",
            ) from reason
        _hold(one, Barrier.parse(document))


def _creating(one: RawBarrier) -> str:
    timeout = f" --timeout {format_duration(one.timeout)}" if one.timeout else ""
    quorum = f" --quorum {one.quorum}" if one.quorum != one.expected else ""
    return f"koncli barrier create {one.object_name} --expected {one.expected}{quorum}{timeout}"


def _hold(one: RawBarrier, there: Barrier) -> None:
    for what, is_there, said in (
        ("expects", there.spec.expected, one.expected),
        ("needs", there.spec.needed, one.quorum),
    ):
        if is_there != said:
            raise UsageError(
                f"external barrier `{one.object_name}` {what} {is_there}, the program says {said}",
                hint=f"write `{'expected' if what == 'expects' else 'quorum'} = {is_there}`",
            )
    phase = there.status.phase
    if phase.is_terminal and not one.reuse:
        raise UsageError(
            f"external barrier `{one.object_name}` is {phase} already",
            hint=f"`koncli barrier reset {one.object_name}`, or write `reuse = true`",
        )
