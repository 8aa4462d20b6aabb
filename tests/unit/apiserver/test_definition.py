"""Messages are those of kube-apiserver 1.37."""

from typing import Any

import pytest

from konductor.runner.local.apiserver.answer import Refusal
from konductor.runner.local.apiserver.body import Body
from konductor.runner.local.apiserver.definition import GROUP, PLURAL
from konductor.runner.local.apiserver.kinds import Kinds
from konductor.runner.local.apiserver.room import Options, Room
from konductor.runner.local.apiserver.stock import Stock

NOW = "2026-01-01T00:00:00Z"


@pytest.fixture
def room(tmp_path: Any) -> Any:
    stock = Stock(tmp_path / "db")
    yield Room(stock, Kinds(stock, lambda: NOW), lambda: NOW)
    stock.close()


def _manifest(schema: Any = None, **spec: Any) -> Any:
    version = {"name": "v1", "served": True, "storage": True}
    version |= {"schema": {"openAPIV3Schema": schema or {"type": "object"}}}
    made = {
        "group": "example.com",
        "scope": "Namespaced",
        "names": {"plural": "toys", "kind": "Toy"},
        "versions": [version],
    }
    return {"metadata": {"name": "toys.example.com"}, "spec": made | spec}


def _create(room: Room, manifest: Any) -> Any:
    kind = room.kinds.find(GROUP, "v1", PLURAL)
    assert kind
    return room.create(kind, "", Body(manifest), Options()).document


def _causes(room: Room, manifest: Any) -> list[tuple[str, str]]:
    with pytest.raises(Refusal) as refused:
        _create(room, manifest)
    assert refused.value.details
    return [(one["field"], one["message"]) for one in refused.value.details["causes"]]


def test_names_are_defaulted_and_accepted(room: Room) -> None:
    made = _create(room, _manifest())
    names = {"plural": "toys", "singular": "toy", "kind": "Toy", "listKind": "ToyList"}
    assert made["status"]["acceptedNames"] == names
    assert made["status"]["storedVersions"] == ["v1"]
    assert made["spec"]["conversion"] == {"strategy": "None"}
    found = room.kinds.find("example.com", "v1", "toys")
    assert found
    assert (found.kind, found.list_kind, found.namespaced) == ("Toy", "ToyList", True)


def test_an_empty_definition_is_told_all_that_it_lacks(room: Room) -> None:
    causes = _causes(room, {"metadata": {"name": "a.b"}})
    assert causes == [
        ("metadata.name", 'Invalid value: "a.b": must be spec.names.plural+"."+spec.group'),
        ("spec.group", "Required value"),
        ("spec.scope", "Required value"),
        (
            "spec.versions",
            "Invalid value: null: must have exactly one version marked as storage version",
        ),
        ("status.storedVersions", "Invalid value: null: must have at least one stored version"),
        ("spec.names.plural", "Required value"),
        ("spec.names.singular", "Required value"),
        ("spec.names.kind", "Required value"),
        ("spec.names.listKind", "Required value"),
    ]


@pytest.mark.parametrize(
    ("schema", "field", "message"),
    [
        ({"properties": {}}, "type", "Required value: must not be empty at the root"),
        ({"type": "string"}, "type", 'Invalid value: "string": must be object at the root'),
        (
            {"type": "object", "properties": {"a": {}}},
            "properties[a].type",
            "Required value: must not be empty for specified object fields",
        ),
        (
            {"type": "object", "properties": {"a": {"type": "array", "items": {}}}},
            "properties[a].items.type",
            "Required value: must not be empty for specified array items",
        ),
        (
            {"type": "object", "properties": {"a": {"type": "odd"}}},
            "properties[a].type",
            (
                'Unsupported value: "odd": supported values: "array", "boolean", "integer", '
                '"number", "object", "string"'
            ),
        ),
        (
            {"type": "object", "properties": {"a": {"type": "string", "pattern": "("}}},
            "properties[a].pattern",
            'Invalid value: "(": must be a valid regular expression',
        ),
        (
            {
                "type": "object",
                "properties": {"metadata": {"type": "object", "properties": {"x": {}}}},
            },
            "properties[metadata]",
            (
                "Forbidden: must not specify anything other than name and generateName, "
                "but metadata is implicitly specified"
            ),
        ),
    ],
)
def test_schemas_must_be_structural(room: Room, schema: Any, field: str, message: str) -> None:
    causes = _causes(room, _manifest(schema))
    assert (f"spec.validation.openAPIV3Schema.{field}", message) in causes


def test_a_default_must_fit_its_schema(room: Room) -> None:
    schema = {"type": "object", "properties": {"a": {"type": "integer", "default": "x"}}}
    ((field, _),) = _causes(room, _manifest(schema))
    assert field == "spec.validation.openAPIV3Schema.properties[a].default"


def test_a_rule_must_compile(room: Room) -> None:
    schema = {"type": "object", "x-kubernetes-validations": [{"rule": "self.a =="}]}
    ((field, message),) = _causes(room, _manifest(schema))
    assert field == "spec.validation.openAPIV3Schema.x-kubernetes-validations[0].rule"
    assert "compilation failed: ERROR: <input>:1:10: Syntax error" in message


@pytest.mark.parametrize(
    ("member", "value"),
    [("group", "other.com"), ("scope", "Cluster"), ("names", {"plural": "toys", "kind": "Game"})],
)
def test_what_names_a_kind_is_immutable(room: Room, member: str, value: Any) -> None:
    _create(room, _manifest())
    kind = room.kinds.find(GROUP, "v1", PLURAL)
    assert kind

    def change(old: Any) -> Body:
        return Body(old | {"spec": old["spec"] | {member: value}})

    with pytest.raises(Refusal, match="field is immutable"):
        room.update(kind, ("", "toys.example.com"), change, Options())


def test_versions_that_were_stored_are_remembered(room: Room) -> None:
    _create(room, _manifest())
    kind = room.kinds.find(GROUP, "v1", PLURAL)
    assert kind
    schema = {"openAPIV3Schema": {"type": "object", "properties": {"a": {"type": "string"}}}}
    newer = {"name": "v2", "served": True, "storage": True, "schema": schema}

    def change(old: Any) -> Body:
        older = old["spec"]["versions"][0] | {"storage": False}
        return Body(old | {"spec": old["spec"] | {"versions": [older, newer]}})

    made = room.update(kind, ("", "toys.example.com"), change, Options()).document
    assert made["status"]["storedVersions"] == ["v1", "v2"]
    assert room.kinds.find("example.com", "v2", "toys")
    cells = kind.table.cells(made, None)  # type: ignore[arg-type]  # no column is an age
    assert cells[1:3] == ["Namespaced", "v1,v2(storage)"]
