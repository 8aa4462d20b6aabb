"""``koncli completion SHELL``: the script with which a shell completes koncli's words.

The protocol is click's: a script calls koncli with what was typed in its environment. Which words
fit is found by `konductor.cli.suggest`.
"""

import os
import re
import shlex
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
from konductor.cli.shell_script import BASH, ZSH
from konductor.cli.suggest import Place, Suggestion, suggest
from konductor.errors import ExitCode
from konductor.garbage import no_garbage_collection

VARIABLE = "_KONCLI_COMPLETE"
"""What a script sets to SHELL_complete."""
_PARTS = ("=", ":")
"""Where bash parts words, though they are one to koncli."""
_SPECIAL = re.compile(r"[^\w@%+=:,./~-]")
"""What a shell may read as more than itself."""


class _Bash(BashComplete):
    """Bash, which parts words at ``=`` and puts no space behind a word that goes on."""

    def source(self) -> str:
        return BASH

    def get_completion_args(self) -> tuple[list[str], str]:
        words, last = super().get_completion_args()
        *words, last = _glued([*words, last])
        return words, last

    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem[str]]:
        found = _suggestions(args, incomplete)
        if _opens_quote(os.environ["COMP_WORDS"]):  # in quotes it parts no words, and closes them
            return [CompletionItem(one.value) for one in found]
        before = max(incomplete.rfind(part) for part in _PARTS) + 1
        return [
            CompletionItem(_escaped(one.value[before:]) + ("" if one.goes_on else " "))
            for one in found
        ]

    def format_completion(self, item: CompletionItem[str]) -> str:
        return str(item.value)


class _Zsh(ZshComplete):
    """Zsh, which quotes words itself."""

    def source(self) -> str:
        return ZSH

    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem[str]]:
        return [_item(one) for one in _suggestions(args, incomplete)]

    def format_completion(self, item: CompletionItem[str]) -> str:
        word = item.value.replace("\\", r"\\").replace(":", r"\:")
        return f"{word}\n{f':{item.help}' if item.help else ''}"


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


def _escaped(value: str) -> str:
    return _SPECIAL.sub(r"\\\g<0>", value)


def _opens_quote(line: str) -> bool:
    """Tell whether a line ends within a quoted word."""
    try:
        shlex.split(line)
    except ValueError:
        return True
    return False


def _glued(words: Sequence[str]) -> list[str]:
    """Return words as they were typed, which bash parts before and behind each ``=`` and ``:``."""
    out: list[str] = []
    previous = ""
    for word in words:
        if out and (word in _PARTS or previous in _PARTS):
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
