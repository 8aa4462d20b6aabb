from __future__ import annotations

import copy
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from konductor.runner.local.controllers.job_model import JobPod, parse_job, parse_job_pod
from konductor.runner.local.controllers.job_policy import Match, match_failure

from .conftest import DELAY, T0, World, indexed, make_job

EXIT_42 = {"onExitCodes": {"containerName": "main", "operator": "In", "values": [42]}}


def test_pods_are_created_up_to_parallelism_and_completions() -> None:
    world = World(make_job(completions=3, parallelism=2))
    world.settle()
    assert len(world.active()) == 2
    assert world.status["active"] == 2
    world.finish(world.names()[0])
    world.settle()
    assert len(world.active()) == 2
    world.finish(world.active()[0])
    world.settle()
    assert len(world.active()) == 1


def test_a_pod_is_noted_then_let_go_then_counted() -> None:
    world = World(make_job())
    world.settle()
    (name,) = world.names()
    world.finish(name)
    noted = world.step()
    assert world.status["uncountedTerminatedPods"] == {"succeeded": [name]}
    assert "succeeded" not in world.status
    assert [pod.meta.name for pod in noted.release] == [name]
    assert world.conditions() == [("SuccessCriteriaMet", "True", "CompletionsReached")]
    world.step()
    assert world.status["uncountedTerminatedPods"] == {}
    assert world.status["succeeded"] == 1
    assert world.conditions()[1:] == [("Complete", "True", "CompletionsReached")]
    assert world.status["completionTime"] == world.status["startTime"]
    assert world.notes == ["Completed"]


def test_a_finished_job_is_left_alone() -> None:
    world = World(make_job())
    world.settle()
    world.finish(world.names()[0])
    world.settle()
    late = world.decide()
    assert late.status is None
    assert (late.create, late.release, late.notes) == ((), (), ())


def test_failures_are_retried_after_a_growing_delay_until_the_limit() -> None:
    world = World(make_job(backoffLimit=2))
    waits = []
    for _ in range(2):
        world.settle()
        world.finish(world.active()[0], 1)
        waits.append(world.settle().wait)
        world.now += timedelta(seconds=100)
    assert waits == [DELAY, 2 * DELAY]
    world.settle()
    world.finish(world.active()[0], 1)
    world.settle()
    assert world.conditions() == [
        ("FailureTarget", "True", "BackoffLimitExceeded"),
        ("Failed", "True", "BackoffLimitExceeded"),
    ]
    assert world.status["failed"] == 3
    assert "completionTime" not in world.status
    assert world.notes == ["BackoffLimitExceeded"]


def test_a_success_ends_the_row_of_failures() -> None:
    world = World(make_job(completions=3, parallelism=2, backoffLimit=9))
    world.settle()
    first, second = world.active()
    world.finish(first, 1)
    world.settle()
    assert world.backoff.failures == 1
    world.now += timedelta(seconds=1)
    world.finish(second)
    world.settle()
    assert world.backoff.failures == 0


def test_a_failed_job_ends_and_counts_what_still_runs() -> None:
    world = World(make_job(completions=3, parallelism=3, backoffLimit=0))
    world.settle()
    world.assign()
    broken, *others = world.active()
    world.finish(broken, 1)
    world.settle()
    assert world.status["terminating"] == 2
    assert world.conditions() == [("FailureTarget", "True", "BackoffLimitExceeded")]
    for name in others:
        world.finish(name, 143)
    world.settle()
    assert world.conditions()[-1] == ("Failed", "True", "BackoffLimitExceeded")
    assert world.status["failed"] == 3


def test_indexes_are_filled_and_told() -> None:
    world = World(indexed(completions=4, parallelism=4))
    world.settle()
    pods = list(world.pods.values())
    assert [pod["metadata"]["generateName"] for pod in pods] == [f"j-{i}-" for i in range(4)]
    label = "batch.kubernetes.io/job-completion-index"
    assert [pod["metadata"]["labels"][label] for pod in pods] == list("0123")
    assert pods[2]["spec"]["hostname"] == "j-2"
    assert pods[2]["spec"]["containers"][0]["env"][0]["name"] == "JOB_COMPLETION_INDEX"
    for name in world.names()[:3]:
        world.finish(name)
    world.settle()
    assert world.status["completedIndexes"] == "0-2"
    assert world.status["succeeded"] == 3


