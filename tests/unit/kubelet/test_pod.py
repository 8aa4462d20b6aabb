from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path

import pytest

from konductor.connection import Connection
from konductor.runner.local.kubelet.environment import Sources
from konductor.runner.local.kubelet.failure import NotYetRunnable
from konductor.runner.local.kubelet.fields import Facts
from konductor.runner.local.kubelet.launching import api_address, prepare, resource_limits
from konductor.runner.local.kubelet.pod import parse_pod
from konductor.runner.local.kubelet.settings import Settings
from konductor.runner.local.kubelet.volume import Material

from .conftest import container, make_pod

SERVER = Connection(server="https://127.0.0.1:6443")
SETTINGS = Settings(
    folder=Path("/state"),
    slots=2,
    environment={"HOME": "/home/me", "PATH": "/bin", "SECRET": "x", "AWS_PROFILE": "p"},
    work_folder="/here",
    inherit=("AWS_PROFILE", "NOT_SET"),
)


def test_an_empty_pod_has_the_defaults() -> None:
    pod = parse_pod({})
    assert (pod.restart_policy, pod.service_account, pod.grace) == (
        "Always",
        "default",
        timedelta(seconds=30),
    )
    assert (pod.node, pod.active_deadline, pod.is_over) == ("", None, False)


def test_a_deletion_says_how_long_the_grace_is() -> None:
    pod = make_pod(terminationGracePeriodSeconds=9, activeDeadlineSeconds=7)
    assert (pod.grace, pod.active_deadline) == (timedelta(seconds=9), timedelta(seconds=7))
    pod = make_pod(metadata={"deletionGracePeriodSeconds": 0}, terminationGracePeriodSeconds=9)
    assert pod.grace == timedelta(0)


def test_slots_are_for_stages_that_cannot_wait_mid_script() -> None:
    stage = {"labels": {"konductor.io/stage": "s"}}
    assert make_pod(metadata=stage).takes_slot
    assert not make_pod(metadata=stage | {"annotations": {"konductor.io/meets": "true"}}).takes_slot
    assert not make_pod().takes_slot


def test_hooks_are_known_by_name_and_command() -> None:
    hook = container(name="konductor-wait", command=["koncli", "hook", "wait", "b"])
    pod = make_pod(initContainers=[hook])
    assert pod.init_containers[0].is_hook
    assert pod.waits_first
    assert not make_pod(initContainers=[hook | {"command": ["sh"]}]).init_containers[0].is_hook
    assert not make_pod().waits_first


def test_a_program_sees_little_of_the_host_and_finds_the_cluster() -> None:
    pod = make_pod(
        containers=[
            container(
                command=["echo", "$(W)"],
                env=[{"name": "W", "value": "/konductor/w/x"}],
                volumeMounts=[
                    {"name": "w", "mountPath": "/konductor/w"},
                    {
                        "name": "t",
                        "mountPath": "/var/run/secrets/kubernetes.io/serviceaccount",
                    },
                ],
            )
        ]
    )
    launch, folders = prepare(
        pod.containers[0],
        pod,
        Material(Sources(), Facts()),
        {"w": Path("/real/w"), "t": Path("/real/t")},
        settings=SETTINGS,
        connection=SERVER,
    )
    assert launch.argv == ("echo", "/real/w/x")
    assert launch.folder == "/here"
    assert folders["/konductor/w"] == "/real/w"
    assert launch.env == {
        "HOME": "/home/me",
        "AWS_PROFILE": "p",
        "PATH": f"{Path(sys.executable).parent}:/bin",
        "HOSTNAME": "p",
        "KUBERNETES_SERVICE_HOST": "127.0.0.1",
        "KUBERNETES_SERVICE_PORT": "6443",
        "KUBERNETES_SERVICE_PORT_HTTPS": "6443",
        "KON_SERVICE_ACCOUNT": "/real/t",
        "W": "/real/w/x",
    }


def test_a_program_without_an_account_is_told_of_none() -> None:
    pod = make_pod()
    material = Material(Sources(), Facts())
    launch, _ = prepare(pod.containers[0], pod, material, {}, settings=SETTINGS, connection=SERVER)
    assert "KON_SERVICE_ACCOUNT" not in launch.env


def test_a_server_without_a_port_has_the_usual_one() -> None:
    address = api_address(Connection(server="https://cluster.example"))
    assert address["KUBERNETES_SERVICE_PORT"] == "443"


def test_a_memory_limit_bounds_what_a_program_may_write_to() -> None:
    import resource  # noqa: PLC0415  # only on Unix

    limited = make_pod(containers=[container(resources={"limits": {"memory": "1Mi"}})])
    assert resource_limits(limited.containers[0]) == ((resource.RLIMIT_DATA, 1024 * 1024),)
    assert resource_limits(make_pod().containers[0]) == ()
    wrong = make_pod(containers=[container(resources={"limits": {"memory": "much"}})])
    with pytest.raises(NotYetRunnable, match=r"limits\.memory of container main: `much`"):
        resource_limits(wrong.containers[0])


def test_restarts_wait_as_long_as_in_kubernetes() -> None:
    delays = [SETTINGS.crash_delay(restarts).total_seconds() for restarts in range(7)]
    assert delays == [0, 10, 20, 40, 80, 160, 300]
