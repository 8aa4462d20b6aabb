"""Each example compiles in both hook modes, and is run by a test in both."""

from dataclasses import replace
from pathlib import Path

import pytest

from konductor.cli.program import loader
from konductor.dsl.compile import compile_source
from konductor.dsl.emit import emit
from konductor.dsl.plan import Hooks

ROOT = Path(__file__).parents[1]
EXAMPLES = sorted((ROOT / "examples").glob("*.kon"))
RUN_BY = "tests/e2e/test_results.py"


def test_examples_are_found() -> None:
    assert {"cascade", "flights", "wordcount"} <= {one.stem for one in EXAMPLES}


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
@pytest.mark.parametrize("hooks", list(Hooks))
def test_example_compiles_without_a_finding(path: Path, hooks: Hooks) -> None:
    compiled = compile_source(path.read_bytes(), path=path.name, loader=loader(str(path)))
    assert compiled.diagnostics == ()
    assert compiled.plan is not None
    manifests = emit(replace(compiled.plan, hooks=hooks), f"{path.stem}-7k2qf")
    assert {"Run", "Job", "Barrier"} <= {one["kind"] for one in manifests}


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_example_is_run_by_a_test(path: Path) -> None:
    assert f'EXAMPLES / "{path.name}"' in (ROOT / RUN_BY).read_text("utf-8")
