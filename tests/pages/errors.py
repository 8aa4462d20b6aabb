"""The pages of the diagnostic codes, from the catalogue that explains them."""

from collections.abc import Iterator

from konductor.dsl.catalogue import ENTRIES, Entry
from konductor.dsl.catalogue.page import fenced, page

_INTRODUCTION = """\
# Errors and warnings

What `koncli check`, `compile` and `run` find in a program has a code.
An error ends with exit code 2 and nothing is created; a warning does so only with `--strict`.
A code is never used again for something else.

| Code | | What |
|---|---|---|
"""


def error_pages() -> Iterator[tuple[str, str]]:
    """Yield each page's path below ``docs`` and its text."""
    rows = "".join(_row(entry) for entry in ENTRIES.values())
    yield "errors/README.md", _INTRODUCTION + rows
    for entry in ENTRIES.values():
        yield f"errors/{entry.code}.md", f"{page(entry, fenced)}\n\n[All codes](README.md)\n"


def _row(entry: Entry) -> str:
    return f"| [{entry.code}]({entry.code}.md) | {entry.severity} | {entry.title} |\n"
