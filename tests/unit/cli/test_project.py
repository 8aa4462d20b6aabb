from pathlib import Path

import pytest

from konductor.cli import check
from konductor.cli.main import main
from konductor.cli.program import loader
from konductor.cli.project import default_words, local_settings, module_root
from konductor.errors import UsageError


def write(folder: Path, text: str) -> Path:
    (folder / "konductor.toml").write_text(text)
    return folder


def test_defaults_are_the_flags_that_a_command_takes(tmp_path: Path) -> None:
    write(tmp_path, '[defaults]\nhooks = "job"\nstrict = true\nformat = "concise"\n')
    assert default_words(tmp_path, "hooks", "strict") == ["--hooks=job", "--strict"]
    assert default_words(tmp_path / "jobs", "format", "view") == ["--format=concise"]


def test_flag_that_is_typed_beats_the_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(write(tmp_path, '[defaults]\nformat = "concise"\n'))
    Path("a.kon").write_text("pipeline p { stage a { } }\n")
    assert check.main(["a.kon"]) == 2
    assert capsys.readouterr().out.startswith("a.kon:1:20: error[K0308]")
    check.main(["a.kon", "--format", "github"])
    assert capsys.readouterr().out.startswith("::error ")


@pytest.mark.parametrize("command", ["run", "plan", "compile", "graph", "params", "check"])
def test_every_command_of_a_program_takes_the_defaults(
    command: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(write(tmp_path, '[defaults]\nformat = "concise"\n'))
    Path("a.kon").write_text("pipeline p { stage a { } }\n")
    assert main([command, "a.kon"]) == 2
    assert "".join(capsys.readouterr()).startswith("a.kon:1:20: error[K0308]")


def test_plan_shows_the_hooks_that_run_would_take(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(write(tmp_path, '[defaults]\nhooks = "job"\n'))
    Path("a.kon").write_text('pipeline p { stage a { image = "a:1", run = "x" } }\n')
    assert main(["plan", "a.kon"]) == 0
    planned = capsys.readouterr().out
    assert main(["run", "a.kon", "--dry-run"]) == 0
    assert capsys.readouterr().out == planned
    assert planned.startswith("plan of p  run p-00000  hooks job\n")
    assert main(["plan", "a.kon", "--hooks", "pod"]) == 0
    assert capsys.readouterr().out == planned.replace("  hooks job", "")


def test_strict_by_default_can_be_left_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(write(tmp_path, "[defaults]\nstrict = true\n"))
    Path("a.kon").write_text('pipeline p { stage a { image = "a:latest", run = "x" } }\n')
    assert main(["check", "a.kon"]) == 2
    assert main(["check", "a.kon", "--no-strict"]) == 0
    capsys.readouterr()


def test_default_that_is_none_is_refused_by_its_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(write(tmp_path, '[defaults]\nformat = "loud"\n'))
    with pytest.raises(UsageError, match="loud"):
        check.main(["a.kon"])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("defaults = 5\n", "`defaults` in .* is no table"),
        ("[defaults]\nhoks = 'job'\n", "`defaults.hoks` in .* means nothing"),
        ("[defualts]\n", "`defualts` in .* means nothing"),
        ("[defaults]\nhooks = true\n", "`defaults.hooks` in .* is not a string"),
        ("[defaults]\nhooks = 5\n", "`defaults.hooks` in .* is not a string"),
        ("[defaults]\nstrict = 'yes'\n", "`defaults.strict` in .* is not true or false"),
    ],
)
def test_defaults_of_another_form_are_an_error(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        default_words(write(tmp_path, text), "hooks", "strict")


def test_switch_that_is_off_is_no_word(tmp_path: Path) -> None:
    assert default_words(write(tmp_path, "[defaults]\nstrict = false\n"), "strict") == []


def test_module_root_is_a_folder_beside_the_file(tmp_path: Path) -> None:
    write(tmp_path, '[modules]\nshared = "lib"\n')
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "x.kon").write_text("let n = 1\n")
    assert module_root(tmp_path / "jobs", "shared") == tmp_path / "lib"
    assert loader(str(tmp_path / "p.kon"))("@shared/x.kon") == "let n = 1\n"


def test_module_root_that_there_is_not_is_told_which_there_is(tmp_path: Path) -> None:
    write(tmp_path, '[modules]\nshared = "lib"\n')
    with pytest.raises(ValueError, match=r"did you mean `@shared`\?"):
        module_root(tmp_path, "shard")
    with pytest.raises(ValueError, match=r"has none$"):
        module_root(tmp_path, "zzz")


@pytest.mark.parametrize("text", ["modules = 5\n", "[modules]\nshared = 5\n"])
def test_modules_of_another_form_are_an_error(tmp_path: Path, text: str) -> None:
    with pytest.raises(UsageError, match="no table of folders"):
        module_root(write(tmp_path, text), "shared")


def test_unknown_key_of_the_local_table_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as raised:
        local_settings(write(tmp_path, "[local]\ninherit_en = ['A']\n"))
    assert raised.value.hint == "write `local.inherit_env`"
