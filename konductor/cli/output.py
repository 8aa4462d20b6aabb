"""What koncli says beside a command's output."""

import sys


def tell(line: str) -> None:
    """Say something on standard error, which leaves the output to whoever reads it."""
    print(f"koncli: {line}", file=sys.stderr, flush=True)
