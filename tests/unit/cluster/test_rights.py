import asyncio
from typing import Any

from konductor.api.meta import Json
from konductor.cluster.memory import MemoryCluster
from konductor.cluster.resource import Resource
from konductor.cluster.rights import Right, lacking, may_do_everything, refused_right, rights_of
from konductor.errors import Forbidden

STATUS = Right("konductor.io", "barriers/status", "patch")
PODS = Right("", "pods", "list")


class Reviewer(MemoryCluster):
    """A cluster that allows what concerns pods."""

    def __init__(self, *, everything: bool = False) -> None:
        super().__init__()
        self.asked: list[dict[str, Any]] = []
        self.documents: list[Json] = []
        self._everything = everything

    async def create(self, resource: Resource, document: Json) -> Json:
        assert resource.kind == document["kind"]
        wanted = document["spec"]["resourceAttributes"]
        self.asked.append(wanted)
        self.documents.append(document)
        allowed = self._everything or wanted["resource"] == "pods"
        return document | {"status": {"allowed": allowed}}


def test_right_reads_as_kubectl_takes_it() -> None:
    assert str(STATUS) == "patch barriers.konductor.io/status"
    assert str(PODS) == "list pods"


def test_role_of_the_installation_tells_its_rights() -> None:
    rights = rights_of("konductor-operator")
    assert STATUS in rights
    assert PODS in rights
    assert Right("konductor.io", "barriers", "patch") not in rights


def test_what_is_not_allowed_is_lacking() -> None:
    cluster = Reviewer()
    assert asyncio.run(lacking(cluster, [PODS, STATUS], "etl")) == (STATUS,)
    assert cluster.asked[1] == {
        "group": "konductor.io",
        "resource": "barriers",
        "subresource": "status",
        "verb": "patch",
        "namespace": "etl",
    }


def test_who_may_do_everything_is_asked_once() -> None:
    cluster = Reviewer(everything=True)
    assert asyncio.run(may_do_everything(cluster, "etl"))
    assert [one["verb"] for one in cluster.asked] == ["*"]
    assert not asyncio.run(may_do_everything(Reviewer(), "etl"))


def test_service_account_is_asked_about_as_it_signs_in() -> None:
    cluster = Reviewer()
    assert asyncio.run(lacking(cluster, [STATUS], "etl", "worker")) == (STATUS,)
    spec = cluster.documents[-1]["spec"]
    assert cluster.documents[-1]["metadata"] == {"namespace": "etl"}
    assert spec["user"] == "system:serviceaccount:etl:worker"
    assert "system:serviceaccounts:etl" in spec["groups"]


def test_refusal_names_the_right_that_is_missing() -> None:
    words = (
        'pods is forbidden: User "a" cannot list resource "pods" in API group "" in the namespace'
    )
    assert refused_right(Forbidden(words, code=403)) == PODS
    assert refused_right(Forbidden("exceeded quota", code=403)) is None
