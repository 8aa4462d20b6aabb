import os
import subprocess
import sys
from types import ModuleType

import pytest

from konductor.cli.main import COMMANDS, Command, main
from konductor.errors import KonductorError, Refused, TimedOut, UsageError


@pytest.fixture
def raising(monkeypatch: pytest.MonkeyPatch) -> "type[Raising]":
    return Raising.within(monkeypatch)


class Raising:
    """The command ``raise``, which raises what a test says."""

    error: BaseException

    @classmethod
    def within(cls, monkeypatch: pytest.MonkeyPatch) -> "type[Raising]":
        module = ModuleType("raising")

        def command(_: list[str]) -> int:
            raise cls.error

        module.main = command  # type: ignore[attr-defined]  # a module made for the test
        monkeypatch.setitem(sys.modules, "raising", module)
        monkeypatch.setitem(COMMANDS, "raise", Command("raising", ""))
        return cls


@pytest.mark.parametrize(
    ("error", "code"),
    [(KonductorError("x"), 1), (UsageError("x"), 2), (TimedOut("x"), 3), (Refused("x"), 4)],
)
def test_error_ends_with_its_own_code(
    raising: type[Raising], error: KonductorError, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    raising.error = error
    assert main(["raise"]) == code
    assert capsys.readouterr().err == "koncli: error: x\n"


def test_hint_follows_the_error(raising: type[Raising], capsys: pytest.CaptureFixture[str]) -> None:
    raising.error = UsageError("this is wrong", hint="do that")
    main(["raise"])
    assert capsys.readouterr().err == "koncli: error: this is wrong\n  hint: do that\n"


def test_interruption_is_130(raising: type[Raising]) -> None:
    raising.error = KeyboardInterrupt()
    assert main(["raise"]) == 130


def test_bug_asks_to_be_reported(
    raising: type[Raising], capsys: pytest.CaptureFixture[str]
) -> None:
    raising.error = AssertionError("never")
    assert main(["raise"]) == 70
    shown = capsys.readouterr().err
    assert "this is a bug in koncli, please report it" in shown
    assert "AssertionError: never" in shown


def test_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    shown = capsys.readouterr().out
    assert all(f"\n  {name} " in shown for name in COMMANDS)


def test_no_command_is_a_wrong_use() -> None:
    assert main([]) == 2


@pytest.mark.parametrize(
    ("word", "shown"),
    [
        ("barier", "there is no command `barier`\n  hint: write `koncli barrier`"),
        ("xxxxxxx", "there is no command `xxxxxxx`\n  hint: `koncli --help`"),
        ("--bogus", "there is no option `--bogus`"),
    ],
)
def test_unknown_command_names_the_nearest(
    word: str, shown: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([word]) == 2
    assert shown in capsys.readouterr().err


def test_version_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("koncli ")
    assert main(["version", "--help"]) == 0
    assert main(["version", "x"]) == 2


def test_closed_output_is_no_complaint() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    ended = subprocess.run(
        [sys.executable, "-m", "konductor.cli.main", "--help"],
        stdout=writing,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(writing)
    assert (ended.returncode, ended.stderr) == (141, b"")


def test_package_that_is_not_installed_is_named_with_the_way_to_it(
    raising: type[Raising], capsys: pytest.CaptureFixture[str]
) -> None:
    raising.error = ModuleNotFoundError("No module named 'pygls'", name="pygls.server")
    assert main(["raise"]) == 2
    told = capsys.readouterr().err
    assert "`koncli raise` needs the package `pygls`, which is not installed here" in told
    assert "`pip install koncli` brings all" in told


def test_module_of_ours_that_is_missing_is_a_bug(
    raising: type[Raising], capsys: pytest.CaptureFixture[str]
) -> None:
    raising.error = ModuleNotFoundError("No module named 'konductor.x'", name="konductor.x")
    assert main(["raise"]) == 70
    assert "this is a bug in koncli" in capsys.readouterr().err
