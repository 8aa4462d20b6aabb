"""Whatever is sent, the answer is a Status or an object: never a 500, never a lost server."""

import http.client
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from tests.integration.apiserver.conftest import Api, started

_B = "/apis/konductor.io/v1/namespaces/default/barriers"
_PATHS = (
    _B,
    f"{_B}/target",
    f"{_B}/target/status",
    "/apis/konductor.io/v1/namespaces/default/arrivals",
    "/apis/konductor.io/v1/namespaces/default/runs",
    "/apis/batch/v1/namespaces/default/jobs",
    "/api/v1/namespaces/default/pods",
    "/api/v1/namespaces/default/configmaps",
    "/api/v1/namespaces/default/configmaps/target",
    "/api/v1/namespaces/default/secrets",
    "/api/v1/namespaces/default/events",
    "/apis/events.k8s.io/v1/namespaces/default/events",
    "/api/v1/namespaces/default/pods/target",
    "/api/v1/namespaces/default/pods/target/binding",
    "/api/v1/namespaces/default/pods/target/eviction",
    "/api/v1/namespaces/default/serviceaccounts/target/token",
    "/api/v1/namespaces/spare/finalize",
    "/api/v1/nodes",
    "/apis/coordination.k8s.io/v1/namespaces/default/leases",
    "/apis/rbac.authorization.k8s.io/v1/namespaces/default/roles",
    "/apis/rbac.authorization.k8s.io/v1/namespaces/default/rolebindings",
    "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
    "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
    "/apis/authentication.k8s.io/v1/selfsubjectreviews",
)
_TYPES = (
    "application/json",
    "application/yaml",
    "application/vnd.kubernetes.protobuf",
    "application/json-patch+json",
    "application/merge-patch+json",
    "application/strategic-merge-patch+json",
    "text/plain",
    "",
)
_NAMES = (
    *("metadata", "spec", "status", "name", "namespace", "labels", "annotations", "finalizers"),
    *("ownerReferences", "template", "containers", "command", "image", "env", "expected", "after"),
    *("versions", "names", "group", "scope", "schema", "openAPIV3Schema", "properties", "type"),
    *("op", "path", "value", "data", "kind", "apiVersion", "target", "resourceVersion", "uid"),
    *("preconditions", "propagationPolicy", "gracePeriodSeconds", "rules", "volumes", "quorum"),
    *("deadline", "expirationSeconds", "boundObjectRef", "dryRun", "items", "conditions", "$patch"),
)
_LEAVES = (
    some.none()
    | some.booleans()
    | some.integers()
    | some.floats(allow_nan=False, allow_infinity=False)
    | some.text(max_size=8)
    | some.sampled_from(("a", "add", "/spec", "replace", "object", "1h", "v1", "Namespaced", "1"))
)
_KEYS = some.sampled_from(_NAMES) | some.text(max_size=4)
_VALUES: Any = some.recursive(
    _LEAVES,
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(_KEYS, inner, max_size=5),
    max_leaves=12,
)
_KIND_PATH = "customresourcedefinitions"
"""Not to be deleted: the other tests need them."""
_KINDS = {
    "barriers": ("konductor.io/v1", "Barrier"),
    "arrivals": ("konductor.io/v1", "Arrival"),
    "runs": ("konductor.io/v1", "Run"),
    "jobs": ("batch/v1", "Job"),
    "pods": ("v1", "Pod"),
    "customresourcedefinitions": ("apiextensions.k8s.io/v1", "CustomResourceDefinition"),
}


@pytest.fixture(scope="module")
def targets() -> Iterator[Api]:
    """A server of its own, with an object wherever a path names one."""
    with started() as api:
        _fill(api)
        yield api


def _fill(api: Api) -> None:
    metadata = {"metadata": {"name": "target"}}
    pod = {"spec": {"containers": [{"name": "a", "image": "b"}]}}
    kind = {"apiVersion": "konductor.io/v1", "kind": "Barrier", "spec": {"expected": 1}}
    for path, document in (
        (_B, metadata | kind),
        ("/api/v1/namespaces/default/configmaps", metadata),
        ("/api/v1/namespaces/default/serviceaccounts", metadata),
        ("/api/v1/namespaces", {"metadata": {"name": "spare"}}),
        ("/api/v1/namespaces/default/serviceaccounts", {"metadata": {"name": "default"}}),
        ("/api/v1/namespaces/default/pods", metadata | pod),
    ):
        assert api.ask("POST", path, document).code == 201


def _alive(api: Api) -> bool:
    return api.ask("GET", "/readyz").code == 200


