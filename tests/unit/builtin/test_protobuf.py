"""protobuf.json holds bodies as kubectl 1.37 sent them, base64."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from konductor.runner.local.apiserver.builtin import protobuf

BODIES = json.loads(Path(__file__).with_name("protobuf.json").read_text(encoding="utf-8"))
EXPECTED = {
    "kubectl create namespace rec-x": {
        "kind": "Namespace",
        "apiVersion": "v1",
        "metadata": {"name": "rec-x"},
        "spec": {},
        "status": {},
    },
    "kubectl create secret generic s --from-literal=a=b": {
        "kind": "Secret",
        "apiVersion": "v1",
        "metadata": {"name": "s"},
        "data": {"a": "Yg=="},
    },
    "kubectl create job j --image=busybox -- sh -c 'echo hi'": {
        "kind": "Job",
        "apiVersion": "batch/v1",
        "metadata": {"name": "j"},
        "spec": {
            "template": {
                "metadata": {},
                "spec": {
                    "containers": [
                        {
                            "name": "j",
                            "image": "busybox",
                            "command": ["sh", "-c", "echo hi"],
                            "resources": {},
                        }
                    ],
                    "restartPolicy": "Never",
                },
            }
        },
        "status": {},
    },
    "kubectl auth can-i list pods": {
        "kind": "SelfSubjectAccessReview",
        "apiVersion": "authorization.k8s.io/v1",
        "metadata": {},
        "spec": {
            "resourceAttributes": {"namespace": "default", "verb": "list", "resource": "pods"}
        },
        "status": {"allowed": False},
    },
    "kubectl create serviceaccount sa": {
        "kind": "ServiceAccount",
        "apiVersion": "v1",
        "metadata": {"name": "sa"},
    },
}


def _body(api_version: str, kind: str, message: Any) -> bytes:  # a generated message
    envelope: Any = protobuf._message(protobuf._ENVELOPE)()
    envelope.typeMeta.apiVersion, envelope.typeMeta.kind = api_version, kind
    envelope.raw = message.SerializeToString()
    return protobuf._MAGIC + bytes(envelope.SerializeToString())


@pytest.mark.parametrize("command", EXPECTED)
def test_what_kubectl_sends_is_the_object_that_it_means(command: str) -> None:
    assert protobuf.read(base64.b64decode(BODIES[command])) == EXPECTED[command]


def test_every_kind_of_field_is_read() -> None:
    pod: Any = protobuf._message("k8s.io.api.core.v1.Pod")()
    pod.metadata.creationTimestamp.seconds = 1_700_000_000
    pod.metadata.labels["a"] = "b"
    container = pod.spec.containers.add(name="main")
    container.resources.limits["cpu"].string = "500m"
    container.livenessProbe.handler.httpGet.port.type = 1
    container.livenessProbe.handler.httpGet.port.strVal = "web"
    container.readinessProbe.handler.httpGet.port.intVal = 80
    volume = pod.spec.volumes.add(name="v")
    volume.volumeSource.emptyDir.SetInParent()
    managed = pod.metadata.managedFields.add(manager="m")
    managed.fieldsV1.Raw = b'{"f:spec":{}}'
    pod.spec.automountServiceAccountToken = False
    found = protobuf.read(_body("v1", "Pod", pod))
    assert found["metadata"] == {
        "creationTimestamp": "2023-11-14T22:13:20Z",
        "labels": {"a": "b"},
        "managedFields": [{"manager": "m", "fieldsV1": {"f:spec": {}}}],
    }
    assert found["spec"] == {
        "automountServiceAccountToken": False,
        "containers": [
            {
                "name": "main",
                "resources": {"limits": {"cpu": "500m"}},
                "livenessProbe": {"httpGet": {"port": "web"}},
                "readinessProbe": {"httpGet": {"port": 80}},
            }
        ],
        "volumes": [{"name": "v", "emptyDir": {}}],
    }


def test_microseconds_of_a_lease_are_kept() -> None:
    lease: Any = protobuf._message("k8s.io.api.coordination.v1.Lease")()
    lease.spec.renewTime.seconds, lease.spec.renewTime.nanos = 1_700_000_000, 5_000
    found = protobuf.read(_body("coordination.k8s.io/v1", "Lease", lease))
    assert found["spec"] == {"renewTime": "2023-11-14T22:13:20.000005Z"}


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"{}", "does not appear to be a protobuf message"),
        (b"k8s\x00\xff", "Error parsing message|Truncated"),
        (_body("v9", "Pod", protobuf._message("k8s.io.api.core.v1.Pod")()), 'no kind "Pod"'),
    ],
)
def test_a_body_that_is_no_protobuf_of_a_known_kind_is_refused(body: bytes, message: str) -> None:
    with pytest.raises(protobuf.UnreadableBody, match=message):
        protobuf.read(body)