def test_retries_are_per_index() -> None:
    world = World(indexed(completions=2, parallelism=2, backoffLimitPerIndex=1))
    world.settle()
    first = world.names()[0]
    world.finish(first, 1)
    waiting = world.settle()
    assert waiting.wait == DELAY
    assert first in world.pods  # kept, for its count of failures
    world.now += DELAY
    world.settle()
    second = next(name for name in world.active() if name.startswith("j-0-"))
    failures = "batch.kubernetes.io/job-index-failure-count"
    assert world.pods[second]["metadata"]["annotations"][failures] == "1"
    world.finish(second, 1)
    world.settle()
    assert world.status["failedIndexes"] == "0"
    world.finish(world.active()[0])
    world.settle()
    assert world.conditions()[-1] == ("Failed", "True", "FailedIndexes")
    assert world.status["failed"] == 2
    assert world.status["completedIndexes"] == "1"


def test_one_index_need_not_wait_for_another() -> None:
    world = World(indexed(completions=3, parallelism=2, backoffLimitPerIndex=5))
    world.settle()
    world.finish(world.names()[0], 1)
    decision = world.settle()
    assert [name[:4] for name in world.active()] == ["j-1-"]
    assert decision.wait == DELAY


def test_too_many_failed_indexes_end_the_job() -> None:
    world = World(indexed(completions=3, parallelism=3, backoffLimitPerIndex=0, maxFailedIndexes=0))
    world.settle()
    world.finish(world.names()[1], 1)
    world.settle()
    assert world.conditions()[0] == ("FailureTarget", "True", "MaxFailedIndexesExceeded")
    assert world.active() == []


@pytest.mark.parametrize(
    ("rules", "ends", "complete"),
    [
        ([{"succeededCount": 2}], [0, 2], True),
        ([{"succeededCount": 2}], [0], False),
        ([{"succeededIndexes": "1-2"}], [1, 2], True),
        ([{"succeededIndexes": "1-2"}], [0, 2], False),
        ([{"succeededIndexes": "1-2", "succeededCount": 1}], [2], True),
        ([{"succeededIndexes": "9"}, {"succeededCount": 1}], [0], True),
    ],
)
def test_a_success_policy_ends_the_rest(
    rules: list[Any], ends: list[int], *, complete: bool
) -> None:
    world = World(indexed(completions=4, parallelism=4, successPolicy={"rules": rules}))
    world.settle()
    for index in ends:
        world.finish(world.names()[index])
    world.settle()
    if complete:
        assert [reason for _, _, reason in world.conditions()] == ["SuccessPolicy"] * 2
        assert world.active() == []
        assert "failed" not in world.status
    else:
        assert world.conditions() == []


def test_exit_codes_match_by_container_and_operator() -> None:
    rules = [
        {"action": "FailJob", "onExitCodes": {"operator": "NotIn", "values": [1]}},
        {"action": "FailJob", "onPodConditions": [{"type": "Ready", "status": "True"}]},
    ]
    job = parse_job(make_job(podFailurePolicy={"rules": rules}))
    states = [{"name": "a", "state": {"running": {}}}, {"name": "b", "state": ended(1)}]
    status: dict[str, Any] = {"phase": "Failed", "containerStatuses": states}
    assert match_failure(job, pod_with(status)) == Match()
    status["conditions"] = [
        {"type": "Other", "status": "True"},
        {"type": "Ready", "status": "True"},
    ]
    message = "Pod ns/p has condition Ready matching FailJob rule at index 1"
    assert match_failure(job, pod_with(status)) == Match("FailJob", message)
    status["initContainerStatuses"] = [{"name": "i", "state": ended(7)}]
    assert match_failure(job, pod_with(status)).message.startswith("Container i for pod ns/p")


def test_a_pod_without_containers_that_ended_ended_when_it_was_last_ready_or_deleted() -> None:
    unready = {"type": "Ready", "status": "False", "lastTransitionTime": "2026-11-24T09:00:00Z"}
    assert pod_with({"conditions": [unready]}).finished == T0 - timedelta(hours=1)
    meta = {"deletionTimestamp": "2026-11-24T10:00:30Z", "deletionGracePeriodSeconds": 30}
    assert pod_with({}, **meta).finished == T0
    assert pod_with({}, creationTimestamp="2026-11-24T10:00:00Z").finished == T0


def ended(code: int) -> dict[str, Any]:
    return {"terminated": {"exitCode": code}}


