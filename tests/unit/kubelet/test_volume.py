from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from konductor.runner.local.kubelet.environment import Sources
from konductor.runner.local.kubelet.failure import NeverRunnable, NotYetRunnable
from konductor.runner.local.kubelet.fields import Facts
from konductor.runner.local.kubelet.needs import Needs, TokenRequest, needs
from konductor.runner.local.kubelet.volume import (
    File,
    Material,
    mount_folders,
    refuse_unsupported,
    volume_files,
)

from .conftest import container, make_pod

MATERIAL = Material(
    Sources({"cm": {"a": b"1", "b": b"2"}}, {"s": {"k": b"v"}}),
    Facts(),
    {TokenRequest("", 3600): "token", TokenRequest("x", 7200): "other"},
)
SERVICE_ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount"


def files(**volume: Any) -> tuple[File, ...]:
    return volume_files({"name": "v"} | volume, make_pod(), MATERIAL)


def test_whole_maps_become_files() -> None:
    assert files(configMap={"name": "cm", "defaultMode": 0o600}) == (
        File("a", b"1", 0o600),
        File("b", b"2", 0o600),
    )
    assert files(secret={"secretName": "s"}) == (File("k", b"v"),)


def test_items_choose_keys_paths_and_modes() -> None:
    items = [{"key": "b", "path": "x/y", "mode": 0o755}]
    assert files(configMap={"name": "cm", "items": items}) == (File("x/y", b"2", 0o755),)


def test_projected_volumes_join_their_sources() -> None:
    namespace = {"path": "ns", "fieldRef": {"fieldPath": "metadata.namespace"}}
    sources = [
        {"serviceAccountToken": {"path": "token"}},
        {"serviceAccountToken": {"path": "more", "audience": "x", "expirationSeconds": 7200}},
        {"secret": {"name": "s"}},
        {"configMap": {"name": "none", "optional": True}},
        {"downwardAPI": {"items": [namespace]}},
    ]
    assert files(projected={"sources": sources}) == (
        File("token", b"token", 0o600),
        File("more", b"other", 0o600),
        File("k", b"v"),
        File("ns", b"ns"),
    )


def test_other_volumes_hold_what_programs_write() -> None:
    assert files(emptyDir={}) == ()


@pytest.mark.parametrize(
    ("volume", "message"),
    [
        ({"configMap": {"name": "no"}}, 'configmap "no" not found'),
        ({"secret": {"secretName": "no"}}, 'secret "no" not found'),
        (
            {"configMap": {"name": "cm", "items": [{"key": "z", "path": "z"}]}},
            "configmap references non-existent config key: z",
        ),
        (
            {"configMap": {"name": "cm", "items": [{"key": "a", "path": "../z"}]}},
            "path `../z` leads out of its volume",
        ),
        (
            {"downwardAPI": {"items": [{"path": "a", "resourceFieldRef": {}}]}},
            'downwardAPI item {"path": "a", "resourceFieldRef": {}}: only fieldRef is supported',
        ),
    ],
)
def test_what_is_absent_from_a_volume_is_named(volume: dict[str, Any], message: str) -> None:
    with pytest.raises(NotYetRunnable) as caught:
        files(**volume)
    assert caught.value.message == message


def test_an_optional_item_may_be_absent() -> None:
    source = {"name": "cm", "optional": True, "items": [{"key": "z", "path": "z"}]}
    assert files(configMap=source) == ()


def test_all_that_a_pod_names_is_needed() -> None:
    pod = make_pod(
        automountServiceAccountToken=False,
        initContainers=[container(name="i", envFrom=[{"configMapRef": {"name": "c1"}}])],
        containers=[
            container(
                env=[
                    {"name": "A", "value": "1"},
                    {"name": "B", "valueFrom": {"secretKeyRef": {"name": "s1", "key": "k"}}},
                ]
            )
        ],
        volumes=[
            {"name": "a", "configMap": {"name": "c2"}},
            {"name": "b", "secret": {"secretName": "s2"}},
            {"name": "c", "persistentVolumeClaim": {"claimName": "p"}},
            {"name": "d", "projected": {"sources": [{"serviceAccountToken": {"path": "t"}}]}},
        ],
    )
    assert needs(pod) == Needs(
        frozenset({"c1", "c2"}),
        frozenset({"s1", "s2"}),
        frozenset({"p"}),
        frozenset({TokenRequest("", 3600)}),
    )


def mounting(path: str, volume: dict[str, Any] | None = None, **mount: Any) -> Any:
    return make_pod(
        containers=[container(volumeMounts=[{"name": "v", "mountPath": path} | mount])],
        volumes=[{"name": "v"} | (volume or {"emptyDir": {}})],
    )


@pytest.mark.parametrize(
    ("path", "volume"),
    [
        ("/konductor/work", None),
        ("/konductor", None),
        (SERVICE_ACCOUNT, None),
        ("/usr/", {"hostPath": {"path": "/usr"}}),
    ],
)
def test_mounts_that_processes_can_have_are_taken(path: str, volume: dict[str, Any] | None) -> None:
    refuse_unsupported(mounting(path, volume))


@pytest.mark.parametrize(
    ("path", "volume", "mount"),
    [
        ("/data", None, {}),
        ("/usr", {"hostPath": {"path": "/etc"}}, {}),
        ("/usr", {"hostPath": {"path": "/usr"}}, {"subPath": "lib"}),
    ],
)
def test_other_mounts_are_refused_with_the_way_out(
    path: str, volume: dict[str, Any] | None, mount: dict[str, Any]
) -> None:
    with pytest.raises(NeverRunnable, match=r"write below \$KON_WORKSPACE") as caught:
        refuse_unsupported(mounting(path, volume, **mount))
    assert f"at {path}:" in caught.value.message
    assert caught.value.reason == "UnsupportedPod"


def test_unknown_volumes_and_sidecars_are_refused() -> None:
    with pytest.raises(NeverRunnable, match="kind the local cluster lacks: nfs"):
        refuse_unsupported(make_pod(volumes=[{"name": "v", "nfs": {}}]))
    with pytest.raises(NeverRunnable, match="runs no sidecars yet"):
        refuse_unsupported(make_pod(initContainers=[container(name="i", restartPolicy="Always")]))
    refuse_unsupported(make_pod(initContainers=[container(name="i")]))


def test_sub_paths_lie_within_the_volume() -> None:
    pod = make_pod(
        containers=[
            container(
                volumeMounts=[
                    {"name": "v", "mountPath": "/konductor/a", "subPath": "x"},
                    {"name": "v", "mountPath": "/konductor/b", "subPathExpr": "$(RUN)/y"},
                    {"name": "w", "mountPath": "/konductor/c"},
                ]
            )
        ]
    )
    folders = mount_folders(pod.containers[0], {"v": Path("/real")}, {"RUN": "r1"})
    assert folders == {"/konductor/a": "/real/x", "/konductor/b": "/real/r1/y"}
