"""What koncli says beside a command's output."""

import os
import sys
from typing import TextIO


def tell(line: str) -> None:
    """Say something on standard error, which leaves the output to whoever reads it."""
    print(f"koncli: {line}", file=sys.stderr, flush=True)


def is_coloured(stream: TextIO) -> bool:
    """Tell whether to colour what goes there: https://no-color.org, and only on a terminal."""
    return not os.environ.get("NO_COLOR") and stream.isatty()
