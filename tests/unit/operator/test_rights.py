import asyncio
from collections.abc import Callable
from datetime import timedelta

import pytest

from konductor.api.meta import Json
from konductor.cluster.memory import MemoryCluster
from konductor.cluster.resource import Resource
from konductor.cluster.rights import rights_of
from konductor.errors import ApiError, Forbidden, KonductorError, Refused, Unreachable
from konductor.operator.rights import LEADER, OPERATOR, hold_rights

ALL = len(rights_of(OPERATOR)) + len(rights_of(LEADER))


class Reviewer(MemoryCluster):
    """A cluster that is asked for rights."""

    def __init__(self, answer: Callable[[int, Json], bool | KonductorError]) -> None:
        super().__init__()
        self._answer = answer
        self.asked = 0

    async def create(self, resource: Resource, document: Json) -> Json:
        assert resource.plural == "selfsubjectaccessreviews"
        answer = self._answer(self.asked, document["spec"]["resourceAttributes"])
        self.asked += 1
        if isinstance(answer, KonductorError):
            raise answer
        return document | {"status": {"allowed": answer}}


def hold(cluster: Reviewer, namespace: str = "", *, stopped: bool = False) -> None:
    async def ask() -> None:
        stop = asyncio.Event()
        if stopped:
            stop.set()
        await hold_rights(
            cluster, namespace=namespace, lease_namespace="home", stop=stop, again=timedelta(0)
        )

    asyncio.run(ask())


def test_operator_with_all_rights_asks_once() -> None:
    cluster = Reviewer(lambda _, __: True)
    hold(cluster)
    assert cluster.asked == ALL


@pytest.mark.parametrize(
    ("namespace", "where"), [("", "all namespaces"), ("etl", "namespace `etl`")]
)
def test_what_is_missing_is_named_with_its_place(namespace: str, where: str) -> None:
    cluster = Reviewer(lambda _, wanted: (wanted["resource"], wanted["verb"]) != ("runs", "delete"))
    with pytest.raises(Refused, match=f"lacks rights: `delete runs.konductor.io` in {where}$"):
        hold(cluster, namespace)
    assert cluster.asked == 3 * ALL


def test_lease_is_asked_for_where_it_is() -> None:
    cluster = Reviewer(lambda _, wanted: wanted["namespace"] != "home")
    with pytest.raises(Refused, match=r"`get leases.*` in namespace `home`$"):
        hold(cluster)


@pytest.mark.parametrize(
    "fault",
    [Unreachable("no answer"), ApiError.of(503, {}), ApiError.of(403, {}), False],
    ids=["no-answer", "busy", "forbidden", "lacking"],
)
def test_server_that_starts_is_asked_again(fault: bool | KonductorError) -> None:  # noqa: FBT001  # an answer
    cluster = Reviewer(lambda number, _: fault if number == 0 else True)
    hold(cluster)
    assert cluster.asked > ALL


def test_who_may_not_even_ask_is_told_so() -> None:
    with pytest.raises(Forbidden):
        hold(Reviewer(lambda _, __: ApiError.of(403, {"message": "no"})))


def test_server_that_tells_nobody_is_taken_as_it_is() -> None:
    hold(Reviewer(lambda _, __: ApiError.of(404, {})))


def test_stop_ends_the_asking() -> None:
    cluster = Reviewer(lambda _, __: Unreachable("no answer"))
    hold(cluster, stopped=True)
    assert not cluster.asked
