"""strategic.json holds what kube-apiserver 1.37 made of each patch (PATCH ...?dryRun=All)."""

import json
from pathlib import Path
from typing import Any

import pytest

from konductor.runner.local.apiserver.builtin.decode import decode
from konductor.runner.local.apiserver.builtin.schema import schemas
from konductor.runner.local.apiserver.builtin.strategic import PatchError, merge

RECORDED = json.loads(Path(__file__).with_name("strategic.json").read_text(encoding="utf-8"))
TEMPLATE = "io.k8s.api.core.v1.PodTemplateSpec"
POD_TEMPLATE = {
    "properties": {
        "metadata": schemas()["io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"],
        "template": {"$ref": f"#/components/schemas/{TEMPLATE}"},
    }
}
CASES = {case["name"]: case for case in RECORDED["cases"]}
CONVERSION = "another type takes the place"
"""Refused by the real server's conversion, after the merge."""


def _patched(patch: dict[str, Any]) -> dict[str, Any]:
    merged = merge(RECORDED["original"], patch, POD_TEMPLATE, "PodTemplate")
    return {**merged, "template": decode(TEMPLATE, merged["template"]).value}


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if "result" in case])
def test_patched_objects_are_those_of_the_real_server(name: str) -> None:
    assert _patched(CASES[name]["patch"]) == CASES[name]["result"]


@pytest.mark.parametrize(
    "name", [name for name, case in CASES.items() if "error" in case and name != CONVERSION]
)
def test_refusals_are_those_of_the_real_server(name: str) -> None:
    with pytest.raises(PatchError) as raised:
        _patched(CASES[name]["patch"])
    assert (raised.value.code, str(raised.value)) == (CASES[name]["code"], CASES[name]["error"])


def test_neither_object_nor_patch_is_changed() -> None:
    patch = {"metadata": {"labels": {"x": None}, "$setElementOrder/finalizers": ["ex.io/c"]}}
    before = json.dumps([RECORDED["original"], patch])
    _patched(patch)
    assert json.dumps([RECORDED["original"], patch]) == before
