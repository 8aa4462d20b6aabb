"""The form of a catalogue entry: what ``koncli explain CODE`` prints."""

from dataclasses import dataclass


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
