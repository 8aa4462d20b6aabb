import json
from typing import Any

import pytest

from konductor.api.meta import merge_patch
from konductor.runner.local.apiserver.answer import Refusal
from konductor.runner.local.apiserver.builtin.registry import kind_of
from konductor.runner.local.apiserver.patching import (
    APPLY,
    JSON_PATCH,
    MERGE,
    STRATEGIC,
    media_of,
    patched,
)
from konductor.runner.local.apiserver.served import Served, of_builtin


def _maps() -> Served:
    kind = kind_of("", "configmaps")
    assert kind is not None
    return of_builtin(kind)


def _patch(document: dict[str, Any], patch: Any, media: str) -> dict[str, Any]:
    data = patch if isinstance(patch, bytes) else json.dumps(patch).encode()
    return patched(_maps(), document, data, media)


@pytest.mark.parametrize(
    ("before", "patch", "after"),
    [
        ({"a": 1}, {"b": 2}, {"a": 1, "b": 2}),
        ({"a": 1}, {"a": None}, {}),
        ({"a": {"b": 1, "c": 2}}, {"a": {"b": None}}, {"a": {"c": 2}}),
        ({"a": [1]}, {"a": {"b": 1}}, {"a": {"b": 1}}),
        ({"a": {"b": 1}}, {"a": [1]}, {"a": [1]}),
        ({}, {"a": {"b": {"c": None}}}, {"a": {"b": {}}}),
    ],
)
def test_merge_patches_are_those_of_rfc_7396(before: Any, patch: Any, after: Any) -> None:
    kept = json.dumps(before)
    assert merge_patch(before, patch) == after
    assert json.dumps(before) == kept


def test_json_patches_are_applied_in_order() -> None:
    operations = [
        {"op": "test", "path": "/data/a", "value": "b"},
        {"op": "add", "path": "/data/c", "value": "d"},
        {"op": "move", "from": "/data/a", "path": "/data/e"},
    ]
    assert _patch({"data": {"a": "b"}}, operations, JSON_PATCH) == {"data": {"c": "d", "e": "b"}}


def test_strategic_patches_merge_as_the_schema_says() -> None:
    assert _patch({"data": {"a": "b"}}, {"data": {"c": "d"}}, STRATEGIC)["data"] == {
        "a": "b",
        "c": "d",
    }


@pytest.mark.parametrize("media", [JSON_PATCH, STRATEGIC])
def test_null_patches_nothing(media: str) -> None:
    assert _patch({"data": {"a": "b"}}, None, media) == {"data": {"a": "b"}}


@pytest.mark.parametrize(
    ("patch", "media", "code", "told"),
    [
        (b"{", MERGE, 400, "invalid JSON patch"),
        (None, MERGE, 400, "Invalid JSON Patch"),
        ([], MERGE, 400, "cannot unmarshal array into Go value of type map[string]interface {}"),
        ("a", STRATEGIC, 400, "json: cannot unmarshal string into Go value of type map"),
        ({}, JSON_PATCH, 400, "cannot unmarshal object into Go value of type []handlers.jsonPatc"),
        ([5], JSON_PATCH, 400, "cannot unmarshal number into Go value of type handlers.jsonPatchO"),
        ([{"op": "x"}], JSON_PATCH, 422, "the server rejected our request"),
        ([{}], JSON_PATCH, 422, "the server rejected our request"),
        ([{"op": "remove", "path": "/no"}], JSON_PATCH, 422, "the server rejected our request"),
        ([{"op": "replace", "path": "", "value": 1}], JSON_PATCH, 422, "the server rejected our"),
        ([{"op": "add", "path": 5}], JSON_PATCH, 422, "the server rejected our request"),
        ({"$patch": "bogus"}, STRATEGIC, 500, "unknown patch type: bogus"),
    ],
)
def test_patches_that_cannot_be_applied_are_refused(
    patch: Any, media: str, code: int, told: str
) -> None:
    with pytest.raises(Refusal) as refused:
        _patch({"data": {"a": "b"}}, patch, media)
    assert refused.value.code == code
    assert told in refused.value.message


@pytest.mark.parametrize(
    ("media", "told"), [(APPLY, "without --server-side"), ("a/b", "patch+json")]
)
def test_other_types_of_patches_are_refused(media: str, told: str) -> None:
    with pytest.raises(Refusal) as refused:
        media_of(_maps(), media)
    assert refused.value.code == 415
    assert told in refused.value.message
