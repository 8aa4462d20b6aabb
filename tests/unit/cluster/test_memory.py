import asyncio
from contextlib import aclosing
from datetime import UTC, datetime

import pytest

from konductor.api.meta import Json
from konductor.cluster.memory import MemoryCluster
from konductor.cluster.port import Change, Changed, Cluster, Listed, PatchType, Propagation
from konductor.cluster.resource import BARRIERS, CONFIGMAPS, JOBS
from konductor.errors import AlreadyExists, ApiError, BadRequest, Conflict, ObjectNotFound

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def barrier(name: str = "extract", **metadata: object) -> Json:
    return {"metadata": {"name": name, "namespace": "etl", **metadata}, "spec": {"expected": 2}}


@pytest.fixture
def cluster() -> MemoryCluster:
    return MemoryCluster(now=lambda: NOON)


def test_memory_is_a_cluster(cluster: MemoryCluster) -> None:
    port: Cluster = cluster
    assert port.now() == NOON


def test_created_object_has_what_the_server_sets(cluster: MemoryCluster) -> None:
    made = asyncio.run(cluster.create(BARRIERS, barrier()))
    assert made["kind"] == "Barrier"
    assert made["metadata"]["generation"] == 1
    assert made["metadata"]["creationTimestamp"] == "2026-11-24T12:00:00Z"
    assert made["metadata"]["uid"]
    assert made["metadata"]["resourceVersion"]


def test_a_name_is_taken_once(cluster: MemoryCluster) -> None:
    asyncio.run(cluster.create(BARRIERS, barrier()))
    with pytest.raises(AlreadyExists):
        asyncio.run(cluster.create(BARRIERS, barrier()))


def test_generated_names_differ(cluster: MemoryCluster) -> None:
    async def names() -> set[str]:
        document: Json = {"metadata": {"generateName": "event-", "namespace": "etl"}}
        made = [await cluster.create(CONFIGMAPS, document) for _ in range(3)]
        return {one["metadata"]["name"] for one in made}

    assert len(asyncio.run(names())) == 3


def test_status_and_spec_are_written_apart(cluster: MemoryCluster) -> None:
    async def scenario() -> Json:
        await cluster.create(BARRIERS, barrier())
        both = {"spec": {"expected": 3}, "status": {"phase": "Waiting"}}
        await cluster.patch(BARRIERS, "extract", both, namespace="etl", subresource="status")
        stored = await cluster.get(BARRIERS, "extract", namespace="etl")
        assert stored["spec"] == {"expected": 2}
        return await cluster.patch(
            BARRIERS,
            "extract",
            {"spec": {"expected": 4}, "status": {"phase": "Open"}},
            namespace="etl",
        )

    stored = asyncio.run(scenario())
    assert stored["spec"] == {"expected": 4}
    assert stored["status"] == {"phase": "Waiting"}
    assert stored["metadata"]["generation"] == 2


def test_patch_that_changes_nothing_is_no_new_version(cluster: MemoryCluster) -> None:
    async def scenario() -> tuple[Json, Json]:
        before = await cluster.create(BARRIERS, barrier())
        same = {"spec": {"expected": 2}}
        return before, await cluster.patch(BARRIERS, "extract", same, namespace="etl")

    before, after = asyncio.run(scenario())
    assert before == after


def test_patch_of_an_older_version_is_a_conflict(cluster: MemoryCluster) -> None:
    async def scenario() -> None:
        old = await cluster.create(BARRIERS, barrier())
        await cluster.patch(BARRIERS, "extract", {"spec": {"expected": 3}}, namespace="etl")
        await cluster.patch(
            BARRIERS,
            "extract",
            {"spec": {"expected": 4}},
            namespace="etl",
            resource_version=old["metadata"]["resourceVersion"],
        )

    with pytest.raises(Conflict):
        asyncio.run(scenario())


def test_replace_of_an_older_version_is_a_conflict(cluster: MemoryCluster) -> None:
    async def scenario() -> None:
        old = await cluster.create(BARRIERS, barrier())
        fresh = await cluster.replace(BARRIERS, old | {"spec": {"expected": 5}})
        assert fresh["spec"] == {"expected": 5}
        await cluster.replace(BARRIERS, old)

    with pytest.raises(Conflict):
        asyncio.run(scenario())


def test_json_patch_is_applied_and_strategic_refused(cluster: MemoryCluster) -> None:
    async def scenario() -> Json:
        await cluster.create(JOBS, barrier())
        operations = [{"op": "replace", "path": "/spec/expected", "value": 7}]
        return await cluster.patch(
            JOBS, "extract", operations, namespace="etl", kind=PatchType.JSON
        )

    assert asyncio.run(scenario())["spec"] == {"expected": 7}
    with pytest.raises(BadRequest):
        asyncio.run(cluster.patch(JOBS, "extract", {}, namespace="etl", kind=PatchType.STRATEGIC))


