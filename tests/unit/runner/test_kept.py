"""A run that is there is shown as the one that began it would show it."""

import asyncio
from dataclasses import replace

import pytest

from konductor.api.meta import Json
from konductor.cluster.memory import MemoryCluster
from konductor.cluster.resource import CONFIGMAPS, RUNS, resource_of
from konductor.dsl.compile import compile_source
from konductor.dsl.emit import emit
from konductor.dsl.plan import Plan
from konductor.errors import NotFound
from konductor.runner.kept import kept_run
from konductor.runner.state import RunState, begin

PROGRAM = """
pipeline etl {
  defaults { image = "busybox:1.37" }
  barrier go {
    name      = "etl-go"
    external  = true
    expected  = 2
    timeout   = 1h
  }
  stage extract after go {
    matrix { os = ["linux", "mac"], level = [1, 2] }
    replicas = 2
    quorum = 7
    run = "true"
  }
  map part over ["a", "b"] after extract? { command = ["echo", item] }
  reduce sum of part { run = "true" }
  stage either after any(extract, sum) { run = "true" }
  finally report { run = "true" }
}
"""


@pytest.fixture
def plan() -> Plan:
    found = compile_source(PROGRAM).plan
    assert found is not None
    return found


def kept(*manifests: Json, run: str = "etl-1") -> RunState:
    async def scene() -> RunState:
        cluster = MemoryCluster()
        for one in manifests:
            metadata = one["metadata"] | {"namespace": "etl"}
            await cluster.create(resource_of(one), one | {"metadata": metadata})
        return (await kept_run(cluster, run, "etl"))[1]

    return asyncio.run(scene())


def test_graph_is_as_the_plan_has_it(plan: Plan) -> None:
    assert kept(*emit(plan, "etl-1")) == begin(plan, "etl-1")


def test_large_plan_is_read_in_all_its_parts(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("konductor.dsl.emit.run._LARGEST_PART", 100)
    assert kept(*emit(plan, "etl-1")) == begin(plan, "etl-1")


def test_run_that_is_not_there_is_told(plan: Plan) -> None:
    with pytest.raises(NotFound, match="there is no run `other` in namespace `etl`"):
        kept(*emit(replace(plan), "etl-1"), run="other")


def test_run_without_a_plan_is_told(plan: Plan) -> None:
    bare = [one for one in emit(plan, "etl-1") if resource_of(one) == RUNS]
    assert CONFIGMAPS not in map(resource_of, bare)
    with pytest.raises(NotFound, match="run `etl-1` keeps no plan") as caught:
        kept(*bare)
    assert "kubectl get run etl-1 -n etl --watch" in caught.value.hint
