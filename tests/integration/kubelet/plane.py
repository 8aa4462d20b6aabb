"""An API server in memory as far as node agents and controllers need more than the port's own.

Bindings, tokens, strategic merges of conditions, finalizers and graceful deletion, and PVCs.
"""

from __future__ import annotations

import asyncio
import copy
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import aclosing, asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from konductor.api.meta import Json, json_list, json_map, merge_patch, time_text
from konductor.cluster.memory import MemoryCluster
from konductor.cluster.port import PatchType, Propagation
from konductor.cluster.resource import CONFIGMAPS, NAMESPACES, PODS, Resource
from konductor.connection import Connection
from konductor.errors import AlreadyExists, Conflict
from konductor.runner.local.kubelet.agent import Kubelet
from konductor.runner.local.kubelet.settings import Settings

CONNECTION = Connection(server="https://127.0.0.1:6443", token="secret")  # noqa: S106  # no secret
DEADLINE = 30.0


class Plane(MemoryCluster):
    """A cluster in memory with what a kubelet asks of it."""

    async def create(self, resource: Resource, document: Json) -> Json:
        """Create; a Binding and a TokenRequest act on what they belong to."""
        kind, _, rest = resource.plural.partition("/")
        name, _, subresource = rest.partition("/")
        if subresource == "binding":
            meta = document["metadata"]
            patch: Json = {"spec": {"nodeName": document["target"]["name"]}}
            patch["metadata"] = {"annotations": meta.get("annotations", {})}
            return await super().patch(PODS, name, patch, namespace=meta["namespace"])
        if kind == "serviceaccounts" and subresource == "token":
            return document | {"status": {"token": f"token of {name}"}}
        return await super().create(resource, document)

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
        """Patch; an object that lost its last finalizer goes."""
        if kind is PatchType.STRATEGIC and isinstance(patch, dict):
            before = await self.get(resource, name, namespace=namespace)
            uid = json_map(patch.get("metadata")).get("uid")
            if uid and uid != before["metadata"]["uid"]:
                raise Conflict("another uid", code=409)
            patch, kind = _with_conditions(before, patch), PatchType.MERGE
        stored = await super().patch(
            resource,
            name,
            patch,
            namespace=namespace,
            kind=kind,
            subresource=subresource,
            resource_version=resource_version,
        )
        meta = stored["metadata"]
        held = meta.get("finalizers") or meta.get("deletionGracePeriodSeconds")
        if meta.get("deletionTimestamp") and not held:
            await super().delete(resource, name, namespace=namespace)
        return stored

    async def replace(self, resource: Resource, document: Json, *, subresource: str = "") -> Json:
        """Replace; a namespace that is finalized goes."""
        if resource == NAMESPACES and subresource == "finalize":
            await super().delete(resource, document["metadata"]["name"])
            return document
        return await super().replace(resource, document, subresource=subresource)

    async def delete(
        self,
        resource: Resource,
        name: str,
        *,
        namespace: str = "",
        uid: str = "",
        propagation: Propagation = Propagation.BACKGROUND,
        grace_seconds: int | None = None,
    ) -> None:
        """Delete; what has finalizers, or a bound pod, is only marked."""
        before = await self.get(resource, name, namespace=namespace)
        meta, spec = before["metadata"], json_map(before.get("spec"))
        finalizers = list(json_list(meta.get("finalizers")))
        if propagation is Propagation.FOREGROUND:
            finalizers.append("foregroundDeletion")
        grace = 0
        if resource == PODS and spec.get("nodeName"):
            ended = json_map(before.get("status")).get("phase") in {"Succeeded", "Failed"}
            default = 0 if ended else spec.get("terminationGracePeriodSeconds", 30)
            grace = default if grace_seconds is None else grace_seconds
        holds = bool(grace or finalizers or (resource == NAMESPACES and spec.get("finalizers")))
        if not holds:
            await super().delete(
                resource, name, namespace=namespace, uid=uid, propagation=Propagation.ORPHAN
            )
            return
        mark = {
            "deletionTimestamp": time_text(self.now()),
            "deletionGracePeriodSeconds": grace,
            "finalizers": finalizers,
        }
        await super().patch(resource, name, {"metadata": mark}, namespace=namespace)

    async def until(
        self, resource: Resource, fact: Callable[[list[Json]], bool], *, namespace: str = ""
    ) -> list[Json]:
        """Watch a kind until something holds for all its objects; return them."""
        known: dict[str, Json] = {}
        async with asyncio.timeout(DEADLINE), aclosing(self.watch(resource)) as notices:
            async for _ in notices:
                listed = await self.list(resource, namespace=namespace)
                known = {one["metadata"]["name"]: one for one in listed.items}
                if fact(list(known.values())):
                    return list(known.values())
        raise AssertionError("a watch never ends")


@asynccontextmanager
async def node(plane: Plane, folder: Path, **changes: Any) -> AsyncIterator[Kubelet]:
    """Run a kubelet against a plane."""
    settings: dict[str, Any] = {
        "folder": folder / "state",
        "slots": 4,
        "environment": {"PATH": "/usr/bin:/bin", "HOME": "/nowhere"},
        "work_folder": str(folder),
    }
    authority = {"metadata": {"name": "kube-root-ca.crt", "namespace": "ns"}}
    with suppress(AlreadyExists):  # as every namespace of a cluster has it, for the pods' tokens
        await plane.create(CONFIGMAPS, authority | {"data": {"ca.crt": "PEM"}})
    async with Kubelet(Settings(**settings | changes), plane, CONNECTION) as kubelet:
        yield kubelet


def pod(name: str, script: str, **changes: Any) -> Json:
    """Return a Pod with one container that runs a shell script."""
    meta: Json = {"name": name, "namespace": "ns"} | changes.pop("metadata", {})
    main = {"name": "main", "image": "x", "command": ["sh", "-c", script]}
    spec = {"restartPolicy": "Never", "containers": [main | changes.pop("main", {})]} | changes
    return {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": spec}


def _with_conditions(before: Json, patch: Json) -> Json:
    result = copy.deepcopy(patch)
    old = json_list(json_map(before.get("status")).get("conditions"))
    new = json_list(json_map(result.get("status")).get("conditions"))
    types = {one["type"] for one in new}
    if new:
        kept = [one for one in old if one["type"] not in types]
        result["status"]["conditions"] = [*(merge_patch({}, one) for one in new), *kept]
    result.get("metadata", {}).pop("uid", None)
    return result
