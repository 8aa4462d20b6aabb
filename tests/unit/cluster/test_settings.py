"""What those who start runs are told by an installation."""

import asyncio
from typing import Any

from konductor.api.meta import Json
from konductor.cluster.memory import MemoryCluster
from konductor.cluster.resource import CONFIGMAPS, Resource
from konductor.cluster.settings import Settings, settings_for
from konductor.errors import Forbidden


def told(cluster: MemoryCluster, place: str, **data: str) -> None:
    metadata = {"name": "konductor-settings", "namespace": place}
    asyncio.run(cluster.create(CONFIGMAPS, {"metadata": metadata, "data": data}))


def test_nothing_is_told_where_nothing_is_installed() -> None:
    assert asyncio.run(settings_for(MemoryCluster(), "etl")) == Settings()


def test_installation_of_the_namespace_goes_before_that_of_the_cluster() -> None:
    cluster = MemoryCluster()
    told(cluster, "kube-public", hookImage="a:1", namespace="konductor-system")
    told(cluster, "etl", hookImage="b:2", namespace="etl")
    assert asyncio.run(settings_for(cluster, "etl")) == Settings("b:2", "etl")
    assert asyncio.run(settings_for(cluster, "ml")) == Settings("a:1", "konductor-system")


def test_namespace_whose_settings_may_not_be_read_is_passed_over(monkeypatch: Any) -> None:
    cluster = MemoryCluster()
    told(cluster, "kube-public", hookImage="a:1")
    getting = cluster.get

    async def get(resource: Resource, name: str, *, namespace: str = "") -> Json:
        if namespace == "etl":
            raise Forbidden("you cannot", code=403)
        return await getting(resource, name, namespace=namespace)

    monkeypatch.setattr(cluster, "get", get)
    assert asyncio.run(settings_for(cluster, "etl")) == Settings("a:1")
