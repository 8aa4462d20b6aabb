"""Jobs with kubectl. They are suspended: what controllers make of them is tested elsewhere."""

from typing import Any

from tests.recordings.step import Group, Kubectl

POD_SPEC = {"restartPolicy": "Never", "containers": [{"name": "main", "image": "busybox"}]}


def job(name: str, /, **spec: Any) -> dict[str, Any]:
    """Return the manifest of a suspended Job that no controller looks after."""
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": name},
        "spec": {
            "suspend": True,
            "managedBy": "example.com/nobody",
            "template": {"spec": POD_SPEC},
            **spec,
        },
    }


_INDEXED = {"completionMode": "Indexed", "completions": 3, "parallelism": 2}
_POLICY = {"rules": [{"action": "Ignore", "onPodConditions": [{"type": "DisruptionTarget"}]}]}
_DONE = (
    '{"status":{"startTime":"2026-01-01T00:00:00Z","completionTime":"2026-01-01T00:01:40Z",'
    '"succeeded":1,"conditions":[{"type":"SuccessCriteriaMet","status":"True"},'
    '{"type":"Complete","status":"True"}]}}'
)


def _patch(name: str, patch: str, *, kind: str = "merge") -> str:
    return f"patch job {name} --type={kind} -p '{patch}'"


JOBS = Group(
    "jobs",
    (
        Kubectl("apply a new one", "apply -f -", job("a")),
        Kubectl("apply it unchanged", "apply -f -", job("a")),
        Kubectl("apply it changed", "apply -f -", job("a", parallelism=2)),
        Kubectl(
            "apply another template",
            "apply -f -",
            job("a", template={"spec": {**POD_SPEC, "hostname": "x"}}),
        ),
        Kubectl("get as YAML", "get job a -o yaml"),
        Kubectl("get", "get job a"),
        Kubectl("get wide", "get jobs -o wide"),
        Kubectl("describe", "describe job a"),
        Kubectl("explain", "explain job.spec.backoffLimit"),
        Kubectl(
            "create an indexed one", "create -f -", job("i", **_INDEXED, backoffLimitPerIndex=1)
        ),
        Kubectl("get the indexed one", "get job i -o yaml"),
        Kubectl("create with a failure policy", "create -f -", job("p", podFailurePolicy=_POLICY)),
        Kubectl("get the failure policy", "get job p -o 'jsonpath={.spec}'"),
        Kubectl(
            "create without a restart policy",
            "create -f -",
            job("x", template={"spec": {"containers": POD_SPEC["containers"]}}),
        ),
        Kubectl("create much wrong", "create -f -", job("x", parallelism=-1, completions=-1)),
        Kubectl(
            "create without completions",
            "create -f -",
            job("x", completionMode="Indexed", parallelism=1),
        ),
        Kubectl("create with an unknown field", "create -f -", job("x", bogus=1)),
        Kubectl("create with a wrong type", "create -f -", job("x", parallelism="two")),
        Kubectl(
            "create with a command",
            "create job c --image=busybox --dry-run=server -o yaml -- sh -c 'echo hi'",
        ),
        Kubectl("change completions", _patch("a", '{"spec":{"completions":5}}')),
        Kubectl(
            "change a selector", _patch("a", '{"spec":{"selector":{"matchLabels":{"a":"b"}}}}')
        ),
        Kubectl(
            "change resources",
            _patch(
                "a",
                '{"spec":{"template":{"spec":{"containers":[{"name":"main","resources":{"limits":{"cpu":"1"}}}]}}}}',
                kind="strategic",
            ),
        ),
        Kubectl(
            "change the node selector",
            _patch("a", '{"spec":{"template":{"spec":{"nodeSelector":{"a":"b"}}}}}'),
        ),
        Kubectl(
            "change the image",
            _patch(
                "a",
                '{"spec":{"template":{"spec":{"containers":[{"name":"main","image":"x"}]}}}}',
                kind="strategic",
            ),
        ),
        Kubectl("change indexed completions in tandem", _patch("i", '{"spec":{"completions":2}}')),
        Kubectl("change indexed completions alone", _patch("i", '{"spec":{"completions":4}}')),
        Kubectl("lift", _patch("a", '{"spec":{"suspend":false}}')),
        Kubectl(
            "change the image of a lifted one",
            _patch(
                "a",
                '{"spec":{"template":{"spec":{"containers":[{"name":"main","image":"x"}]}}}}',
                kind="strategic",
            ),
        ),
        Kubectl(
            "end it wrongly",
            "patch job a --subresource=status --type=merge -p "
            '\'{"status":{"conditions":[{"type":"Complete","status":"True"}]}}\'',
        ),
        Kubectl("end it", f"patch job a --subresource=status --type=merge -p '{_DONE}'"),
        Kubectl("wait for its end", "wait job/a --for=condition=Complete --timeout=5s"),
        Kubectl("get the ended", "get job a"),
        Kubectl(
            "undo its end",
            'patch job a --subresource=status --type=merge -p \'{"status":{"conditions":null}}\'',
        ),
        Kubectl("logs of a job without pods", "logs job/i --pod-running-timeout=1s"),
        Kubectl("label", "label job a x=y"),
        Kubectl("get all", "get all"),
        Kubectl("delete", "delete job a"),
        Kubectl("delete in the background", "delete job i --cascade=background"),
        Kubectl("delete again", "delete job a"),
    ),
)
