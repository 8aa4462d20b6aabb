"""The lines of a program that a diagnostic speaks of, with its labels under them.

Pure layout: rows of styled pieces, no colour yet. What cannot be printed is shown as U+FFFD, so
that a program cannot steer the terminal of who reads its errors.
"""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from konductor.dsl.diagnostics import Diagnostic, Label, Severity

TAB = 4
"""Columns that a tab is shown as."""
WIDEST = 160
"""Columns of a line that are shown."""
_LEAD = 60
"""Columns that are shown before the first label of a line that is wider."""


class Style(StrEnum):
    """What a piece of text is, for whoever colours it."""

    PLAIN = "plain"
    STRONG = "strong"
    ERROR = "error"
    WARNING = "warning"
    SECONDARY = "secondary"
    GUTTER = "gutter"
    PLACE = "place"
    """``path:line:column``."""


Row: TypeAlias = tuple[tuple[str, Style], ...]


@dataclass(frozen=True, slots=True)
class _Mark:
    """A label on one line, in columns of what is shown."""

    start: int
    end: int
    symbol: str
    style: Style
    text: str


def rows(diagnostic: Diagnostic) -> tuple[Row, ...]:
    """Return a diagnostic as a person reads it: heading, places, notes and helps."""
    style = Style.ERROR if diagnostic.severity is Severity.ERROR else Style.WARNING
    labels = (diagnostic.primary, *diagnostic.secondary)
    width = len(str(max(_line_of(label) for label in labels)))
    out: list[Row] = [
        (
            (heading(diagnostic), style),
            (f": {printable(diagnostic.message)}", Style.STRONG),
        )
    ]
    for arrow, group in _by_source(labels):
        line, column = group[0].span.source.position(group[0].span.start)
        place = f"{printable(group[0].span.source.path)}:{line}:{column}"
        out.append(((f"{' ' * width}{arrow} ", Style.GUTTER), (place, Style.PLACE)))
        out.append(_margin(width))
        out += _excerpt(group, diagnostic.primary, style, width)
    remarks = [("note", one) for one in diagnostic.notes] + [
        ("help", one) for one in diagnostic.helps
    ]
    if remarks:
        out.append(_margin(width))
    for kind, text in remarks:
        first, *rest = printable(text).split("\n")
        out.append((*_margin(width, "="), (f" {kind}", Style.STRONG), (f": {first}", Style.PLAIN)))
        out += [((" " * (width + 9) + one, Style.PLAIN),) for one in rest]
    return tuple(out)


def heading(diagnostic: Diagnostic) -> str:
    """Return what kind of finding it is, such as ``error[K0301]``."""
    return f"{diagnostic.severity}[{diagnostic.code}]"


def printable(text: str) -> str:
    r"""Return a text without what would steer a terminal; line ends stay.

    >>> printable("a\x1b[31mb")
    'a�[31mb'
    """
    return "".join(one if one.isprintable() or one == "\n" else "\ufffd" for one in text)


def _line_of(label: Label) -> int:
    return label.span.source.position(label.span.start)[0]


def _by_source(labels: Sequence[Label]) -> Iterable[tuple[str, list[Label]]]:
    """Yield the labels by file, the primary's first, each with the arrow before its path."""
    sources = list(dict.fromkeys(label.span.source for label in labels))
    for arrow, source in zip(["-->"] + [":::"] * len(sources), sources, strict=False):
        yield arrow, [label for label in labels if label.span.source is source]


def _margin(width: int, symbol: str = "|") -> Row:
    return ((f"{' ' * width} {symbol}", Style.GUTTER),)


def _excerpt(group: Sequence[Label], primary: Label, style: Style, width: int) -> Iterable[Row]:
    """Yield the lines that carry labels, a single line between two of them, and `...` for more."""
    source = group[0].span.source
    last = 0
    for number in sorted({_line_of(label) for label in group}):
        if last and number == last + 2:
            shown, _ = _window(source.line(last + 1), 0)
            yield _numbered(last + 1, shown, width)
        elif last and number > last + 2:
            yield (("...", Style.GUTTER),)
        last = number
        labels = [label for label in group if _line_of(label) == number]
        shown, cut = _window(source.line(number), min(_column(label) for label in labels))
        yield _numbered(number, shown, width)
        marks = [_mark(label, cut, style if label is primary else None) for label in labels]
        for row in _underlines(marks):
            yield (*_margin(width), *row)


