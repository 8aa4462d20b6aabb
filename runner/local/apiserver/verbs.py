"""What is done to the objects of a kind over HTTP: each verb, from request to answer."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from aiohttp import web

from konductor.runner.local.apiserver import form, listing, patching, reading
from konductor.runner.local.apiserver.answer import method_not_allowed
from konductor.runner.local.apiserver.body import Body, read
from konductor.runner.local.apiserver.request import Target, deletion, write_options
from konductor.runner.local.apiserver.room import Room, Written
from konductor.runner.local.apiserver.served import Json, Object, Served
from konductor.runner.local.apiserver.speech import say, stream

Change = Callable[[Json], Body]
_SHOWN_WHEN_GONE = ("pods", "serviceaccounts", "persistentvolumeclaims")
"""Kinds of which a DELETE answers the object even if it is gone at once."""
_ORPHANS = (
    "child pods are preserved by default when jobs are deleted; set propagationPolicy=Background "
    "to remove them or set propagationPolicy=Orphan to suppress this warning"
)


@dataclass(frozen=True, slots=True)
class Verbs:
    """The verbs, on the objects of a cluster."""

    room: Room

    async def read(self, request: web.Request, at: Target) -> web.Response:
        """Answer a GET of one object."""
        shape = form.negotiate(request.headers.get("Accept", ""))
        found = self.room.get(at.served, at.namespace, at.name)
        include = form.included(request.query)
        return say(form.one(at.served, found, shape, include, _now()), media=shape.media)

    async def list(self, request: web.Request, at: Target) -> web.StreamResponse:
        """Answer a GET of all objects: a list, or a watch."""
        shape = form.negotiate(request.headers.get("Accept", ""))
        include = form.included(request.query)
        stock = self.room.stock
        if listing.is_true(request.query.get("watch", "")):
            watch = reading.watch_of(stock, at.served, at.namespace, request.query)
            events = reading.happenings(stock, watch)
            return await stream(request, at.served, events, form=shape, include=include, now=_now)
        page = listing.page(stock, at.served, at.namespace, request.query)
        found = form.many(
            at.served, page.items, page.metadata, form=shape, include=include, now=_now()
        )
        return say(found, media=shape.media)

    async def create(self, request: web.Request, at: Target) -> web.Response:
        """Answer a POST."""
        shape = form.negotiate(request.headers.get("Accept", ""))
        options = write_options(request.query, "CreateOptions")
        body = await body_of(request, at.served.kind, custom=at.served.is_custom)
        namespace = at.namespace if at.served.namespaced else ""
        if at.served.namespaced and not namespace:
            raise method_not_allowed()
        written = self.room.create(at.served, namespace, body, options)
        return _written(at.served, written, shape, code=201)

    async def update(self, request: web.Request, at: Target) -> web.Response:
        """Answer a PUT or a PATCH, of an object or its status."""
        shape = form.negotiate(request.headers.get("Accept", ""))
        is_patch = request.method == "PATCH"
        options = write_options(request.query, "PatchOptions" if is_patch else "UpdateOptions")
        written = self.room.update(
            at.served,
            (at.namespace, at.name),
            await change_of(request, at),
            options,
            subresource=at.subresource,
            patch=is_patch,
        )
        return _written(at.served, written, shape)

    async def delete(self, request: web.Request, at: Target) -> web.Response:
        """Answer a DELETE of one object."""
        asked = deletion(request.query, await _options(request))
        document, gone = self.room.delete(at.served, (at.namespace, at.name), asked)
        warnings = [_ORPHANS] if at.served.orphans and not asked.propagation else []
        if gone and at.served.key not in _SHOWN_WHEN_GONE:
            return say(_success(at, document), warnings=warnings)
        return say(at.served.outward(document), warnings=warnings)

    async def delete_all(self, request: web.Request, at: Target) -> web.Response:
        """Answer a DELETE of all objects that a query selects."""
        asked = deletion(request.query, await _options(request))
        page = listing.page(self.room.stock, at.served, at.namespace, request.query)
        for one in page.items:
            metadata = one["metadata"]
            self.room.delete(at.served, (metadata.get("namespace", ""), metadata["name"]), asked)
        shape = form.Form()
        found = form.many(at.served, page.items, page.metadata, form=shape, include="", now=_now())
        return say(found)


async def change_of(request: web.Request, at: Target) -> Change:
    """Return what a PUT or a PATCH makes of an object.

    Raises:
        Refusal: it cannot be read, or it is a patch of a type that this kind does not take.
    """
    if request.method == "PUT":
        body = await body_of(request, at.served.kind, custom=at.served.is_custom)
        return lambda _: body
    kind = request.headers.get("Content-Type", "")
    patching.media_of(at.served, kind)  # known before the object is looked for
    data = await request.read()
    return lambda old: Body(patching.patched(at.served, old, data, kind))


async def body_of(request: web.Request, kind: str, *, custom: bool) -> Body:
    """Return what a request's body says; ``kind`` is what should be in it.

    Raises:
        Refusal: it cannot be read.
    """
    media = request.headers.get("Content-Type", "")
    return read(await request.read(), media, kind, custom=custom)


async def _options(request: web.Request) -> Json:
    """Return the DeleteOptions in a DELETE's body, if there are any."""
    if not request.can_read_body or not await request.read():
        return {}
    return (await body_of(request, "DeleteOptions", custom=False)).document


def _success(at: Target, document: Object) -> Json:
    """Return the answer to a DELETE after which the object is gone."""
    metadata = document["metadata"]
    details = {
        "name": metadata["name"],
        "group": at.served.group,
        "kind": at.served.plural,
        "uid": metadata["uid"],
    }
    return {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Success",
        "details": {name: value for name, value in details.items() if value},
    }


def _written(served: Served, written: Written, shape: form.Form, code: int = 200) -> web.Response:
    document = written.document
    if shape.shape:  # a dry run's object has no version, and a table names one
        document = {**document, "metadata": {"resourceVersion": "", **document["metadata"]}}
    found = form.one(served, document, shape, "Metadata", _now())
    return say(found, code=code, media=shape.media, warnings=written.warnings)


def _now() -> datetime:
    return datetime.now(UTC)
