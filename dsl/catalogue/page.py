"""An entry as a page of Markdown, for ``koncli explain`` and for the documentation."""

from collections.abc import Callable, Iterator

from konductor.dsl.catalogue.entry import Entry

Block = Callable[[str, str], str]
"""Lays out a text as a block, given the text without its last line end and its language."""


def page(entry: Entry, block: Block) -> str:
    """Return the page about a code, without a line end behind it."""
    return "\n\n".join(_parts(entry, block))


def indented(text: str, _: str) -> str:
    """Lay out a block as a person reads it as it stands."""
    return "\n".join(f"    {line}".rstrip() for line in text.split("\n"))


def fenced(text: str, language: str) -> str:
    """Lay out a block for what shows Markdown."""
    return f"```{language}\n{text}\n```"


def _parts(entry: Entry, block: Block) -> Iterator[str]:
    yield f"# {entry.code} ({entry.severity}): {entry.title}"
    yield entry.what
    yield entry.why
    yield "This is reported:"
    yield from _program(entry.command, entry.example, block)
    yield "Write instead:"
    yield from _program(entry.command_instead, entry.instead, block)
    for path, text in entry.files.items():
        yield f"Beside it, `{path}`:"
        yield block(text.rstrip("\n"), "kon")


def _program(command: str, text: str, block: Block) -> Iterator[str]:
    if command:
        yield block(command, "text")
    yield block(text.rstrip("\n"), "kon")
