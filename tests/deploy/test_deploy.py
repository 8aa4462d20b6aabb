"""The folder ``deploy``, read by kustomize and Helm, is what ``koncli install`` puts in place."""

import json
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
import yaml

from konductor.api.meta import Json
from konductor.install.installation import Installation
from konductor.install.objects import objects
from tests.deploy.__main__ import DEPLOY, deploy_files
from tests.recordings.play import kubectl_path

FILES = deploy_files()
HELM = Path(__file__).parents[1] / "helm" / "build" / "helm"
CHART = DEPLOY / "helm" / "konductor"
_WITHIN = 120.0


def run(*words: object, code: int = 0) -> str:
    ended = subprocess.run(
        list(map(str, words)), capture_output=True, text=True, timeout=_WITHIN, check=False
    )
    assert ended.returncode == code, ended.stderr
    return ended.stdout if code == 0 else ended.stderr


def by_key(documents: Iterable[Json]) -> dict[tuple[str, str, str], Json]:
    found = {}
    for one in documents:
        metadata = one["metadata"]
        key = one["kind"], metadata.get("namespace", ""), metadata["name"]
        assert key not in found
        found[key] = one
    return found


def rendered(text: str) -> dict[tuple[str, str, str], Json]:
    return by_key(one for one in yaml.safe_load_all(text) if one)


@pytest.mark.parametrize("path", FILES)
def test_file_is_what_the_source_yields(path: str) -> None:
    assert (DEPLOY / path).read_text("utf-8") == FILES[path], "make deploy"


def test_no_file_is_left_of_before() -> None:
    folders = (DEPLOY / "kustomize", DEPLOY / "helm")
    there = {str(file.relative_to(DEPLOY)) for one in folders for file in one.rglob("*.*")}
    assert there == set(FILES)


def test_kustomize_gives_what_is_installed() -> None:
    found = rendered(run(kubectl_path(), "kustomize", DEPLOY / "kustomize"))
    assert found == by_key(objects(Installation(manager="kustomize")))


def template(namespace: str, values: Json, code: int = 0) -> str:
    pairs = (f"{name}={json.dumps(value)}" for name, value in values.items())
    given = [word for pair in pairs for word in ("--set-json", pair)]
    words = ("template", "konductor", CHART, "-n", namespace, "--kube-version", "1.37.0")
    return run(HELM, *words, *given, code=code)


def _chosen(documents: Iterable[Json]) -> dict[tuple[str, str, str], Json]:
    """Return what the chart is to give: a release's namespace is Helm's, kinds are kept."""
    found = by_key(one for one in documents if one["kind"] != "Namespace")
    for (kind, *_), one in found.items():
        if kind == "CustomResourceDefinition":
            metadata = one["metadata"] | {"annotations": {"helm.sh/resource-policy": "keep"}}
            one |= {"metadata": metadata}
    return found


@pytest.mark.controlplane
@pytest.mark.parametrize(
    ("values", "installation"),
    [
        ({}, Installation(manager="Helm")),
        (
            {
                "image": "registry.example/koncli@sha256:" + "0" * 64,
                "hookImage": "registry.example/hooks:2",
                "replicas": 3,
                "pullSecret": "regcred",
                "participants": ["etl", "ml"],
                "hookEgress": True,
            },
            Installation(
                namespace="tools",
                image="registry.example/koncli@sha256:" + "0" * 64,
                hook_image="registry.example/hooks:2",
                replicas=3,
                pull_secret="regcred",  # noqa: S106  # a name
                participants=("etl", "ml"),
                hook_egress=True,
                manager="Helm",
            ),
        ),
        (
            {"namespaced": True, "participants": ["team"], "image": "koncli:2"},
            Installation(
                namespaced=("team",),
                participants=("team",),
                image="koncli:2",
                hook_image="koncli:2",
                manager="Helm",
            ),
        ),
    ],
    ids=["plain", "chosen", "namespaced"],
)
def test_chart_gives_what_is_installed(values: Json, installation: Installation) -> None:
    (home,) = installation.homes
    assert rendered(template(home, values)) == _chosen(objects(installation))


@pytest.mark.controlplane
def test_chart_leaves_out_kinds_that_are_brought_otherwise() -> None:
    kinds = {kind for kind, *_ in rendered(template("a", {"crds": False}))}
    assert "CustomResourceDefinition" not in kinds


@pytest.mark.controlplane
@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"namespaced": True, "participants": ["b"]}, 'nobody would serve participants in "b"'),
        ({"replicas": 0}, "replicas"),
        ({"imag": "x"}, "imag"),
    ],
)
def test_wrong_values_are_refused(values: Any, words: str) -> None:
    assert words in template("a", values, code=1)


@pytest.mark.controlplane
def test_helm_finds_nothing_to_complain_of() -> None:
    assert "1 chart(s) linted, 0 chart(s) failed" in run(HELM, "lint", "--strict", CHART)
