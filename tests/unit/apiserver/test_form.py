from datetime import UTC, datetime

import pytest

from konductor.runner.local.apiserver.answer import Refusal
from konductor.runner.local.apiserver.builtin.registry import kind_of
from konductor.runner.local.apiserver.form import Form, included, many, negotiate, one
from konductor.runner.local.apiserver.served import of_builtin

NOW = datetime(2026, 1, 1, tzinfo=UTC)
_TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io"
_MAP = {
    "kind": "ConfigMap",
    "apiVersion": "v1",
    "metadata": {"name": "a", "resourceVersion": "5", "creationTimestamp": "2026-01-01T00:00:00Z"},
    "data": {"b": "c"},
}


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        ("", Form()),
        ("*/*", Form()),
        ("application/json", Form()),
        ("application/vnd.kubernetes.protobuf,application/json", Form()),
        ("application/yaml", Form("application/yaml")),
        (f"{_TABLE},application/json", Form("application/json", "Table", "v1")),
        ("application/json;as=Odd;v=v1;g=meta.k8s.io,application/json", Form()),
        ("application/json;as=Table;v=v1;g=other,application/json", Form()),
    ],
)
def test_the_first_form_that_there_is_is_taken(accept: str, form: Form) -> None:
    assert negotiate(accept) == form


@pytest.mark.parametrize("accept", ["text/html", "application/vnd.kubernetes.protobuf"])
def test_forms_that_are_not_spoken_are_refused(accept: str) -> None:
    with pytest.raises(Refusal) as refused:
        negotiate(accept)
    assert refused.value.code == 406


def test_rows_carry_what_is_asked_for() -> None:
    kind = kind_of("", "configmaps")
    assert kind is not None
    served, form = of_builtin(kind), negotiate(_TABLE)
    carried = {
        include: one(served, _MAP, form, include, NOW)["rows"][0]["object"]
        for include in ("Metadata", "Object", "None")
    }
    assert carried["Metadata"]["kind"] == "PartialObjectMetadata"
    assert carried["Object"] == _MAP
    assert carried["None"] is None
    with pytest.raises(Refusal):
        included({"includeObject": "Half"})


def test_items_of_built_in_lists_do_not_repeat_their_kind() -> None:
    kind = kind_of("", "configmaps")
    assert kind is not None
    found = many(
        of_builtin(kind), [_MAP], {"resourceVersion": "6"}, form=Form(), include="", now=NOW
    )
    assert found["kind"] == "ConfigMapList"
    assert "kind" not in found["items"][0]
    assert found["items"][0]["data"] == {"b": "c"}
