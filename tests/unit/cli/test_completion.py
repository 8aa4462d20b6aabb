"""What shells are offered: in bash itself, and in the form that zsh and fish read."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from konductor.cli import known
from konductor.cli.main import COMMANDS, main
from konductor.cli.suggest import Place, suggest
from konductor.connection import Connection
from konductor.dsl.catalogue import ENTRIES

PROGRAM = """
param file_wide: int = 1
pipeline p {
  ## Which day.
  ## As a date.
  param day: string
  param healthy: bool = true
  param mode: "fast" | "thorough" = "fast"
  defaults { image = "a:1" }
}
"""
ROOT = Path(__file__).parents[3]
Complete = Callable[..., list[str]]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("KUBECONFIG", "_KONCLI_COMPLETE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("KONDUCTOR_HOME", str(tmp_path / "nothing"))
    Path("etl.kon").write_text(PROGRAM)
    Path("notes.txt").touch()
    Path(".hidden.kon").touch()
    Path("with space").mkdir()
    Path("with space/inner.kon").touch()
    return tmp_path


@pytest.fixture
def in_bash(tmp_path: Path) -> Complete:
    """Complete the last of some words, as bash parts them, in a bash that read our script."""
    tools = tmp_path / "tools"
    tools.mkdir()
    koncli = tools / "koncli"
    koncli.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m konductor.cli.main "$@"\n')
    koncli.chmod(0o755)
    environment = os.environ | {"PATH": f"{tools}:{os.environ['PATH']}"}
    environment["PYTHONPATH"] = str(ROOT)

    def complete(*words: str) -> list[str]:
        script = (
            'eval "$(koncli completion bash)"; set -u; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))\n'
            'COMPREPLY=(); _koncli_completion koncli; printf "%s\\n" "${COMPREPLY[@]}"'
        )
        done = subprocess.run(
            ["bash", "--norc", "-c", script, "bash", "koncli", *words],
            env=environment,
            check=True,
            capture_output=True,
            text=True,
        )
        assert done.stderr == ""
        return done.stdout.splitlines()

    return complete


def fitting(*words: str) -> list[str]:
    *before, incomplete = words
    return [one.value for one in suggest(Place(tuple(before), incomplete, os.environ))]


def test_bash_completes_commands(in_bash: Complete) -> None:
    assert in_bash("ch") == ["check "]
    assert in_bash("check", "e") == ["etl.kon "]


def test_bash_completes_what_it_parts_at_an_equals_sign(in_bash: Complete) -> None:
    assert in_bash("check", "--format", "=", "c") == ["concise "]
    assert in_bash("run", "etl.kon", "-p", "day", "=", "x", "-p", "h") == ["healthy="]


def test_bash_completes_folders_with_a_space_in_their_names(in_bash: Complete) -> None:
    assert in_bash("run", "w") == ["with\\ space/"]


def test_bash_is_told_to_use_our_script(in_bash: Complete, tmp_path: Path) -> None:
    done = subprocess.run(
        ["bash", "--norc", "-c", 'eval "$(koncli completion bash)"; complete -p koncli'],
        env=os.environ
        | {"PATH": f"{tmp_path / 'tools'}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)},
        check=True,
        capture_output=True,
        text=True,
    )
    assert done.stdout == "complete -o nosort -o nospace -F _koncli_completion koncli\n"
    assert in_bash("completion", "f") == ["fish "]


def test_every_command_is_offered() -> None:
    assert fitting("") == list(COMMANDS)


def test_options_may_stand_before_a_command() -> None:
    assert "barrier" in fitting("-n", "etl", "")
    assert "arrive" in fitting("-n", "etl", "barrier", "")
    assert fitting("barrier", "list", "--log-level", "wa") == ["warn"]
    assert fitting("status", "all", "--log-level=wa") == ["--log-level=warn"]
    assert fitting("--namespace", "") == []


def test_unknown_command_has_nothing() -> None:
    assert fitting("nothing", "") == []


def test_command_without_options_has_nothing() -> None:
    assert fitting("version", "") == []


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_can_be_completed(command: str) -> None:
    assert command == "version" or "--help" in fitting(command, "--h") + fitting(
        command, fitting(command, "")[0] if fitting(command, "") else "", "--h"
    )


def test_programs_and_folders_are_offered_but_not_hidden_ones() -> None:
    assert fitting("run", "") == ["etl.kon", "with space/"]
    assert fitting("run", ".h") == [".hidden.kon"]
    assert fitting("run", "with space/") == ["with space/inner.kon"]
    assert fitting("run", "nowhere/") == []


def test_one_program_is_taken_by_run_and_several_by_check() -> None:
    assert fitting("run", "etl.kon", "") == []
    assert fitting("check", "etl.kon", "e") == ["etl.kon"]


def test_options_are_offered_with_what_they_say() -> None:
    (found,) = suggest(Place(("check",), "--st", {}))
    assert (found.value, found.help) == ("--strict", "a warning, too, ends with 2")


def test_flag_takes_no_value() -> None:
    assert fitting("check", "--strict", "e") == ["etl.kon"]


def test_behind_two_dashes_are_no_options() -> None:
    assert fitting("check", "--", "--st") == []
    assert fitting("check", "--", "e") == ["etl.kon"]


def test_values_of_an_option_are_offered() -> None:
    assert fitting("check", "--format", "j") == ["json"]
    assert fitting("check", "--format=j") == ["--format=json"]
    assert fitting("check", "--nothing=j") == []
    assert fitting("check", "--unknown", "e") == ["etl.kon"]


def test_option_for_a_file_offers_any_and_for_a_folder_folders() -> None:
    assert fitting("check", "--params", "n") == ["notes.txt"]
    assert fitting("check", "--params=n") == ["--params=notes.txt"]
    assert fitting("run", "--workspace", "") == ["with space/"]


def test_name_that_is_to_be_made_up_has_no_suggestion() -> None:
    assert fitting("compile", "--run", "") == []


def test_parameters_of_the_program_are_offered_with_their_comments() -> None:
    found = suggest(Place(("run", "etl.kon", "-p"), "", {}))
    assert [one.value for one in found] == ["file_wide=", "day=", "healthy=", "mode="]
    assert found[1].help == "Which day.\nAs a date."


def test_parameters_that_have_a_value_are_not_offered_again() -> None:
    assert fitting("run", "etl.kon", "-p", "day=1", "-p", "") == ["file_wide=", "healthy=", "mode="]


def test_values_of_a_parameter_that_has_few_are_offered() -> None:
    found = suggest(Place(("run", "etl.kon", "-p"), "healthy=", {}))
    assert found == [("healthy=true", "the default"), ("healthy=false", "")]
    assert fitting("run", "etl.kon", "-p", "mode=t") == ["mode=thorough"]
    assert fitting("run", "etl.kon", "-p", "day=") == []
    assert fitting("run", "etl.kon", "-p", "nothing=") == []


def test_file_with_a_value_is_offered_behind_an_at_sign() -> None:
    assert fitting("run", "etl.kon", "-p", "day=@n") == ["day=@notes.txt"]


@pytest.mark.usefixtures("cluster")
def test_plan_is_compared_with_a_run_or_a_file() -> None:
    assert fitting("plan", "etl.kon", "--diff", "") == [
        "apis-konductor.io-v1-default-runs-1",
        "apis-konductor.io-v1-default-runs-2",
        "etl.kon",
        "notes.txt",
        "with space/",
    ]


def test_parameters_of_no_program_and_of_a_huge_one_are_unknown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert fitting("run", "-p", "") == []
    assert fitting("run", "nowhere.kon", "-p", "") == []
    monkeypatch.setattr(known, "_LONGEST_PROGRAM", 10)
    assert fitting("run", "etl.kon", "-p", "") == []


def test_broken_program_has_the_parameters_that_can_be_read() -> None:
    Path("etl.kon").write_text("pipeline p {\n  param day: int\n  stage {\n")
    assert fitting("run", "etl.kon", "-p", "") == ["day="]


def test_subcommands_are_offered_with_their_summaries() -> None:
    found = {one.value: one.help for one in suggest(Place(("barrier",), "", {}))}
    assert "wait" in found
    assert all(found.values())
    assert "--at-least" in fitting("barrier", "wait", "--")


def test_contexts_are_those_of_the_kubeconfigs(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "home/.kube").mkdir(parents=True)
    (folder / "home/.kube/config").write_text("contexts:\n- name: prod\n- name: test\n")
    assert fitting("run", "--context", "") == ["prod", "test"]
    (folder / "other").write_text("contexts: [{name: other}]")
    (folder / "bad").write_text("contexts: {")
    (folder / "empty").touch()
    monkeypatch.setenv("KUBECONFIG", "bad:empty:nowhere:other")
    assert fitting("run", "--context", "") == ["other"]


def test_codes_are_those_of_the_catalogue() -> None:
    assert known.codes() == {code: entry.title for code, entry in ENTRIES.items()}


class _Answer:
    """What stands for the client of a cluster with two runs."""

    def __init__(self, connection: Connection) -> None:
        self.namespace = connection.namespace

    def path(self, api: str, plural: str) -> str:
        return f"{api}/{self.namespace}/{plural}"

    def read(self, path: str) -> dict[str, object]:
        name = path.replace("/", "-")
        return {
            "items": [
                {"metadata": {"name": f"{name}-1"}, "status": {"phase": "Running"}},
                {"metadata": {"name": f"{name}-2"}},
            ]
        }


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known, "local_cluster", lambda _: Connection("https://a:1"))
    monkeypatch.setattr("konductor.hooks.client.Client", _Answer)


@pytest.mark.usefixtures("cluster")
def test_objects_are_those_of_the_cluster_at_hand() -> None:
    assert known.runs({}, ()) == {
        "apis-konductor.io-v1-default-runs-1": "Running",
        "apis-konductor.io-v1-default-runs-2": "",
    }
    assert fitting("barrier", "wait", "-n", "x", "") == [
        "apis-konductor.io-v1-x-barriers-1",
        "apis-konductor.io-v1-x-barriers-2",
    ]


@pytest.mark.usefixtures("cluster")
def test_another_cluster_is_not_asked() -> None:
    assert known.runs({}, ("--context", "prod")) == {}
    assert known.runs({}, ("--kubeconfig", "prod")) == {}


def test_without_a_cluster_there_are_no_objects() -> None:
    assert known.runs(os.environ, ()) == {}
    assert known.runs(os.environ | {"KUBECONFIG": "nowhere"}, ()) == {}


@pytest.fixture
def silent(folder: Path) -> Iterator[Path]:
    """Give a kubeconfig for a server that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        (folder / "ca.crt").write_text("")
        kubeconfig = {
            "current-context": "a",
            "contexts": [{"name": "a", "context": {"cluster": "a", "user": "a"}}],
            "clusters": [
                {
                    "name": "a",
                    "cluster": {
                        "server": f"http://127.0.0.1:{port}",
                        "certificate-authority": "ca.crt",
                    },
                }
            ],
            "users": [{"name": "a", "user": {"token": "t"}}],
        }
        (folder / "silent").write_text(json.dumps(kubeconfig))
        yield folder / "silent"