def pod_with(status: dict[str, Any], **meta: Any) -> JobPod:
    return parse_job_pod({"metadata": {"name": "p", "namespace": "ns"} | meta, "status": status})


@pytest.mark.parametrize(
    ("action", "code", "conditions", "failed"),
    [
        ("FailJob", 42, ["FailureTarget", "Failed"], 2),
        ("Ignore", 42, [], 0),
        ("Count", 42, [], 1),
        ("FailJob", 7, [], 1),
    ],
)
def test_a_failure_policy_decides_what_an_exit_code_means(
    action: str, code: int, conditions: list[str], failed: int
) -> None:
    rules = [{"action": action} | EXIT_42]
    world = World(make_job(completions=2, parallelism=2, podFailurePolicy={"rules": rules}))
    world.settle()
    name = world.names()[0]
    world.finish(name, code)
    world.settle()
    assert [kind for kind, _, _ in world.conditions()] == conditions
    assert world.status.get("failed", 0) == failed
    if conditions:
        assert world.status["conditions"][0]["message"] == (
            f"Container main for pod ns/{name} failed with exit code 42 "
            "matching FailJob rule at index 0"
        )


def test_an_index_can_be_failed_at_once() -> None:
    rules = [{"action": "FailIndex"} | EXIT_42]
    policy = {"rules": rules}
    job = indexed(completions=2, parallelism=2, backoffLimitPerIndex=3, podFailurePolicy=policy)
    world = World(job)
    world.settle()
    world.finish(world.names()[0], 42)
    world.settle()
    assert world.status["failedIndexes"] == "0"


def test_ignored_failures_of_an_index_are_remembered_apart() -> None:
    rules = [{"action": "Ignore", "onPodConditions": [{"type": "DisruptionTarget"}]}]
    policy = {"rules": rules}
    job = indexed(completions=1, backoffLimitPerIndex=0, podFailurePolicy=policy)
    world = World(job)
    world.settle()
    world.finish(world.names()[0], 137)
    disrupted = {"type": "DisruptionTarget", "status": "True"}
    world.pods[world.names()[0]]["status"]["conditions"] = [disrupted]
    world.settle()
    world.now += DELAY
    world.settle()
    annotations = world.pods[world.active()[0]]["metadata"]["annotations"]
    assert annotations["batch.kubernetes.io/job-index-failure-count"] == "0"
    assert annotations["batch.kubernetes.io/job-index-ignored-failure-count"] == "1"


def test_a_job_that_is_too_long_active_fails() -> None:
    world = World(make_job(activeDeadlineSeconds=30))
    assert world.settle().wait == timedelta(seconds=30)
    world.now += timedelta(seconds=30)
    world.settle()
    assert world.conditions()[-1] == ("Failed", "True", "DeadlineExceeded")


def test_a_suspended_job_holds_no_pods_and_starts_when_resumed() -> None:
    world = World(make_job(suspend=True, completions=2, parallelism=2, activeDeadlineSeconds=5))
    world.settle()
    assert world.names() == []
    assert "startTime" not in world.status
    assert world.conditions() == [("Suspended", "True", "JobSuspended")]
    world.now += timedelta(seconds=60)
    world.job["spec"]["suspend"] = False
    world.settle()
    assert len(world.active()) == 2
    assert world.status["startTime"] == "2026-11-24T10:01:00Z"
    assert world.conditions() == [("Suspended", "False", "JobResumed")]
    world.assign()
    world.job["spec"]["suspend"] = True
    world.settle()
    assert world.active() == []
    assert world.status["terminating"] == 2
    assert "startTime" not in world.status
    for name in world.names():
        world.finish(name, 143)
    world.settle()
    assert "failed" not in world.status
    assert world.notes == ["Suspended", "Resumed", "Suspended"]


def test_no_completions_means_one_success_and_the_end_of_the_others() -> None:
    world = World(make_job(completions=None, parallelism=2))
    world.settle()
    first, second = world.active()
    world.finish(first)
    world.settle()
    assert world.active() == [second]
    world.finish(second, 1)
    world.settle()
    assert world.conditions()[-1][0] == "Complete"


def test_no_work_is_complete_at_once() -> None:
    world = World(make_job(completions=0))
    world.settle()
    assert world.conditions()[-1] == ("Complete", "True", "CompletionsReached")


