"""Namespaces: what each new one is given, and that a deleted one takes everything along."""

from datetime import timedelta

from konductor.api.meta import Json, json_list, json_map
from konductor.cluster.port import Propagation
from konductor.cluster.resource import (
    CONFIGMAPS,
    EVENTS,
    LEASES,
    NAMESPACES,
    SERVICEACCOUNTS,
    Resource,
)
from konductor.errors import AlreadyExists, Conflict, ObjectNotFound
from konductor.runner.local.controllers.objects import (
    Objects,
    is_deleting,
    name_of,
    namespace_of,
    uid_of,
)
from konductor.runner.local.controllers.queue import Queue

_GATHER = timedelta(milliseconds=2)
_AGAIN = timedelta(milliseconds=100)
_CERTIFICATES = "kube-root-ca.crt"
_FINALIZER = "kubernetes"


class NamespaceController:
    """Fills new namespaces and empties deleted ones."""

    def __init__(self, objects: Objects, *, certificates: str) -> None:
        self._objects = objects
        self._cluster = objects.cluster
        self._certificates = certificates
        self._queue = Queue("namespace", self._sync, gather=_GATHER)
        objects.follow(NAMESPACES)
        for resource in (NAMESPACES, SERVICEACCOUNTS, CONFIGMAPS):
            objects.follow(resource)
        objects.listen(NAMESPACES, self._changed)
        for resource in (SERVICEACCOUNTS, CONFIGMAPS):
            objects.listen(resource, self._content_changed)

    async def close(self) -> None:
        """Look after nothing any more."""
        await self._queue.close()

    def _changed(self, document: Json, gone: bool) -> None:  # noqa: FBT001  # a listener
        if not gone:
            self._queue.add(name_of(document))

    def _content_changed(self, document: Json, gone: bool) -> None:  # noqa: FBT001  # a listener
        if gone and name_of(document) in {"default", _CERTIFICATES}:
            self._queue.add(namespace_of(document))

    async def _sync(self, name: str) -> None:
        found = [one for one in self._objects.all(NAMESPACES) if name_of(one) == name]
        for document in found:
            if is_deleting(document):
                await self._empty(document)
            else:
                await self._fill(name)

    async def _fill(self, name: str) -> None:
        """Give a namespace what a real control plane gives it."""
        account = _manifest(SERVICEACCOUNTS, "default", name)
        description = "Contains a CA bundle that can be used to verify the kube-apiserver."
        bundle = _manifest(CONFIGMAPS, _CERTIFICATES, name) | {
            "data": {"ca.crt": self._certificates}
        }
        bundle["metadata"]["annotations"] = {"kubernetes.io/description": description}
        for resource, manifest in ((SERVICEACCOUNTS, account), (CONFIGMAPS, bundle)):
            try:
                await self._cluster.create(resource, manifest)
            except AlreadyExists:
                if resource == CONFIGMAPS:  # of a state folder whose certificate was renewed
                    patch = {"data": {"ca.crt": self._certificates}}
                    await self._cluster.patch(CONFIGMAPS, _CERTIFICATES, patch, namespace=name)

    async def _empty(self, document: Json) -> None:
        """Delete what a namespace holds; once nothing is left, let it go."""
        name = name_of(document)
        left = 0
        for resource in {*self._objects.followed, EVENTS, LEASES}:
            if resource.namespaced:
                left += await self._delete_all(resource, name)
        if left:
            self._queue.add_after(name, _AGAIN)
            return
        spec = json_map(document.get("spec"))
        finalizers = [one for one in json_list(spec.get("finalizers")) if one != _FINALIZER]
        final = document | {"spec": spec | {"finalizers": finalizers}}
        try:
            await self._cluster.replace(NAMESPACES, final, subresource="finalize")
        except ObjectNotFound:
            return

    async def _delete_all(self, resource: Resource, namespace: str) -> int:
        """Delete all objects of a kind; return how many there were."""
        try:
            items = (await self._cluster.list(resource, namespace=namespace)).items
        except ObjectNotFound:  # a kind that is none any more
            return 0
        for item in items:
            if is_deleting(item):
                continue
            try:
                await self._cluster.delete(
                    resource,
                    name_of(item),
                    namespace=namespace,
                    uid=uid_of(item),
                    propagation=Propagation.BACKGROUND,
                )
            except (ObjectNotFound, Conflict):
                continue
        return len(items)


def _manifest(resource: Resource, name: str, namespace: str) -> Json:
    meta = {"name": name, "namespace": namespace}
    return {"apiVersion": resource.api_version, "kind": resource.kind, "metadata": meta}
