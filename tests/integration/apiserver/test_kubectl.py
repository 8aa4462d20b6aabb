"""The real kubectl, unchanged, on barriers and on a built-in kind."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.integration.apiserver.conftest import Api, Kubectl

Make = Callable[..., dict[str, Any]]


@pytest.fixture
def one(kubectl: Kubectl, barrier: Make) -> Kubectl:
    """kubectl, with barrier `a` there."""
    assert kubectl("apply", "-f", "-", stdin=barrier("a")).out == (
        "barrier.konductor.io/a created\n"
    )
    return kubectl


def test_apply_creates_leaves_and_changes(one: Kubectl, barrier: Make) -> None:
    same = one("apply", "-f", "-", stdin=barrier("a"))
    changed = one("apply", "-f", "-", stdin=barrier("a", expected=5))
    assert (same.out, changed.out) == (
        "barrier.konductor.io/a unchanged\n",
        "barrier.konductor.io/a configured\n",
    )
    assert one("get", "barrier", "a", "-o", "jsonpath={.spec.expected}").out == "5"


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("name", "barrier.konductor.io/a\n"),
        ("jsonpath={.metadata.generation}", "1"),
        ("custom-columns=N:.metadata.name,E:.spec.expected", "N     E\na     3\n"),
        ("go-template={{.spec.expected}}", "3"),
    ],
)
def test_get_prints_what_is_asked_for(one: Kubectl, form: str, expected: str) -> None:
    assert one("get", "barrier", "a", "-o", form).out == expected


def test_get_prints_the_whole_object(one: Kubectl) -> None:
    document = json.loads(one("get", "bar", "a", "-o", "json").out)
    assert document["kind"] == "Barrier"
    assert document["spec"] == {"expected": 3}
    text = one("get", "bar", "a", "-o", "yaml").out
    assert "kind: Barrier" in text
    assert "spec:\n  expected: 3\n" in text


def test_get_prints_the_columns_of_the_definition(one: Kubectl) -> None:
    head, row = one("get", "barriers").out.splitlines()
    assert head.split() == ["NAME", "PHASE", "PROGRESS", "QUORUM", "DEADLINE", "AGE"]
    assert row.startswith("a ")
    wide = one("get", "barriers", "-o", "wide").out.splitlines()[0].split()
    assert len(wide) > len(head.split())


def test_a_category_names_all_of_its_kinds(one: Kubectl) -> None:
    assert one("get", "konductor", "-o", "name").out == "barrier.konductor.io/a\n"


def test_a_watch_prints_each_change(one: Kubectl) -> None:
    with one.follow("get", "barriers", "-w", "-o", "name") as watching:
        assert watching.stdout
        assert watching.stdout.readline() == "barrier.konductor.io/a\n"
        assert one("label", "barrier", "a", "x=y").code == 0
        assert watching.stdout.readline() == "barrier.konductor.io/a\n"


def test_wait_sees_a_condition_come(one: Kubectl) -> None:
    with one.follow("wait", "--for=jsonpath={.status.phase}=Waiting", "barrier/a") as waiting:
        patch = json.dumps({"status": {"phase": "Waiting"}})
        patched = one("patch", "barrier", "a", "--subresource=status", "--type=merge", "-p", patch)
        assert patched.code == 0, patched.errors
        assert waiting.stdout
        assert waiting.stdout.read() == "barrier.konductor.io/a condition met\n"


def test_delete_waits_until_the_last_finalizer_is_gone(
    api: Api, one: Kubectl, namespace: str
) -> None:
    path = f"/apis/konductor.io/v1/namespaces/{namespace}/barriers"
    holds = '{"metadata":{"finalizers":["example.com/hold"]}}'
    assert one("patch", "barrier", "a", "--type=merge", "-p", holds).code == 0
    changes = api.events(f"{path}?watch=true&resourceVersion=0")
    with one.follow("delete", "barrier", "a") as deleting:
        while "deletionTimestamp" not in next(changes)["object"]["metadata"]:
            pass
        freed = api.ask(
            "PATCH",
            f"{path}/a",
            {"metadata": {"finalizers": None}},
            Content_Type="application/merge-patch+json",
        )
        assert freed.code == 200
        assert deleting.wait() == 0
    assert api.ask("GET", f"{path}/a").code == 404


def test_patches_of_each_type(one: Kubectl) -> None:
    merge = one("patch", "barrier", "a", "--type=merge", "-p", '{"spec":{"expected":4}}')
    operations = '[{"op":"replace","path":"/spec/expected","value":6}]'
    by_json = one("patch", "barrier", "a", "--type=json", "-p", operations)
    assert (merge.code, by_json.code) == (0, 0)
    assert one("get", "barrier", "a", "-o", "jsonpath={.spec.expected}").out == "6"
    assert one("create", "configmap", "c", "--from-literal=a=b").code == 0
    assert one("patch", "configmap", "c", "-p", '{"data":{"c":"d"}}').code == 0
    assert one("get", "cm", "c", "-o", "jsonpath={.data}").out == '{"a":"b","c":"d"}'


def test_label_annotate_and_select(one: Kubectl, barrier: Make) -> None:
    assert one("apply", "-f", "-", stdin=barrier("b")).code == 0
    assert one("label", "barrier", "a", "tier=front").out == "barrier.konductor.io/a labeled\n"
    assert one("annotate", "barrier", "a", "why=so").code == 0
    assert one("get", "bar", "-l", "tier=front", "-o", "name").out == "barrier.konductor.io/a\n"
    assert one("get", "bar", "-l", "!tier", "-o", "name").out == "barrier.konductor.io/b\n"
    assert one("label", "barrier", "a", "tier-").out == "barrier.konductor.io/a unlabeled\n"


def test_replace_takes_the_newest_version_only(one: Kubectl) -> None:
    document = json.loads(one("get", "barrier", "a", "-o", "json").out)
    document["spec"]["expected"] = 9
    assert one("replace", "-f", "-", stdin=document).out == "barrier.konductor.io/a replaced\n"
    again = one("replace", "-f", "-", stdin=document)
    assert again.code == 1
    assert "the object has been modified" in again.errors


def test_describe_shows_fields_and_events(one: Kubectl) -> None:
    shown = one("describe", "barrier", "a")
    assert shown.code == 0, shown.errors
    assert "Expected:  3" in shown.out
    assert shown.out.splitlines()[-1].split() == ["Events:", "<none>"]


def test_explain_reads_the_definition(kubectl: Kubectl) -> None:
    told = kubectl("explain", "barrier.spec.expected")
    assert told.code == 0, told.errors
    assert "FIELD: expected <integer>" in told.out
    assert "FIELD: restartPolicy <string>" in kubectl("explain", "pod.spec.restartPolicy").out


def test_an_invalid_object_is_told_all_its_faults(kubectl: Kubectl, barrier: Make) -> None:
    made = kubectl("create", "-f", "-", stdin=barrier("x", expected="many", quorum="some"))
    assert made.code == 1
    assert "spec.expected" in made.errors
    assert "spec.quorum" in made.errors


def test_an_unknown_field_is_refused_strictly(kubectl: Kubectl, barrier: Make) -> None:
    made = kubectl("create", "-f", "-", stdin=barrier("x", bogus=1))
    assert made.code == 1
    assert 'unknown field "spec.bogus"' in made.errors


def test_a_dry_run_stores_nothing(kubectl: Kubectl, barrier: Make) -> None:
    made = kubectl("create", "--dry-run=server", "-f", "-", stdin=barrier("x"))
    assert made.out == "barrier.konductor.io/x created (server dry run)\n"
    assert "NotFound" in kubectl("get", "barrier", "x").errors


def test_server_side_apply_is_refused_in_clear_words(kubectl: Kubectl, barrier: Make) -> None:
    made = kubectl("apply", "--server-side", "-f", "-", stdin=barrier("x"))
    assert made.code == 1
    assert "apply without --server-side" in made.errors


def test_all_of_a_kind_can_be_deleted(one: Kubectl, barrier: Make) -> None:
    assert one("apply", "-f", "-", stdin=barrier("b")).code == 0
    assert one("delete", "barriers", "--all").code == 0
    assert one("get", "barriers").errors.startswith("No resources found")


def test_kinds_are_discovered(kubectl: Kubectl) -> None:
    listed = kubectl("api-resources", "--no-headers").out
    names = {line.split()[0] for line in listed.splitlines()}
    assert {"barriers", "arrivals", "runs", "pods", "jobs", "configmaps", "events"} <= names
    assert "konductor.io/v1" in kubectl("api-versions").out.splitlines()


def test_the_owner_may_do_everything(kubectl: Kubectl) -> None:
    assert kubectl("auth", "can-i", "*", "*").out == "yes\n"
    assert kubectl("auth", "whoami", "-o", "jsonpath={.status.userInfo.username}").code == 0


def test_version_names_both_sides(kubectl: Kubectl) -> None:
    assert "Server Version: v1.37" in kubectl("version").out


def test_built_in_kinds_are_created_from_protobuf(kubectl: Kubectl, namespace: str) -> None:
    assert kubectl("create", "configmap", "c", "--from-literal=a=b").code == 0
    assert kubectl("create", "secret", "generic", "s", "--from-literal=p=q").code == 0
    assert kubectl("create", "job", "j", "--image=busybox", "--", "true").code == 0
    assert kubectl("get", "secret", "s", "-o", "jsonpath={.data.p}").out == "cQ=="
    assert kubectl("create", "namespace", f"{namespace}-other").code == 0


def test_a_token_of_a_service_account_is_accepted(kubectl: Kubectl, api: Api) -> None:
    assert kubectl("create", "serviceaccount", "robot").code == 0
    token = kubectl("create", "token", "robot").out.strip()
    assert api.ask("GET", "/api/v1/namespaces", Authorization=f"Bearer {token}").code == 200
    assert api.ask("GET", "/api/v1/namespaces", Authorization=f"Bearer {token}x").code == 401
