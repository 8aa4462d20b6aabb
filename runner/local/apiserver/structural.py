"""Custom objects by their structural schema: pruned, defaulted, and what is wrong with them.

Messages and reasons are those of a real server (kube-openapi validation, apiextensions). CEL rules
are `rule`'s matter.
"""

import json
import math
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import cache
from typing import Any

from konductor.runner.local.apiserver.builtin.field import (
    FieldError,
    duplicate,
    invalid,
    required,
    too_long,
    unsupported,
)

Schema = Mapping[str, Any]
Json = Any
PRESERVE = "x-kubernetes-preserve-unknown-fields"
INT_OR_STRING = "x-kubernetes-int-or-string"
LIST_TYPE = "x-kubernetes-list-type"
LIST_KEYS = "x-kubernetes-list-map-keys"
_RANGES = {"int32": 2**31, "int64": 2**63}


def prune(schema: Schema, value: Json, path: str = "") -> Iterator[str]:
    """Drop fields that a schema does not name, in place, and yield their paths."""
    if isinstance(value, list):
        for at, item in enumerate(value):
            yield from prune(schema.get("items") or {}, item, f"{path}[{at}]")
    elif isinstance(value, dict):
        properties, rest = schema.get("properties", {}), schema.get("additionalProperties")
        for name in list(value):
            inside = f"{path}.{name}" if path else name
            if name in properties:
                yield from prune(properties[name], value[name], inside)
            elif isinstance(rest, dict):
                yield from prune(rest, value[name], inside)
            elif not rest and not schema.get(PRESERVE):
                del value[name]
                yield inside


def fill(schema: Schema, value: Json) -> None:
    """Drop nulls where none may be and fill in defaults, in place."""
    if isinstance(value, list):
        for item in value:
            fill(schema.get("items") or {}, item)
    if not isinstance(value, dict):
        return
    properties, rest = schema.get("properties", {}), schema.get("additionalProperties")
    for name, inner in properties.items():
        _fill_member(inner, value, name)
    if isinstance(rest, dict):
        for name in value.keys() - properties.keys():
            fill(rest, value[name])


def _fill_member(schema: Schema, value: dict[str, Json], name: str) -> None:
    if name in value and value[name] is None and not schema.get("nullable"):
        del value[name]
    if name not in value and "default" in schema:
        value[name] = json.loads(json.dumps(schema["default"]))
    if name in value:
        fill(schema, value[name])


def errors(schema: Schema, value: Json, path: str = "") -> Iterator[FieldError]:
    """Yield everything that is wrong with a value."""
    if value is None and schema.get("nullable"):
        return
    if wrong := _type_error(schema, value, path):
        yield wrong
        yield from _number(schema, value, path) if isinstance(value, float) else ()
        return
    if "enum" in schema and value not in schema["enum"]:
        yield unsupported(path, value, tuple(str(one) for one in schema["enum"]))
    if isinstance(value, str):
        yield from _text(schema, value, path)
    elif isinstance(value, dict):
        yield from _map(schema, value, path)
    elif isinstance(value, list):
        yield from _list(schema, value, path)
    elif not isinstance(value, bool) and value is not None:
        yield from _number(schema, value, path)
    yield from _combined(schema, value, path)


def type_name(value: Json) -> str:
    """Return a value's type as a real server's messages call it."""
    match value:
        case bool():
            return "boolean"
        case int():
            return "integer"
        case float():
            return "float64"
        case str():
            return "string"
        case None:
            return "null"
    return "array" if isinstance(value, list) else "object"


def _type_error(schema: Schema, value: Json, path: str) -> FieldError | None:
    wanted = schema.get("type")
    found = type_name(value)
    if schema.get(INT_OR_STRING):
        fits, wanted = found in ("integer", "string"), "integer,string"
    elif wanted == "integer":
        fits = found == "integer" or (isinstance(value, float) and value.is_integer())
        wanted = schema.get("format") or wanted if found == "float64" else wanted
    elif wanted == "number":
        fits = found in ("integer", "float64")
    else:
        fits = not wanted or found == wanted
    if fits:
        return None
    where = path or "<nil>"
    return FieldError(
        where,
        "FieldValueTypeInvalid",
        f'Invalid value: "{found}": {path} in body must be of type {wanted}: "{found}"',
    )


def _text(schema: Schema, value: str, path: str) -> Iterator[FieldError]:
    if len(value) > schema.get("maxLength", math.inf):
        yield too_long(path, schema["maxLength"])
    elif len(value) < schema.get("minLength", 0):
        yield invalid(
            path, value, f"{path} in body should be at least {schema['minLength']} chars long"
        )
    if "pattern" in schema and not _pattern(schema["pattern"]).search(value):
        yield invalid(path, value, f"{path} in body should match '{schema['pattern']}'")
    if schema.get("format") == "date-time" and not _is_time(value):
        detail = f'{path} in body must be of type date-time: "{value}"'
        yield invalid(path, value, detail)


