"""Where pods run and what they are given, from the program to the manifests."""

from typing import Any

import pytest

from konductor.api.meta import Json
from konductor.dsl.compile import compile_source
from konductor.dsl.emit import emit
from konductor.dsl.podpatch import WrongPatch, patch_of
from konductor.dsl.values import MapValue, Value


def spec(attributes: str, before: str = "") -> Json:
    """Return the spec of the pods of a stage with these attributes."""
    text = f'pipeline p {{\n{before}\nstage s {{\nimage = "a:1"\n{attributes}\n}}\n}}\n'
    compiled = compile_source(text)
    assert compiled.plan is not None, compiled.diagnostics
    (job,) = (one for one in emit(compiled.plan, "r") if one["kind"] == "Job")
    template: Json = job["spec"]["template"]["spec"]
    return template


def main(attributes: str) -> Any:
    return spec(attributes)["containers"][0]


def test_whole_secrets_and_config_maps_become_variables() -> None:
    assert main('env_from = [secret_env("keys"), config_env("settings")]')["envFrom"] == [
        {"secretRef": {"name": "keys"}},
        {"configMapRef": {"name": "settings"}},
    ]


def test_mounts_become_volumes_each_once() -> None:
    attributes = """
      mounts {
        "/data"    = pvc("data")
        "/more"    = pvc("data")
        "/scratch" = empty(1Gi)
        "/fast"    = empty(10Gi, class = "ssd")
        "/keys"    = secret_files("keys")
        "/conf"    = config_files("settings")
      }
    """
    found = spec(attributes)
    claim = {
        "accessModes": ["ReadWriteOnce"],
        "storageClassName": "ssd",
        "resources": {"requests": {"storage": "10Gi"}},
    }
    assert found["volumes"][:-1] == [
        {"name": "mount-0", "persistentVolumeClaim": {"claimName": "data"}},
        {"name": "mount-1", "emptyDir": {"sizeLimit": "1Gi"}},
        {"name": "mount-2", "ephemeral": {"volumeClaimTemplate": {"spec": claim}}},
        {"name": "mount-3", "secret": {"secretName": "keys"}},
        {"name": "mount-4", "configMap": {"name": "settings"}},
    ]
    assert found["containers"][0]["volumeMounts"] == [
        {"name": "mount-0", "mountPath": "/data"},
        {"name": "mount-0", "mountPath": "/more"},
        {"name": "mount-1", "mountPath": "/scratch"},
        {"name": "mount-2", "mountPath": "/fast"},
        {"name": "mount-3", "mountPath": "/keys", "readOnly": True},
        {"name": "mount-4", "mountPath": "/conf", "readOnly": True},
    ]


def test_only_the_program_gets_them() -> None:
    found = spec('env_from = [secret_env("k")], mounts { "/keys" = secret_files("k") }')
    hooks = (*found["initContainers"], *found["containers"][1:])
    assert len(hooks) == 2
    for hook in hooks:
        assert "envFrom" not in hook
        assert [one["name"] for one in hook["volumeMounts"]] == ["konductor-token"]


def test_place_of_a_pod_is_said_in_its_spec() -> None:
    attributes = """
      service_account    = "robot"
      image_pull_secrets = ["a", "b"]
      node_selector      = { "acme.com/disk" = "ssd", cores = 8 }
      priority           = "high"
      tolerations = [
        { key = "gpu", operator = "Exists" },
        {
          key = "spot", operator = "Equal", value = "yes", effect = "NoExecute"
          tolerationSeconds = 0
        },
      ]
    """
    found = spec(attributes)
    assert found["serviceAccountName"] == "robot"
    assert found["imagePullSecrets"] == [{"name": "a"}, {"name": "b"}]
    assert found["nodeSelector"] == {"acme.com/disk": "ssd", "cores": "8"}
    assert found["priorityClassName"] == "high"
    assert found["tolerations"] == [
        {"key": "gpu", "operator": "Exists"},
        {
            "key": "spot",
            "operator": "Equal",
            "value": "yes",
            "effect": "NoExecute",
            "tolerationSeconds": 0,
        },
    ]


@pytest.mark.parametrize(
    "patch",
    [
        "pod = { hostNetwork = true, securityContext = { runAsUser = 1000 } }",
        "pod { hostNetwork = true\n securityContext { runAsUser = 1000 } }",
        "pod = <<YAML\nhostNetwork: true\nsecurityContext:\n  runAsUser: 1000\nYAML",
    ],
)
def test_patch_is_merged_into_the_spec(patch: str) -> None:
    found = spec(patch)
    assert found["hostNetwork"] is True
    assert found["securityContext"] == {"runAsUser": 1000}
    assert found["restartPolicy"] == "Never"


