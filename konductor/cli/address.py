"""Addresses that a terminal or an editor opens: of files, and of the pages about codes."""

from functools import cache
from pathlib import Path

_PAGES = Path(__file__).parents[2] / "docs" / "errors"


def of_place(path: str, line: int) -> str:
    """Return the address of a line of a file, as kitty, WezTerm and others read it; "": no file."""
    place = Path(path).absolute()
    return f"{place.as_uri()}#{line}" if place.is_file() else ""


@cache
def of_page(code: str) -> str:
    """Return the address of the page about a code; "" unless koncli runs from its checkout."""
    path = _PAGES / f"{code}.md"
    return path.as_uri() if path.is_file() else ""
