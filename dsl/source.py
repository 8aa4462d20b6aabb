"""A program's text, and places in it.

Offsets count characters, not bytes, so that a place is also an index of the text. Lines and
columns are what people and editors read; they are reckoned only when something is shown.
"""

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from typing import NamedTuple, Self

_LINE_END = re.compile(r"\n")


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """One file of a program; two sources are the same only if they are one object."""

    path: str
    """As the user gave it; it is only shown."""
    text: str
    line_starts: tuple[int, ...] = field(init=False, repr=False)
    """The offset at which each line begins."""
    at: int = field(init=False, repr=False, default=0)
    """The offset in the file at which it begins."""

    def __post_init__(self) -> None:
        """Find the lines."""
        starts = (0, *(match.end() for match in _LINE_END.finditer(self.text)))
        object.__setattr__(self, "line_starts", starts)

    @classmethod
    def decode(cls, path: str, data: bytes) -> Self:
        """Return the source for a file's bytes; the parser reports bytes that are not UTF-8.

        Such a byte stands in the text as a lone surrogate, in its own place.
        """
        return cls(path, data.decode("utf-8", "surrogateescape").removeprefix("\ufeff"))

    @property
    def file(self) -> "Source":
        """Return the whole file."""
        return self

    def position(self, offset: int) -> tuple[int, int]:
        r"""Return the line and the column of an offset, both counted from 1, in characters.

        >>> Source("a.kon", "one\ntwo").position(5)
        (2, 2)
        """
        line = bisect_right(self.line_starts, offset)
        return line, offset - self.line_starts[line - 1] + 1

    def line(self, number: int) -> str:
        """Return the text of a line, counted from 1, without its end."""
        start = self.line_starts[number - 1]
        last = number == len(self.line_starts)
        end = len(self.text) if last else self.line_starts[number]
        return self.text[start:end].rstrip("\r\n")

    def span(self, start: int, end: int) -> "Span":
        """Return the place between two offsets."""
        return Span(self, start, end)


class Region(NamedTuple):
    """A place as editors count it, from 1; the end is behind the last character."""

    line: int
    column: int
    end_line: int
    end_column: int


class Piece(Source):
    """A part of a file that can be moved: places in it are told from where it begins.

    An editor's statement is one. What is typed before it moves it, and all places in it with it,
    which then are places in the file as it has become.
    """

    __slots__ = ("_file",)
    _file: Source

    def __init__(self, file: Source, start: int, end: int) -> None:
        """Take what stands in a file between two offsets."""
        super().__init__(file.path, file.text[start:end])
        self.move(file, start)

    @property
    def file(self) -> Source:
        """Return the whole file, as it has become."""
        return self._file

    def move(self, file: Source, at: int) -> None:
        """Let it stand elsewhere, in this file."""
        for name, value in (("_file", file), ("at", at)):
            object.__setattr__(self, name, value)  # other sources never change


class Span(NamedTuple):
    """A place in a source, from `start` up to, but without, `end`.

    A named tuple, because a program has more of them than of anything else, and a frozen
    dataclass takes three times as long to make.
    """

    origin: Source
    """What it is told from: the file, or a piece of it."""
    first: int
    last: int

    @property
    def source(self) -> Source:
        """Return the file."""
        return self.origin.file

    @property
    def start(self) -> int:
        """Return the offset in the file at which it begins."""
        return self.origin.at + self.first

    @property
    def end(self) -> int:
        """Return the offset in the file behind it."""
        return self.origin.at + self.last

    @property
    def text(self) -> str:
        """Return what stands there."""
        return self.origin.text[self.first : self.last]

    @property
    def region(self) -> Region:
        """Return it in lines and columns."""
        return Region(*self.source.position(self.start), *self.source.position(self.end))

    def __str__(self) -> str:
        """Return it as ``path:line:column``."""
        line, column = self.source.position(self.start)
        return f"{self.source.path}:{line}:{column}"
