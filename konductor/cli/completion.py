"""``koncli completion SHELL``: the script with which a shell completes koncli's words.

The scripts and their protocol are click's: a script calls koncli with what was typed in its
environment. Which words fit is found by `konductor.cli.suggest`.
"""

import os
import sys
from collections.abc import Sequence
from contextlib import suppress

import click
from click.shell_completion import (
    BashComplete,
    CompletionItem,
    FishComplete,
    ShellComplete,
    ZshComplete,
)

from konductor.cli.arguments import Parser
from konductor.cli.suggest import Place, Suggestion, suggest
from konductor.dsl.garbage import no_garbage_collection
from konductor.errors import ExitCode

VARIABLE = "_KONCLI_COMPLETE"
"""What a script sets to SHELL_complete."""
_OWN_SPACES = "complete -o nosort -o nospace -F _koncli_completion koncli\n"


class _Bash(BashComplete):
    """Bash, which parts words at ``=`` and puts no space behind a word that goes on."""

    def source(self) -> str:
        return f"{self.source_template % self.source_vars()}\n{_OWN_SPACES}"

    def get_completion_args(self) -> tuple[list[str], str]:
        words, last = super().get_completion_args()
        *words, last = _glued([*words, last])
        return words, last

    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem[str]]:
        typed = incomplete.rpartition("=")
        before = typed[0] + typed[1]
        return [
            CompletionItem(one.value.removeprefix(before) + ("" if one.goes_on else " "))
            for one in _suggestions(args, incomplete)
        ]


class _Zsh(ZshComplete):
    """Zsh, which completes folders itself."""

    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem[str]]:
        found = _suggestions(args, incomplete)
        items = [_item(one) for one in found if not one.value.endswith("/")]
        folders = [CompletionItem("", type="dir")] if len(items) < len(found) else []
        return items + folders


class _Fish(FishComplete):
    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem[str]]:
        return [_item(one) for one in _suggestions(args, incomplete)]


_SHELLS: dict[str, type[ShellComplete]] = {"bash": _Bash, "zsh": _Zsh, "fish": _Fish}


def main(argv: list[str]) -> int:
    """Print a shell's script, or answer one."""
    if instruction := os.environ.get(VARIABLE):
        return _answer(instruction)
    options = _parser().parse_args(argv)
    print(_shell(options.shell).source())
    return ExitCode.DONE


def _answer(instruction: str) -> int:
    """Print what fits where the cursor is; nothing if that cannot be said."""
    shell = instruction.removesuffix("_complete")
    with suppress(Exception), no_garbage_collection():
        sys.stdout.write(f"{_shell(shell).complete()}\n")
    return ExitCode.DONE


def _shell(name: str) -> ShellComplete:
    return _SHELLS[name](click.Command("koncli"), {}, "koncli", VARIABLE)


def _suggestions(words: Sequence[str], incomplete: str) -> list[Suggestion]:
    return suggest(Place(tuple(words), incomplete, os.environ))


def _item(suggestion: Suggestion) -> CompletionItem[str]:
    first = suggestion.help.partition("\n")[0]
    return CompletionItem(suggestion.value, help=first or None)


def _glued(words: Sequence[str]) -> list[str]:
    """Return words as they were typed, which bash parts before and behind each ``=``."""
    out: list[str] = []
    previous = ""
    for word in words:
        if out and (word == "=" or previous == "="):
            out[-1] += word
        else:
            out.append(word)
        previous = word
    return out


def _parser() -> Parser:
    parser = Parser(
        prog="koncli completion",
        description="Print the script with which a shell completes koncli's commands and options.",
    )
    parser.add_argument("shell", choices=tuple(_SHELLS), help="the shell")
    return parser
