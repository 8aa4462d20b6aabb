"""How Go sees Kubernetes' built-in types: what each JSON field is decoded into.

Drawn from the published schemas (structure) and from ``structs.json.gz`` (names, pointers, what is
left out while empty).
"""

import gzip
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files

import orjson

from konductor.runner.local.apiserver.builtin.schema import Schema, reference, schemas


class Shape(StrEnum):
    """What the decoder does with a value."""

    STRUCT = "struct"
    LIST = "list"
    MAP = "map"
    STRING = "string"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    BYTES = "bytes"
    QUANTITY = "quantity"
    TIME = "time"
    MICRO_TIME = "microtime"
    INT_OR_STRING = "int-or-string"
    RAW = "raw"


@dataclass(frozen=True, slots=True)
class GoType:
    """One Go type."""

    shape: Shape
    name: str
    """As Go's messages write it, without a leading ``*``."""
    pointer: bool = False
    component: str = ""
    """Of a struct: the name of its schema."""
    element: "GoType | None" = None
    """Of a list or map: what it holds."""


@dataclass(frozen=True, slots=True)
class GoField:
    """One field of a struct."""

    name: str
    type: GoType
    inlined_from: str = ""
    """The embedded struct that it comes from; Go's messages name that in the field's path."""
    omit_empty: bool = False
    omit_zero: bool = False


_PACKAGE = "io.k8s.apimachinery.pkg"
_SPECIAL = {
    f"{_PACKAGE}.api.resource.Quantity": Shape.QUANTITY,
    f"{_PACKAGE}.apis.meta.v1.Time": Shape.TIME,
    f"{_PACKAGE}.apis.meta.v1.MicroTime": Shape.MICRO_TIME,
    f"{_PACKAGE}.util.intstr.IntOrString": Shape.INT_OR_STRING,
}
_EXTENSIONS = "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1"
_SPECIAL |= {  # structs in Go, which read and write any JSON themselves
    f"{_EXTENSIONS}.{name}": Shape.RAW
    for name in (
        "JSON",
        "JSONSchemaPropsOrArray",
        "JSONSchemaPropsOrBool",
        "JSONSchemaPropsOrStringArray",
    )
}
_SCALARS = {
    "string": Shape.STRING,
    "integer": Shape.INTEGER,
    "number": Shape.NUMBER,
    "boolean": Shape.BOOLEAN,
}
_TYPE_META = "TypeMeta"


@cache
def fields(component: str) -> Mapping[str, GoField]:
    """Return the fields of a struct by JSON name, in Go's order."""
    properties = schemas()[component].get("properties", {})
    found: dict[str, GoField] = {}
    for json_name, go_type, options in _structs()[component]:
        if json_name:
            found[json_name] = _field(json_name, go_type, options, properties)
        else:
            found.update(_inlined(component, go_type, properties))
    return found


def struct(component: str) -> GoType:
    """Return the type of a whole object."""
    return GoType(Shape.STRUCT, f"v1.{component.rpartition('.')[2]}", component=component)


@cache
def _structs() -> Mapping[str, list[tuple[str, str, str]]]:
    packed = files(__package__).joinpath("structs.json.gz").read_bytes()
    loaded: dict[str, list[tuple[str, str, str]]] = orjson.loads(gzip.decompress(packed))
    return loaded


def _inlined(outer: str, go_type: str, properties: Schema) -> dict[str, GoField]:
    name = go_type.rpartition(".")[2]
    if name == _TYPE_META:
        text = GoType(Shape.STRING, "string")
        return {key: GoField(key, text, omit_empty=True) for key in ("kind", "apiVersion")}
    return {
        json_name: _field(json_name, inner, options, properties, inlined_from=name)
        for json_name, inner, options in _structs()[f"{outer.rpartition('.')[0]}.{name}"]
    }


def _field(
    name: str, go_type: str, options: str, properties: Schema, *, inlined_from: str = ""
) -> GoField:
    return GoField(
        name,
        _type(go_type, properties.get(name, {})),
        inlined_from,
        omit_empty="omitempty" in options,
        omit_zero="omitzero" in options,
    )


def _type(go_type: str, schema: Schema) -> GoType:
    """Return the type that a Go name and a schema stand for together."""
    pointer, name = go_type.startswith("*"), go_type.removeprefix("*")
    component = reference(schema)
    if component in _SPECIAL:
        return GoType(_SPECIAL[component], name, pointer)
    if component in _structs():
        return GoType(Shape.STRUCT, name, pointer, component)
    return _plain(name, schemas()[component] if component else schema, pointer=pointer)


def _plain(name: str, schema: Schema, *, pointer: bool) -> GoType:
    kind = schema.get("type")
    if kind == "array":
        element = name.removeprefix("[]") if name.startswith("[]") else _element(schema, "items")
        return GoType(Shape.LIST, name, pointer, element=_type(element, schema["items"]))
    if kind == "object" and "additionalProperties" in schema:
        inner = schema["additionalProperties"]
        element = name.partition("]")[2] if name.startswith("map[") else ""
        element = element or _element(schema, "additionalProperties")
        return GoType(Shape.MAP, name, pointer, element=_type(element, inner))
    if kind == "string" and (name == "[]uint8" or schema.get("format") == "byte"):
        return GoType(Shape.BYTES, name, pointer)
    return GoType(_SCALARS.get(kind or "", Shape.RAW), name, pointer)


def _element(schema: Schema, key: str) -> str:
    """Return what a named list or map type holds: its Go name is not in the sources read."""
    component = reference(schema[key])
    return f"v1.{component.rpartition('.')[2]}" if component else str(schema[key].get("type", ""))
