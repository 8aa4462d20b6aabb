"""The schemas of Kubernetes' built-in types, as its API server publishes them.

The data file is ``schemas.json.gz`` (see `regenerate`): OpenAPI v3 components by name, with
descriptions and with the extensions that patches go by. It is read once, when first asked for.
"""

import gzip
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import orjson

Schema = Mapping[str, Any]
"""One OpenAPI v3 schema; parts of it are nested schemas, so it has no closer type."""

GROUP_VERSION_KIND = "x-kubernetes-group-version-kind"
_REFERENCE = "#/components/schemas/"


@cache
def schemas() -> Mapping[str, Schema]:
    """Return every schema by its component name, ``io.k8s.api.core.v1.Pod`` for one."""
    packed = files(__package__).joinpath("schemas.json.gz").read_bytes()
    loaded: dict[str, Schema] = orjson.loads(gzip.decompress(packed))
    return loaded


@cache
def schema_name(group: str, version: str, kind: str) -> str:
    """Return the component name of a kind.

    Raises:
        KeyError: no built-in type has this name.
    """
    return _names()[group, version, kind]


def schema_of(group: str, version: str, kind: str) -> Schema:
    """Return the schema of a kind.

    Raises:
        KeyError: no built-in type has this name.
    """
    return schemas()[schema_name(group, version, kind)]


def reference(schema: Schema) -> str:
    """Return the component name that a property refers to, or an empty string."""
    named = schema.get("$ref") or next(
        (part["$ref"] for part in schema.get("allOf", ()) if "$ref" in part), ""
    )
    return str(named).removeprefix(_REFERENCE)


def resolve(schema: Schema) -> Schema:
    """Return the schema that a property stands for: itself, or what it refers to."""
    name = reference(schema)
    return schemas()[name] if name else schema


def go_name(name: str) -> str:
    """Return the name of the Go struct behind a component.

    >>> go_name("io.k8s.api.batch.v1.JobSpec")
    'JobSpec'
    """
    return name.rpartition(".")[2]


def reachable(names: tuple[str, ...], known: Mapping[str, Schema]) -> dict[str, Schema]:
    """Return the named schemas and all that they refer to, in order of name."""
    found: dict[str, Schema] = {}
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = known[name]
            waiting.extend(_references(known[name]))
    return dict(sorted(found.items()))


def _references(part: object) -> list[str]:
    if isinstance(part, list):
        return [name for item in part for name in _references(item)]
    if not isinstance(part, dict):
        return []
    own = part.get("$ref")
    named = [own.removeprefix(_REFERENCE)] if isinstance(own, str) else []
    return named + [name for item in part.values() for name in _references(item)]


@cache
def _names() -> Mapping[tuple[str, str, str], str]:
    return {
        (kind["group"], kind["version"], kind["kind"]): name
        for name, schema in schemas().items()
        for kind in schema.get(GROUP_VERSION_KIND, ())
    }