def test_program_that_is_not_root_cannot_become_root() -> None:
    assert main("pod = { securityContext = { runAsNonRoot = true } }")["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
    }


@pytest.mark.parametrize(
    "attributes",
    [
        "",
        "pod = { hostPID = true }",
        "pod = { securityContext = null }",
        "pod = { securityContext = { runAsNonRoot = false } }",
    ],
)
def test_any_other_program_has_what_its_image_gives(attributes: str) -> None:
    assert "securityContext" not in main(attributes)


def test_layers_of_maps_join_and_those_of_patches_replace() -> None:
    before = """defaults {
      node_selector = { a = "1", b = "1" }
      pod           = { hostPID = true }
    }"""
    found = spec('node_selector = { b = "2" }, pod = { hostIPC = true }', before)
    assert found["nodeSelector"] == {"a": "1", "b": "2"}
    assert found["hostIPC"] is True
    assert "hostPID" not in found
    assert "nodeSelector" not in spec("node_selector = null", before)


def test_attributes_may_differ_by_cell() -> None:
    text = """pipeline p {
      stage s {
        matrix { disk = ["ssd", "hdd"] }
        image         = "a:1"
        node_selector = { disk = matrix.disk }
        mounts { "/data" = pvc("data-${matrix.disk}") }
      }
    }
    """
    plan = compile_source(text).plan
    assert plan is not None
    jobs = [one["spec"]["template"]["spec"] for one in emit(plan, "r") if one["kind"] == "Job"]
    assert [one["nodeSelector"]["disk"] for one in jobs] == ["ssd", "hdd"]
    claims = [one["volumes"][0]["persistentVolumeClaim"]["claimName"] for one in jobs]
    assert claims == ["data-ssd", "data-hdd"]


@pytest.mark.parametrize(
    ("value", "message", "remedy"),
    [
        ("- a", "the patch is no map of fields", ""),
        ("spec: {}", "the spec of a pod has no field `spec`", "write the fields of the pod's"),
        ("afinity: {}", "the spec of a pod has no field `afinity`", "write `affinity`"),
        ("xyzzy: 1", "the spec of a pod has no field `xyzzy`", ""),
        ("1: 2", "the spec of a pod has no field `1`", ""),
        ("a: [", "the patch is no YAML in its line 1", ""),
        ("a: \x07", "the patch is no YAML: not understood", ""),
        (MapValue((("volumes", ()),)), "`pod` sets `volumes`, which koncli", "write `mounts`"),
    ],
)
def test_patch_that_no_pod_takes_says_why(value: Value, message: str, remedy: str) -> None:
    with pytest.raises(WrongPatch) as caught:
        patch_of(value)
    assert str(caught.value).startswith(message)
    assert caught.value.remedy.startswith(remedy)
    assert bool(caught.value.remedy) == bool(remedy)


def test_participants_arrive_at_their_own_barrier_first_and_then_at_others() -> None:
    text = """pipeline p {
      param full: bool = false
      defaults { image = "a:1" }
      barrier ready { expected = 1 }
      barrier named { name = "there", expected = 1 }
      barrier gone when full { expected = 1 }
      stage s { arrive = [ready, named, gone] }
    }
    """
    plan = compile_source(text).plan
    assert plan is not None
    (job,) = (one for one in emit(plan, "r") if one["kind"] == "Job")
    wait, arrive = (
        job["spec"]["template"]["spec"]["initContainers"][0],
        job["spec"]["template"]["spec"]["containers"][1],
    )
    assert wait["command"] == ["koncli", "hook", "wait", "r-s"]
    assert arrive["command"] == ["koncli", "hook", "arrive", "r-s", "r-ready", "there"]


def test_barrier_of_others_is_waited_for_and_not_made() -> None:
    text = """pipeline p {
      barrier theirs { external = true, expected = 2, timeout = 1h }
      barrier named { external = true, name = "x", expected = 2, timeout = 1h }
      stage s after theirs, named { image = "a:1" }
    }
    """
    plan = compile_source(text).plan
    assert plan is not None
    (barrier,) = (one for one in emit(plan, "r") if one["kind"] == "Barrier")
    names = [name for term in barrier["spec"]["after"] for name in term["barriers"]]
    assert names == ["theirs", "x"]
