"""An operator whose writes somebody else forestalls: what it does then needs rights, too."""

import asyncio
import json
from collections.abc import Sequence

from konductor.api.meta import Json
from konductor.cluster.http import HttpCluster
from konductor.cluster.port import PatchType
from konductor.cluster.resource import BARRIERS, JOBS, RUNS, Resource
from konductor.connection import Connection
from konductor.operator.engine import Scope, operate_on
from tests.rights.conftest import Account, Ground, document, until

_RUN = "r"


class Crossed(HttpCluster):
    """A cluster where somebody else writes each kind of object just before we do, once."""

    def __init__(self, connection: Connection, ground: Ground) -> None:
        super().__init__(connection)
        self._ground = ground
        self._crossed: set[str] = set()

    async def patch(
        self,
        resource: Resource,
        name: str,
        patch: Json | Sequence[Json],
        *,
        namespace: str = "",
        kind: PatchType = PatchType.MERGE,
        subresource: str = "",
        resource_version: str = "",
    ) -> Json:
        """Patch, as the second to do so the first time."""
        if resource.plural not in self._crossed:
            self._crossed.add(resource.plural)
            words = ("label", resource.plural, name, "-n", namespace, "crossed=yes")
            await asyncio.to_thread(self._ground.plane.kubectl, *words)
        return await super().patch(
            resource,
            name,
            patch,
            namespace=namespace,
            kind=kind,
            subresource=subresource,
            resource_version=resource_version,
        )


def cross(ground: Ground, account: Account, place: str) -> None:
    """Have an account serve a small run whose every object is written by somebody else as well."""
    labels = {"konductor.io/run": _RUN, "konductor.io/barrier": "b"}
    metadata = {"namespace": place, "labels": labels}
    pod = {"restartPolicy": "Never", "containers": [{"name": "main", "image": "true"}]}
    job = {"suspend": True, "template": {"spec": pod}}
    run = {"pipeline": "p", "stages": 1, "ready": True}
    ground.create(
        document(RUNS, metadata | {"name": _RUN}, run),
        document(BARRIERS, metadata | {"name": "b"}, {"expected": 1}),
        document(JOBS, metadata | {"name": "j"}, job),
    )
    asyncio.run(_serve(ground, account, place))


async def _serve(ground: Ground, account: Account, place: str) -> None:
    async with Crossed(account.connection(), ground) as cluster:
        operator = asyncio.create_task(operate_on(cluster, Scope(place, _RUN), lambda: None))
        await until(lambda: _is_released(ground, place))
        operator.cancel()
        await asyncio.gather(operator, return_exceptions=True)


def _is_released(ground: Ground, place: str) -> bool:
    return "konductor.io/released" in json.dumps(ground.find("job", "j", place))
