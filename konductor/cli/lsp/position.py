r"""Offsets of the language, to and from lines and columns as an editor counts them.

The protocol ends lines at ``\n``, ``\r\n`` and ``\r`` and at nothing else, and counts a line in
units of UTF-16 unless another encoding was agreed upon. A place that there is not is moved to the
nearest that there is.
"""

import re
from bisect import bisect_right

_LINE_END = re.compile(r"\r\n|\n|\r")
UTF8, UTF16, UTF32 = "utf-8", "utf-16", "utf-32"


class Positions:
    """The lines and columns of one text."""

    def __init__(self, text: str, encoding: str = UTF16) -> None:
        """Find the lines; `encoding` is the unit of columns."""
        self.text = text
        self._encoding = UTF32 if text.isascii() else encoding
        ends = [match.span() for match in _LINE_END.finditer(text)]
        self._starts = [0, *(end for _, end in ends)]
        self._ends = [*(start for start, _ in ends), len(text)]

    @property
    def end(self) -> tuple[int, int]:
        """Return the place behind everything."""
        return self.position(len(self.text))

    def position(self, offset: int) -> tuple[int, int]:
        """Return line and column of an offset, both counted from 0."""
        offset = min(max(offset, 0), len(self.text))
        line = bisect_right(self._starts, offset) - 1
        start = self._starts[line]
        return line, self._units(self.text[start : min(offset, self._ends[line])])

    def offset(self, line: int, column: int) -> int:
        """Return the offset of a line and a column."""
        if line < 0:
            return 0
        if line >= len(self._starts):
            return len(self.text)
        start, end = self._starts[line], self._ends[line]
        if self._encoding == UTF32:
            return min(start + max(column, 0), end)
        for at in range(start, end):
            column -= self._units(self.text[at])
            if column < 0:
                return at
        return end

    def _units(self, text: str) -> int:
        if self._encoding == UTF32:
            return len(text)
        if self._encoding == UTF8:
            return len(text.encode("utf-8", "surrogatepass"))
        return len(text) + sum(character > "\uffff" for character in text)
