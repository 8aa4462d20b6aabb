"""Diagnostics as text, in the form that who reads them wants."""

import json
from collections.abc import Callable, Sequence
from enum import StrEnum

from konductor.dsl.diagnostics import Diagnostic, Fix, Label
from konductor.dsl.snippet import Row, Style, printable, rows
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


def render(
    diagnostics: Sequence[Diagnostic],
    *,
    form: Form,
    colour: bool = False,
    link: Callable[[str], str] | None = None,
    allowed: Sequence[Diagnostic] = (),
) -> str:
    """Return diagnostics as text that ends with a line end.

    JSON is one object a line, so that several files' findings can follow each other; SARIF is one
    document for all.

    Args:
        diagnostics: in the order in which they are shown.
        form: for whom.
        colour: in the full form, with the terminal's colours.
        link: with colour, gives the address that a place in a file of that path leads to (an OSC 8
            hyperlink); an empty one: to nothing.
        allowed: warnings that comments allow, which SARIF shows as suppressed.
    """
    if form is Form.FULL:
        return "\n".join(_full(one, colour=colour, link=link) for one in diagnostics)
    if form is Form.SARIF:
        from konductor.dsl.sarif import write_sarif  # noqa: PLC0415  # it needs the catalogue

        return write_sarif(diagnostics, allowed)
    line = {Form.CONCISE: _concise, Form.JSON: _json, Form.GITHUB: _github}[form]
    return "".join(f"{line(one)}\n" for one in diagnostics)


def _full(diagnostic: Diagnostic, *, colour: bool, link: Callable[[str], str] | None) -> str:
    def painted(row: Row) -> str:
        return "".join(_painted(text, style, link) for text, style in row)

    lines = (
        painted(row) if colour else "".join(text for text, _ in row) for row in rows(diagnostic)
    )
    return "".join(f"{line.rstrip()}\n" for line in lines)


def _painted(text: str, style: Style, link: Callable[[str], str] | None) -> str:
    if style is Style.PLACE:
        address = link(text.rsplit(":", 2)[0]) if link is not None else ""
        return f"{_LINK}{address}{_END}{text}{_LINK}{_END}" if address else text
    if style in _COLOURS and text.strip():
        return f"{_COLOURS[style]}{text}{_RESET}"
    return text


def _concise(diagnostic: Diagnostic) -> str:
    heading = f"{diagnostic.severity}[{diagnostic.code}]"
    return printable(f"{diagnostic.span}: {heading}: {diagnostic.message}").replace("\n", " ")


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
    line, column = span.source.position(span.start)
    end_line, end_column = span.source.position(span.end)
    return {
        "path": span.source.path,
        "line": line,
        "column": column,
        "end_line": end_line,
        "end_column": end_column,
    }


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
