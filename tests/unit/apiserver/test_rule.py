from typing import Any

import pytest

from konductor.runner.local.apiserver.rule import BadRule, collect

Json = Any


def _told(rules: list[Json], new: Json, old: Json = None, **schema: Json) -> list[Json]:
    found = collect({"type": "object", "x-kubernetes-validations": rules} | schema)
    assert found is not None
    return [(one.field, one.reason, one.message) for one in found.violations(new, old, "spec")]


def test_a_rule_that_holds_says_nothing() -> None:
    assert _told([{"rule": "self.a < self.b"}], {"a": 1, "b": 2}) == []


def test_a_broken_rule_gives_its_message_or_itself() -> None:
    told = [{"rule": "self.a > 1", "message": "a is small"}, {"rule": "self.a > 2"}]
    assert _told(told, {"a": 1}) == [
        ("spec", "FieldValueInvalid", "Invalid value: a is small"),
        ("spec", "FieldValueInvalid", "Invalid value: failed rule: self.a > 2"),
    ]


def test_a_rule_may_name_a_field_a_reason_and_compute_its_message() -> None:
    rule = {
        "rule": "self.a == 1",
        "fieldPath": ".a",
        "reason": "FieldValueForbidden",
        "messageExpression": "'a is ' + string(self.a)",
    }
    assert _told([rule], {"a": 2}) == [("spec.a", "FieldValueForbidden", "Invalid value: a is 2")]


def test_transition_rules_are_asked_of_changes_only() -> None:
    rule = {"rule": "self.a >= oldSelf.a", "message": "a fell"}
    assert _told([rule], {"a": 1}) == []
    assert _told([rule], {"a": 1}, {"a": 0}) == []
    assert _told([rule], {"a": 1}, {"a": 2}) == [
        ("spec", "FieldValueInvalid", "Invalid value: a fell")
    ]


def test_has_asks_whether_a_field_is_there() -> None:
    rule = {"rule": "!has(self.a) || size(self.a) > 0"}
    assert _told([rule], {}) == []
    assert _told([rule], {"a": ["x"]}) == []
    assert len(_told([rule], {"a": []})) == 1


def test_rules_stand_anywhere_in_a_schema() -> None:
    small = {"rule": "self < 3", "message": "too much"}
    number = {"type": "integer", "x-kubernetes-validations": [small]}
    schema = {
        "properties": {
            "list": {"type": "array", "items": number},
            "map": {"type": "object", "additionalProperties": number},
        }
    }
    found = _told([], {"list": [1, 5], "map": {"x": 6}}, **schema)
    assert [field for field, _, _ in found] == ["spec.list[1]", "spec.map.x"]
    assert found[0][2] == "Invalid value: 5: too much"


def test_items_of_a_map_list_are_compared_by_their_keys() -> None:
    rule = {"rule": "self.v >= oldSelf.v", "message": "fell"}
    items = {"type": "object", "x-kubernetes-validations": [rule]}
    keys = {"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["k"]}
    schema = {"properties": {"list": {"type": "array", "items": items} | keys}}
    old = {"list": [{"k": "a", "v": 5}, {"k": "b", "v": 1}]}
    new = {"list": [{"k": "b", "v": 2}, {"k": "a", "v": 4}]}
    assert [field for field, _, _ in _told([], new, old, **schema)] == ["spec.list[1]"]


@pytest.mark.parametrize("text", ["90s", "1h30m", "5µs", "1.5h"])
def test_durations_are_gos(text: str) -> None:
    rule = {"rule": "duration(self.t) > duration('0s')"}
    assert _told([rule], {"t": text}) == []


def test_a_rule_that_cannot_be_asked_is_broken() -> None:
    ((_, _, told),) = _told([{"rule": "duration(self.t) > duration('0s')"}], {"t": "soon"})
    assert "type conversion error from 'string' to 'google.protobuf.Duration'" in told
    ((_, _, told),) = _told([{"rule": "self.a.b > 1"}], {"a": {}})
    assert "no such key: b" in told


def test_a_rule_that_cannot_be_compiled_is_told_with_its_place() -> None:
    with pytest.raises(BadRule) as bad:
        collect(
            {
                "properties": {
                    "a": {"x-kubernetes-validations": [{"rule": "self ==", "message": "m"}]}
                }
            },
            "top",
        )
    assert bad.value.path == "top.properties[a].x-kubernetes-validations[0].rule"
    assert bad.value.rule == {
        "Rule": "self ==",
        "Message": "m",
        "MessageExpression": "",
        "Reason": None,
        "FieldPath": "",
        "OptionalOldSelf": None,
    }
    assert str(bad.value).startswith("ERROR: <input>:1:8: Syntax error:")


def test_a_schema_without_rules_has_none() -> None:
    assert collect({"properties": {"a": {"items": {}, "additionalProperties": True}}}) is None