def _numbered(number: int, shown: str, width: int) -> Row:
    return ((f"{number:>{width}} | ", Style.GUTTER), (shown, Style.PLAIN))


def _column(label: Label) -> int:
    """Return the index in its line at which a label begins."""
    return label.span.source.position(label.span.start)[1] - 1


def _mark(label: Label, cut: int, style: Style | None) -> _Mark:
    """Return a label in columns; `style` is that of the primary one."""
    text = label.span.source.line(_line_of(label))
    first = _column(label)
    last = min(first + label.span.end - label.span.start, len(text))
    start = max(_columns(text[:first]) - cut, 0)
    end = max(min(_columns(text[:last]) - cut, WIDEST), start + 1)
    words = printable(label.text)
    if style is None:
        return _Mark(start, end, "-", Style.SECONDARY, words)
    return _Mark(start, end, "^", style, words)


def _window(text: str, first: int) -> tuple[str, int]:
    """Return what is shown of a line, and how many columns of it are not shown at its start."""
    expanded = printable(text.replace("\t", " " * TAB))
    if _columns(expanded) <= WIDEST:
        return expanded, 0
    cut = max(_columns(text[:first]) - _LEAD, 0)
    return _between(expanded, cut, cut + WIDEST), cut


def _between(text: str, start: int, end: int) -> str:
    """Return the characters of a text that begin within a range of columns."""
    out, column = "", 0
    for one in text:
        if start <= column < end:
            out += one
        column += _width(one)
        if column >= end:
            break
    return out


def _columns(text: str) -> int:
    r"""Return how many columns a text takes.

    >>> _columns("a\t日本")
    9
    """
    return len(text) if text.isascii() and "\t" not in text else sum(map(_width, text))


def _width(character: str) -> int:
    if character == "\t":
        return TAB
    if not character.isprintable():
        return 1
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _underlines(marks: Sequence[_Mark]) -> Iterable[Row]:
    """Yield the row of `^^^` and `---`, and further rows for labels that have no room in it."""
    ordered = sorted(marks, key=lambda mark: (mark.start, mark.symbol == "^"))
    last = ordered[-1]
    beside = all(mark.end <= last.start for mark in ordered[:-1])
    under = [mark for mark in ordered if mark.text and not (beside and mark is last)]
    pieces = _strokes(ordered)
    if beside and last.text:
        pieces = (*pieces, (f" {last.text}", last.style))
    yield pieces
    for at in range(len(under) - 1, -1, -1):
        mark = under[at]
        above = [one for one in under[:at] if one.start < mark.start]
        yield _connectors(above, mark)


def _strokes(ordered: Sequence[_Mark]) -> Row:
    """Return the underlines; where two overlap, the primary's is seen."""
    end = max(mark.end for mark in ordered)
    cells = [(" ", Style.PLAIN)] * end
    for mark in sorted(ordered, key=lambda mark: mark.symbol == "^"):
        cells[mark.start : mark.end] = [(mark.symbol, mark.style)] * (mark.end - mark.start)
    return _joined([(" ", Style.PLAIN), *cells])


def _connectors(above: Sequence[_Mark], mark: _Mark) -> Row:
    """Return a row with a stroke down for each label still to come, and the text of one."""
    cells = [(" ", Style.PLAIN)] * mark.start
    for one in above:
        cells[one.start] = ("|", one.style)
    return _joined([(" ", Style.PLAIN), *cells, (mark.text, mark.style)])


def _joined(cells: Sequence[tuple[str, Style]]) -> Row:
    """Return neighbours of one style as one piece."""
    out: list[tuple[str, Style]] = []
    for text, style in cells:
        if out and out[-1][1] is style:
            out[-1] = (out[-1][0] + text, style)
        else:
            out.append((text, style))
    return tuple(out)
