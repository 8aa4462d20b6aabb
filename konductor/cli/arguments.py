"""What the commands that hooks use share of their command line: argparse, and our own errors."""

import argparse
import os
from datetime import timedelta
from typing import TYPE_CHECKING, NoReturn

from konductor.duration import parse_duration
from konductor.errors import UsageError

if TYPE_CHECKING:  # 15 ms that a command without a cluster need not pay
    from konductor.connection import Connection


class Parser(argparse.ArgumentParser):
    """Raises `UsageError` instead of ending the process; takes no shortened options."""

    def __init__(self, **settings: object) -> None:
        settings.setdefault("formatter_class", argparse.RawDescriptionHelpFormatter)
        super().__init__(allow_abbrev=False, **settings)  # type: ignore[arg-type]  # passed through

    def error(self, message: str) -> NoReturn:
        """Raise what argparse found wrong."""
        raise UsageError(message, hint=f"`{self.prog} --help` shows the options")


def cluster_options() -> Parser:
    """Return the options that say which cluster and namespace, as a parent parser."""
    parent = Parser(add_help=False)
    group = parent.add_argument_group("which cluster")
    group.add_argument("-n", "--namespace", default="", help="the namespace")
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


def duration(text: str) -> timedelta:
    """Read a duration above zero, as argparse wants its types."""
    try:
        span = parse_duration(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
    if not span:
        raise argparse.ArgumentTypeError("a duration must be more than 0")
    return span


def count(text: str) -> int:
    """Read a whole number above zero."""
    if not (text.isascii() and text.isdigit()) or not int(text):
        raise argparse.ArgumentTypeError(f"`{text}` is no whole number above 0")
    return int(text)