@cache
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text)


def _is_time(value: str) -> bool:
    try:
        return "T" in value.upper() and datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False


def _number(schema: Schema, value: float, path: str) -> Iterator[FieldError]:
    form = schema.get("format", "")
    fits = form not in _RANGES or -_RANGES[form] <= value < _RANGES[form]
    if not fits or (form in _RANGES and value != int(value)):
        detail = f"Checked value must be of type integer with format {form} in {path}"
        yield invalid("<nil>", "", detail)
    if value < schema.get("minimum", -math.inf):
        yield invalid(
            path, value, f"{path} in body should be greater than or equal to {schema['minimum']}"
        )
    if value > schema.get("maximum", math.inf):
        yield invalid(
            path, value, f"{path} in body should be less than or equal to {schema['maximum']}"
        )
    step = schema.get("multipleOf")
    if step and value % step:
        yield invalid(path, value, f"{path} in body should be a multiple of {step}")


def _map(schema: Schema, value: dict[str, Json], path: str) -> Iterator[FieldError]:
    properties, rest = schema.get("properties", {}), schema.get("additionalProperties")
    for name in schema.get("required", ()):
        if name not in value:
            yield required(f"{path}.{name}" if path else name)
    for name, inner in value.items():
        inside = f"{path}.{name}" if path else name
        if name in properties:
            yield from errors(properties[name], inner, inside)
        elif isinstance(rest, dict):
            yield from errors(rest, inner, inside)
    if len(value) > schema.get("maxProperties", math.inf):
        limit = schema["maxProperties"]
        yield _many(path, len(value), limit)
    if len(value) < schema.get("minProperties", 0):
        limit = schema["minProperties"]
        yield invalid(path, len(value), f"{path} in body should have at least {limit} properties")


def _list(schema: Schema, value: list[Json], path: str) -> Iterator[FieldError]:
    if len(value) > schema.get("maxItems", math.inf):
        yield _many(path, len(value), schema["maxItems"])
    if len(value) < schema.get("minItems", 0):
        limit = schema["minItems"]
        yield invalid(path, len(value), f"{path} in body should have at least {limit} items")
    inner = schema.get("items") or {}
    if not _plain_texts(inner, value):
        for at, item in enumerate(value):
            yield from errors(inner, item, f"{path}[{at}]")
    yield from _duplicates(schema, value, path)


def _plain_texts(schema: Schema, value: list[Json]) -> bool:
    """Tell at once that a list of nothing but short texts is right: a status has thousands."""
    if schema.get("type") != "string" or schema.keys() & {"pattern", "enum", "format"}:
        return False
    least, most = schema.get("minLength", 0), schema.get("maxLength", math.inf)
    return all(isinstance(item, str) and least <= len(item) <= most for item in value)


def _many(path: str, count: int, limit: int) -> FieldError:
    detail = f"Too many: {count}: must have at most {limit} items"
    return FieldError(path, "FieldValueTooMany", detail)


def _duplicates(schema: Schema, value: list[Json], path: str) -> Iterator[FieldError]:
    if schema.get(LIST_TYPE) not in ("set", "map"):
        return
    seen: set[str] = set()
    for at, item in enumerate(value):
        identity = list_key(schema, item)
        text = json.dumps(identity, sort_keys=True)
        if text in seen:
            yield duplicate(f"{path}[{at}]", identity)
        seen.add(text)


def list_key(schema: Schema, item: Json) -> Json:
    """Return what tells an item of a set or map list from the others."""
    if schema.get(LIST_TYPE) != "map" or not isinstance(item, dict):
        return item
    return {name: item[name] for name in schema.get(LIST_KEYS, ()) if name in item}


def _combined(schema: Schema, value: Json, path: str) -> Iterator[FieldError]:
    """Yield what ``allOf``, ``anyOf``, ``oneOf`` and ``not`` find wrong."""
    for part in schema.get("allOf", ()):
        yield from errors(part, value, path)
    for name, words in _WORDS.items():
        parts = schema.get(name, ())
        count = sum(next(errors(part, value, path), None) is None for part in parts)
        if parts and (count == 0 or (name == "oneOf" and count > 1)):
            yield invalid(path or "<nil>", value, f'"{path}" must validate {words}')
    if "not" in schema and next(errors(schema["not"], value, path), None) is None:
        yield invalid(path or "<nil>", value, f'"{path}" must not validate the schema (not)')


_WORDS = {
    "anyOf": "at least one schema (anyOf)",
    "oneOf": "one and only one schema (oneOf)",
}
