"""What the operator does to the cluster: one function for each thing that a decision asks for."""

from typing import TypeAlias

from konductor.api.barrier import Barrier, BarrierStatus, status_json
from konductor.api.meta import Json, Owner, json_list, time_text
from konductor.api.names import Annotation, Label, arrivals_name, result_name
from konductor.api.run import Run, RunStatus, run_status_json
from konductor.cluster.port import Cluster
from konductor.cluster.resource import BARRIERS, CONFIGMAPS, JOBS, RUNS, Resource
from konductor.errors import AlreadyExists, ObjectNotFound
from konductor.operator.facts import Job
from konductor.semantics.decision import (
    DeleteJob,
    PublishArrivals,
    ReleaseJob,
    SuspendJob,
)
from konductor.semantics.run_observation import RunResult

JobEffect: TypeAlias = ReleaseJob | SuspendJob | DeleteJob


async def write_barrier(cluster: Cluster, barrier: Barrier, status: BarrierStatus) -> Json:
    """Write a barrier's status over the version that was decided on; return it as stored.

    Raises:
        Conflict: somebody wrote the barrier meanwhile.
    """
    old = status_json(barrier.status) if barrier.status.observed_generation else {}
    patch = changes(old, status_json(status))
    return await _write_status(cluster, BARRIERS, barrier, patch)


async def write_run(cluster: Cluster, run: Run, status: RunStatus) -> Json:
    """Write a run's status over the version that was decided on; return it as stored.

    Raises:
        Conflict: somebody wrote the run meanwhile.
    """
    old = run_status_json(run.status) if run.status.observed_generation else {}
    patch = changes(old, run_status_json(status))
    return await _write_status(cluster, RUNS, run, patch)


async def _write_status(
    cluster: Cluster, resource: Resource, one: Barrier | Run, patch: Json
) -> Json:
    return await cluster.patch(
        resource,
        one.metadata.name,
        {"status": patch},
        namespace=one.metadata.namespace,
        subresource="status",
        resource_version=one.metadata.resource_version,
    )


def changes(old: Json, new: Json) -> Json:
    """Return the merge patch from one status to another, by whole members."""
    gone = {name: None for name in old if name not in new}
    return {name: value for name, value in new.items() if old.get(name) != value} | gone


async def act_on_job(cluster: Cluster, job: Job, effect: JobEffect) -> Json | None:
    """Release, suspend or delete a Job; return it as stored, or None if it is gone.

    Raises:
        Conflict: somebody wrote the Job meanwhile.
    """
    name, namespace = job.metadata.name, job.metadata.namespace
    if isinstance(effect, DeleteJob):
        await cluster.delete(JOBS, name, namespace=namespace, uid=effect.uid)
        return None
    patch: Json = {"metadata": {"uid": effect.uid}, "spec": {"suspend": True}}
    if isinstance(effect, ReleaseJob):
        now = time_text(cluster.now())
        patch["metadata"]["annotations"] = {Annotation.RELEASED: now}
        patch["spec"] = {"suspend": False}
    version = job.metadata.resource_version
    return await cluster.patch(JOBS, name, patch, namespace=namespace, resource_version=version)


async def publish_arrivals(cluster: Cluster, barrier: Barrier, what: PublishArrivals) -> None:
    """Create the ConfigMap of who had arrived at Open; one of this very barrier is right as is."""
    lines = "".join(f"{one}\n" for one in what.participants)
    document = _config_map(
        arrivals_name(barrier.metadata.name), barrier, barrier.owner(), {"participants": lines}
    )
    await _create_once(cluster, document, barrier.metadata.uid)


async def publish_result(cluster: Cluster, run: Run, result: RunResult) -> None:
    """Create the ConfigMap that tells ``finally`` how the run ended."""
    data = {
        "status": result.status,
        "failedStage": result.failed_stage,
        "failedReason": result.failed_reason,
    }
    document = _config_map(result_name(run.metadata.name), run, run.owner(), data)
    await _create_once(cluster, document, run.metadata.uid)


def _config_map(name: str, one: Barrier | Run, owner: Owner, data: dict[str, str]) -> Json:
    wanted = (Label.RUN, Label.PIPELINE, Label.STAGE)
    labels = {str(key): one.metadata.labels[key] for key in wanted if key in one.metadata.labels}
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {
            "name": name,
            "namespace": one.metadata.namespace,
            "labels": labels,
            "ownerReferences": [owner.manifest(), *(had.manifest() for had in one.metadata.owners)],
        },
        "immutable": True,
        "data": data,
    }


async def _create_once(cluster: Cluster, document: Json, uid: str) -> None:
    """Create an object, in place of one that an earlier namesake of its owner has left behind."""
    metadata = document["metadata"]
    try:
        await cluster.create(CONFIGMAPS, document)
    except AlreadyExists:
        name, namespace = metadata["name"], metadata["namespace"]
        there = await cluster.get(CONFIGMAPS, name, namespace=namespace)
        owners = json_list(there["metadata"].get("ownerReferences"))
        if any(one["uid"] == uid for one in owners):
            return
        stale = there["metadata"]["uid"]
        await cluster.delete(CONFIGMAPS, name, namespace=namespace, uid=stale)
        await cluster.create(CONFIGMAPS, document)


async def delete_run(cluster: Cluster, run: Run) -> None:
    """Delete a run, and with it all that it owns."""
    name, namespace = run.metadata.name, run.metadata.namespace
    try:
        await cluster.delete(RUNS, name, namespace=namespace, uid=run.metadata.uid)
    except ObjectNotFound:
        return
