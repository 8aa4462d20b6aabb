"""What one object goes through: rules that the recordings do not reach."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.integration.apiserver.conftest import CRDS, Api

Make = Callable[..., dict[str, Any]]
MERGE = "application/merge-patch+json"


@pytest.fixture
def path(namespace: str) -> str:
    return f"/apis/konductor.io/v1/namespaces/{namespace}/barriers"


def test_a_rule_that_no_code_knows_is_enforced(api: Api) -> None:
    rules = [
        {"rule": "self.low < self.high", "message": "low must be below high"},
        {
            "rule": "self.high >= oldSelf.high",
            "messageExpression": "'high was ' + string(oldSelf.high)",
        },
    ]
    limits = {"low": {"type": "integer"}, "high": {"type": "integer", "default": 10}}
    spec = {"type": "object", "properties": limits, "x-kubernetes-validations": rules}
    assert api.ask("POST", CRDS, _definition("gauges", spec)).code == 201
    objects = "/apis/rules.example.com/v1/namespaces/default/gauges"
    made = {"apiVersion": "rules.example.com/v1", "kind": "Gauges", "metadata": {"name": "g"}}
    refused = api.ask("POST", objects, made | {"spec": {"low": 11}})
    assert refused.code == 422
    assert refused.body["details"]["causes"] == [
        {
            "reason": "FieldValueInvalid",
            "message": "Invalid value: low must be below high",
            "field": "spec",
        }
    ]
    created = api.ask("POST", objects, made | {"spec": {"low": 1}})
    assert created.body["spec"] == {"low": 1, "high": 10}
    lower = api.ask("PATCH", f"{objects}/g", {"spec": {"high": 9}}, Content_Type=MERGE)
    assert lower.body["details"]["causes"][0]["message"] == "Invalid value: high was 10"
    higher = api.ask("PATCH", f"{objects}/g", {"spec": {"high": 12}}, Content_Type=MERGE)
    assert higher.code == 200


def test_a_definition_goes_with_all_its_objects(api: Api) -> None:
    anything = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    assert api.ask("POST", CRDS, _definition("notes", anything)).code == 201
    objects = "/apis/rules.example.com/v1/namespaces/default/notes"
    made = {"apiVersion": "rules.example.com/v1", "kind": "Notes", "metadata": {"name": "n"}}
    assert api.ask("POST", objects, made | {"spec": {"any": ["thing"]}}).code == 201
    found = api.ask("GET", f"{CRDS}/notes.rules.example.com").body["status"]
    assert {one["type"]: one["status"] for one in found["conditions"]} == {
        "NamesAccepted": "True",
        "Established": "True",
    }
    assert api.ask("DELETE", f"{CRDS}/notes.rules.example.com").code == 200
    assert api.ask("GET", objects).code == 404
    assert api.ask("POST", CRDS, _definition("notes", anything)).code == 201
    assert api.ask("GET", objects).body["items"] == []


def _definition(plural: str, spec: dict[str, Any]) -> dict[str, Any]:
    schema = {"type": "object", "properties": {"spec": spec}}
    version = {"name": "v1", "served": True, "storage": True}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.rules.example.com"},
        "spec": {
            "group": "rules.example.com",
            "scope": "Namespaced",
            "names": {"plural": plural, "kind": plural.capitalize()},
            "versions": [version | {"schema": {"openAPIV3Schema": schema}}],
        },
    }


def test_only_a_changed_spec_counts_as_a_generation(api: Api, path: str, barrier: Make) -> None:
    def patch(body: object, at: str = "a") -> Any:
        answer = api.ask("PATCH", f"{path}/{at}", body, Content_Type=MERGE)
        assert answer.code == 200, answer.text
        return answer.body["metadata"]

    first = api.ask("POST", path, barrier("a")).body["metadata"]
    labelled = patch({"metadata": {"labels": {"x": "y"}}})
    status = patch({"status": {"phase": "Waiting"}}, "a/status")
    spec = patch({"spec": {"expected": 4}})
    again = patch({"spec": {"expected": 4}})
    generations = [one["generation"] for one in (first, labelled, status, spec, again)]
    assert generations == [1, 1, 1, 2, 2]
    assert again["resourceVersion"] == spec["resourceVersion"]
    assert len({one["resourceVersion"] for one in (first, labelled, status, spec)}) == 4


def test_two_writers_of_one_version_conflict(api: Api, path: str, barrier: Make) -> None:
    read = api.ask("POST", path, barrier("a")).body
    read["spec"]["expected"] = 5
    assert api.ask("PUT", f"{path}/a", read).code == 200
    late = api.ask("PUT", f"{path}/a", read)
    assert (late.code, late.body["reason"]) == (409, "Conflict")
    stale = {"metadata": {"resourceVersion": read["metadata"]["resourceVersion"]}}
    assert api.ask("PATCH", f"{path}/a", stale, Content_Type=MERGE).code == 409


def test_a_namespace_that_is_ending_takes_nothing_new(
    api: Api, namespace: str, path: str, barrier: Make
) -> None:
    ended = api.ask("DELETE", f"/api/v1/namespaces/{namespace}").body
    assert ended["status"]["phase"] == "Terminating"
    refused = api.ask("POST", path, barrier("a"))
    assert refused.code == 403
    assert refused.body["details"]["causes"][0]["reason"] == "NamespaceTerminating"
    final = ended | {"spec": {}}
    assert api.ask("PUT", f"/api/v1/namespaces/{namespace}/finalize", final).code == 200
    assert api.ask("GET", f"/api/v1/namespaces/{namespace}").code == 404


def test_a_collection_is_deleted_by_what_is_selected(api: Api, path: str, barrier: Make) -> None:
    for name in ("a", "b"):
        made = barrier(name)
        made["metadata"]["labels"] = {"name": name}
        assert api.ask("POST", path, made).code == 201
    assert api.ask("DELETE", f"{path}?labelSelector=name%3Da&dryRun=All").code == 200
    assert len(api.ask("GET", path).body["items"]) == 2
    assert api.ask("DELETE", f"{path}?labelSelector=name%3Da").code == 200
    assert [one["metadata"]["name"] for one in api.ask("GET", path).body["items"]] == ["b"]


def test_foreground_deletion_waits_for_its_finalizer(api: Api, path: str, barrier: Make) -> None:
    assert api.ask("POST", path, barrier("a")).code == 201
    going = api.ask("DELETE", f"{path}/a?propagationPolicy=Foreground").body
    assert going["metadata"]["finalizers"] == ["foregroundDeletion"]
    assert going["metadata"]["deletionTimestamp"]
    freed = {"metadata": {"finalizers": None}}
    assert api.ask("PATCH", f"{path}/a", freed, Content_Type=MERGE).code == 200
    assert api.ask("GET", f"{path}/a").code == 404


def test_pages_are_those_of_one_moment(api: Api, path: str, barrier: Make) -> None:
    for name in ("a", "b", "c"):
        assert api.ask("POST", path, barrier(name)).code == 201
    first = api.ask("GET", f"{path}?limit=2").body
    assert api.ask("DELETE", f"{path}/c").code == 200
    assert api.ask("POST", path, barrier("d")).code == 201
    token = first["metadata"]["continue"]
    rest = api.ask("GET", f"{path}?limit=2&continue={token}").body
    names = [one["metadata"]["name"] for one in first["items"] + rest["items"]]
    assert names == ["a", "b", "c"]
    assert rest["metadata"]["resourceVersion"] == first["metadata"]["resourceVersion"]


def test_a_token_dies_with_its_account_and_its_pod(api: Api, namespace: str) -> None:
    root = f"/api/v1/namespaces/{namespace}"
    assert api.ask("POST", f"{root}/serviceaccounts", {"metadata": {"name": "robot"}}).code == 201
    pod = {"metadata": {"name": "p"}, "spec": {"containers": [{"name": "a", "image": "b"}]}}
    uid = api.ask("POST", f"{root}/pods", pod).body["metadata"]["uid"]

    def token(**spec: object) -> str:
        made = api.ask("POST", f"{root}/serviceaccounts/robot/token", {"spec": spec})
        assert made.code == 201, made.text
        return str(made.body["status"]["token"])

    def code(held: str) -> int:
        return api.ask("GET", f"{root}/pods", Authorization=f"Bearer {held}").code

    free, bound = token(), token(boundObjectRef={"kind": "Pod", "name": "p", "uid": uid})
    assert (code(free), code(bound)) == (200, 200)
    assert api.ask("DELETE", f"{root}/pods/p").code == 200
    assert (code(free), code(bound)) == (200, 401)
    assert api.ask("DELETE", f"{root}/serviceaccounts/robot").code == 200
    assert code(free) == 401


def test_an_event_is_one_object_in_two_groups(api: Api, namespace: str) -> None:
    newer = f"/apis/events.k8s.io/v1/namespaces/{namespace}/events"
    core = f"/api/v1/namespaces/{namespace}/events"
    made = api.ask(
        "POST",
        core,
        {
            "metadata": {"name": "e"},
            "involvedObject": {"namespace": namespace, "name": "a", "kind": "Barrier"},
            "message": "open",
            "type": "Normal",
        },
    )
    assert made.code == 201, made.text
    shown = api.ask("GET", f"{newer}/e").body
    assert (shown["apiVersion"], shown["note"]) == ("events.k8s.io/v1", "open")
    patched = api.ask("PATCH", f"{newer}/e", {"note": "shut"}, Content_Type=MERGE)
    assert patched.code == 200, patched.text
    assert api.ask("GET", f"{core}/e").body["message"] == "shut"
    assert [one["note"] for one in api.ask("GET", newer).body["items"]] == ["shut"]
    assert api.ask("DELETE", f"{newer}/e").code == 200
    assert api.ask("GET", core).body["items"] == []


def test_a_name_that_no_header_can_hold_is_not_warned_of(
    api: Api, path: str, barrier: Make
) -> None:
    made = api.ask("POST", path, barrier("a", **{"line\nbreak": 1}))
    assert (made.code, made.headers.get("Warning")) == (201, None)


def test_namespaces_are_not_deleted_all_at_once(api: Api) -> None:
    assert api.ask("DELETE", "/api/v1/namespaces").code == 405
