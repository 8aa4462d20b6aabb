"""Lines to text: what stands in neighbouring lines is set one below the other."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from konductor.dsl.layout import INDENT, Line

_COMMENT_GAP = 2


def align(lines: Iterable[Line]) -> Iterator[str]:
    """Yield the text of each line, without its end, and the blank lines.

    The ``=`` of attributes in a run of lines stand in one column. Comments behind code do only
    where their author had set them so; elsewhere two spaces part them from the code.
    """
    for run in _runs(_with_equals(lines), _have_comments_in_column):
        width = max(map(_width, run)) + _COMMENT_GAP
        for line in run:
            if line.after_blank:
                yield ""
            text = INDENT * line.level + line.code
            yield text.ljust(width) + line.comment if line.comment else text


def _with_equals(lines: Iterable[Line]) -> Iterator[Line]:
    for run in _runs(lines, _are_attributes):
        column = max(line.equals for line in run)
        for line in run:
            yield line if line.equals == column else _moved(line, column)


def _moved(line: Line, column: int) -> Line:
    key, value = line.code[: line.equals], line.code[line.equals :]
    return replace(line, code=key.ljust(column) + value)


def _runs(lines: Iterable[Line], belong: Callable[[Line, Line], bool]) -> Iterator[list[Line]]:
    """Yield the lines in runs of neighbours that belong together."""
    run: list[Line] = []
    for line in lines:
        if run and (line.after_blank or not belong(run[-1], line)):
            yield run
            run = []
        run.append(line)
    if run:
        yield run


def _are_attributes(above: Line, below: Line) -> bool:
    return above.equals >= 0 and below.equals >= 0 and above.level == below.level


def _have_comments_in_column(above: Line, below: Line) -> bool:
    return above.column >= 0 and above.column == below.column


def _width(line: Line) -> int:
    return len(INDENT) * line.level + len(line.code)
