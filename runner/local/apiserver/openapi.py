"""OpenAPI v3: an index of groups, and for each the schemas and operations of its kinds.

kubectl reads schemas from it (apply, explain), and from the operations which kinds exist and take
``fieldValidation``.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from konductor.runner.local.apiserver.answer import NoSuchPath
from konductor.runner.local.apiserver.builtin.schema import reachable, schema_name, schemas
from konductor.runner.local.apiserver.served import OBJECT_META, Served

Json = dict[str, Any]
_REFERENCE = "#/components/schemas/"
_GVK = "x-kubernetes-group-version-kind"


def index(kinds: Iterable[Served], generation: int) -> Json:
    """Return what ``/openapi/v3`` answers."""
    found = list(dict.fromkeys(_path(kind) for kind in kinds))
    mark = hashlib.sha256(f"{found} {generation}".encode()).hexdigest().upper()
    addresses = {path: {"serverRelativeURL": f"/openapi/v3/{path}?hash={mark}"} for path in found}
    return {"paths": addresses}


def document(kinds: Iterable[Served], custom: Mapping[str, Any], path: str) -> Json:
    """Return the document of one group's version.

    ``custom`` maps a custom kind's ``plural.group/version`` to its schema.

    Raises:
        Refusal: there is no such version.
    """
    found = [kind for kind in kinds if _path(kind) == path]
    if not found:
        raise NoSuchPath
    components: dict[str, Any] = {}
    paths: Json = {}
    for kind in found:
        name = _component(kind)
        if kind.is_custom:
            components[name] = _schema(kind, custom[f"{kind.key}/{kind.version}"])
            needed = (OBJECT_META,)
        else:
            needed = (name,)
        components |= reachable(needed, schemas())
        paths |= _operations(kind, name)
    return {
        "openapi": "3.0.0",
        "info": {"title": "Kubernetes", "version": "v1.37.2"},
        "paths": paths,
        "components": {"schemas": components},
    }


def _path(kind: Served) -> str:
    return f"apis/{kind.group}/{kind.version}" if kind.group else f"api/{kind.version}"


def _component(kind: Served) -> str:
    if kind.is_custom:
        return f"{'.'.join(reversed(kind.group.split('.')))}.{kind.version}.{kind.kind}"
    return schema_name(kind.group, kind.version, kind.kind)


def _schema(kind: Served, schema: Mapping[str, Any]) -> Json:
    own: Json = json.loads(json.dumps(schema))
    texts = schemas()[OBJECT_META]
    known = own.setdefault("properties", {})
    fields = schemas()[schema_name("", "v1", "Pod")]["properties"]
    for name in ("apiVersion", "kind"):
        known[name] = {"type": "string", "description": fields[name]["description"]}
    described = fields["metadata"].get("description") or texts.get("description", "")
    known["metadata"] = {
        "allOf": [{"$ref": f"{_REFERENCE}{OBJECT_META}"}],
        "description": described,
        "default": {},
    }
    types = {"group": kind.group, "version": kind.version, "kind": kind.kind}
    return own | {_GVK: [types]}


def _operations(kind: Served, component: str) -> Json:
    types = {"group": kind.group, "version": kind.version, "kind": kind.kind}
    room = "/namespaces/{namespace}" if kind.namespaced else ""
    root = f"/{_path(kind)}{room}/{kind.plural}"
    body = {"application/json": {"schema": {"$ref": f"{_REFERENCE}{component}"}}}
    answer = {"200": {"description": "OK", "content": body}}

    def operation(action: str, *, writes: bool) -> Json:
        found: Json = {"responses": answer, "x-kubernetes-action": action, _GVK: types}
        if writes:
            found["parameters"] = [
                {"name": name, "in": "query", "schema": {"type": "string", "uniqueItems": True}}
                for name in ("dryRun", "fieldManager", "fieldValidation")
            ]
            found["requestBody"] = {"content": body}
        return found

    return {
        root: {
            "get": operation("list", writes=False),
            "post": operation("post", writes=True),
        },
        f"{root}/{{name}}": {
            "get": operation("get", writes=False),
            "put": operation("put", writes=True),
            "patch": operation("patch", writes=True),
            "delete": operation("delete", writes=False),
        },
    }
