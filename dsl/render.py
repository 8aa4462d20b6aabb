"""Diagnostics as text, in the form that who reads them wants."""

import json
from collections.abc import Sequence
from enum import StrEnum

from konductor.dsl.diagnostics import Diagnostic, Label
from konductor.dsl.snippet import Row, Style, printable, rows


class Form(StrEnum):
    """Who reads: a person, a person with many files, a program, or GitHub's view of a change."""

    FULL = "full"
    CONCISE = "concise"
    JSON = "json"
    GITHUB = "github"


_RESET = "\x1b[0m"
_COLOURS = {
    Style.STRONG: "\x1b[1m",
    Style.ERROR: "\x1b[1;31m",
    Style.WARNING: "\x1b[1;33m",
    Style.SECONDARY: "\x1b[1;34m",
    Style.GUTTER: "\x1b[34m",
}


def render(diagnostics: Sequence[Diagnostic], *, form: Form, colour: bool = False) -> str:
    """Return diagnostics as text that ends with a line end; colour is for the full form only.

    JSON is one object a line, so that several files' findings can follow each other.
    """
    if form is Form.FULL:
        return "\n".join(_full(one, colour=colour) for one in diagnostics)
    line = {Form.CONCISE: _concise, Form.JSON: _json, Form.GITHUB: _github}[form]
    return "".join(f"{line(one)}\n" for one in diagnostics)


def _full(diagnostic: Diagnostic, *, colour: bool) -> str:
    lines = (
        _painted(row) if colour else "".join(text for text, _ in row) for row in rows(diagnostic)
    )
    return "".join(f"{line.rstrip()}\n" for line in lines)


def _painted(row: Row) -> str:
    return "".join(
        f"{_COLOURS[style]}{text}{_RESET}" if style in _COLOURS and text.strip() else text
        for text, style in row
    )


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
    }
    return json.dumps(document)


def _place(label: Label) -> dict[str, object]:
    line, column = label.span.source.position(label.span.start)
    end_line, end_column = label.span.source.position(label.span.end)
    return {
        "path": label.span.source.path,
        "line": line,
        "column": column,
        "end_line": end_line,
        "end_column": end_column,
        "label": label.text,
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
