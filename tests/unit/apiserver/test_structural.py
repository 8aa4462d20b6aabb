"""Messages are those of kube-apiserver 1.37."""

from typing import Any

import pytest

from konductor.runner.local.apiserver.structural import errors, fill, prune

Json = Any


def _told(schema: Json, value: Json) -> list[tuple[str, str]]:
    return [(one.field, one.message) for one in errors(schema, value, "spec.x")]


def _object(**properties: Json) -> Json:
    return {"type": "object", "properties": properties}


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "string"}, "a"),
        ({"type": "integer"}, 2.0),
        ({"type": "number"}, 1),
        ({"type": "boolean"}, True),
        ({"type": "string", "nullable": True}, None),
        ({"x-kubernetes-int-or-string": True}, "50%"),
        ({"type": "string", "format": "date-time"}, "2026-01-01T00:00:00Z"),
        ({"type": "array", "items": {"type": "string", "minLength": 1}}, ["a", "b"]),
        ({"anyOf": [{"type": "string"}, {"type": "integer"}]}, 1),
        ({"type": "integer", "multipleOf": 5}, 10),
        ({"type": "object", "additionalProperties": {"type": "integer"}}, {"a": 1}),
        ({"type": "array", "x-kubernetes-list-type": "set"}, ["a", "b"]),
    ],
)
def test_what_fits_is_right(schema: Json, value: Json) -> None:
    assert _told(schema, value) == []


@pytest.mark.parametrize(
    ("schema", "value", "message"),
    [
        (
            {"type": "integer"},
            "a",
            'Invalid value: "string": spec.x in body must be of type integer: "string"',
        ),
        (
            {"type": "string"},
            None,
            'Invalid value: "null": spec.x in body must be of type string: "null"',
        ),
        (
            {"type": "string", "enum": ["a", "b"]},
            "c",
            'Unsupported value: "c": supported values: "a", "b"',
        ),
        (
            {"type": "string", "pattern": "^a$"},
            "b",
            "Invalid value: \"b\": spec.x in body should match '^a$'",
        ),
        (
            {"type": "string", "minLength": 2},
            "b",
            'Invalid value: "b": spec.x in body should be at least 2 chars long',
        ),
        ({"type": "string", "maxLength": 2}, "bbb", "Too long: may not be more than 2 bytes"),
        (
            {"type": "integer", "minimum": 2},
            1,
            "Invalid value: 1: spec.x in body should be greater than or equal to 2",
        ),
        (
            {"type": "integer", "maximum": 2},
            3,
            "Invalid value: 3: spec.x in body should be less than or equal to 2",
        ),
        (
            {"type": "integer", "multipleOf": 2},
            3,
            "Invalid value: 3: spec.x in body should be a multiple of 2",
        ),
        ({"type": "array", "maxItems": 1}, [1, 2], "Too many: 2: must have at most 1 items"),
        (
            {"type": "array", "minItems": 1},
            [],
            "Invalid value: 0: spec.x in body should have at least 1 items",
        ),
        (
            {"type": "object", "maxProperties": 0},
            {"a": 1},
            "Too many: 1: must have at most 0 items",
        ),
        (
            {"type": "object", "minProperties": 1},
            {},
            "Invalid value: 0: spec.x in body should have at least 1 properties",
        ),
        (
            {"type": "string", "format": "date-time"},
            "soon",
            'Invalid value: "soon": spec.x in body must be of type date-time: "soon"',
        ),
        (
            {"anyOf": [{"type": "string"}]},
            1,
            'Invalid value: 1: "spec.x" must validate at least one schema (anyOf)',
        ),
        (
            {"oneOf": [{"type": "integer"}, {"type": "number"}]},
            1,
            'Invalid value: 1: "spec.x" must validate one and only one schema (oneOf)',
        ),
        (
            {"not": {"type": "integer"}},
            1,
            'Invalid value: 1: "spec.x" must not validate the schema (not)',
        ),
    ],
)
def test_what_does_not_fit_is_told(schema: Json, value: Json, message: str) -> None:
    assert _told(schema, value) == [("spec.x", message)]


def test_all_errors_are_told_at_once() -> None:
    schema = _object(a={"type": "string"}, b={"type": "integer"}) | {"required": ["c"]}
    fields = [field for field, _ in _told(schema, {"a": 1, "b": "x"})]
    assert fields == ["spec.x.c", "spec.x.a", "spec.x.b"]


def test_a_fraction_is_told_of_twice() -> None:
    found = _told({"type": "integer", "format": "int32"}, 1.5)
    assert [field for field, _ in found] == ["spec.x", "<nil>"]


def test_items_of_a_map_list_are_told_apart_by_their_keys() -> None:
    keys = {"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["k"]}
    schema = {"type": "array"} | keys
    assert _told(schema, [{"k": 1}, {"k": 2}]) == []
    (found,) = _told(schema, [{"k": 1, "v": 1}, {"k": 1, "v": 2}])
    assert found == ("spec.x[1]", 'Duplicate value: {"k":1}')


def test_unknown_fields_are_dropped_and_named() -> None:
    free = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    schema = _object(
        a={"type": "array", "items": _object(b={})},
        m={"type": "object", "additionalProperties": _object(n={})},
        free=free,
    )
    value = {
        "a": [{"b": 1, "z": 1}],
        "m": {"any": {"n": 1, "z": 1}},
        "free": {"z": 1},
        "z": 1,
    }
    assert list(prune(schema, value)) == ["a[0].z", "m.any.z", "z"]
    assert value == {"a": [{"b": 1}], "m": {"any": {"n": 1}}, "free": {"z": 1}}


def test_defaults_are_filled_in_and_nulls_dropped() -> None:
    inner = _object(b={"type": "integer", "default": 2})
    schema = _object(
        a={**inner, "default": {}},
        n={"type": "string"},
        k={"type": "string", "nullable": True},
        list={"type": "array", "items": inner},
        others={"type": "object", "additionalProperties": inner},
    )
    value: Json = {"n": None, "k": None, "list": [{}], "others": {"x": {}}}
    fill(schema, value)
    assert value == {"a": {"b": 2}, "k": None, "list": [{"b": 2}], "others": {"x": {"b": 2}}}
