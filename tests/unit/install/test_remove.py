import asyncio
from datetime import timedelta
from typing import Any

from konductor.api.meta import Json
from konductor.cluster.memory import MemoryCluster
from konductor.cluster.port import Listed
from konductor.cluster.resource import (
    ARRIVALS,
    BARRIERS,
    CONFIGMAPS,
    CRDS,
    LEASES,
    NAMESPACES,
    RUNS,
    SECRETS,
    Resource,
)
from konductor.errors import ObjectNotFound
from konductor.install.installation import Installation
from konductor.install.kinds import CLUSTER_ROLES, DEPLOYMENTS, kind_of
from konductor.install.objects import objects
from konductor.install.remove import installed, installers, left_over, remove, users

HOME = "konductor-system"
TENANTS = Installation(namespaced=("etl", "ml"))


def furnished(*installations: Installation) -> MemoryCluster:
    cluster = MemoryCluster()

    async def create() -> None:
        for one in (one for each in installations for one in objects(each)):
            try:
                await cluster.get(
                    kind_of(one),
                    one["metadata"]["name"],
                    namespace=one["metadata"].get("namespace", ""),
                )
            except ObjectNotFound:
                await cluster.create(kind_of(one), one)

    asyncio.run(create())
    return cluster


def put(
    cluster: MemoryCluster, resource: Resource, name: str, namespace: str = "", **more: Any
) -> None:
    metadata = {"name": name, "namespace": namespace}
    asyncio.run(cluster.create(resource, {"metadata": metadata, **more}))


def taken_out(
    cluster: MemoryCluster, *, kinds: bool = False, dry_run: bool = False, namespaces: Any = ()
) -> dict[str, str]:
    said: dict[str, str] = {}

    async def going() -> None:
        found = await installed(cluster, namespaces)
        await remove(
            cluster,
            found,
            kinds=kinds,
            dry_run=dry_run,
            say=lambda one, outcome: said.update({str(one): outcome}),
        )

    asyncio.run(going())
    return said


def there(cluster: MemoryCluster, resource: Resource, namespace: str = "") -> list[str]:
    listed: Listed = asyncio.run(cluster.list(resource, namespace=namespace))
    return [one["metadata"]["name"] for one in listed.items]


def test_everything_goes_but_the_kinds() -> None:
    cluster = furnished(Installation(participants=("etl",)))
    said = taken_out(cluster)
    assert next(iter(said)) == "deployment.apps/konductor-operator"
    assert list(said)[-1] == "namespace/konductor-system"
    kept = {name for name, outcome in said.items() if outcome != "deleted"}
    assert {name.rpartition("/")[2] for name in kept} == set(there(cluster, CRDS))
    assert len(there(cluster, CRDS)) == 3
    assert not there(cluster, CLUSTER_ROLES)


def test_kinds_go_when_that_is_said() -> None:
    cluster = furnished(Installation())
    taken_out(cluster, kinds=True)
    assert not there(cluster, CRDS)


def test_dry_run_deletes_nothing() -> None:
    cluster = furnished(Installation())
    before = len(cluster.writes)
    said = taken_out(cluster, dry_run=True)
    assert said["deployment.apps/konductor-operator"] == "deleted (dry run)"
    assert len(cluster.writes) == before


def test_lease_of_the_operator_goes_with_it() -> None:
    cluster = furnished(Installation())
    put(cluster, LEASES, "konductor-operator", HOME)
    taken_out(cluster)
    assert not there(cluster, LEASES)


def test_namespace_with_something_of_others_stays() -> None:
    cluster = furnished(Installation())
    put(cluster, CONFIGMAPS, "kube-root-ca.crt", HOME)
    put(cluster, SECRETS, "regcred", HOME)
    said = taken_out(cluster)
    assert said["namespace/konductor-system"] == "kept: secret/regcred is in it"
    assert there(cluster, NAMESPACES) == [HOME]


def test_tenants_part_goes_alone() -> None:
    cluster = furnished(Installation(), TENANTS)
    said = taken_out(cluster, namespaces=("etl",))
    assert set(said.values()) == {"deleted"}
    assert not there(cluster, DEPLOYMENTS, "etl")
    assert there(cluster, DEPLOYMENTS, "ml") == there(cluster, DEPLOYMENTS, HOME)


def test_what_is_gone_meanwhile_is_said_to_be() -> None:
    cluster = furnished(Installation())

    async def going() -> list[str]:
        said: list[str] = []
        found = await installed(cluster, ())
        for _ in range(2):
            await remove(
                cluster, found[:2], kinds=False, dry_run=False, say=lambda _, o: said.append(o)
            )
        return said

    assert asyncio.run(going()) == ["deleted", "deleted", "is gone already", "is gone already"]


def test_what_only_an_older_version_gave_the_cluster_is_found() -> None:
    wanted = objects(Installation())
    cluster = furnished(Installation(), TENANTS)
    labels = wanted[0]["metadata"]["labels"]
    for name, marked in (("konductor-old", labels), ("somebodys", {})):
        metadata: Json = {"name": name, "labels": marked}
        asyncio.run(cluster.create(CLUSTER_ROLES, {"metadata": metadata}))
    found = asyncio.run(left_over(cluster, wanted))
    assert [str(one) for one in found] == ["clusterrole.rbac.authorization.k8s.io/konductor-old"]


def test_what_another_tool_installed_is_not_touched_and_the_tool_is_named() -> None:
    cluster = furnished(Installation(manager="Helm"))
    assert taken_out(cluster) == {}
    assert asyncio.run(installers(cluster, ())) == ("Helm",)


def test_what_people_have_is_counted_and_named() -> None:
    cluster = MemoryCluster()
    put(cluster, RUNS, "done", "a", status={"phase": "Succeeded"})
    put(cluster, RUNS, "going", "a", status={"phase": "Running"})
    put(cluster, RUNS, "new", "b")
    put(cluster, BARRIERS, "gather", "b", status={"phase": "Waiting"})
    put(cluster, ARRIVALS, "gather-1", "b")
    found = asyncio.run(users(cluster, ()))
    assert found.unfinished == ("a/going", "b/new")
    assert found.count == 5
    assert list(found.lines()) == [
        "run a/done: Succeeded",
        "run a/going: Running",
        "run b/new: not looked after yet",
        "barrier b/gather: Waiting",
        "arrivals: 1",
    ]
    assert asyncio.run(users(cluster, ("a",))).count == 2


def test_cluster_without_the_kinds_has_nothing_of_them(monkeypatch: Any) -> None:
    cluster = MemoryCluster()

    async def unknown(*_: object, **__: object) -> Json:
        raise ObjectNotFound("404 page not found", code=404)

    monkeypatch.setattr(cluster, "list", unknown)
    found = asyncio.run(users(cluster, ()))
    assert found.count == 0
    assert not list(found.lines())


def test_what_does_not_go_in_time_is_said(monkeypatch: Any) -> None:
    monkeypatch.setattr("konductor.install.remove._ENDS_WITHIN", timedelta(milliseconds=10))
    cluster = furnished(Installation())

    async def keep(*_: object, **__: object) -> None:
        """Be a finalizer that nobody serves."""

    monkeypatch.setattr(cluster, "delete", keep)
    said = taken_out(cluster)
    assert {name for name, outcome in said.items() if outcome == "deleted, and not gone yet"} == {
        "deployment.apps/konductor-operator",
        "namespace/konductor-system",
    }
