"""Which image the hooks of a run are started from."""

import asyncio

import pytest

from konductor.cli.ready import Wish, _hook_image
from konductor.cluster.memory import MemoryCluster
from konductor.cluster.resource import CONFIGMAPS
from konductor.dsl.compile import compile_source
from konductor.runner.run import Target

PROGRAM = 'pipeline p {\n  stage a {\n    image = "busybox:1.37"\n    run = "true"\n  }\n}\n'


@pytest.mark.parametrize(
    ("asked", "told", "image"),
    [
        ("", "", "logiciq/koncli:latest"),
        ("", "mirror.example/koncli:1", "mirror.example/koncli:1"),
        ("mine:2", "mirror.example/koncli:1", "mine:2"),
    ],
)
def test_image_of_hooks_is_the_one_asked_for_or_that_the_installation_names(
    asked: str, told: str, image: str
) -> None:
    plan = compile_source(PROGRAM).plan
    assert plan is not None
    wish = Wish(plan, "p.kon", asked, hooks_asked=False)

    async def scene() -> str:
        cluster = MemoryCluster()
        if told:
            metadata = {"name": "konductor-settings", "namespace": "kube-public"}
            await cluster.create(CONFIGMAPS, {"metadata": metadata, "data": {"hookImage": told}})
        return await _hook_image(cluster, wish, Target("r", "etl"))

    assert asyncio.run(scene()) == image
