"""``koncli check`` and ``koncli compile``, the whole command line, in process."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from konductor.cli.main import main

GOOD = """pipeline etl {
  param shards: int = 3
  defaults { image = "alpine:3.22" }
  stage extract { replicas = shards, quorum = 2, run = "true" }
  stage load after extract { run = "true" }
}
"""
BROKEN = """pipeline etl {
  defaults { image = "alpine:3.22" }
  stage extract { run = "true" }
  stage load after extarct { run = "true" }
}
"""

Koncli = Callable[..., tuple[int, str, str]]


@pytest.fixture
def koncli(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Koncli:
    monkeypatch.chdir(tmp_path)
    for name, text in (("good.kon", GOOD), ("broken.kon", BROKEN)):
        Path(name).write_text(text)
    Path("bytes.kon").write_bytes(GOOD.encode() + b"# \xff\n")

    def run(*argv: str) -> tuple[int, str, str]:
        code = main(argv)
        shown = capsys.readouterr()
        return code, shown.out, shown.err

    return run


def test_good_program_is_said_to_be_checked(koncli: Koncli) -> None:
    code, out, err = koncli("check", "good.kon")
    assert (code, out) == (0, "")
    assert err.endswith("koncli: 1 file checked, no warnings\n")


def test_findings_go_to_standard_error_and_end_with_2(koncli: Koncli) -> None:
    code, out, err = koncli("check", "good.kon", "broken.kon")
    assert (code, out) == (2, "")
    assert "error[K0301]" in err
    assert "broken.kon:4:20" in err
    assert "write `extract`" in err


@pytest.mark.parametrize("command", ["check", "compile"])
def test_findings_have_forms_for_machines(koncli: Koncli, command: str) -> None:
    def findings(form: str) -> str:
        code, out, err = koncli(command, "broken.kon", "--format", form)
        assert code == 2
        # The findings are what `check` is for; of `compile` that is the manifests.
        assert (err if command == "check" else out) == ""
        return out if command == "check" else err

    (found,) = (json.loads(line) for line in findings("json").splitlines())
    assert found["code"] == "K0301"
    assert findings("concise").startswith("broken.kon:4:20")
    assert findings("github").startswith("::error ")
    assert json.loads(findings("sarif"))["runs"][0]["results"][0]["ruleId"] == "K0301"


def test_several_files_are_one_sarif_document(koncli: Koncli) -> None:
    _, out, _ = koncli("check", "broken.kon", "broken.kon", "--format", "sarif")
    assert len(json.loads(out)["runs"][0]["results"]) == 2


def test_summary_counts_what_was_found(koncli: Koncli) -> None:
    assert koncli("check", "broken.kon")[2].endswith("koncli: 1 file checked, 1 error\n")


@pytest.mark.parametrize(("path", "code"), [("absent.kon", 5), (".", 2), ("bytes.kon", 2)])
@pytest.mark.parametrize("command", ["check", "compile"])
def test_file_of_no_use_gives_one_clear_error(
    koncli: Koncli, command: str, path: str, code: int
) -> None:
    ended, out, err = koncli(command, path)
    assert (ended, out) == (code, "")
    assert err.count("error[") + err.count("error:") == 1


def test_warning_alone_is_no_error_unless_strict(koncli: Koncli) -> None:
    Path("warned.kon").write_text(GOOD.replace("alpine:3.22", "alpine"))
    assert koncli("check", "warned.kon")[0] == 0
    assert koncli("check", "warned.kon", "--strict")[0] == 2


def test_manifests_are_the_same_bytes_each_time(koncli: Koncli) -> None:
    first, again = koncli("compile", "good.kon"), koncli("compile", "good.kon")
    assert first == again
    assert first[2] == ""
    documents = list(yaml.safe_load_all(first[1]))
    assert documents[0]["kind"] == "Run"
    assert documents[0]["metadata"]["name"] == "etl-00000"


def test_json_holds_what_yaml_holds(koncli: Koncli) -> None:
    as_yaml = list(yaml.safe_load_all(koncli("compile", "good.kon", "--run", "r")[1]))
    as_json = json.loads(koncli("compile", "good.kon", "--run", "r", "-o", "json")[1])
    assert as_json["items"] == as_yaml


@pytest.mark.parametrize(("mode", "others"), [("pod", "job"), ("job", "pod")])
def test_hooks_are_as_the_command_line_says(koncli: Koncli, mode: str, others: str) -> None:
    out = koncli("compile", "good.kon", "--hooks", mode)[1]
    signs = {"pod": "konductor-arrive", "job": "arrivalsFrom"}
    assert signs[mode] in out
    assert signs[others] not in out


def test_arriving_at_other_barriers_needs_hooks_in_the_pod(koncli: Koncli) -> None:
    program = """pipeline p {
      stage s { image = "a:1", arrive = [b] }
      barrier b { expected = 1 }
    }
    """
    Path("arrive.kon").write_text(program, "utf-8")
    code, _, err = koncli("compile", "arrive.kon", "--hooks", "job")
    assert code == 2
    assert "`arrive` of `s` needs hooks in the pod" in err


def test_back_off_needs_hooks_in_the_pod(koncli: Koncli) -> None:
    program = 'pipeline p { stage s { image = "a:1", retry { limit = 1, backoff = 1s } } }\n'
    Path("backoff.kon").write_text(program, "utf-8")
    code, _, err = koncli("compile", "backoff.kon", "--hooks", "job")
    assert code == 2
    assert "`backoff` of `s` needs hooks in the pod" in err


def test_gate_in_the_pod_needs_hooks_in_the_pod(koncli: Koncli) -> None:
    Path("gate.kon").write_text(GOOD.replace("  param", '  gate = "init"\n  param'))
    code, _, err = koncli("compile", "gate.kon", "--hooks", "job")
    assert code == 2
    assert "needs hooks in the pod" in err


def test_parameters_reach_the_program(koncli: Koncli) -> None:
    out = koncli("compile", "good.kon", "-p", "shards=5")[1]
    jobs = [one for one in yaml.safe_load_all(out) if one["kind"] == "Job"]
    assert jobs[0]["spec"]["completions"] == 5
    code, _, err = koncli("compile", "good.kon", "-p", "shrads=5")
    assert code == 2
    assert "K0605" in err


@pytest.mark.parametrize("name", ["Run", "-x", "x" * 60])
def test_name_that_no_run_can_have_is_refused(koncli: Koncli, name: str) -> None:
    code, out, err = koncli("compile", "good.kon", f"--run={name}")
    assert (code, out) == (2, "")
    assert err.startswith("koncli: error: ")
