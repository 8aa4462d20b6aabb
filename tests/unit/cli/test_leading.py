import pytest

from konductor.cli.leading import command_first
from konductor.cli.main import main


@pytest.mark.parametrize(
    ("words", "sorted_words"),
    [
        ("barrier list", "barrier list"),
        ("-n etl barrier list", "barrier -n etl list"),
        ("-netl -ojson barrier list", "barrier -netl -ojson list"),
        (
            "--kubeconfig=a --context b barrier list -n c",
            "barrier --kubeconfig=a --context b list -n c",
        ),
        ("--log-level debug -n etl", "--log-level debug -n etl"),
        ("-n", "-n"),
        ("--help", "--help"),
        ("--name=a barrier", "--name=a barrier"),
        ("", ""),
    ],
)
def test_command_comes_first(words: str, sorted_words: str) -> None:
    assert command_first(words.split()) == sorted_words.split()


@pytest.mark.parametrize("words", [["-n", "etl"], ["-o"], ["--log-level=debug"]])
def test_options_alone_lack_a_command(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 2
    assert "a command is missing" in capsys.readouterr().err


def test_option_before_a_command_is_held_to_what_that_takes(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["-n", "etl", "explain", "K0301"]) == 2
    assert "unrecognized arguments: -n" in capsys.readouterr().err