@pytest.mark.parametrize("path", _PATHS)
def test_any_json_is_answered(targets: Api, path: str) -> None:
    plural = path.rpartition("/")[2]
    head = dict(zip(("apiVersion", "kind"), _KINDS.get(plural, ()), strict=False))

    @settings(
        max_examples=40, deadline=None, suppress_health_check=list(HealthCheck), database=None
    )
    @given(
        document=_VALUES,
        method=some.sampled_from(
            ("POST", "PUT", "PATCH", *(() if plural == _KIND_PATH else ("DELETE",)))
        ),
        media=some.sampled_from(_TYPES),
        whole=some.booleans(),
    )
    def hold(document: Any, method: str, media: str, whole: bool) -> None:  # noqa: FBT001  # drawn
        sent = head | document if whole and isinstance(document, dict) else document
        query = "?dryRun=All" if method != "DELETE" else ""
        answer = targets.ask(method, path + query, sent, Content_Type=media)
        told = answer.code < 500 or answer.body.get("message", "") in _REAL_500 or _is_real(answer)
        assert told, (answer.code, answer.text, json.dumps(sent))

    hold()
    assert _alive(targets)


_REAL_500 = ("resourceVersion should not be set on objects to be created",)


def _is_real(answer: Any) -> bool:
    """Tell the faults of a patch that a real server answers with 500, too."""
    message = answer.body.get("message", "")
    return answer.body.get("reason") != "InternalError" or "please report" not in message


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), database=None)
@given(
    path=some.sampled_from(_PATHS),
    name=some.sampled_from(
        (
            *("labelSelector", "fieldSelector", "limit", "continue", "resourceVersion"),
            *("resourceVersionMatch", "fieldValidation", "dryRun", "includeObject"),
            *("timeoutSeconds", "propagationPolicy", "gracePeriodSeconds", "tailLines"),
        )
    ),
    value=some.text(
        some.characters(min_codepoint=33, max_codepoint=126, exclude_characters="&#+%"), max_size=9
    ),
    method=some.sampled_from(("GET", "POST", "OPTIONS")),
)
def test_any_query_is_answered(targets: Api, path: str, name: str, value: str, method: str) -> None:
    answer = targets.ask(method, f"{path}?{name}={value}")
    assert answer.code < 500 or answer.code == 504, (answer.code, answer.text)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), database=None)
@given(
    path=some.text(
        some.characters(min_codepoint=33, max_codepoint=126, exclude_characters="?#"), max_size=30
    )
)
def test_any_path_is_answered(targets: Api, path: str) -> None:
    assert targets.ask("GET", f"/{path}").code < 500


@pytest.mark.parametrize(
    "data", [b"", b"{", b"[" * 100_000, b"\xff\xfe", b"null", b'"a"', b"1e999"]
)
@pytest.mark.parametrize("media", _TYPES)
def test_bytes_that_are_no_object_are_refused(targets: Api, data: bytes, media: str) -> None:
    for method, path in (("POST", _B), ("PUT", f"{_B}/target"), ("PATCH", f"{_B}/target")):
        answer = targets.ask(method, path, data, Content_Type=media)
        if (method, data, media) == ("PATCH", b"null", "application/json-patch+json"):
            assert answer.code == 200, answer.text  # Go reads null as a list of no operations
        else:
            assert 400 <= answer.code < 500, (answer.code, answer.text)


def test_a_body_that_is_too_large_is_refused(targets: Api) -> None:
    answer = targets.ask("POST", _B, b'"' + b"x" * (4 * 1024 * 1024) + b'"')
    assert answer.code == 413
    assert answer.body["reason"] == "RequestEntityTooLarge"


def test_a_request_cut_short_harms_nobody(targets: Api) -> None:
    line = targets.open()
    line.putrequest("POST", _B)
    line.putheader("Authorization", f"Bearer {targets.connection.token}")
    line.putheader("Content-Length", "1000")
    line.endheaders(b"{")
    line.close()
    assert _alive(targets)


@pytest.mark.parametrize("token", ["", "wrong", "a.b.c", "\xe9"])
def test_nobody_is_let_in_without_a_token(targets: Api, token: str) -> None:
    answer = targets.ask("GET", "/api/v1/pods", Authorization=f"Bearer {token}")
    assert (answer.code, answer.body["reason"]) == (401, "Unauthorized")


def test_another_host_name_is_refused(targets: Api) -> None:
    """A web page can bring its own name to resolve to this machine."""
    answer = targets.ask("GET", "/api/v1/pods", Host="evil.example.com")
    assert answer.code == 403


def test_only_tls_is_spoken(targets: Api) -> None:
    port = int(targets.connection.server.rpartition(":")[2])
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    line.request("GET", "/healthz")
    with pytest.raises((OSError, http.client.HTTPException)):
        line.getresponse()
    line.close()
