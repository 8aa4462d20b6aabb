from typing import Any

import pytest

from konductor.install.difference import differences, restricted


def definition(schema: object, **more: object) -> Any:
    version = {"name": "v1", "schema": schema}
    return {"kind": "CustomResourceDefinition", "spec": {"versions": [version], **more}}


@pytest.mark.parametrize(
    ("there", "wanted", "lines"),
    [
        ({"data": {"a": "1", "b": "2"}}, {"data": {"a": "1"}}, ()),
        ({"data": {"a": "1"}}, {"data": {"a": "2"}}, ("data.a: 1 would become 2",)),
        ({}, {"data": {"a": "2"}}, ("data: nothing would become {'a': '2'}",)),
        ({"rules": [1, {"a": 2}]}, {"rules": [1, {"a": 3}]}, ("rules[1].a: 2 would become 3",)),
        ({"rules": [1]}, {"rules": [1, 2]}, ("rules: [1] would become [1, 2]",)),
        ({"metadata": {"a": 1}, "status": 1}, {"metadata": {"a": 2}, "status": 2}, ()),
    ],
)
def test_what_is_wanted_and_not_so_is_a_difference(
    there: Any, wanted: Any, lines: tuple[str, ...]
) -> None:
    assert differences(there | {"kind": "A"}, wanted | {"kind": "A"}) == lines


def test_what_the_server_fills_in_is_none() -> None:
    there = definition({"type": "object"}, conversion={"strategy": "None"})
    assert differences(there, definition({"type": "object"})) == ()


def test_what_is_left_in_a_schema_is_one() -> None:
    there = definition({"type": "object", "required": ["x"]})
    assert differences(there, definition({"type": "object"})) == (
        "spec.versions.v1.schema.required: ['x'] would go",
    )


def test_version_that_is_left_is_one() -> None:
    there = definition({})
    there["spec"]["versions"].append({"name": "v2", "schema": {}})
    assert any("v2" in line for line in differences(there, definition({})))


def test_words_of_explanation_are_none() -> None:
    there = definition({"description": "old", "properties": {"description": {"type": "x"}}})
    wanted = definition({"description": "new", "properties": {"description": {"type": "y"}}})
    assert differences(there, wanted) == (
        "spec.versions.v1.schema.properties.description.type: x would become y",
    )


@pytest.mark.parametrize(
    ("document", "shape", "rest"),
    [
        ({"a": 1, "b": 2}, {"a": 0, "c": 0}, {"a": 1, "c": None}),
        ({"a": [{"b": 1, "c": 2}]}, {"a": [{"b": 0}]}, {"a": [{"b": 1}]}),
        ({"a": [1, 2]}, {"a": [0]}, {"a": [1, 2]}),
        ({"a": 1}, {"a": {"b": 0}}, {"a": 1}),
    ],
)
def test_document_is_looked_at_where_the_shape_has_something(
    document: Any, shape: Any, rest: Any
) -> None:
    assert restricted(document, shape) == rest


def test_long_values_are_cut() -> None:
    (line,) = differences({"kind": "A", "data": "x" * 99}, {"kind": "A", "data": "y"})
    assert line == f"data: {'x' * 60}… would become y"
