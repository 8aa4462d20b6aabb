"""The run that is there already, as its ConfigMaps tell of it: what to show before any event."""

import base64
import gzip
import json
from collections.abc import Sequence
from itertools import count

from konductor.api.meta import Json, json_map
from konductor.cluster.port import Cluster
from konductor.cluster.resource import CONFIGMAPS, RUNS
from konductor.dsl.plan import Cell, Edge, EdgeKind, Plan, RawBarrier, Stage, StageKind
from konductor.errors import NotFound, ObjectNotFound
from konductor.runner.state import RunState, begin


async def kept_run(cluster: Cluster, run: str, namespace: str) -> tuple[Json, RunState]:
    """Return a Run, and what to show of it: its graph, all waiting.

    Raises:
        NotFound: there is no such run, or it keeps no plan.
    """
    try:
        document = await cluster.get(RUNS, run, namespace=namespace)
    except ObjectNotFound as reason:
        raise NotFound(
            f"there is no run `{run}` in namespace `{namespace}`",
            hint="`kubectl get runs --all-namespaces` lists those that are there",
        ) from reason
    plan = await _plan(cluster, run, namespace)
    if plan is None:
        raise NotFound(
            f"run `{run}` keeps no plan, so its graph is not known",
            hint=f"`kubectl get run {run} -n {namespace} --watch` follows its phase",
        )
    return document, begin(shape(plan), run)


async def _plan(cluster: Cluster, run: str, namespace: str) -> Json | None:
    """Return the plan, read part by part, which takes no right to list."""
    parts: list[bytes] = []
    for number in count():
        name = f"{run}-program-plan-{number}"
        try:
            part = await cluster.get(CONFIGMAPS, name, namespace=namespace)
        except ObjectNotFound:
            break
        parts.append(base64.b64decode(json_map(part.get("binaryData")).get("plan.gz", "")))
    return json.loads(gzip.decompress(b"".join(parts))) if parts else None


def shape(plan: Json) -> Plan:
    """Return as much of a stored plan as its graph is drawn from."""
    return Plan(
        pipeline=str(plan["pipeline"]),
        source="",
        path=str(plan.get("path", "")),
        digest=str(plan.get("digest", "")),
        stages=tuple(_stage(one) for one in plan.get("stages", ())),
        barriers=tuple(_barrier(one) for one in plan.get("barriers", ())),
    )


def _stage(one: Json) -> Stage:
    cells = tuple(
        Cell(
            replicas=cell["replicas"],
            image=cell.get("image", ""),
            ordinal=cell.get("ordinal", 0),
            axes=tuple((name, value) for name, value in cell.get("axes", ())),
        )
        for cell in one["cells"]
    )
    return Stage(
        name=one["name"],
        kind=StageKind(one["kind"]),
        cells=cells,
        expected=one["expected"],
        quorum=one["quorum"],
        parallelism=one["parallelism"],
        edges=_edges(one.get("edges", ())),
    )


def _barrier(one: Json) -> RawBarrier:
    return RawBarrier(
        name=one["name"],
        expected=one["expected"],
        quorum=one["quorum"],
        object_name=one.get("object_name", ""),
        external=bool(one.get("external")),
        edges=_edges(one.get("edges", ())),
    )


def _edges(edges: Sequence[Json]) -> tuple[Edge, ...]:
    return tuple(
        Edge(
            kind=EdgeKind(one["kind"]),
            upstream=tuple(one["upstream"]),
            downstream=one["downstream"],
            at_least=one.get("at_least"),
        )
        for one in edges
    )
