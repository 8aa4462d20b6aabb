"""One object over HTTP: create, read, replace, delete, and what each is refused for."""

from typing import Any

from tests.recordings.cases.barriers import barrier
from tests.recordings.cases.configs import config_map
from tests.recordings.cases.jobs import job
from tests.recordings.cases.pods import pod
from tests.recordings.step import PARTIAL, TABLE, Group, Probe

_B = "/apis/konductor.io/v1/namespaces/{ns}/barriers"
_C = "/api/v1/namespaces/{ns}/configmaps"
_P = "/api/v1/namespaces/{ns}/pods"
_J = "/apis/batch/v1/namespaces/{ns}/jobs"
_FINALIZED = {**barrier("f"), "metadata": {"name": "f", "finalizers": ["example.com/hold"]}}
_YAML = """\
apiVersion: konductor.io/v1
kind: Barrier
metadata: {name: yaml}
spec: {expected: 1}
"""
_MERGE = "application/merge-patch+json"


def _versioned(name: str, version: str, **spec: Any) -> dict[str, Any]:
    return {**barrier(name, **spec), "metadata": {"name": name, "resourceVersion": version}}


OBJECTS = Group(
    "objects",
    (
        Probe("create", "POST", _B, barrier("a"), keep="a"),
        Probe("create again", "POST", _B, barrier("a")),
        Probe("create with a status", "POST", _B, {**barrier("s"), "status": {"arrived": 9}}),
        Probe("create with a resource version", "POST", _B, _versioned("v", "5")),
        Probe("create without a name", "POST", _B, {**barrier("x"), "metadata": {}}),
        Probe(
            "create by a generated name",
            "POST",
            _B,
            {**barrier("x"), "metadata": {"generateName": "gen-"}},
        ),
        Probe(
            "create for another namespace",
            "POST",
            _B,
            {**barrier("x"), "metadata": {"name": "x", "namespace": "other"}},
        ),
        Probe("create another kind", "POST", _B, {**barrier("x"), "kind": "Barier"}),
        Probe(
            "create of another version",
            "POST",
            _B,
            {**barrier("x"), "apiVersion": "konductor.io/v2"},
        ),
        Probe(
            "create of another group", "POST", _B, {**barrier("x"), "apiVersion": "example.com/v1"}
        ),
        Probe(
            "create without a kind",
            "POST",
            _B,
            {"metadata": {"name": "x"}, "spec": {"expected": 1}},
        ),
        Probe("create from nothing", "POST", _B, ""),
        Probe("create from no JSON", "POST", _B, "{"),
        Probe(
            "create from YAML",
            "POST",
            _B,
            _YAML,
            "application/yaml",
        ),
        Probe("create of no content type", "POST", _B, barrier("n"), ""),
        Probe("create of an unknown content type", "POST", _B, barrier("x"), "text/plain"),
        Probe(
            "create with an ill owner",
            "POST",
            _C,
            {"metadata": {"name": "x", "ownerReferences": [{"kind": "a", "name": "b"}]}},
        ),
        Probe(
            "create with ill labels",
            "POST",
            _C,
            {"metadata": {"name": "x", "labels": {"a b": "c d"}}},
        ),
        Probe(
            "create with an ill finalizer",
            "POST",
            _C,
            {"metadata": {"name": "x", "finalizers": ["x"]}},
        ),
        Probe("create in a dry run", "POST", f"{_B}?dryRun=All", barrier("dry")),
        Probe("create in an unknown run", "POST", f"{_B}?dryRun=Some", barrier("dry")),
        Probe("the dry run stored nothing", "GET", f"{_B}/dry"),
        Probe("read", "GET", f"{_B}/a"),
        Probe("read as a table", "GET", f"{_B}/a", headers={"Accept": TABLE}),
        Probe("read in part", "GET", f"{_B}/a", headers={"Accept": PARTIAL}),
        Probe("read as what is not spoken", "GET", f"{_B}/a", headers={"Accept": "text/html"}),
        Probe("read the status", "GET", f"{_B}/a/status"),
        Probe("read a scale", "GET", f"{_B}/a/scale"),
        Probe("read what is not there", "GET", f"{_B}/nope"),
        Probe("replace", "PUT", f"{_B}/a", _versioned("a", "{kept:a}", expected=4), keep="a2"),
        Probe(
            "replace with the same",
            "PUT",
            f"{_B}/a",
            _versioned("a", "{kept:a2}", expected=4),
            keep="a3",
        ),
        Probe("replace the old", "PUT", f"{_B}/a", _versioned("a", "{kept:a}", expected=5)),
        Probe("replace without a version", "PUT", f"{_B}/a", barrier("a")),
        Probe("replace another name", "PUT", f"{_B}/a", _versioned("b", "{kept:a2}")),
        Probe("replace what is not there", "PUT", f"{_B}/nope", _versioned("nope", "1")),
        Probe(
            "replace another uid",
            "PUT",
            f"{_B}/a",
            {
                **barrier("a"),
                "metadata": {"name": "a", "uid": "other", "resourceVersion": "{kept:a2}"},
            },
        ),
        Probe(
            "replace labels alone",
            "PUT",
            f"{_B}/a",
            {
                **barrier("a", expected=4),
                "metadata": {"name": "a", "resourceVersion": "{kept:a2}", "labels": {"x": "y"}},
            },
            keep="a4",
        ),
        Probe(
            "replace the status",
            "PUT",
            f"{_B}/a/status",
            {
                **barrier("a", expected=9),
                "metadata": {"name": "a", "resourceVersion": "{kept:a4}", "labels": {"z": "z"}},
                "status": {"arrived": 1},
            },
        ),
        Probe("create a status", "POST", f"{_B}/a/status", barrier("a")),
        Probe(
            "patch the status",
            "PATCH",
            f"{_B}/a/status",
            {"status": {"arrived": 2}, "spec": {"expected": 8}},
            _MERGE,
        ),
        Probe("patch the status away", "PATCH", f"{_B}/a/status", {"status": None}, _MERGE),
        Probe(
            "the object's own patch leaves status",
            "PATCH",
            f"{_B}/a",
            {"status": {"arrived": 7}},
            _MERGE,
        ),
        Probe(
            "a map without a version may be replaced",
            "POST",
            _C,
            config_map("m", data={"a": "b"}),
            keep="m",
        ),
        Probe("replace the map", "PUT", f"{_C}/m", config_map("m", data={"c": "d"})),
        Probe(
            "replace the old map",
            "PUT",
            f"{_C}/m",
            {**config_map("m"), "metadata": {"name": "m", "resourceVersion": "{kept:m}"}},
        ),
        Probe("put a map that is not there", "PUT", f"{_C}/nope", config_map("nope")),
        Probe("delete of another uid", "DELETE", f"{_B}/a", {"preconditions": {"uid": "other"}}),
        Probe(
            "delete of another version",
            "DELETE",
            f"{_B}/a",
            {"preconditions": {"resourceVersion": "1"}},
        ),
        Probe("delete in a dry run", "DELETE", f"{_B}/a", {"dryRun": ["All"]}),
        Probe("delete", "DELETE", f"{_B}/a"),
        Probe("delete again", "DELETE", f"{_B}/a"),
        Probe("create with a finalizer", "POST", _B, _FINALIZED),
        Probe("delete the finalized", "DELETE", f"{_B}/f"),
        Probe("it is still there", "GET", f"{_B}/f"),
        Probe("delete the finalized again", "DELETE", f"{_B}/f"),
        Probe(
            "add a finalizer while it goes",
            "PATCH",
            f"{_B}/f",
            {"metadata": {"finalizers": ["example.com/hold", "example.com/more"]}},
            _MERGE,
        ),
        Probe(
            "label it while it goes",
            "PATCH",
            f"{_B}/f",
            {"metadata": {"labels": {"a": "b"}}},
            _MERGE,
        ),
        Probe("let it go", "PATCH", f"{_B}/f", {"metadata": {"finalizers": None}}, _MERGE),
        Probe("it is gone", "GET", f"{_B}/f"),
        Probe("create one to be orphaning", "POST", _B, barrier("o")),
        Probe(
            "delete by two policies",
            "DELETE",
            f"{_B}/o",
            {"propagationPolicy": "Orphan", "orphanDependents": True},
        ),
        Probe("delete by an unknown policy", "DELETE", f"{_B}/o", {"propagationPolicy": "Slowly"}),
        Probe("delete at a negative grace", "DELETE", f"{_B}/o", {"gracePeriodSeconds": -1}),
        Probe("create a job", "POST", _J, job("j")),
        Probe("a job deleted without a policy", "DELETE", f"{_J}/j"),
        Probe("create a pod", "POST", _P, pod("p")),
        Probe(
            "bind it to nowhere",
            "POST",
            f"{_P}/p/binding",
            {"metadata": {"name": "p"}, "target": {}},
        ),
        Probe(
            "bind it",
            "POST",
            f"{_P}/p/binding",
            {"metadata": {"name": "p"}, "target": {"kind": "Node", "name": "n1"}},
        ),
        Probe(
            "bind it again",
            "POST",
            f"{_P}/p/binding",
            {"metadata": {"name": "p"}, "target": {"kind": "Node", "name": "n2"}},
        ),
        Probe("the bound pod", "GET", f"{_P}/p"),
        Probe("delete the bound pod", "DELETE", f"{_P}/p"),
        Probe("the bound pod goes", "GET", f"{_P}/p"),
        Probe("delete the bound pod at once", "DELETE", f"{_P}/p?gracePeriodSeconds=0"),
        Probe("the bound pod is gone", "GET", f"{_P}/p"),
        Probe("delete a collection", "DELETE", f"{_C}?labelSelector=x%3Dnone"),
    ),
)