def test_less_parallelism_removes_the_pods_that_lose_least() -> None:
    world = World(make_job(completions=3, parallelism=3))
    world.settle()
    world.assign()
    kept = world.names()[1]
    world.run(kept)
    world.job["spec"]["parallelism"] = 1
    world.settle()
    assert world.active() == [kept]


def test_a_second_pod_of_an_index_and_one_beyond_the_last_are_removed() -> None:
    world = World(indexed(completions=2, parallelism=2))
    world.settle()
    one, two = world.names()
    for name, index in (("twin", "0"), ("beyond", "7")):
        twin = copy.deepcopy(world.pods[one])
        twin["metadata"] |= {"name": name, "uid": name, "creationTimestamp": "2026-11-24T11:00:00Z"}
        twin["metadata"]["annotations"]["batch.kubernetes.io/job-completion-index"] = index
        world.pods[name] = twin
    world.settle()
    assert world.active() == [one, two]


def test_only_failed_pods_are_replaced_where_that_is_asked_for() -> None:
    for policy, replaced in (("Failed", False), ("TerminatingOrFailed", True)):
        world = World(indexed(completions=1, backoffLimit=3, podReplacementPolicy=policy))
        world.settle()
        world.assign()
        world.pods[world.names()[0]]["metadata"]["deletionTimestamp"] = T0.isoformat()
        world.now += DELAY
        world.settle()
        assert bool(world.active()) is replaced


def test_restarts_within_pods_count_against_the_limit() -> None:
    job = make_job(backoffLimit=1)
    job["spec"]["template"]["spec"]["restartPolicy"] = "OnFailure"
    world = World(job)
    world.settle()
    status = {"phase": "Running", "containerStatuses": [{"name": "main", "restartCount": 1}]}
    world.pods[world.names()[0]]["status"] = status
    world.settle()
    assert world.conditions()[-1] == ("Failed", "True", "BackoffLimitExceeded")


def test_a_deleted_job_lets_its_pods_go() -> None:
    world = World(make_job())
    world.settle()
    world.job["metadata"]["deletionTimestamp"] = T0.isoformat()
    decision = world.decide()
    assert [pod.meta.name for pod in decision.release] == world.names()
    assert not decision.create


def test_more_successes_than_asked_for_are_told() -> None:
    world = World(make_job(completions=2, parallelism=2))
    world.settle()
    world.job["spec"]["completions"] = 1
    for name in world.names():
        world.finish(name)
    world.settle()
    assert world.notes == ["TooManySucceededPods", "Completed"]


def test_a_long_row_of_ended_pods_is_noted_bit_by_bit() -> None:
    world = World(make_job(completions=600, parallelism=600))
    world.step()
    world.step()
    for name in world.names():
        world.finish(name)
    world.step()
    assert len(world.status["uncountedTerminatedPods"]["succeeded"]) == 500
    world.settle()
    assert world.status["succeeded"] == 600
    assert world.conditions()[-1][0] == "Complete"


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_each_pod_is_counted_once_whatever_is_interrupted(data: st.DataObject) -> None:
    per_index = data.draw(st.booleans())
    changes: dict[str, Any] = {"completions": 4, "parallelism": 3, "backoffLimit": 50}
    job = indexed(**changes, backoffLimitPerIndex=9) if per_index else make_job(**changes)
    world = World(job)
    succeeded = failed = 0
    for _ in range(data.draw(st.integers(1, 25))):
        decision = world.decide()
        world.carry_out(decision, stop_after=data.draw(st.integers(0, 6)))
        active, happens = world.active(), data.draw(st.booleans())
        if active and happens:
            code = data.draw(st.sampled_from([0, 1]))
            world.finish(data.draw(st.sampled_from(active)), code)
            succeeded, failed = succeeded + (not code), failed + bool(code)
        world.now += timedelta(seconds=data.draw(st.integers(0, 400)))
    world.settle()
    kept = sum(pod["metadata"]["finalizers"] != [] for pod in world.pods.values())
    assert world.status.get("succeeded", 0) == succeeded
    assert failed - kept <= world.status.get("failed", 0) <= failed


def test_statuses_only_move_forward() -> None:
    world = World(make_job(completions=3, parallelism=1, backoffLimit=9))
    for code in (0, 1, 0, 0):
        world.settle()
        world.finish(world.active()[0], code)
        world.now += timedelta(seconds=100)
    world.settle()
    counts = [(one.get("succeeded", 0), one.get("failed", 0)) for one in world.statuses]
    assert counts == sorted(counts)
    assert counts[-1] == (3, 1)
