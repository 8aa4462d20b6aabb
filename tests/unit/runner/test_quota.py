"""Whether a run fits into the quotas of its namespace is told with figures before it is created."""

import asyncio
from typing import Any

import pytest

from konductor.api.meta import Json
from konductor.cluster.memory import MemoryCluster
from konductor.cluster.resource import LIMITS, QUOTAS, Resource
from konductor.dsl.compile import compile_source
from konductor.dsl.emit import emit
from konductor.errors import Forbidden, Refused
from konductor.runner.preflight.quota import look_at_quotas

SPACE = "etl"


def manifests(hooks: str = "job", resources: str = "") -> tuple[Json, ...]:
    """Return the objects of a run of two stages, the first with 20 pods."""
    plan = compile_source(f"""
pipeline etl {{
  hooks = "{hooks}"
  defaults {{
    image = "busybox:1.37"
    {resources}
  }}
  stage tokenize {{
    replicas = 20
    run = "true"
  }}
  stage merge after tokenize {{ run = "true" }}
}}
""").plan
    assert plan is not None
    return emit(plan, "etl-1")


def look(
    hard: dict[str, str],
    used: dict[str, str] | None = None,
    documents: tuple[Json, ...] | None = None,
    **more: Any,
) -> tuple[str, ...]:
    """Hold a run to one quota; ``limits`` are those of a LimitRange."""

    async def scene() -> tuple[str, ...]:
        cluster = MemoryCluster()
        metadata = {"name": "q", "namespace": SPACE}
        status = {"hard": hard, "used": used or {}}
        spec = {"hard": hard} | more.get("spec", {})
        await cluster.create(QUOTAS, {"metadata": metadata, "spec": spec, "status": status})
        for limit in more.get("limits", ()):
            await cluster.create(LIMITS, {"metadata": metadata, "spec": {"limits": [limit]}})
        found = manifests() if documents is None else documents
        return await look_at_quotas(cluster, found, SPACE)

    return asyncio.run(scene())


def test_run_that_fits_is_not_spoken_of() -> None:
    hard = {"pods": "20", "count/jobs.batch": "2", "configmaps": "50", "services": "0"}
    assert look(hard) == ()


def test_fewer_pods_at_a_time_are_told_with_figures() -> None:
    assert look({"pods": "10"}, {"pods": "7"}) == (
        "quota `q` has 3 of 10 pods left: 3 of 20 pods of `tokenize` at a time",
    )


def test_no_room_now_may_come_later() -> None:
    assert look({"pods": "1"}, {"pods": "1"}) == (
        "quota `q` has 0 of 1 pods left: 0 of 20 pods of `tokenize` at a time",
        "quota `q` has 0 of 1 pods left: 0 of 1 pods of `merge` at a time",
    )


@pytest.mark.parametrize(
    ("hard", "used", "message"),
    [
        ({"count/jobs.batch": "3"}, {"count/jobs.batch": "2"}, "has 1 of 3 count/jobs.batch left"),
        ({"count/barriers.konductor.io": "1"}, {}, "and the run makes 2"),
        ({"configmaps": "1"}, {}, "configmaps left, and the run makes 2"),
        ({"count/pods": "20"}, {}, "has 20 of 20 count/pods left, and the run makes 21"),
        ({"pods": "0"}, {}, "no pod of `tokenize` fits into quota `q`: it takes 1 of 0 pods"),
    ],
)
def test_what_can_never_fit_is_refused(
    hard: dict[str, str], used: dict[str, str], message: str
) -> None:
    with pytest.raises(Refused) as caught:
        look(hard, used)
    assert message in caught.value.message


def test_quota_of_what_pods_say_nothing_of_is_refused() -> None:
    with pytest.raises(Refused) as caught:
        look({"requests.cpu": "4"})
    assert caught.value.message == (
        "quota `q` wants `requests.cpu` of every pod, and those of `tokenize` say none"
    )
    assert "`resources { cpu = … }`" in caught.value.hint
    with pytest.raises(Refused) as caught:
        look({"limits.memory": "4Gi"})
    assert "`resources { memory = … }`" in caught.value.hint


@pytest.mark.parametrize(
    ("resource", "limit"),
    [
        ("cpu", {"defaultRequest": {"cpu": "100m"}}),
        ("requests.cpu", {"default": {"cpu": "100m"}}),
        ("limits.memory", {"default": {"memory": "1Gi"}}),
    ],
)
def test_limit_range_says_what_pods_do_not(resource: str, limit: Json) -> None:
    assert look({resource: "4"}, limits=[limit | {"type": "Container"}]) == ()
    with pytest.raises(Refused):
        look({resource: "4"}, limits=[limit | {"type": "PersistentVolumeClaim"}])


def test_what_pods_ask_for_is_held_to_the_quota_with_that_of_their_hooks() -> None:
    asking = manifests("pod", "resources { cpu = 1, memory = 1Gi }")
    assert look({"cpu": "10100m"}, documents=asking) == (
        "quota `q` has 10100m of 10100m cpu left: 10 of 20 pods of `tokenize` at a time",
    )
    assert look({"requests.memory": "4Gi"}, {"requests.memory": "2Gi"}, asking) == (
        "quota `q` has 2Gi of 4Gi requests.memory left: 1 of 20 pods of `tokenize` at a time",
    )
    with pytest.raises(Refused, match=r"it takes 1056Mi of 1Gi memory"):
        look({"memory": "1Gi"}, documents=asking)


def test_quota_with_scopes_is_left_out() -> None:
    assert look({"pods": "0"}, spec={"scopes": ["BestEffort"]}) == ()
    assert look({"pods": "0"}, spec={"scopeSelector": {"matchExpressions": [{}]}}) == ()


def test_who_may_not_look_learns_of_it_later() -> None:
    class Walled(MemoryCluster):
        async def list(self, resource: Resource, **_: Any) -> Any:
            raise Forbidden(f"you may not list {resource.plural}", code=403)

    assert asyncio.run(look_at_quotas(Walled(), manifests(), SPACE)) == ()
