"""Patches over HTTP, of each kind, on custom and built-in objects."""

from tests.recordings.cases.barriers import barrier
from tests.recordings.cases.configs import config_map
from tests.recordings.cases.jobs import job
from tests.recordings.step import JSON_PATCH, MERGE, STRATEGIC, Group, Probe

_B = "/apis/konductor.io/v1/namespaces/{ns}/barriers"
_C = "/api/v1/namespaces/{ns}/configmaps"
_J = "/apis/batch/v1/namespaces/{ns}/jobs"

PATCHES = Group(
    "patches",
    (
        Probe("a barrier", "POST", _B, barrier("a", quorum=2), keep="a"),
        Probe(
            "merge",
            "PATCH",
            f"{_B}/a",
            {"spec": {"quorum": 1}, "metadata": {"labels": {"x": "y"}}},
            MERGE,
        ),
        Probe(
            "merge null",
            "PATCH",
            f"{_B}/a",
            {"spec": {"quorum": None}, "metadata": {"labels": None}},
            MERGE,
        ),
        Probe("merge nothing", "PATCH", f"{_B}/a", {}, MERGE, keep="now"),
        Probe(
            "merge at the version",
            "PATCH",
            f"{_B}/a",
            {"metadata": {"resourceVersion": "{kept:now}"}, "spec": {"quorum": 2}},
            MERGE,
        ),
        Probe(
            "merge at an old version",
            "PATCH",
            f"{_B}/a",
            {"metadata": {"resourceVersion": "{kept:a}"}, "spec": {"quorum": 3}},
            MERGE,
        ),
        Probe("merge another uid", "PATCH", f"{_B}/a", {"metadata": {"uid": "other"}}, MERGE),
        Probe("merge another name", "PATCH", f"{_B}/a", {"metadata": {"name": "b"}}, MERGE),
        Probe("merge another kind", "PATCH", f"{_B}/a", {"kind": "Other"}, MERGE),
        Probe("merge what breaks a rule", "PATCH", f"{_B}/a", {"spec": {"quorum": 9}}, MERGE),
        Probe("merge a wrong type", "PATCH", f"{_B}/a", {"spec": {"expected": "x"}}, MERGE),
        Probe("merge a list", "PATCH", f"{_B}/a", [], MERGE),
        Probe("merge no JSON", "PATCH", f"{_B}/a", "{", MERGE),
        Probe(
            "merge in a dry run", "PATCH", f"{_B}/a?dryRun=All", {"spec": {"expected": 7}}, MERGE
        ),
        Probe("merge an unknown field", "PATCH", f"{_B}/a", {"spec": {"bogus": 1}}, MERGE),
        Probe(
            "merge an unknown field strictly",
            "PATCH",
            f"{_B}/a?fieldValidation=Strict",
            {"spec": {"bogus": 1}},
            MERGE,
        ),
        Probe("merge what is not there", "PATCH", f"{_B}/nope", {}, MERGE),
        Probe(
            "JSON add",
            "PATCH",
            f"{_B}/a",
            [{"op": "add", "path": "/metadata/labels", "value": {"p": "q"}}],
            JSON_PATCH,
        ),
        Probe(
            "JSON test that holds",
            "PATCH",
            f"{_B}/a",
            [
                {"op": "test", "path": "/spec/expected", "value": 3},
                {"op": "replace", "path": "/spec/expected", "value": 4},
            ],
            JSON_PATCH,
        ),
        Probe(
            "JSON test that does not hold",
            "PATCH",
            f"{_B}/a",
            [{"op": "test", "path": "/spec/expected", "value": 99}],
            JSON_PATCH,
        ),
        Probe(
            "JSON remove what is not there",
            "PATCH",
            f"{_B}/a",
            [{"op": "remove", "path": "/spec/nope"}],
            JSON_PATCH,
        ),
        Probe(
            "JSON replace what is not there",
            "PATCH",
            f"{_B}/a",
            [{"op": "replace", "path": "/spec/nope/x", "value": 1}],
            JSON_PATCH,
        ),
        Probe(
            "JSON of an unknown operation",
            "PATCH",
            f"{_B}/a",
            [{"op": "bogus", "path": "/spec"}],
            JSON_PATCH,
        ),
        Probe("JSON that is an object", "PATCH", f"{_B}/a", {}, JSON_PATCH),
        Probe("strategic on a custom one", "PATCH", f"{_B}/a", {"spec": {"quorum": 1}}, STRATEGIC),
        Probe("of an unknown content type", "PATCH", f"{_B}/a", {}, "application/json"),
        Probe("status from the main path", "PATCH", f"{_B}/a", {"status": {"arrived": 5}}, MERGE),
        Probe("a map", "POST", _C, config_map("m", data={"a": "b"}), keep="m"),
        Probe("merge a map", "PATCH", f"{_C}/m", {"data": {"a": None, "c": "d"}}, MERGE),
        Probe("strategic on a map", "PATCH", f"{_C}/m", {"data": {"c": None, "e": "f"}}, STRATEGIC),
        Probe(
            "strategic replaces",
            "PATCH",
            f"{_C}/m",
            {"data": {"$patch": "replace", "g": "h"}},
            STRATEGIC,
        ),
        Probe(
            "strategic of an unknown directive",
            "PATCH",
            f"{_C}/m",
            {"data": {"$patch": "bogus"}},
            STRATEGIC,
        ),
        Probe("strategic of a wrong type", "PATCH", f"{_C}/m", {"data": {"a": 5}}, STRATEGIC),
        Probe("merge a wrong type into a map", "PATCH", f"{_C}/m", {"data": {"a": 5}}, MERGE),
        Probe("strategic nothing", "PATCH", f"{_C}/m", {}, STRATEGIC),
        Probe(
            "a map at an old version",
            "PATCH",
            f"{_C}/m",
            {"metadata": {"resourceVersion": "{kept:m}"}, "data": {"x": "y"}},
            MERGE,
        ),
        Probe(
            "an unknown field of a map strictly",
            "PATCH",
            f"{_C}/m?fieldValidation=Strict",
            {"bogus": 1},
            MERGE,
        ),
        Probe("an unknown field of a map", "PATCH", f"{_C}/m", {"bogus": 1}, MERGE),
        Probe("a job", "POST", _J, job("j")),
        Probe(
            "strategic on a job's container",
            "PATCH",
            f"{_J}/j",
            {
                "spec": {
                    "template": {
                        "spec": {
                            "containers": [{"name": "main", "resources": {"limits": {"cpu": "1"}}}]
                        }
                    }
                }
            },
            STRATEGIC,
        ),
        Probe(
            "strategic without a merge key",
            "PATCH",
            f"{_J}/j",
            {"spec": {"template": {"spec": {"containers": [{"image": "x"}]}}}},
            STRATEGIC,
        ),
        Probe(
            "merge a list away",
            "PATCH",
            f"{_J}/j",
            {"spec": {"template": {"spec": {"containers": []}}}},
            MERGE,
        ),
        Probe("merge a job's parallelism", "PATCH", f"{_J}/j", {"spec": {"parallelism": 4}}, MERGE),
    ),
)
