"""The gauge of one barrier: who arrived, who failed, and the mark at which it opens. Pure."""

from math import ceil

from rich.text import Text

_DONE, _LEFT, _FAILED, _MARK = "━", "─", "━", "┃"


def gauge(*, expected: int, quorum: int, arrived: int, failed: int, width: int = 20) -> Text:
    """Return a bar of ``width`` cells, as a share of ``expected``.

    Arrived fills from the left and failed from the right, both never shown as more than they are,
    except that one alone is always seen. Where the quorum is below ``expected`` a mark stands
    behind the cell that completes it.
    """
    good = _cells(arrived, expected, width)
    bad = min(_cells(failed, expected, width), width - good)
    mark = ceil(quorum * width / expected) if quorum < expected else None
    bar = Text()
    for cell in range(width):
        if cell == mark:
            bar.append(_MARK, "bold yellow" if arrived < quorum else "bold green")
        elif cell < good:
            bar.append(_DONE, "green")
        elif cell >= width - bad:
            bar.append(_FAILED, "red")
        else:
            bar.append(_LEFT, "bright_black")
    return bar


def _cells(count: int, expected: int, width: int) -> int:
    return min(max(count * width // expected, int(count > 0)), width)
