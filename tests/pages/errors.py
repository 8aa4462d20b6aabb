"""The pages of the diagnostic codes, from the catalogue that explains them."""

from collections.abc import Iterator

from konductor.dsl.catalogue import ENTRIES, Entry

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
        yield f"errors/{entry.code}.md", _page(entry)


def _row(entry: Entry) -> str:
    return f"| [{entry.code}]({entry.code}.md) | {entry.severity} | {entry.title} |\n"


def _page(entry: Entry) -> str:
    return f"""\
# {entry.code}: {entry.title}

Severity: {entry.severity}.

{entry.what}
{entry.why}

This is reported:

{_command(entry.command)}{_block(entry.example)}
Write instead:

{_command(entry.command_instead)}{_block(entry.instead)}
{"".join(_beside(path, text) for path, text in entry.files.items())}\
[All codes](README.md)
"""


def _command(command: str) -> str:
    return f"```text\n{command}\n```\n\n" if command else ""


def _beside(path: str, text: str) -> str:
    return f"Beside it, `{path}`:\n\n{_block(text)}\n"


def _block(text: str) -> str:
    return f"```kon\n{text}```\n"
