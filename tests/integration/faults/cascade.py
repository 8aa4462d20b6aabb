"""The objects of the scenario: one cascade with every kind of end.

::

    extract (2 of 3) ─▶ transform (counts its Job) ─▶ load: fails with check
                    └─▶ check: times out ─▶ repair: runs on that failure
                        alarm: skipped, since transform opens; finally: cleanup
    survey (raw): its quorum is out of reach ─▶ report (raw): runs all the same
"""

from typing import Final

from konductor.api.meta import Json
from konductor.api.names import API_VERSION, Label

RUN: Final = "r"


def documents(namespace: str) -> list[Json]:
    """Return all objects of the scenario, in the order in which koncli creates them."""
    failed = {"require": "Failed"}
    spec = {"pipeline": "etl", "stages": 6, "onFailure": "continue"}
    run = _document("Run", RUN, namespace, {Label.RUN: RUN, Label.PIPELINE: "etl"}, spec)
    barriers = [
        _stage("extract", 3, quorum=2),
        _stage("transform", 2, ["extract"], arrivalsFrom={"jobs": ["r-transform"]}),
        _stage("check", 2, ["extract"], timeout="30m"),
        _stage("load", 1, ["transform", "check"]),
        _stage("repair", 1, ["check"], **failed),
        _stage("alarm", 1, ["transform"], **failed),
        _stage("cleanup", 1, role="finally"),
        _document("Barrier", "survey", "", {}, {"expected": 2}),
        _document(
            "Barrier",
            "report",
            "",
            {},
            {"expected": 1, "after": [{"barriers": ["survey"], "require": "Done"}]},
        ),
    ]
    for one in barriers:
        one["metadata"]["namespace"] = namespace
    stages = [one["metadata"]["name"] for one in barriers if one["metadata"]["labels"]]
    return [run, *(_job(name, namespace) for name in stages), *barriers]


def _document(kind: str, name: str, namespace: str, labels: Json, spec: Json) -> Json:
    metadata = {"name": name, "namespace": namespace, "labels": labels}
    return {"apiVersion": API_VERSION, "kind": kind, "metadata": metadata, "spec": spec}


def _stage(
    name: str,
    expected: int,
    after: list[str] | None = None,
    *,
    role: str = "stage",
    require: str = "Open",
    **spec: object,
) -> Json:
    labels: Json = {Label.RUN: RUN, Label.PIPELINE: "etl", Label.STAGE: name, Label.ROLE: role}
    spec["expected"] = expected
    if after:
        upstream = [f"{RUN}-{one}" for one in after]
        spec["after"] = [{"barriers": upstream, "require": require}]
    return _document("Barrier", f"{RUN}-{name}", "", labels, spec)


def _job(name: str, namespace: str) -> Json:
    pod = {"restartPolicy": "Never", "containers": [{"name": "main", "image": "true"}]}
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {
            "name": name,
            "namespace": namespace,
            "labels": {Label.RUN: RUN, Label.BARRIER: name},
        },
        "spec": {
            "suspend": True,
            "completions": 3,
            "parallelism": 3,
            "completionMode": "Indexed",
            "managedBy": "konductor.io/tests",  # what its pods do is done here
            "template": {"spec": pod},
        },
    }
