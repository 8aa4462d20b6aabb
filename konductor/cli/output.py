"""What koncli says beside a command's output."""

import os
import sys
from collections.abc import Callable
from typing import TextIO

LEVELS = ("debug", "info", "warn", "error")
"""What is said from which ``--log-level`` on; an error that ends the command always is."""


def tell(line: str) -> None:
    """Say something on standard error, which leaves the output to whoever reads it."""
    print(f"koncli: {line}", file=sys.stderr, flush=True)


def heard(level: str, since: str) -> Callable[[str], None]:
    """Return what says lines of a level, or keeps them where only higher ones are to be heard."""
    return tell if LEVELS.index(level) >= LEVELS.index(since) else _keep_silent


def _keep_silent(line: str) -> None:
    """Say nothing."""


def is_coloured(stream: TextIO) -> bool:
    """Tell whether to colour what goes there: https://no-color.org, and only on a terminal."""
    return not os.environ.get("NO_COLOR") and stream.isatty()
