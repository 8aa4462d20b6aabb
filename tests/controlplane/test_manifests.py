"""What koncli compiles is taken by a real API server that allows no field it does not know."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from konductor.cli.program import loader
from konductor.dsl.compile import compile_source
from konductor.dsl.emit import emit
from konductor.dsl.plan import Hooks
from tests.controlplane.plane import ROOT, ControlPlane

pytestmark = pytest.mark.controlplane

EXAMPLES = sorted((ROOT / "examples").glob("*.kon"))


@pytest.mark.parametrize("hooks", list(Hooks))
@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_manifests_of_example_are_taken_strictly(
    controlplane: ControlPlane, path: Path, hooks: Hooks
) -> None:
    plan = compile_source(path.read_bytes(), path=path.name, loader=loader(str(path))).plan
    assert plan is not None
    manifests = list(emit(replace(plan, hooks=hooks), f"{path.stem}-7k2qf"))
    listed = {"apiVersion": "v1", "kind": "List", "items": manifests}
    words = ("create", "--dry-run=server", "--validate=strict", "-f", "-", "-o", "name")
    taken = controlplane.kubectl(*words, text=json.dumps(listed)).splitlines()
    assert len(taken) == len(manifests)