def test_cluster_that_does_not_answer_has_no_objects_and_is_not_waited_for(silent: Path) -> None:
    begun = time.monotonic()
    assert known.runs({"KUBECONFIG": str(silent)}, ()) == {}
    assert 0.05 < time.monotonic() - begun < 5


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_script_of_each_shell_calls_koncli(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", shell]) == 0
    script = capsys.readouterr().out
    assert f"_KONCLI_COMPLETE={shell}_complete" in script
    assert "%(" not in script
    assert script.count("{") == script.count("}")
    if path := shutil.which(shell):
        subprocess.run([path, "-n"], input=script, text=True, check=True)


def answer(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, shell: str, *words: str
) -> str:
    position = words[-1] if shell == "fish" else str(len(words))
    monkeypatch.setenv("_KONCLI_COMPLETE", f"{shell}_complete")
    monkeypatch.setenv("COMP_WORDS", " ".join(("koncli", *words)))
    monkeypatch.setenv("COMP_CWORD", position)
    assert main([]) == 0
    shown = capsys.readouterr()
    assert shown.err == ""
    return shown.out


def test_zsh_is_answered_with_a_word_and_what_is_told_of_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert answer(capsys, monkeypatch, "zsh", "check", "--st") == (
        "--strict\n:a warning, too, ends with 2\n"
    )
    assert answer(capsys, monkeypatch, "zsh", "run", "") == "etl.kon\n\nwith space/\n\n"


def test_bash_is_answered_with_what_it_is_to_insert(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert answer(capsys, monkeypatch, "bash", "run", "") == "etl.kon \nwith\\ space/\n"
    assert answer(capsys, monkeypatch, "bash", "run", '"w') == "with space/\n"
    line = ("run", "etl.kon", "-p", "mode", "=", "f")
    assert answer(capsys, monkeypatch, "bash", *line) == "fast \n"


def test_fish_is_answered_with_the_first_line_of_a_help(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert answer(capsys, monkeypatch, "fish", "run", "etl.kon", "-p", "d") == (
        "plain,day=\tWhich day.\n"
    )


@pytest.mark.parametrize("instruction", ["nothing", "csh_complete", "bash_complete"])
def test_what_cannot_be_answered_gives_nothing_and_no_error(
    instruction: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("_KONCLI_COMPLETE", instruction)
    monkeypatch.delenv("COMP_WORDS", raising=False)
    assert main(["run"]) == 0
    assert capsys.readouterr() == ("", "")