def test_delete_takes_only_the_named_uid(cluster: MemoryCluster) -> None:
    asyncio.run(cluster.create(BARRIERS, barrier()))
    with pytest.raises(Conflict):
        asyncio.run(cluster.delete(BARRIERS, "extract", namespace="etl", uid="another"))


@pytest.mark.parametrize(
    ("propagation", "left"), [(Propagation.BACKGROUND, 0), (Propagation.ORPHAN, 2)]
)
def test_what_is_owned_goes_with_its_owner(
    cluster: MemoryCluster, propagation: Propagation, left: int
) -> None:
    async def scenario() -> int:
        owner = await cluster.create(BARRIERS, barrier())
        for name in ("a", "b"):
            child = await cluster.create(
                CONFIGMAPS, barrier(name, ownerReferences=[{"uid": owner["metadata"]["uid"]}])
            )
            owner = child if propagation is Propagation.BACKGROUND else owner
        await cluster.delete(BARRIERS, "extract", namespace="etl", propagation=propagation)
        with pytest.raises(ObjectNotFound):
            await cluster.get(BARRIERS, "extract", namespace="etl")
        return len((await cluster.list(CONFIGMAPS, namespace="etl")).items)

    assert asyncio.run(scenario()) == left


@pytest.mark.parametrize(
    ("labels", "names"),
    [
        ("run=a", ["one"]),
        ("run!=a", ["two", "three"]),
        ("run", ["one", "two"]),
        ("!run", ["three"]),
        ("run==b,run", ["two"]),
        ("", ["one", "two", "three"]),
    ],
)
def test_label_selectors_select(cluster: MemoryCluster, labels: str, names: list[str]) -> None:
    async def scenario() -> list[str]:
        await cluster.create(BARRIERS, barrier("one", labels={"run": "a"}))
        await cluster.create(BARRIERS, barrier("two", labels={"run": "b"}))
        await cluster.create(BARRIERS, barrier("three"))
        found = await cluster.list(BARRIERS, namespace="etl", labels=labels)
        return [one["metadata"]["name"] for one in found.items]

    assert asyncio.run(scenario()) == names


def told(notice: object) -> object:
    match notice:
        case Listed(items):
            return len(items)
        case Changed(change, _):
            return change
    raise AssertionError(notice)


def test_watch_lists_then_tells_each_change_and_lists_after_a_cut(cluster: MemoryCluster) -> None:
    async def scenario() -> list[object]:
        await cluster.create(BARRIERS, barrier())
        async with aclosing(cluster.watch(BARRIERS, fields="metadata.name=extract")) as notices:
            seen = [told(await anext(notices))]
            await cluster.create(BARRIERS, barrier("other"))
            await cluster.patch(BARRIERS, "extract", {"spec": {"expected": 3}}, namespace="etl")
            seen.append(told(await anext(notices)))
            await cluster.delete(BARRIERS, "extract", namespace="etl")
            seen.append(told(await anext(notices)))
            cluster.cut_watches()
            return [*seen, told(await anext(notices))]

    assert asyncio.run(scenario()) == [1, Change.MODIFIED, Change.DELETED, 0]


def test_object_that_leaves_the_selection_is_told_as_deleted(cluster: MemoryCluster) -> None:
    async def scenario() -> list[object]:
        await cluster.create(BARRIERS, barrier(labels={"run": "a"}))
        watch = cluster.watch(BARRIERS, labels="run=a")
        async with aclosing(watch) as notices:
            await anext(notices)
            for run in ("b", "a"):
                patch = {"metadata": {"labels": {"run": run}}}
                await cluster.patch(BARRIERS, "extract", patch, namespace="etl")
            return [told(await anext(notices)), told(await anext(notices))]

    assert asyncio.run(scenario()) == [Change.DELETED, Change.ADDED]


def test_faults_come_once_and_the_write_is_not_done(cluster: MemoryCluster) -> None:
    cluster.fail_next_write(ApiError.of(503, {}))
    with pytest.raises(ApiError):
        asyncio.run(cluster.create(BARRIERS, barrier()))
    asyncio.run(cluster.create(BARRIERS, barrier()))
    assert cluster.writes == [("create", "/apis/konductor.io/v1/namespaces/etl/barriers/extract")]


def test_logs_are_what_the_test_put_there(cluster: MemoryCluster) -> None:
    cluster.log_lines["etl", "pod"] = (b"one", b"two", b"three")

    async def lines(tail: int | None) -> list[bytes]:
        return [line async for line in cluster.logs("pod", namespace="etl", tail=tail)]

    assert asyncio.run(lines(None)) == [b"one", b"two", b"three"]
    assert asyncio.run(lines(2)) == [b"two", b"three"]
