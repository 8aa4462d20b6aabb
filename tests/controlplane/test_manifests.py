"""What koncli compiles is taken by a real API server that allows no field it does not know."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from konductor.cli.program import loader
from konductor.dsl.attributes import BARRIER, PIPELINE, RESOURCES, RETRY, STAGE, Attribute
from konductor.dsl.compile import compile_source
from konductor.dsl.emit import emit
from konductor.dsl.plan import Hooks
from tests.controlplane.plane import ROOT, ControlPlane

pytestmark = pytest.mark.controlplane

EVERYTHING = Path(__file__).with_name("everything.kon")
EXAMPLES = [*sorted((ROOT / "examples").glob("*.kon")), EVERYTHING]


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


@pytest.mark.parametrize("table", [PIPELINE, STAGE, RETRY, RESOURCES, BARRIER])
def test_everything_has_every_attribute_that_runs(table: tuple[Attribute, ...]) -> None:
    text = EVERYTHING.read_text()
    names = [one.name for one in table if one.runs]
    assert [one for one in names if not re.search(rf"\b{one}\b *[={{]", text)] == []
