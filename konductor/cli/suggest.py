"""Which words fit where a shell's cursor is: read from the commands' own parsers."""

import argparse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from typing import NamedTuple

from konductor.cli.known import (
    barriers,
    codes,
    contexts,
    files,
    folders,
    parameters,
    programs,
    runs,
)
from konductor.cli.leading import command_first, is_shared


class Suggestion(NamedTuple):
    """A word that fits."""

    value: str
    help: str = ""

    @property
    def goes_on(self) -> bool:
        """Tell whether more of the same word is to follow."""
        return self.value.endswith(("=", "/"))


@dataclass(frozen=True, slots=True)
class Place:
    """Where the cursor is."""

    words: tuple[str, ...]
    """What stands before, without koncli itself."""
    incomplete: str
    """The begin of the word that is sought."""
    environment: Mapping[str, str]


_Source = Callable[[Place], Mapping[str, str]]
_OF_ARGUMENTS: Mapping[str, _Source] = {
    "FILE": lambda place: programs(place.incomplete),
    "CODE": lambda _: codes(),
    "RUN": lambda place: runs(place.environment, place.words),
    "NAME": lambda place: barriers(place.environment, place.words),
}
"""Where the values of an argument come from, by what its help calls it."""
_OF_OPTIONS: Mapping[str, _Source] = {
    "FILE": lambda place: files(place.incomplete),
    "DIR": lambda place: folders(place.incomplete),
    "RUN": lambda place: runs(place.environment, place.words),
    "NAME=VALUE": lambda place: parameters(place.words, place.incomplete),
}
"""Likewise of an option. `NAME` is not among them: there it is one to be made up."""


def suggest(place: Place) -> list[Suggestion]:
    """Return the words that fit, in the order in which they are to be shown."""
    begin = place.incomplete
    fitting = (Suggestion(*one) for one in _all(place).items() if one[0].startswith(begin))
    return list(dict.fromkeys(fitting))


def _all(place: Place) -> Mapping[str, str]:
    from konductor.cli.main import COMMANDS  # noqa: PLC0415  # main imports this at its end

    words = command_first(place.words)
    if not words or (is_shared(words[0]) and not is_shared(words[-1])):
        return {name: one.summary for name, one in COMMANDS.items()}
    name, *rest = words
    if name not in COMMANDS:
        return {}
    make: Callable[[], argparse.ArgumentParser] | None = vars(
        import_module(COMMANDS[name].module)
    ).get("_parser")
    return {} if make is None else _of_parser(make(), rest, place)


def _of_parser(
    parser: argparse.ArgumentParser, words: Sequence[str], place: Place
) -> Mapping[str, str]:
    inner = _subcommands(parser)
    if inner is None:
        return _of_command(_Read(parser, words), place)
    chosen = next((at for at, word in enumerate(words) if word in inner.choices), None)
    if chosen is None:
        helps = {one.dest: one.help or "" for one in inner._choices_actions}  # noqa: SLF001  # argparse shows them only so
        return {name: helps.get(name, "") for name in inner.choices}
    return _of_parser(inner.choices[words[chosen]], words[chosen + 1 :], place)


def _subcommands(
    parser: argparse.ArgumentParser,
) -> "argparse._SubParsersAction[argparse.ArgumentParser] | None":
    found = (one for one in parser._actions if isinstance(one, argparse._SubParsersAction))  # noqa: SLF001  # likewise
    return next(found, None)


class _Read:
    """What of a command's line has been read: which argument or option comes next."""

    def __init__(self, parser: argparse.ArgumentParser, words: Sequence[str]) -> None:
        self.options = parser._option_string_actions  # noqa: SLF001  # likewise
        self.arguments = [one for one in parser._actions if not one.option_strings]  # noqa: SLF001  # likewise
        self.pending: argparse.Action | None = None
        """An option that lacks its value."""
        self.takes_options = True
        for word in words:
            self._see(word)

    def _see(self, word: str) -> None:
        if self.pending is not None:
            self.pending = None
        elif self.takes_options and word == "--":
            self.takes_options = False
        elif self.takes_options and word.startswith("-") and word != "-":
            option = self.options.get(word)
            self.pending = option if option is not None and option.nargs != 0 else None
        elif len(self.arguments) > 1 or (self.arguments and self.arguments[0].nargs is None):
            self.arguments = self.arguments[1:]


def _of_command(read: _Read, place: Place) -> Mapping[str, str]:
    if read.pending is not None:
        return _values(read.pending, place)
    name, equals, begin = place.incomplete.partition("=")
    if read.takes_options and equals and (option := read.options.get(name)):
        values = _values(option, replace(place, incomplete=begin))
        return {f"{name}={value}": said for value, said in values.items()}
    if read.takes_options and name.startswith("-"):
        return {option: action.help or "" for option, action in read.options.items()}
    return _values(read.arguments[0], place) if read.arguments else {}


def _values(action: argparse.Action, place: Place) -> Mapping[str, str]:
    if action.choices is not None:
        return dict.fromkeys(map(str, action.choices), "")
    if "--context" in action.option_strings:
        return dict.fromkeys(contexts(place.environment), "")
    by_name = _OF_OPTIONS if action.option_strings else _OF_ARGUMENTS
    found: dict[str, str] = {}
    for name in str(action.metavar).split("|"):
        if source := by_name.get(name):
            found |= source(place)
    return found
