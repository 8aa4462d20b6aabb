"""Values that the runner's tests share."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from konductor.api.meta import Json
from konductor.dsl.plan import Cell, Edge, EdgeKind, Plan, RawBarrier, Stage, StageKind
from konductor.runner.state import RunState, begin

START = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


def stage(name: str, *edges: Edge, expected: int = 1, quorum: int = 0, **more: Any) -> Stage:
    kind = more.pop("kind", StageKind.STAGE)
    return Stage(
        name=name,
        kind=kind,
        cells=(Cell(expected, "busybox:1.37"),),
        expected=expected,
        quorum=quorum or expected,
        parallelism=expected,
        edges=edges,
        **more,
    )


def edge(kind: EdgeKind, downstream: str, *upstream: str, at_least: int | None = None) -> Edge:
    return Edge(kind, upstream, downstream, at_least)


@pytest.fixture
def plan() -> Plan:
    return Plan(
        pipeline="count",
        source="",
        path="count.kon",
        digest="sha256:0",
        stages=(
            stage("report", kind=StageKind.FINALLY),
            stage("merge", edge(EdgeKind.OPENED, "merge", "tokenize"), expected=4),
            stage("tokenize", expected=20, quorum=18, kind=StageKind.MAP),
            stage("publish", edge(EdgeKind.OPENED, "publish", "merge")),
        ),
        barriers=(RawBarrier("ready", 2, 2, edges=(edge(EdgeKind.DONE, "ready", "tokenize"),)),),
    )


@pytest.fixture
def state(plan: Plan) -> RunState:
    return begin(plan, "count-7k2qf")


@pytest.fixture
def barrier() -> Callable[..., Json]:
    def make(name: str, *, expected: int = 1, quorum: int | None = None, **status: Any) -> Json:
        spec = {"expected": expected} | ({} if quorum is None else {"quorum": quorum})
        return {
            "apiVersion": "konductor.io/v1",
            "kind": "Barrier",
            "metadata": {
                "name": f"count-7k2qf-{name}",
                "namespace": "default",
                "labels": {"konductor.io/run": "count-7k2qf", "konductor.io/stage": name},
            },
            "spec": spec,
            "status": status,
        }

    return make


@pytest.fixture
def pod() -> Callable[..., Json]:
    def make(name: str, stage: str, index: int, phase: str, *states: Json) -> Json:
        return {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {
                "name": name,
                "namespace": "default",
                "labels": {"konductor.io/run": "count-7k2qf", "konductor.io/stage": stage},
                "annotations": {"batch.kubernetes.io/job-completion-index": str(index)},
            },
            "status": {
                "phase": phase,
                "containerStatuses": [{"name": "main", "state": one} for one in states],
            },
        }

    return make
