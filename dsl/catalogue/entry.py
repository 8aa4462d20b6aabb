"""The form of a catalogue entry: what ``koncli explain CODE`` prints."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Entry:
    """What a code means and how to mend it."""

    code: str
    severity: str
    """``error``, ``warning``, or ``error or warning``."""
    title: str
    """The mistake in one line, lower case, no full stop."""
    what: str
    """What the program does that is wrong."""
    why: str
    """Why it cannot, or should not, be so."""
    example: str
    """A program, or a part of one, that is reported."""
    instead: str
    """The same, mended."""
    given: Mapping[str, str] = field(default_factory=dict)
    """What the example is run with: ``-p NAME=VALUE``."""
    given_instead: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    """What stands beside both programs, by path."""

    @property
    def command(self) -> str:
        """Return the command line that gives the example its parameters; empty: none does."""
        return _command(self.given)

    @property
    def command_instead(self) -> str:
        """Return the same for the mended program."""
        return _command(self.given_instead)


def _command(given: Mapping[str, str]) -> str:
    words = " ".join(f"-p {name}={value}" for name, value in given.items())
    return f"koncli run etl.kon {words}" if words else ""
