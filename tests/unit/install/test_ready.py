import asyncio
from datetime import timedelta
from typing import Any

import pytest

from konductor.cluster.memory import MemoryCluster
from konductor.cluster.resource import CRDS, PODS
from konductor.errors import Forbidden, TimedOut
from konductor.install.installation import Installation
from konductor.install.kinds import DEPLOYMENTS
from konductor.install.objects import objects
from konductor.install.ready import available, established, gone, is_available

NOW = timedelta(milliseconds=20)
SOON = timedelta(seconds=20)
(DEPLOYMENT,) = (one for one in objects(Installation()) if one["kind"] == "Deployment")
HOME = "konductor-system"
NAME = "konductor-operator"
UP = {"updatedReplicas": 2, "availableReplicas": 2, "replicas": 2, "observedGeneration": 1}


async def deployed(cluster: MemoryCluster, status: Any) -> None:
    await cluster.create(DEPLOYMENTS, DEPLOYMENT)
    await told(cluster, status)


async def told(cluster: MemoryCluster, status: Any) -> None:
    patch = {"status": status}
    await cluster.patch(DEPLOYMENTS, NAME, patch, namespace=HOME, subresource="status")


def document(status: Any, generation: int = 1) -> Any:
    return {"metadata": {"generation": generation}, "spec": {"replicas": 2}, "status": status}


@pytest.mark.parametrize(
    ("status", "generation", "is_so"),
    [
        (UP, 1, True),
        (UP, 2, False),
        (UP | {"updatedReplicas": 1}, 1, False),
        (UP | {"availableReplicas": 1}, 1, False),
        (UP | {"replicas": 3}, 1, False),
        ({}, 1, False),
    ],
)
def test_operator_is_available_once_all_pods_are_new_and_serve(
    status: Any, generation: int, *, is_so: bool
) -> None:
    assert is_available(document(status, generation)) is is_so


def test_operator_that_comes_up_is_waited_for() -> None:
    async def scene() -> None:
        cluster = MemoryCluster()
        await deployed(cluster, {})
        waiting = asyncio.create_task(available(cluster, HOME, within=SOON))
        await asyncio.sleep(0)
        await told(cluster, UP)
        await waiting

    asyncio.run(scene())


def test_what_keeps_an_operator_down_is_told() -> None:
    async def scene() -> None:
        cluster = MemoryCluster()
        failure = {"type": "ReplicaFailure", "status": "True", "message": "exceeded quota"}
        progress = {"type": "Progressing", "status": "True", "message": "it goes on"}
        missing = {"type": "Available", "status": "False", "reason": "MinimumUnavailable"}
        await deployed(cluster, {"conditions": [failure, progress, missing]})
        pull = {"waiting": {"reason": "ErrImagePull", "message": "not found"}}
        crash = {"waiting": {"reason": "CrashLoopBackOff"}}
        ended = {"terminated": {"exitCode": 4, "reason": "Error"}}
        for name, status in (
            ("a", {"containerStatuses": [{"state": pull}]}),
            ("b", {"containerStatuses": [{"state": crash, "lastState": ended}]}),
            ("c", {"containerStatuses": [{"state": {"running": {}}, "ready": False}]}),
            ("d", {"containerStatuses": [{"state": {"running": {}}, "ready": True}]}),
            (
                "e",
                {
                    "conditions": [
                        {"type": "Ready", "status": "False"},
                        {
                            "type": "PodScheduled",
                            "status": "False",
                            "reason": "Unschedulable",
                            "message": "no nodes",
                        },
                    ]
                },
            ),
        ):
            labels = DEPLOYMENT["spec"]["template"]["metadata"]["labels"]
            metadata = {"name": name, "namespace": HOME, "labels": labels}
            await cluster.create(PODS, {"metadata": metadata, "status": status})
        await available(cluster, HOME, within=NOW)

    with pytest.raises(TimedOut) as raised:
        asyncio.run(scene())
    assert raised.value.message.splitlines()[1:] == [
        "  ReplicaFailure: exceeded quota",
        "  Available: MinimumUnavailable",
        "  pod/a: ErrImagePull: not found",
        "  pod/b: CrashLoopBackOff",
        "  pod/b: ended with 4: Error",
        "  pod/c: it runs and is not ready",
        "  pod/e: Unschedulable: no nodes",
    ]
    assert "kubectl describe pods -n konductor-system" in raised.value.hint


def test_reasons_that_may_not_be_read_are_said_to_be_unknown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def refuse(*_: object, **__: object) -> None:
        raise Forbidden("you cannot get it", code=403)

    async def scene() -> None:
        cluster = MemoryCluster()
        monkeypatch.setattr(cluster, "get", refuse)
        await available(cluster, HOME, within=NOW)

    with pytest.raises(TimedOut, match="why is not known: you cannot get it"):
        asyncio.run(scene())


def test_kind_that_is_refused_is_told_with_the_reason() -> None:
    async def scene() -> None:
        cluster = MemoryCluster()
        name = "runs.konductor.io"
        await cluster.create(CRDS, {"metadata": {"name": name}})
        condition = {"type": "NamesAccepted", "status": "False", "message": "`run` is taken"}
        status = {"status": {"conditions": [condition]}}
        await cluster.patch(CRDS, name, status, subresource="status")
        await established(cluster, [name], within=NOW)

    with pytest.raises(TimedOut, match=r"(?s)runs.konductor.io.*NamesAccepted: `run` is taken"):
        asyncio.run(scene())


def test_end_of_an_operator_is_waited_for() -> None:
    async def scene() -> None:
        cluster = MemoryCluster()
        assert await gone(cluster, DEPLOYMENTS, NAME, namespace=HOME, within=SOON)
        await deployed(cluster, UP)
        assert not await gone(cluster, DEPLOYMENTS, NAME, namespace=HOME, within=NOW)
        waiting = asyncio.create_task(gone(cluster, DEPLOYMENTS, NAME, namespace=HOME, within=SOON))
        await asyncio.sleep(0)
        await cluster.delete(DEPLOYMENTS, NAME, namespace=HOME)
        assert await waiting

    asyncio.run(scene())
