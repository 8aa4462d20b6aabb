from __future__ import annotations

from typing import Any

import pytest

from konductor.runner.local.kubelet.environment import (
    Sources,
    expand,
    real_path,
    resolve_environment,
)
from konductor.runner.local.kubelet.failure import NotYetRunnable
from konductor.runner.local.kubelet.fields import Facts

from .conftest import container, make_pod

SOURCES = Sources(
    config_maps={"cm": {"A": b"1", "B": b"2", "C=D": b"3"}}, secrets={"s": {"token": b"t"}}
)
FACTS = Facts("10.0.0.1", {"cpu": "2", "memory": "1Gi"})


def resolve(folders: dict[str, str] | None = None, **fields: Any) -> dict[str, str]:
    pod = make_pod(containers=[container(**fields)])
    return resolve_environment(
        pod.containers[0],
        pod,
        SOURCES,
        facts=FACTS,
        folders=folders or {},
        below={"PATH": "/bin", "A": "below"},
    )


def variable(**source: Any) -> dict[str, Any]:
    return {"name": "X", "valueFrom": source}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        ("$(A)", "1"),
        ("$(A)$(B)", "12"),
        ("$$(A)", "$(A)"),
        ("$$$(A)", "$1"),
        ("$(NONE)", "$(NONE)"),
        ("$(A", "$(A"),
        ("$A", "$A"),
        ("a$", "a$"),
        ("$()", "$()"),
    ],
)
def test_references_expand_as_in_kubernetes(text: str, expected: str) -> None:
    assert expand(text, {"A": "1", "B": "2"}) == expected


def test_later_variables_see_earlier_ones_and_what_lies_below() -> None:
    env = resolve(env=[{"name": "X", "value": "$(PATH)"}, {"name": "Y", "value": "$(X)!$(Z)"}])
    assert env["Y"] == "/bin!$(Z)"


def test_whole_sources_come_first_and_variables_win() -> None:
    env = resolve(
        envFrom=[
            {"configMapRef": {"name": "cm"}},
            {"prefix": "S_", "secretRef": {"name": "s"}},
            {"configMapRef": {"name": "absent", "optional": True}},
        ],
        env=[{"name": "B", "value": "mine"}],
    )
    assert env == {"PATH": "/bin", "A": "1", "B": "mine", "S_token": "t"}


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ({"configMapKeyRef": {"name": "cm", "key": "A"}}, "1"),
        ({"secretKeyRef": {"name": "s", "key": "token"}}, "t"),
        ({"configMapKeyRef": {"name": "cm", "key": "Z", "optional": True}}, None),
        ({"secretKeyRef": {"name": "none", "key": "Z", "optional": True}}, None),
        ({"fieldRef": {"fieldPath": "metadata.name"}}, "p"),
        ({"fieldRef": {"fieldPath": "metadata.labels['app']"}}, "a"),
        ({"fieldRef": {"fieldPath": "metadata.annotations['note']"}}, "n"),
        ({"fieldRef": {"fieldPath": "metadata.labels['none']"}}, ""),
        ({"fieldRef": {"fieldPath": "metadata.labels"}}, 'app="a"\nb="x\\"y"'),
        ({"fieldRef": {"fieldPath": "spec.nodeName"}}, "node"),
        ({"fieldRef": {"fieldPath": "spec.serviceAccountName"}}, "robot"),
        ({"fieldRef": {"fieldPath": "status.podIP"}}, "10.0.0.1"),
        ({"resourceFieldRef": {"resource": "limits.cpu"}}, "2"),
        ({"resourceFieldRef": {"resource": "limits.memory", "divisor": "1Mi"}}, "256"),
        ({"resourceFieldRef": {"resource": "requests.cpu", "divisor": "1m"}}, "0"),
    ],
)
def test_values_come_from_where_they_are_referred_to(
    source: dict[str, Any], value: str | None
) -> None:
    env = resolve(env=[variable(**source)], resources={"limits": {"memory": "256Mi"}})
    assert env.get("X") == value


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        (
            {"env": [variable(configMapKeyRef={"name": "cm", "key": "Z"})]},
            "couldn't find key Z in ConfigMap ns/cm",
        ),
        ({"env": [variable(secretKeyRef={"name": "no", "key": "Z"})]}, 'secret "no" not found'),
        ({"envFrom": [{"configMapRef": {"name": "no"}}]}, 'configmap "no" not found'),
        ({"envFrom": [{}]}, "pod ns/p: envFrom names neither a ConfigMap nor a Secret"),
        (
            {"env": [variable(fieldRef={"fieldPath": "spec.nope"})]},
            "unsupported fieldPath: spec.nope",
        ),
        (
            {"env": [variable(resourceFieldRef={"resource": "nope"})]},
            "unsupported resource: nope",
        ),
        (
            {"env": [variable(fileKeyRef={"path": "a"})]},
            "env of container main: ['fileKeyRef'] is not supported",
        ),
        (
            {
                "env": [variable(resourceFieldRef={"resource": "limits.cpu"})],
                "resources": {"limits": {"cpu": "two"}},
            },
            "limits.cpu of container main: `two` is no quantity such as 500m, 2 or 1Gi",
        ),
    ],
)
def test_what_is_absent_is_named(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(NotYetRunnable) as caught:
        resolve(**fields)
    assert caught.value.message == message
    assert caught.value.reason == "CreateContainerConfigError"


def test_mounted_paths_in_values_become_real_ones() -> None:
    folders = {"/konductor/work": "/real/work", "/konductor/work/deep": "/real/deep"}
    env = resolve(
        folders,
        env=[
            {"name": "W", "value": "/konductor/work"},
            {"name": "D", "value": "/konductor/work/deep/x"},
            {"name": "O", "value": "/konductor/workshop"},
            {"name": "E", "value": "$(W)/sub"},
        ],
    )
    assert [env[name] for name in "WDOE"] == [
        "/real/work",
        "/real/deep/x",
        "/konductor/workshop",
        "/real/work/sub",
    ]
    assert real_path("see /konductor/work", folders) == "see /konductor/work"
