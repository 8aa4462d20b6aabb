"""Jobs as they are created: defaults, the selector, and the labels that the pods are known by."""

from collections.abc import Mapping
from typing import Any

from konductor.runner.local.apiserver.builtin import naming
from konductor.runner.local.apiserver.builtin.poddefault import default_spec

Map = dict[str, Any]

CONTROLLER_UID = "batch.kubernetes.io/controller-uid"
JOB_NAME = "batch.kubernetes.io/job-name"
NAME_LABELS = ("job-name", JOB_NAME)
UID_LABELS = ("controller-uid", CONTROLLER_UID)
_BACKOFF, _UNLIMITED = 6, 2**31 - 1
_MANY, _MANY_AT_ONCE = 100_000, 10_000


def default(job: Map) -> None:
    """Fill in what a job leaves open."""
    spec = job["spec"]
    if "completions" not in spec and "parallelism" not in spec:
        spec["completions"] = 1
    spec.setdefault("parallelism", 1)
    per_index = "backoffLimitPerIndex" in spec
    spec.setdefault("backoffLimit", _UNLIMITED if per_index else _BACKOFF)
    spec.setdefault("completionMode", "NonIndexed")
    spec.setdefault("suspend", False)
    replaced = "Failed" if "podFailurePolicy" in spec else "TerminatingOrFailed"
    spec.setdefault("podReplacementPolicy", replaced)
    spec.setdefault("manualSelector", False)
    for rule in spec.get("podFailurePolicy", {}).get("rules") or ():
        for pattern in rule.get("onPodConditions", ()):
            if not pattern.get("status"):
                pattern["status"] = "True"
    default_spec(spec["template"]["spec"])


def prepare(job: Map) -> None:
    """Give a new job, whose uid is set, its selector and its pods the labels that it selects."""
    job["status"] = {}
    spec = job["spec"]
    if not spec["manualSelector"]:
        _select(job)
    labels = spec["template"]["metadata"].get("labels")
    if labels and not job["metadata"].get("labels"):
        job["metadata"]["labels"] = dict(labels)


def _select(job: Map) -> None:
    spec = job["spec"]
    metadata, labels = job["metadata"], spec["template"]["metadata"].setdefault("labels", {})
    for name in NAME_LABELS:
        labels.setdefault(name, metadata.get("name", ""))
    for name in UID_LABELS:
        labels.setdefault(name, metadata["uid"])
    selected = spec.setdefault("selector", {}).setdefault("matchLabels", {})
    selected.setdefault(CONTROLLER_UID, metadata["uid"])


def warnings(job: Mapping[str, Any]) -> list[str]:
    """Return what is allowed and yet likely to surprise."""
    found = []
    spec, wrong = job["spec"], naming.dns_label(job["metadata"].get("name", ""))
    if wrong:
        found.append(
            "metadata.name: this is used in Pod names and hostnames, which can result in "
            f"surprising behavior; a DNS label is recommended: [{' '.join(wrong)}]"
        )
    indexed = spec.get("completionMode") == "Indexed"
    many = spec.get("completions", 0) > _MANY and spec.get("parallelism", 0) > _MANY_AT_ONCE
    if indexed and many:
        found.append(
            "spec: In Indexed Jobs with a number of completions higher than 10^5 and a parallelism "
            "higher than 10^4, Kubernetes might not be able to track completedIndexes when a big "
            "number of indexes fail"
        )
    return found
