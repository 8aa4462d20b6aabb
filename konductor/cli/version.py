"""``koncli version``: prints which koncli this is."""

from konductor import __version__
from konductor.errors import ExitCode, UsageError


def main(argv: list[str]) -> int:
    """Print the version, and nothing else, so that a script can read it."""
    if argv in (["-h"], ["--help"]):
        print("Usage: koncli version\n\nPrints koncli's version.")
        return ExitCode.DONE
    if argv:
        raise UsageError("koncli version takes no arguments")
    print(f"koncli {__version__}")
    return ExitCode.DONE
