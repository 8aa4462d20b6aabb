"""Pods with kubectl. There is no node: they stay pending."""

from typing import Any

from tests.recordings.step import Group, Kubectl

CONTAINER = {"name": "main", "image": "busybox:1", "command": ["true"]}


def pod(name: str, /, **spec: Any) -> dict[str, Any]:
    """Return a Pod's manifest, without the volume that the real server adds for its token."""
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "labels": {"app": name}},
        "spec": {"automountServiceAccountToken": False, "containers": [CONTAINER], **spec},
    }


_RUNNING = (
    '{"status":{"phase":"Running","podIP":"10.1.1.1","conditions":[{"type":"Ready",'
    '"status":"True"}],"containerStatuses":[{"name":"main","image":"busybox:1","imageID":"",'
    '"ready":true,"restartCount":0,"state":{"running":{"startedAt":"2026-01-01T00:00:00Z"}}}]}}'
)

PODS = Group(
    "pods",
    (
        Kubectl("apply a new one", "apply -f -", pod("a")),
        Kubectl("apply it unchanged", "apply -f -", pod("a")),
        Kubectl(
            "apply another command",
            "apply -f -",
            pod("a", containers=[{**CONTAINER, "command": ["false"]}]),
        ),
        Kubectl(
            "apply another image",
            "apply -f -",
            pod("a", containers=[{**CONTAINER, "image": "busybox:2"}]),
        ),
        Kubectl(
            "run",
            "run r --image=busybox --restart=Never --overrides="
            '\'{"spec":{"automountServiceAccountToken":false}}\' -- true',
        ),
        Kubectl("get", "get pods"),
        Kubectl("get wide", "get pods -o wide"),
        Kubectl("get as YAML", "get pod a -o yaml"),
        Kubectl("get by phase", "get pods --field-selector status.phase=Pending -o name"),
        Kubectl("get by node", "get pods --field-selector spec.nodeName=n1"),
        Kubectl("get by an unknown field", "get pods --field-selector spec.bogus=1"),
        Kubectl("describe", "describe pod a"),
        Kubectl("logs of what does not run", "logs a"),
        Kubectl("logs of what is not there", "logs nope"),
        Kubectl("logs of another container", "logs a -c other"),
        Kubectl("create without containers", "create -f -", pod("x", containers=[])),
        Kubectl("create without an image", "create -f -", pod("x", containers=[{"name": "main"}])),
        Kubectl("create two of a name", "create -f -", pod("x", containers=[CONTAINER, CONTAINER])),
        Kubectl(
            "create with an unknown mount",
            "create -f -",
            pod(
                "x", containers=[{**CONTAINER, "volumeMounts": [{"name": "v", "mountPath": "/v"}]}]
            ),
        ),
        Kubectl("create with an unknown field", "create -f -", pod("x", bogus={"a": 1})),
        Kubectl(
            "create with a wrong type",
            "create -f -",
            pod("x", terminationGracePeriodSeconds="soon"),
        ),
        Kubectl(
            "create with a bad quantity",
            "create -f -",
            pod("x", containers=[{**CONTAINER, "resources": {"limits": {"cpu": "lots"}}}]),
        ),
        Kubectl(
            "create for an unknown account", "create -f -", pod("x", serviceAccountName="nope")
        ),
        Kubectl(
            "create with much",
            "create -f -",
            pod(
                "much",
                volumes=[
                    {"name": "work", "emptyDir": {}},
                    {"name": "conf", "configMap": {"name": "conf"}},
                    {"name": "host", "hostPath": {"path": "/tmp"}},  # noqa: S108  # a mount in a manifest
                ],
                initContainers=[{"name": "first", "image": "busybox:1"}],
                containers=[
                    {
                        **CONTAINER,
                        "env": [
                            {"name": "A", "value": "1"},
                            {
                                "name": "B",
                                "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}},
                            },
                            {
                                "name": "C",
                                "valueFrom": {"configMapKeyRef": {"name": "c", "key": "k"}},
                            },
                        ],
                        "ports": [{"containerPort": 80}],
                        "resources": {"limits": {"cpu": "0.5", "memory": "1024Mi"}},
                        "livenessProbe": {"httpGet": {"port": 80}},
                        "volumeMounts": [{"name": "work", "mountPath": "/work"}],
                    }
                ],
                tolerations=[{"operator": "Exists"}],
            ),
        ),
        Kubectl("get with much", "get pod much -o yaml"),
        Kubectl("describe with much", "describe pod much"),
        Kubectl(
            "gate one", "create -f -", pod("gated", schedulingGates=[{"name": "example.com/gate"}])
        ),
        Kubectl("get the gated", "get pod gated"),
        Kubectl(
            "add a gate",
            "patch pod a --type=merge -p "
            '\'{"spec":{"schedulingGates":[{"name":"example.com/gate"}]}}\'',
        ),
        Kubectl(
            "lift the gate", 'patch pod gated --type=merge -p \'{"spec":{"schedulingGates":null}}\''
        ),
        Kubectl(
            "status by patch", f"patch pod a --subresource=status --type=merge -p '{_RUNNING}'"
        ),
        Kubectl("get the running", "get pod a -o wide"),
        Kubectl("wait for ready", "wait pod/a --for=condition=Ready --timeout=5s"),
        Kubectl(
            "patch an environment",
            'patch pod a -p \'{"spec":{"containers":[{"name":"main","env":[{"name":"A"}]}]}}\'',
        ),
        Kubectl("delete", "delete pod a"),
        Kubectl("delete now", "delete pod gated --now"),
        Kubectl("delete by label", "delete pods -l app=much"),
        Kubectl("delete again", "delete pod a"),
    ),
)
