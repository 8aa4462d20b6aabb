"""What the commands that hooks use share of their command line: argparse, and our own errors."""

import argparse
import os
import re
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, NoReturn

from konductor.cli.output import LEVELS, heard
from konductor.duration import parse_duration
from konductor.errors import UsageError

if TYPE_CHECKING:  # 15 ms that a command without a cluster need not pay
    from konductor.connection import Connection
    from konductor.hooks.client import Client


# koncli speaks English: argparse's own words in another language would stand among ours. That
# there is no such language takes it 3 ms to find out, each time.
vars(argparse)["_"] = str
_Formatter = argparse.RawDescriptionHelpFormatter
_WIDTH = 78
_NAME = r"[a-z0-9]([-a-z0-9.]*[a-z0-9])?"
_LABEL = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?"
"""Compiled only where one is read: 0.2 ms each."""
_LONGEST_NAME = 63


class Parser(argparse.ArgumentParser):
    """Raises `UsageError` instead of ending the process; takes no shortened options."""

    def __init__(self, **settings: object) -> None:
        # argparse makes a formatter for each option that is added, and would each time ask how
        # wide the terminal is, with what takes 2 ms to import: that is for `format_help`.
        settings.setdefault("formatter_class", partial(_Formatter, width=_WIDTH))
        super().__init__(allow_abbrev=False, **settings)  # type: ignore[arg-type]  # passed through

    def format_help(self) -> str:
        """Return the help, as wide as the terminal."""
        from shutil import get_terminal_size  # noqa: PLC0415  # see above

        self.formatter_class = partial(_Formatter, width=get_terminal_size().columns - 2)
        return super().format_help()

    def parse_known_args(  # type: ignore[override]  # argparse gives what it is given for a namespace
        self, args: Sequence[str] | None = None, namespace: argparse.Namespace | None = None
    ) -> tuple[argparse.Namespace, list[str]]:
        """Parse with the options first: argparse takes no argument that follows an option."""
        words = sys.argv[1:] if args is None else list(args)
        if self._subparsers is None:
            words = self._options_first(words)
        return super().parse_known_args(words, namespace)

    def _options_first(self, words: Sequence[str]) -> list[str]:
        options: list[str] = []
        arguments: list[str] = []
        left = iter(words)
        for word in left:
            if word == "--":
                arguments.append(word)
                break
            if word.startswith("-") and word != "-":
                value = list(islice(left, self._values(word)))
                if len(value) < self._values(word):
                    return list(words)  # argparse says so
                options += (word, *value)
            else:
                arguments.append(word)
        return [*options, *arguments, *left]

    def _values(self, option: str) -> int:
        action = self._option_string_actions.get(option)
        return 0 if action is None or action.nargs == 0 else 1

    def error(self, message: str) -> NoReturn:
        """Raise what argparse found wrong."""
        raise UsageError(message, hint=f"`{self.prog} --help` shows the options")


def cluster_options() -> Parser:
    """Return the options that say which cluster and namespace, as a parent parser."""
    parent = Parser(add_help=False)
    group = parent.add_argument_group("which cluster")
    group.add_argument("-n", "--namespace", default="", type=namespace_name, help="the namespace")
    group.add_argument("--context", default="", help="a context of the kubeconfig")
    group.add_argument("--kubeconfig", default="", metavar="FILE", help="a kubeconfig")
    return parent


def connect(options: argparse.Namespace) -> "Connection":
    """Return the connection that the options and the environment choose.

    Raises:
        NotFound, UsageError, Unreachable: as `konductor.cluster.choose.choose`.
    """
    from konductor.cluster.choose import choose  # noqa: PLC0415  # not for --help

    return choose(
        os.environ,
        context=options.context,
        kubeconfig=options.kubeconfig,
        namespace=options.namespace,
    )


def output_options(forms: Sequence[str]) -> Parser:
    """Return the options of what is said and printed, as a parent parser; text is the default."""
    parent = Parser(add_help=False)
    group = parent.add_argument_group("output")
    group.add_argument(
        "-o", "--output", choices=forms, default="text", help="the form of the output"
    )
    group.add_argument(
        "--log-level",
        type=_level,
        choices=LEVELS,
        default="info",
        help="what is said on standard error (default: info); debug tells of each request",
    )
    return parent


@contextmanager
def session(options: argparse.Namespace) -> Iterator["Client"]:
    """Give a client of the chosen cluster, and let TERM end whatever waits, as Ctrl-C does.

    As the first process of a container this one would not even notice TERM. The options hold what
    to say lines with from then on: ``tell`` and ``warn``.

    Raises:
        NotFound, UsageError, Unreachable: as `connect`.
    """
    from konductor.hooks.client import Client  # noqa: PLC0415  # not for --help
    from konductor.hooks.timing import AT_TERMINAL, IN_POD  # noqa: PLC0415  # likewise

    options.tell, options.warn, trace = (
        heard(level, options.log_level) for level in ("info", "warn", "debug")
    )
    connection = connect(options)
    where = connection.source or connection.server
    options.tell(f"{where}, namespace `{connection.namespace}`")
    patience = IN_POD if connection.token_file else AT_TERMINAL
    client = Client(connection, patience=patience, trace=trace)
    before = signal.signal(signal.SIGTERM, _interrupt)
    try:
        yield client
    finally:
        signal.signal(signal.SIGTERM, before)
        client.close()


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def barrier_name(text: str) -> str:
    """Read a barrier's name, as argparse wants its types: no server has one of another form."""
    if len(text) > _LONGEST_NAME:
        raise argparse.ArgumentTypeError(
            f"`{text}` has {len(text)} characters; a barrier's name has at most {_LONGEST_NAME}"
        )
    if not re.fullmatch(_NAME, text):
        raise argparse.ArgumentTypeError(
            f"`{text}` is no name of a barrier; "
            "write lower-case letters, digits, `-` and `.`; the ends are letters or digits"
        )
    return text


def namespace_name(text: str) -> str:
    """Read a namespace, as argparse wants its types; an empty one is the cluster's own choice."""
    if text and not is_label(text):
        raise argparse.ArgumentTypeError(f"`{text}` is no name of a namespace")
    return text


def is_label(text: str) -> bool:
    """Tell whether a text is a label of RFC 1123, as names of namespaces are."""
    return len(text) <= _LONGEST_NAME and re.fullmatch(_LABEL, text) is not None


def duration(text: str) -> timedelta:
    """Read a duration above zero, as argparse wants its types."""
    if span := _span(text):
        return span
    raise argparse.ArgumentTypeError("a duration must be more than 0")


def _span(text: str) -> timedelta:
    try:
        return parse_duration(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def count(text: str) -> int:
    """Read a whole number above zero."""
    if not (text.isascii() and text.isdigit()) or not int(text):
        raise argparse.ArgumentTypeError(f"`{text}` is no whole number above 0")
    return int(text)


def limit(text: str) -> timedelta | None:
    """Read a duration, or 0, which sets no limit."""
    return None if text == "0" else _span(text) or None


def count_or_all(text: str) -> int | None:
    """Read a whole number, 0 of which stands for all."""
    return None if text == "0" else count(text)


def _level(text: str) -> str:
    """Read a level as loggers name it: in any case, and ``warning`` too."""
    level = text.lower()
    return "warn" if level == "warning" else level
