"""Findings as SARIF 2.1.0, which code review tools read (docs.oasis-open.org/sarif)."""

import json
from collections.abc import Iterable, Sequence
from urllib.parse import quote

from konductor.dsl.catalogue import ENTRIES
from konductor.dsl.catalogue.page import fenced, indented, page
from konductor.dsl.diagnostics import Diagnostic, Fix, Label
from konductor.dsl.source import Span

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_REGION = ("startLine", "startColumn", "endLine", "endColumn")


def write_sarif(diagnostics: Sequence[Diagnostic], allowed: Sequence[Diagnostic] = ()) -> str:
    """Return one SARIF document, with the rules that the findings are of.

    Args:
        diagnostics: What was found.
        allowed: Warnings that comments of the program allow: results too, suppressed in source.
    """
    codes = sorted({one.code for one in (*diagnostics, *allowed)})
    driver = {"name": "koncli", "rules": [_rule(code) for code in codes]}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [
            *(_result(one, codes) for one in diagnostics),
            *(_result(one, codes, is_allowed=True) for one in allowed),
        ],
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}) + "\n"


def _rule(code: str) -> dict[str, object]:
    entry = ENTRIES[code]
    return {
        "id": code,
        "shortDescription": {"text": entry.title},
        "fullDescription": {"text": f"{entry.what} {entry.why}"},
        "help": {"text": page(entry, indented), "markdown": page(entry, fenced)},
        "defaultConfiguration": {"level": "warning" if entry.severity == "warning" else "error"},
    }


def _result(
    one: Diagnostic, codes: Sequence[str], *, is_allowed: bool = False
) -> dict[str, object]:
    text = "\n".join([one.message, *(f"note: {each}" for each in one.notes), *_helps(one)])
    return {
        "ruleId": one.code,
        "ruleIndex": codes.index(one.code),
        "level": str(one.severity),
        "message": {"text": text},
        "locations": [_location(one.primary)],
        "relatedLocations": [_location(label) for label in one.secondary],
        # Of all results or of none (SARIF 2.1.0, 3.27.23).
        "suppressions": [{"kind": "inSource"}] if is_allowed else [],
        "fixes": [_fix(one.fix, next(iter(one.helps), ""))] if one.fix else [],
    }


def _fix(fix: Fix, told: str) -> dict[str, object]:
    replacement = {
        "deletedRegion": _region(fix.span),
        "insertedContent": {"text": fix.replacement},
    }
    change = {"artifactLocation": _artifact(fix.span), "replacements": [replacement]}
    described = told or f"write `{fix.replacement.strip()}`"
    return {"description": {"text": described}, "artifactChanges": [change]}


def _helps(one: Diagnostic) -> Iterable[str]:
    return (f"help: {each}" for each in one.helps)


def _location(label: Label) -> dict[str, object]:
    place = {"artifactLocation": _artifact(label.span), "region": _region(label.span)}
    location: dict[str, object] = {"physicalLocation": place}
    return location | ({"message": {"text": label.text}} if label.text else {})


def _artifact(span: Span) -> dict[str, str]:
    """Return a file by a URI reference: a path, its spaces and signs written as %XX."""
    return {"uri": quote(span.source.path, errors="replace")}


def _region(span: Span) -> dict[str, int]:
    return dict(zip(_REGION, span.region, strict=True))
