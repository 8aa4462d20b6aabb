"""rules.json holds objects and what kube-apiserver 1.37 made of each (POST ...?dryRun=All).

The volume of the service account's token, which admission adds there, is left out of it.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from konductor.runner.local.apiserver.builtin import job, jobrule, pod, poddefault
from konductor.runner.local.apiserver.builtin.decode import decode

CASES = json.loads(Path(__file__).with_name("rules.json").read_text(encoding="utf-8"))
COMPONENTS = {"Job": "io.k8s.api.batch.v1.Job", "Pod": "io.k8s.api.core.v1.Pod"}


def _prepared(document: dict[str, Any]) -> dict[str, Any]:
    found = decode(COMPONENTS[document["kind"]], document).value
    found["metadata"]["uid"] = "uid-1"
    if found["kind"] == "Job":
        job.default(found)
        job.prepare(found)
    else:
        poddefault.default_pod(found)
        poddefault.admit(found)
        pod.prepare(found)
    return found


def _errors(found: dict[str, Any]) -> list[list[str]]:
    rules = jobrule.create_errors if found["kind"] == "Job" else pod.create_errors
    unique = dict.fromkeys(rules(found))
    return [[error.field, error.reason, error.message] for error in unique]


def _named(case: dict[str, Any]) -> Any:  # pytest has no public name for it
    found = case["object"]
    return pytest.param(case, id=f"{found['kind']}-{CASES.index(case)}")


@pytest.mark.parametrize("case", [_named(case) for case in CASES])
def test_objects_are_refused_for_the_real_servers_reasons(case: dict[str, Any]) -> None:
    assert _errors(_prepared(case["object"])) == case["causes"]


@pytest.mark.parametrize("case", [_named(case) for case in CASES if "stored" in case])
def test_objects_are_stored_with_the_real_servers_defaults(case: dict[str, Any]) -> None:
    found = _prepared(case["object"])
    assert found["spec"] == case["stored"]["spec"]
    assert found["metadata"].get("labels", {}) == case["stored"]["labels"]
    assert found["status"] == case["stored"]["status"]
