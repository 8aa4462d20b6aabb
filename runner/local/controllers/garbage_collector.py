"""The garbage collector: reads, asks `garbage.judge`, writes."""

from datetime import timedelta

from konductor.api.meta import Json, json_list, json_map
from konductor.cluster.port import PatchType, Propagation
from konductor.cluster.resource import CRDS, RESOURCES, Resource
from konductor.errors import Conflict, ObjectNotFound
from konductor.runner.local.controllers.garbage import Fate, Verdict, judge
from konductor.runner.local.controllers.objects import (
    Objects,
    is_deleting,
    name_of,
    namespace_of,
    owners_of,
    uid_of,
)
from konductor.runner.local.controllers.queue import Queue

_GATHER = timedelta(milliseconds=2)
_UNOWNED = {"Event", "Lease", "Node", "Namespace", CRDS.kind, "SelfSubjectAccessReview"}
"""Kinds whose objects have no owners, or are of no use to follow."""


class GarbageCollector:
    """Deletes what nobody owns any more, of all kinds that it follows."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects
        self._cluster = objects.cluster
        self._queue = Queue("garbage", self._collect, gather=_GATHER)
        self._kinds: dict[tuple[str, str], Resource] = {}
        self._where: dict[str, Resource] = {}
        for resource in RESOURCES:
            if resource.kind not in _UNOWNED and resource.group != "konductor.io":
                self._take(resource)
        objects.follow(CRDS)
        objects.listen(CRDS, self._definition_changed)

    async def close(self) -> None:
        """Collect nothing any more."""
        await self._queue.close()

    def _take(self, resource: Resource) -> None:
        key = resource.api_version.partition("/")[0], resource.kind
        if key in self._kinds:
            return
        self._kinds[key] = resource

        def changed(document: Json, gone: bool) -> None:  # noqa: FBT001  # a listener
            self._changed(resource, document, gone=gone)

        self._objects.listen(resource, changed)
        self._objects.follow(resource)

    def _definition_changed(self, document: Json, gone: bool) -> None:  # noqa: FBT001  # a listener
        resource = defined_resource(document)
        conditions = json_list(json_map(document.get("status")).get("conditions"))
        established = any(
            one.get("type") == "Established" and one.get("status") == "True" for one in conditions
        )
        if established and not gone:
            self._take(resource)

    def _changed(self, resource: Resource, document: Json, *, gone: bool) -> None:
        uid = uid_of(document)
        if gone:
            self._where.pop(uid, None)
        else:
            self._where[uid] = resource
        if gone or is_deleting(document):
            for child_resource, child in self._objects.owned(uid):
                self._where[uid_of(child)] = child_resource
                self._queue.add(uid_of(child))
            for owner in owners_of(document):
                if (owner_uid := str(owner.get("uid"))) in self._where:
                    self._queue.add(owner_uid)
        if not gone and (owners_of(document) or is_deleting(document)):
            self._queue.add(uid)

    async def _collect(self, uid: str) -> None:
        await self._objects.ready()
        resource = self._where.get(uid)
        document = self._objects.find(resource, uid) if resource else None
        if resource is None or document is None:
            return
        owners, absent = await self._owners(document)
        dependents = [child for _, child in self._objects.owned(uid)]
        verdict = judge(document, owners, absent, dependents)
        await self._carry_out(resource, document, verdict)

    async def _owners(self, document: Json) -> tuple[list[Json], set[str]]:
        """Return the known owners of an object, and the uids of those that are gone for sure."""
        owners, absent = [], set()
        for reference in owners_of(document):
            group = str(reference.get("apiVersion")).partition("/")[0]
            resource = self._kinds.get((group, str(reference.get("kind"))))
            if resource is None:
                continue
            uid = str(reference.get("uid"))
            if (known := self._objects.find(resource, uid)) is not None:
                owners.append(known)
            elif await self._is_gone(resource, reference, namespace_of(document)):
                absent.add(uid)
        return owners, absent

    async def _is_gone(self, resource: Resource, reference: Json, namespace: str) -> bool:
        """Ask the server: what is not known here may have been created just now."""
        place = namespace if resource.namespaced else ""
        try:
            owner = await self._cluster.get(resource, str(reference.get("name")), namespace=place)
        except ObjectNotFound:
            return True
        return uid_of(owner) != reference.get("uid")

    async def _carry_out(self, resource: Resource, document: Json, verdict: Verdict) -> None:
        for child in verdict.wake:
            self._queue.add(uid_of(child))
        for child in verdict.free:
            await self._unref(self._where[uid_of(child)], child, (uid_of(document),))
        if verdict.unref:
            await self._unref(resource, document, verdict.unref)
        if verdict.fate is Fate.DELETE:
            await self._delete(resource, document, foreground=verdict.foreground)
        if verdict.fate is Fate.RELEASE:
            finalizers = json_list(json_map(document.get("metadata")).get("finalizers"))
            left = [one for one in finalizers if one != verdict.finalizer]
            await self._patch(resource, document, {"finalizers": left})

    async def _delete(self, resource: Resource, document: Json, *, foreground: bool) -> None:
        try:
            await self._cluster.delete(
                resource,
                name_of(document),
                namespace=namespace_of(document),
                uid=uid_of(document),
                propagation=Propagation.FOREGROUND if foreground else Propagation.BACKGROUND,
            )
        except (ObjectNotFound, Conflict):  # gone, or another one by now
            return

    async def _unref(self, resource: Resource, document: Json, gone: tuple[str, ...]) -> None:
        left = [one for one in owners_of(document) if one.get("uid") not in gone]
        await self._patch(resource, document, {"ownerReferences": left})

    async def _patch(self, resource: Resource, document: Json, meta: Json) -> None:
        """Patch the metadata of the very version that was judged."""
        known = json_map(document.get("metadata"))
        try:
            stored = await self._cluster.patch(
                resource,
                name_of(document),
                {"metadata": meta | {"uid": known.get("uid")}},
                namespace=namespace_of(document),
                kind=PatchType.MERGE,
                resource_version=str(known.get("resourceVersion")),
            )
        except ObjectNotFound:
            return
        self._objects.put(resource, stored)


def defined_resource(definition: Json) -> Resource:
    """Return the kind that a CustomResourceDefinition defines, at its stored version."""
    spec = json_map(definition.get("spec"))
    names = json_map(spec.get("names"))
    versions = list(map(json_map, json_list(spec.get("versions"))))
    stored = next((one for one in versions if one.get("storage")), {})
    return Resource(
        str(spec.get("group")),
        str(stored.get("name")),
        str(names.get("plural")),
        str(names.get("kind")),
        namespaced=spec.get("scope") == "Namespaced",
    )
