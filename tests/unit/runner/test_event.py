"""Reading pods."""

from collections.abc import Callable

import pytest

from konductor.api.meta import Json
from konductor.runner.event import TaskPhase, read_pod

Make = Callable[..., Json]


def test_pod_is_named_by_its_stage_and_index(pod: Make) -> None:
    seen = read_pod(pod("p1", "merge", 3, "Running"))
    assert (seen.stage, seen.participant, seen.phase) == ("merge", "merge-3", TaskPhase.RUNNING)


def test_pod_of_a_cell_is_named_by_its_job(pod: Make) -> None:
    document = pod("count-7k2qf-test-3-0-x", "test", 0, "Running")
    document["metadata"]["labels"]["batch.kubernetes.io/job-name"] = "count-7k2qf-test-3"
    seen = read_pod(document)
    assert (seen.stage, seen.participant) == ("test", "test-3-0")


def test_pod_of_a_plain_job_is_named_by_the_job() -> None:
    labels = {"batch.kubernetes.io/job-name": "extra"}
    seen = read_pod({"metadata": {"name": "extra-x", "labels": labels}})
    assert (seen.stage, seen.participant, seen.phase) == ("extra", "extra", TaskPhase.PENDING)


def test_pod_without_labels_is_named_by_itself() -> None:
    assert read_pod({"metadata": {"name": "lone"}}).stage == "lone"


def test_unknown_phase_counts_as_running(pod: Make) -> None:
    assert read_pod(pod("p", "merge", 0, "Unknown")).phase is TaskPhase.RUNNING


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        ({"terminated": {"exitCode": 3, "reason": "Error"}}, "exit code 3"),
        ({"terminated": {"exitCode": 137, "reason": "OOMKilled"}}, "exit code 137 (OOMKilled)"),
        ({"terminated": {"exitCode": 143, "signal": 15}}, "killed by signal 15"),
        (
            {"waiting": {"reason": "ErrImagePull", "message": "no such image"}},
            "ErrImagePull: no such image",
        ),
        ({"waiting": {"reason": "PodInitializing"}}, ""),
        ({"terminated": {"exitCode": 0}}, ""),
    ],
)
def test_reason_is_what_the_container_says(pod: Make, state: Json, reason: str) -> None:
    assert read_pod(pod("p", "merge", 0, "Failed", state)).reason == reason


def test_reason_of_the_pod_itself_is_taken_when_no_container_has_one(pod: Make) -> None:
    document = pod("p", "merge", 0, "Failed")
    document["status"] |= {"reason": "Evicted", "message": "the node is low on memory"}
    assert read_pod(document).reason == "Evicted: the node is low on memory"


def test_failing_init_container_is_named(pod: Make) -> None:
    document = pod("p", "merge", 0, "Failed", {"waiting": {"reason": "PodInitializing"}})
    ended = {"terminated": {"exitCode": 1}}
    document["status"]["initContainerStatuses"] = [{"name": "konductor-wait", "state": ended}]
    assert read_pod(document).container == "konductor-wait"
