"""The API server's HTTP: each request is read, handed to what knows the rules, and answered."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson
from aiohttp import web

from konductor.runner.local.apiserver import (
    definition,
    discovery,
    form,
    kubelet,
    listing,
    openapi,
    patching,
    reading,
    review,
)
from konductor.runner.local.apiserver.answer import (
    Refusal,
    bad_request,
    conflict,
    internal,
    method_not_allowed,
    no_such_path,
    not_found,
)
from konductor.runner.local.apiserver.body import Body, read
from konductor.runner.local.apiserver.builtin import pod as pods
from konductor.runner.local.apiserver.identity import Identities, User
from konductor.runner.local.apiserver.node import NodeAgent
from konductor.runner.local.apiserver.request import Target, deletion, target, write_options
from konductor.runner.local.apiserver.room import Room, Written
from konductor.runner.local.apiserver.served import Json, Served
from konductor.runner.local.apiserver.speech import say, stream

_log = logging.getLogger(__name__)
_LARGEST_BODY = 3 * 1024 * 1024
VERSION = {
    "major": "1",
    "minor": "37",
    "emulationMajor": "1",
    "emulationMinor": "37",
    "minCompatibilityMajor": "1",
    "minCompatibilityMinor": "36",
    "gitVersion": "v1.37.0+koncli",
    "gitCommit": "",
    "gitTreeState": "",
    "buildDate": "1970-01-01T00:00:00Z",
    "goVersion": "",
    "compiler": "",
    "platform": "linux/amd64",
}
_HEALTH = ("/healthz", "/livez", "/readyz")
_USER = web.RequestKey("user", User)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(slots=True)
class Front:
    """What the handlers use."""

    room: Room
    identities: Identities
    hosts: frozenset[str]
    """Names that a request may call this server by: a web page's trick host is none of them."""
    agent: NodeAgent | None = None

    def application(self) -> web.Application:
        """Return the application that answers every path."""
        application = web.Application(client_max_size=_LARGEST_BODY, middlewares=[self._guard])
        application.router.add_route("*", "/{path:.*}", self._answer)
        return application

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Let in who is known, and turn every refusal into a Status."""
        try:
            self._admit(request)
            return await handler(request)
        except Refusal as refusal:
            return _refused(refusal)
        except web.HTTPRequestEntityTooLarge:
            limit = f"Request entity too large: limit is {_LARGEST_BODY}"
            return _refused(Refusal(413, "RequestEntityTooLarge", limit))
        except (ConnectionError, asyncio.CancelledError):
            raise
        except Exception:  # noqa: BLE001  # a bug in one answer must not end the server
            _log.exception("%s %s: please report this", request.method, request.path)
            return _refused(internal("a bug in the local cluster, please report it: see its log"))

    def _admit(self, request: web.Request) -> None:
        """Note who asks.

        Raises:
            Refusal: nobody who is known, or by a name that is not this server's.
        """
        if request.host.rpartition(":")[0] not in self.hosts:
            raise Refusal(403, "Forbidden", f"this server is not called {request.host}")
        if request.path not in _HEALTH:
            request[_USER] = self.identities.user(request.headers.get("Authorization", ""))

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        path = request.path.rstrip("/") or "/"
        if found := target(self.room.kinds, path):
            return await self._resource(request, found)
        for group, version, plural, kind in discovery.REVIEWS:
            if path == f"/apis/{group}/{version}/{plural}":
                return await self._review(request, plural, kind)
        if request.method != "GET":
            raise no_such_path() if path.startswith("/api") else method_not_allowed()
        return self._document(request, path)

    def _document(  # noqa: C901, PLR0911  # a table of paths, one line each
        self, request: web.Request, path: str
    ) -> web.Response:
        """Answer what speaks of the server itself."""
        kinds = self.room.kinds.all()
        parts = [part for part in path.split("/") if part]
        match parts:
            case ["healthz" | "livez" | "readyz"]:
                return web.Response(text="ok")
            case ["version"]:
                return say(VERSION)
            case []:
                return say({"paths": ["/api", "/apis", "/healthz", "/openapi/v3", "/version"]})
            case ["openapi", "v3"]:
                return say(openapi.index(kinds, self.room.kinds.generation))
            case ["openapi", "v3", *rest]:
                return say(openapi.document(kinds, self._schemas(), "/".join(rest)))
            case ["api"] | ["apis"] if discovery.accepts_aggregated(
                request.headers.get("Accept", "")
            ):
                return _tagged(request, discovery.aggregated(kinds, core=parts == ["api"]))
            case ["api"]:
                return say(discovery.versions())
            case ["apis"]:
                return say(discovery.groups(kinds))
            case ["api", version]:
                return say(discovery.resources(kinds, "", version))
            case ["apis", group]:
                return say(discovery.group(kinds, group))
            case ["apis", group, version]:
                return say(discovery.resources(kinds, group, version))
        raise no_such_path()

    def _schemas(self) -> dict[str, Any]:
        return {
            f"{one['metadata']['name']}/{version['name']}": version["schema"]["openAPIV3Schema"]
            for one in self.room.stock.list(definition.KEY)
            for version in one["spec"]["versions"]
        }

    async def _review(self, request: web.Request, plural: str, kind: str) -> web.Response:
        if request.method != "POST":
            raise method_not_allowed()
        body = await _body(request, kind, custom=False)
        user: User = request[_USER]
        return say(review.review(plural, body.document, user), code=201)

    async def _resource(  # noqa: C901, PLR0911  # a table of methods, one line each
        self, request: web.Request, at: Target
    ) -> web.StreamResponse:
        if at.subresource and at.subresource not in at.served.subresources:
            raise not_found(at.served.plural, at.served.group, at.name)
        match request.method, bool(at.name), at.subresource:
            case ("GET", True, "log"):
                return await kubelet.log(request, self.agent, self._pod(at))
            case ("GET" | "POST", True, "exec"):
                return await kubelet.execute(request, self.agent, self._pod(at))
            case ("GET", True, "" | "status"):
                return await self._get(request, at)
            case ("GET", False, _):
                return await self._list(request, at)
            case ("POST", True, "binding" | "token" | "eviction"):
                return await self._post_to(request, at)
            case ("POST", _, ""):
                return await self._create(request, at)
            case ("PUT" | "PATCH", True, "" | "status" | "finalize"):
                return await self._update(request, at)
            case ("DELETE", True, ""):
                return await self._delete(request, at)
            case ("DELETE", False, _):
                return await self._delete_all(request, at)
            case ("PUT" | "PATCH", False, _):
                raise bad_request("name must be provided")
        raise method_not_allowed()

    def _pod(self, at: Target) -> Json:
        return self.room.get(at.served, at.namespace, at.name)

    async def _get(self, request: web.Request, at: Target) -> web.Response:
        shape = form.negotiate(request.headers.get("Accept", ""))
        found = self.room.get(at.served, at.namespace, at.name)
        include = form.included(request.query)
        return say(form.one(at.served, found, shape, include, _now()), media=shape.media)

    async def _list(self, request: web.Request, at: Target) -> web.StreamResponse:
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

    async def _create(self, request: web.Request, at: Target) -> web.Response:
        shape = form.negotiate(request.headers.get("Accept", ""))
        options = write_options(request.query, "CreateOptions")
        body = await _body(request, at.served.kind, custom=at.served.is_custom)
        namespace = at.namespace if at.served.namespaced else ""
        if at.served.namespaced and not namespace:
            raise method_not_allowed()
        written = self.room.create(at.served, namespace, body, options)
        return _written(at.served, written, shape, code=201)

    async def _update(self, request: web.Request, at: Target) -> web.Response:
        shape = form.negotiate(request.headers.get("Accept", ""))
        is_patch = request.method == "PATCH"
        options = write_options(request.query, "PatchOptions" if is_patch else "UpdateOptions")
        if is_patch:
            data = await request.read()
            kind = request.headers.get("Content-Type", "")
            patching.media_of(at.served, kind)  # known before the object is looked for

            def change(old: Json) -> Body:
                return Body(patching.patched(at.served, old, data, kind))

        else:
            body = await _body(request, at.served.kind, custom=at.served.is_custom)

            def change(old: Json) -> Body:  # noqa: ARG001  # a PUT replaces it all
                return body

        if at.subresource == "finalize":
            return self._finalize(at, change)
        written = self.room.update(
            at.served,
            (at.namespace, at.name),
            change,
            options,
            subresource=at.subresource,
            patch=is_patch,
        )
        return _written(at.served, written, shape)

    def _finalize(self, at: Target, change: Callable[[Json], Body]) -> web.Response:
        old = self.room.get(at.served, at.namespace, at.name)
        wanted = change(old).document.get("spec") or {}
        finalizers = wanted.get("finalizers") or [] if isinstance(wanted, dict) else []
        spec = {**old["spec"], "finalizers": finalizers}
        if not finalizers:
            spec.pop("finalizers")
        return say(self.room.put(at.served, {**old, "spec": spec}))

    async def _post_to(self, request: web.Request, at: Target) -> web.Response:
        body = await _body(request, at.subresource.capitalize(), custom=False)
        old = self.room.get(at.served, at.namespace, at.name)
        if at.subresource == "token":
            return say(review.token(self.identities, old, body.document), code=201)
        if at.subresource == "eviction":
            asked = deletion(request.query, body.document.get("deleteOptions") or {})
            self.room.delete(at.served, (at.namespace, at.name), asked)
            return say(_success(None), code=201)
        try:
            bound = pods.bind(old, body.document, self.room.now())
        except pods.AlreadyBound as error:
            raise conflict("pods/binding", "", at.name, str(error)) from error
        self.room.put(at.served, bound)
        return say(_success(None), code=201)

    async def _delete(self, request: web.Request, at: Target) -> web.Response:
        asked = deletion(request.query, await _options(request))
        document, gone = self.room.delete(at.served, (at.namespace, at.name), asked)
        warnings = [_ORPHANS] if at.served.orphans and not asked.propagation else []
        return say(_success(at, document) if gone else document, warnings=warnings)

    async def _delete_all(self, request: web.Request, at: Target) -> web.Response:
        asked = deletion(request.query, await _options(request))
        page = listing.page(self.room.stock, at.served, at.namespace, request.query)
        for one in page.items:
            metadata = one["metadata"]
            self.room.delete(at.served, (metadata.get("namespace", ""), metadata["name"]), asked)
        shape = form.Form()
        found = form.many(at.served, page.items, page.metadata, form=shape, include="", now=_now())
        return say(found)


_ORPHANS = (
    "child pods are preserved by default when jobs are deleted; set propagationPolicy=Background "
    "to remove them or set propagationPolicy=Orphan to suppress this warning"
)


def _now() -> datetime:
    return datetime.now(UTC)


def _refused(refusal: Refusal) -> web.Response:
    return say(refusal.body(), code=refusal.code)


def _success(at: Target | None, document: Json | None = None) -> Json:
    status: Json = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success"}
    if at is None or document is None:
        return status | {"code": 201}
    details = {
        "name": document["metadata"]["name"],
        "group": at.served.group,
        "kind": at.served.plural,
        "uid": document["metadata"]["uid"],
    }
    return status | {"details": {name: value for name, value in details.items() if value}}


def _written(served: Served, written: Written, shape: form.Form, code: int = 200) -> web.Response:
    document = written.document
    if shape.shape:
        document = {**document, "metadata": {"resourceVersion": "", **document["metadata"]}}
    found = form.one(served, document, shape, "Metadata", _now())
    return say(found, code=code, media=shape.media, warnings=written.warnings)


def _tagged(request: web.Request, document: Json) -> web.Response:
    body = orjson.dumps(document)
    tag = discovery.etag(body)
    headers = {"ETag": tag, "Vary": "Accept", "Cache-Control": "public"}
    if request.headers.get("If-None-Match") == tag:
        return web.Response(status=304, headers=headers)
    headers["Content-Type"] = discovery.AGGREGATED
    return web.Response(body=body, headers=headers)


async def _body(request: web.Request, kind: str, *, custom: bool) -> Body:
    return read(await request.read(), request.headers.get("Content-Type", ""), kind, custom=custom)


async def _options(request: web.Request) -> Json:
    """Return the DeleteOptions in a DELETE's body, if there are any."""
    data = await request.read()
    if not data:
        return {}
    media = request.headers.get("Content-Type", "")
    return read(data, media, "DeleteOptions", custom=False).document
