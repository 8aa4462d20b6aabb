from typing import Any

from konductor.runner.local.kubelet.token import with_token

PLACE = "/var/run/secrets/kubernetes.io/serviceaccount"
OWN = {"name": "own", "mountPath": PLACE}


def mounts(spec: dict[str, Any]) -> dict[str, list[str]]:
    every = spec.get("initContainers", []) + spec["containers"]
    return {one["name"]: [mount["name"] for mount in one["volumeMounts"]] for one in every}


def test_each_container_can_speak_to_the_server() -> None:
    spec = with_token({"initContainers": [{"name": "i"}], "containers": [{"name": "c"}]})
    assert mounts(spec) == {"i": ["kube-api-access"], "c": ["kube-api-access"]}
    assert [volume["name"] for volume in spec["volumes"]] == ["kube-api-access"]


def test_container_with_a_token_of_its_own_keeps_it() -> None:
    own = {"name": "c", "volumeMounts": [OWN]}
    spec = with_token({"volumes": [{"name": "own"}], "containers": [own, {"name": "d"}]})
    assert mounts(spec) == {"c": ["own"], "d": ["kube-api-access"]}
    only = {"containers": [own]}
    assert with_token(only) is only


def test_pod_that_wants_no_token_gets_none() -> None:
    spec = {"automountServiceAccountToken": False, "containers": [{"name": "c"}]}
    assert with_token(spec) is spec
