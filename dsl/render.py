"""Diagnostics as text, in the form that who reads them wants."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from konductor.dsl.diagnostics import Diagnostic, Fix, Label
from konductor.dsl.snippet import Row, Style, heading, printable, rows
from konductor.dsl.source import Span


class Form(StrEnum):
    """Who reads: a person, a person with many files, a program, or GitHub's view of a change."""

    FULL = "full"
    CONCISE = "concise"
    JSON = "json"
    GITHUB = "github"
    SARIF = "sarif"


_RESET = "\x1b[0m"
_LINK, _END = "\x1b]8;;", "\x1b\\"
"""What begins a hyperlink's address, and what ends it."""
_COLOURS = {
    Style.STRONG: "\x1b[1m",
    Style.ERROR: "\x1b[1;31m",
    Style.WARNING: "\x1b[1;33m",
    Style.SECONDARY: "\x1b[1;34m",
    Style.GUTTER: "\x1b[34m",
}


@dataclass(frozen=True, slots=True)
class Links:
    """Where a terminal's hyperlinks (OSC 8) lead; an empty address: nowhere."""

    place: Callable[[str, int], str]
    """The address of a line of a file, by its path."""
    page: Callable[[str], str]
    """The address of the page about a code."""


def render(
    diagnostics: Sequence[Diagnostic],
    *,
    form: Form,
    colour: bool = False,
    links: Links | None = None,
    allowed: Sequence[Diagnostic] = (),
) -> str:
    """Return diagnostics as text that ends with a line end.

    JSON is one object a line, so that several files' findings can follow each other; SARIF is one
    document for all.

    Args:
        diagnostics: in the order in which they are shown.
        form: for whom.
        colour: in the full form, with the terminal's colours.
        links: with colour, where the code and each place lead to.
        allowed: warnings that comments allow, which SARIF shows as suppressed.
    """
    if form is Form.FULL:
        return "\n".join(_full(one, colour=colour, links=links) for one in diagnostics)
    if form is Form.SARIF:
        from konductor.dsl.sarif import write_sarif  # noqa: PLC0415  # it needs the catalogue

        return write_sarif(diagnostics, allowed)
    line = {Form.CONCISE: _concise, Form.JSON: _json, Form.GITHUB: _github}[form]
    return "".join(f"{line(one)}\n" for one in diagnostics)


def _full(diagnostic: Diagnostic, *, colour: bool, links: Links | None) -> str:
    def shown(row: Row) -> str:
        if not colour:
            return "".join(text for text, _ in row)
        return "".join(_linked(piece, diagnostic, links) for piece in row)

    return "".join(f"{shown(row).rstrip()}\n" for row in rows(diagnostic))


def _linked(piece: tuple[str, Style], diagnostic: Diagnostic, links: Links | None) -> str:
    text, style = piece
    address = ""
    if links is not None and style is Style.PLACE:
        path, line, _ = text.rsplit(":", 2)
        address = links.place(path, int(line))
    elif links is not None and text == heading(diagnostic):
        address = links.page(diagnostic.code)
    painted = _painted(text, style)
    return f"{_LINK}{address}{_END}{painted}{_LINK}{_END}" if address else painted


def _painted(text: str, style: Style) -> str:
    if style in _COLOURS and text.strip():
        return f"{_COLOURS[style]}{text}{_RESET}"
    return text


def _concise(diagnostic: Diagnostic) -> str:
    shown = f"{diagnostic.span}: {heading(diagnostic)}: {diagnostic.message}"
    return printable(shown).replace("\n", " ")


def _json(diagnostic: Diagnostic) -> str:
    document = {
        "code": diagnostic.code,
        "severity": str(diagnostic.severity),
        "message": diagnostic.message,
        **_place(diagnostic.primary),
        "secondary": [_place(label) for label in diagnostic.secondary],
        "notes": list(diagnostic.notes),
        "helps": list(diagnostic.helps),
        "fix": _fix(diagnostic.fix) if diagnostic.fix else None,
    }
    return json.dumps(document)


def _fix(fix: Fix) -> dict[str, object]:
    return {**_region(fix.span), "replacement": fix.replacement}


def _place(label: Label) -> dict[str, object]:
    return {**_region(label.span), "label": label.text}


def _region(span: Span) -> dict[str, object]:
    return {"path": span.source.path, **span.region._asdict()}


def _github(diagnostic: Diagnostic) -> str:
    """Return a workflow command: docs.github.com, "Workflow commands for GitHub Actions"."""
    place = _place(diagnostic.primary)
    properties = {
        "file": place["path"],
        "line": place["line"],
        "endLine": place["end_line"],
        "col": place["column"],
        "endColumn": place["end_column"],
        "title": diagnostic.code,
    }
    shown = ",".join(f"{key}={_escaped(str(value), ':,')}" for key, value in properties.items())
    text = "\n".join([diagnostic.message, *(f"help: {one}" for one in diagnostic.helps)])
    return f"::{diagnostic.severity} {shown}::{_escaped(text)}"


def _escaped(text: str, more: str = "") -> str:
    """Return a text with what a workflow command takes for its own written as %XX."""
    escaped = "%\r\n" + more
    safe = text.encode("utf-8", "replace").decode()
    return "".join(f"%{ord(one):02X}" if one in escaped else one for one in safe)
