"""The API server's HTTP: each request is read, handed to what knows the rules, and answered."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import orjson
from aiohttp import web

from konductor.runner.local.apiserver import (
    definition,
    discovery,
    kubelet,
    openapi,
    review,
    subresource,
)
from konductor.runner.local.apiserver.answer import (
    NoSuchPath,
    Refusal,
    bad_request,
    internal,
    method_not_allowed,
    not_found,
    not_supported,
)
from konductor.runner.local.apiserver.identity import Identities, User
from konductor.runner.local.apiserver.node import NodeAgent
from konductor.runner.local.apiserver.request import Target, target
from konductor.runner.local.apiserver.room import Room
from konductor.runner.local.apiserver.served import Json
from konductor.runner.local.apiserver.speech import say
from konductor.runner.local.apiserver.verbs import Verbs, body_of, change_of

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
            raise NoSuchPath
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
        raise NoSuchPath

    def _schemas(self) -> dict[str, Any]:
        return {
            f"{one['metadata']['name']}/{version['name']}": version["schema"]["openAPIV3Schema"]
            for one in self.room.stock.list(definition.KEY)
            for version in one["spec"]["versions"]
        }

    async def _review(self, request: web.Request, plural: str, kind: str) -> web.Response:
        if request.method != "POST":
            raise method_not_allowed()
        body = await body_of(request, kind, custom=False)
        return say(review.review(plural, kind, body.document, request[_USER]), code=201)

    async def _resource(  # noqa: C901, PLR0911  # a table of methods, one line each
        self, request: web.Request, at: Target
    ) -> web.StreamResponse:
        if at.subresource and at.subresource not in at.served.subresources:
            raise not_found(at.served.plural, at.served.group, at.name)
        verbs = Verbs(self.room)
        match request.method, bool(at.name), at.subresource:
            case ("GET", True, "log"):
                return await kubelet.log(request, self.agent, self.room.pod(at.namespace, at.name))
            case ("GET" | "POST", True, "exec"):
                pod = self.room.pod(at.namespace, at.name)
                return await kubelet.execute(request, self.agent, pod)
            case ("GET", True, "" | "status"):
                return await verbs.read(request, at)
            case ("GET", False, _):
                return await verbs.list(request, at)
            case ("POST", True, "binding" | "token" | "eviction"):
                body = await body_of(request, at.subresource.capitalize(), custom=False)
                found = subresource.post(self.room, self.identities, at, body.document)
                return say(found, code=201)
            case ("POST", False, ""):
                return await verbs.create(request, at)
            case ("PUT" | "PATCH", True, "finalize"):
                change = await change_of(request, at)
                return say(subresource.finalize(self.room, at, change))
            case ("PUT" | "PATCH", True, "" | "status"):
                return await verbs.update(request, at)
            case ("DELETE", True, ""):
                return await verbs.delete(request, at)
            case ("DELETE", False, _) if "deletecollection" in at.served.verbs:
                return await verbs.delete_all(request, at)
        raise _without_verb(request.method, at)


def _without_verb(method: str, at: Target) -> Refusal:
    """Return the answer to a method that does not fit: a real server has one for each half."""
    if not at.served.is_custom:
        return method_not_allowed()
    if method in ("PUT", "PATCH") and not at.name:
        return bad_request("name must be provided")
    action = {"POST": "create", "PUT": "update", "PATCH": "patch"}.get(method, method.lower())
    return not_supported(at.served.plural, at.served.group, action)


def _refused(refusal: Refusal) -> web.Response:
    if isinstance(refusal, NoSuchPath):
        return web.Response(text="404 page not found\n", status=refusal.code)
    return say(refusal.body(), code=refusal.code)


def _tagged(request: web.Request, document: Json) -> web.Response:
    body = orjson.dumps(document)
    tag = discovery.etag(body)
    headers = {"ETag": tag, "Vary": "Accept", "Cache-Control": "public"}
    if request.headers.get("If-None-Match") == tag:
        return web.Response(status=304, headers=headers)
    headers["Content-Type"] = discovery.AGGREGATED
    return web.Response(body=body, headers=headers)
