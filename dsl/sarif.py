"""Findings as SARIF 2.1.0, which code review tools read (docs.oasis-open.org/sarif)."""

import json
from collections.abc import Iterable, Sequence

from konductor.dsl.catalogue import ENTRIES
from konductor.dsl.diagnostics import Diagnostic, Label

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def write_sarif(diagnostics: Sequence[Diagnostic]) -> str:
    """Return one SARIF document, with the rules that the findings are of."""
    codes = sorted({one.code for one in diagnostics})
    driver = {"name": "koncli", "rules": [_rule(code) for code in codes]}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(one, codes) for one in diagnostics],
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}) + "\n"


def _rule(code: str) -> dict[str, object]:
    entry = ENTRIES[code]
    shown = f"This is reported:\n\n{entry.example}\nWrite instead:\n\n{entry.instead}"
    return {
        "id": code,
        "shortDescription": {"text": entry.title},
        "fullDescription": {"text": f"{entry.what} {entry.why}"},
        "help": {"text": shown},
        "defaultConfiguration": {"level": "warning" if entry.severity == "warning" else "error"},
    }


def _result(one: Diagnostic, codes: Sequence[str]) -> dict[str, object]:
    text = "\n".join([one.message, *(f"note: {each}" for each in one.notes), *_helps(one)])
    return {
        "ruleId": one.code,
        "ruleIndex": codes.index(one.code),
        "level": str(one.severity),
        "message": {"text": text},
        "locations": [_location(one.primary)],
        "relatedLocations": [_location(label) for label in one.secondary],
    }


def _helps(one: Diagnostic) -> Iterable[str]:
    return (f"help: {each}" for each in one.helps)


def _location(label: Label) -> dict[str, object]:
    source = label.span.source
    line, column = source.position(label.span.start)
    end_line, end_column = source.position(label.span.end)
    region = {
        "startLine": line,
        "startColumn": column,
        "endLine": end_line,
        "endColumn": end_column,
    }
    location: dict[str, object] = {
        "physicalLocation": {"artifactLocation": {"uri": source.path}, "region": region}
    }
    return location | ({"message": {"text": label.text}} if label.text else {})
