"""``koncli plan``, ``graph`` and ``params``, the whole command line, in process."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from konductor.cli.main import main
from konductor.cluster.memory import MemoryCluster
from konductor.dsl.compile import compile_source
from konductor.dsl.emit import emit
from konductor.errors import NotFound
from konductor.runner.plan.stored import stored_plan
from konductor.runner.run import Target, create

PROGRAM = """pipeline etl {
  ## How many.
  param shards: int = 3
  defaults { image = "alpine:3.22" }
  stage extract { replicas = shards, quorum = 2, run = "true" }
  stage load after extract { run = "true" }
}
"""
Koncli = Callable[..., tuple[int, str, str]]


@pytest.fixture
def koncli(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Koncli:
    monkeypatch.chdir(tmp_path)
    Path("good.kon").write_text(PROGRAM)
    Path("broken.kon").write_text(PROGRAM.replace("after extract", "after extarct"))

    def run(*argv: str) -> tuple[int, str, str]:
        code = main(argv)
        shown = capsys.readouterr()
        return code, shown.out, shown.err

    return run


@pytest.mark.parametrize("command", ["plan", "graph", "params"])
def test_a_wrong_program_is_told_of_as_by_check(koncli: Koncli, command: str) -> None:
    code, out, err = koncli(command, "broken.kon")
    assert (code, out) == (2, "")
    assert "K0301" in err
    assert koncli(command, "absent.kon")[0] == 5


def test_plan_and_dry_run_tell_the_same(koncli: Koncli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KON_PARAM_SHARDS", "5")
    code, out, _ = koncli("plan", "good.kon")
    assert code == 0
    assert "shards  int  5  from KON_PARAM_SHARDS" in out
    assert "alpine:3.22  koncli's own PATH" in out
    assert koncli("run", "good.kon", "--dry-run") == (0, out, "")
    assert "Job etl-1-load" in koncli("plan", "good.kon", "-v", "--run", "etl-1")[1]
    assert "\x1b" not in out


def test_images_of_the_project_are_told(koncli: Koncli) -> None:
    Path("konductor.toml").write_text('[local.images."alpine:*"]\npath = ["bin"]\n')
    assert "/bin, koncli's own PATH" in koncli("plan", "good.kon")[1]


def test_a_plan_is_compared_with_an_earlier_one(koncli: Koncli) -> None:
    code, out, _ = koncli("plan", "good.kon", "-o", "json")
    assert code == 0
    Path("before.json").write_text(out)
    assert koncli("plan", "good.kon", "--diff", "before.json")[1] == (
        "nothing has changed since before.json\n"
    )
    _, out, _ = koncli("plan", "good.kon", "-p", "shards=4", "--diff", "before.json")
    assert "~ parameter shards: 3 -> 4\n~ stage extract  cells.0.replicas: 3 -> 4\n" in out
    found = json.loads(
        koncli("plan", "good.kon", "-p", "shards=4", "--diff", "before.json", "-o", "json")[1]
    )
    assert found[0]["after"] == "4"
    Path("bare.json").write_text(json.dumps(json.loads(Path("before.json").read_text())["plan"]))
    assert "nothing" in koncli("plan", "good.kon", "--diff", "bare.json")[1]


@pytest.mark.parametrize(("text", "told"), [("{", "is no JSON"), ("{}", "holds no plan")])
def test_what_is_no_plan_is_not_compared_with(koncli: Koncli, text: str, told: str) -> None:
    Path("other.json").write_text(text)
    code, _, err = koncli("plan", "good.kon", "--diff", "other.json")
    assert code == 2
    assert told in err


def test_a_run_keeps_the_plan_that_it_was_made_of() -> None:
    compiled = compile_source(PROGRAM)
    assert compiled.plan is not None
    manifests = emit(compiled.plan, "etl-1")

    async def store_and_read() -> None:
        cluster = MemoryCluster()
        await create(cluster, manifests, Target("etl-1", "default"))
        found = await stored_plan(cluster, "etl-1", "default")
        assert found["plan"]["pipeline"] == "etl"
        names = sorted((one["metadata"]["name"], one["kind"]) for one in manifests)
        assert sorted((one["name"], one["kind"]) for one in found["objects"]) == names
        with pytest.raises(NotFound, match="no plan of a run `other`"):
            await stored_plan(cluster, "other", "default")

    asyncio.run(store_and_read())


def test_graph_comes_in_four_forms(koncli: Koncli) -> None:
    assert "▼" in koncli("graph", "good.kon")[1]
    assert koncli("graph", "good.kon", "-o", "mermaid")[1].startswith("flowchart TD\n")
    assert koncli("graph", "good.kon", "-o", "dot")[1].startswith('digraph "etl" {\n')
    assert koncli("graph", "good.kon", "-o", "svg")[1].startswith("<svg ")


def test_a_large_graph_is_told_a_line_a_stage(koncli: Koncli) -> None:
    stages = "\n".join(f'stage s{n} {{ image = "a:1", run = "x" }}' for n in range(70))
    Path("large.kon").write_text(f"pipeline p {{ {stages} }}")
    _, out, err = koncli("graph", "large.kon")
    assert len(out.splitlines()) == 70
    assert "-o svg" in err


def test_params_come_as_text_page_and_schema(koncli: Koncli) -> None:
    assert "shards: int = 3\n    How many." in koncli("params", "good.kon")[1]
    assert "# Parameters of etl" in koncli("params", "good.kon", "-o", "markdown")[1]
    assert json.loads(koncli("params", "good.kon", "-o", "json")[1])["properties"]["shards"] == {
        "type": "integer",
        "description": "How many.",
        "default": 3,
    }
