from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from konductor.runner.local.kubelet.pod import Pod
from konductor.runner.local.kubelet.state import (
    ContainerState,
    Running,
    Terminated,
    Verdict,
    Waiting,
)
from konductor.runner.local.kubelet.status import phase_of, pod_status, rejection

from .conftest import container, make_pod

T0 = datetime(2026, 11, 24, 10, tzinfo=UTC)
T1 = T0 + timedelta(seconds=5)
WAITING = ContainerState()
RUNNING = ContainerState(Running(T0), identity="1")
DONE = ContainerState(Terminated(0, "Completed", T0, T1), identity="1")
BROKEN = ContainerState(Terminated(3, "Error", T0, T1), identity="1")
AGAIN = BROKEN.again(Waiting("CrashLoopBackOff", "back-off")).starting()


def two(**changes: Any) -> Pod:
    return make_pod(
        initContainers=[container(name="i")],
        containers=[container(), container(name="arrive")],
        **changes,
    )


def status(pod: Pod, *states: ContainerState, verdict: Verdict | None = None) -> dict[str, Any]:
    names = [one.name for one in pod.every_container]
    return pod_status(
        pod,
        dict(zip(names, states, strict=True)),
        now=T1,
        started=T0,
        address="10.0.0.1",
        verdict=verdict,
    )


@pytest.mark.parametrize(
    ("policy", "states", "phase"),
    [
        ("Never", (WAITING, WAITING, WAITING), "Pending"),
        ("Never", (RUNNING, WAITING, WAITING), "Pending"),
        ("Never", (BROKEN, WAITING, WAITING), "Failed"),
        ("OnFailure", (AGAIN, WAITING, WAITING), "Pending"),
        ("Never", (DONE, RUNNING, WAITING), "Pending"),
        ("Never", (DONE, RUNNING, RUNNING), "Running"),
        ("Never", (DONE, BROKEN, RUNNING), "Running"),
        ("Never", (DONE, BROKEN, DONE), "Failed"),
        ("Never", (DONE, DONE, DONE), "Succeeded"),
        ("OnFailure", (DONE, AGAIN, DONE), "Running"),
        ("OnFailure", (DONE, DONE, DONE), "Succeeded"),
        ("Always", (DONE, DONE, DONE), "Running"),
    ],
)
def test_phase_follows_from_the_containers(
    policy: str, states: tuple[ContainerState, ...], phase: str
) -> None:
    pod = two(restartPolicy=policy)
    names = [one.name for one in pod.every_container]
    assert phase_of(pod, dict(zip(names, states, strict=True))) == phase


def conditions(document: dict[str, Any]) -> dict[str, tuple[str, str | None]]:
    return {one["type"]: (one["status"], one["reason"]) for one in document["conditions"]}


def test_conditions_of_a_pod_that_initializes() -> None:
    document = status(two(), RUNNING, WAITING, WAITING)
    assert conditions(document) == {
        "PodReadyToStartContainers": ("True", None),
        "Initialized": ("False", "ContainersNotInitialized"),
        "Ready": ("False", "ContainersNotReady"),
        "ContainersReady": ("False", "ContainersNotReady"),
    }
    messages = [one["message"] for one in document["conditions"]]
    assert messages[1] == "containers with incomplete status: [i]"
    assert messages[2] == "containers with unready status: [main arrive]"


def test_conditions_of_a_running_pod() -> None:
    assert conditions(status(two(), DONE, RUNNING, RUNNING)) == {
        "PodReadyToStartContainers": ("True", None),
        "Initialized": ("True", None),
        "Ready": ("True", None),
        "ContainersReady": ("True", None),
    }


@pytest.mark.parametrize(
    ("state", "initialized", "reason"),
    [(DONE, "PodCompleted", "PodCompleted"), (BROKEN, None, "PodFailed")],
)
def test_conditions_of_an_ended_pod(
    state: ContainerState, initialized: str | None, reason: str
) -> None:
    assert conditions(status(two(), DONE, DONE, state)) == {
        "PodReadyToStartContainers": ("False", None),
        "Initialized": ("True", initialized),
        "Ready": ("False", reason),
        "ContainersReady": ("False", reason),
    }


def test_a_condition_that_stays_keeps_its_time() -> None:
    known = [{"type": "Initialized", "status": "True", "lastTransitionTime": "then"}]
    document = status(two(status={"conditions": known}), DONE, RUNNING, RUNNING)
    times = {one["type"]: one["lastTransitionTime"] for one in document["conditions"]}
    assert times["Initialized"] == "then"
    assert times["Ready"] == "2026-11-24T10:00:05Z"


def test_containers_tell_their_states() -> None:
    document = status(two(restartPolicy="OnFailure"), DONE, AGAIN, RUNNING)
    (initial,) = document["initContainerStatuses"]
    main, arrive = document["containerStatuses"]
    assert initial["ready"]
    assert initial["state"]["terminated"] == {
        "exitCode": 0,
        "reason": "Completed",
        "startedAt": "2026-11-24T10:00:00Z",
        "finishedAt": "2026-11-24T10:00:05Z",
        "containerID": "process://1",
    }
    assert main["state"] == {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off"}}
    assert main["restartCount"] == 1
    assert main["lastState"]["terminated"]["exitCode"] == 3
    assert arrive["state"] == {"running": {"startedAt": "2026-11-24T10:00:00Z"}}
    assert (arrive["ready"], arrive["started"]) == (True, True)


def test_what_nothing_ails_waits_as_in_kubernetes() -> None:
    waiting = status(make_pod(), WAITING)["containerStatuses"][0]["state"]
    assert waiting == {"waiting": {"reason": "ContainerCreating"}}
    waiting = status(two(), RUNNING, WAITING, WAITING)["containerStatuses"][0]["state"]
    assert waiting == {"waiting": {"reason": "PodInitializing"}}


def test_a_verdict_fails_the_pod() -> None:
    document = status(two(), DONE, DONE, DONE, verdict=Verdict("DeadlineExceeded", "too long"))
    told = document["phase"], document["reason"], document["message"]
    assert told == ("Failed", "DeadlineExceeded", "too long")
    assert document["podIPs"] == [{"ip": "10.0.0.1"}]


def test_a_rejected_pod_says_why() -> None:
    pod = make_pod(metadata={"generation": 2})
    assert rejection(pod, Verdict("UnsupportedPod", "no"), T0) == {
        "phase": "Failed",
        "reason": "UnsupportedPod",
        "message": "no",
        "startTime": "2026-11-24T10:00:00Z",
        "observedGeneration": 2,
    }


def test_a_restart_remembers_how_the_last_run_ended() -> None:
    assert AGAIN.last == BROKEN.now
    assert AGAIN.again(Waiting()).last == BROKEN.now
    assert AGAIN.again(Waiting()).starting().restarts == 2
    assert WAITING.starting() == WAITING
