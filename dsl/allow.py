"""``# kon: allow(K0502)``: a warning that somebody has looked at, and wants no more (K0901).

Such a comment covers the statement that begins on its own line, or on the next one where it stands
alone, with the whole block of it. ``# kon: allow-file(K0502)`` covers its file, wherever it stands.
Errors cannot be allowed.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from konductor.dsl.diagnostics import Diagnostic, Severity, warning
from konductor.dsl.parser import Parsed
from konductor.dsl.source import Span
from konductor.dsl.spelling import nearest
from konductor.dsl.tokens import SEPARATOR, Trivia

_ALLOW = re.compile(r"#+\s*kon:\s*allow(-file)?\s*\(([^)]*)\)")
_CODE = re.compile(r"[^\s,]+")


@dataclass(frozen=True, slots=True)
class _Allowed:
    """One code that one comment allows, and where."""

    code: str
    place: Span
    covers: Span


def sort_out(
    parsed: Parsed, findings: Sequence[Diagnostic]
) -> tuple[tuple[Diagnostic, ...], tuple[Diagnostic, ...]]:
    """Return the findings that stay, and the warnings that a file's comments allow.

    A comment that allows none is a finding itself, and stays.
    """
    allowed = list(_allowed(parsed))
    if not allowed:
        return tuple(findings), ()
    used: set[Span] = set()
    kept: list[Diagnostic] = []
    left_out: list[Diagnostic] = []
    for finding in findings:
        by = [one.place for one in allowed if _covers(one, finding)]
        used.update(by)
        (left_out if by else kept).append(finding)
    idle = (_idle(one, findings) for one in allowed if one.place not in used)
    return (*kept, *idle), tuple(left_out)


def _allowed(parsed: Parsed) -> Iterator[_Allowed]:
    for comment in parsed.trivia:
        found = _ALLOW.match(comment.text)
        if found is None:
            continue
        whole = parsed.source.span(0, len(parsed.source.text))
        covers = whole if found[1] else _covered(parsed, comment)
        for code in _CODE.finditer(found[2]):
            start = comment.start + found.start(2) + code.start()
            place = Span(parsed.source, start, start + len(code[0]))
            yield _Allowed(code[0].upper(), place, covers)


def _covered(parsed: Parsed, comment: Trivia) -> Span:
    """Return the statement that a comment stands at, or before."""
    source, tokens = parsed.source, parsed.tokens
    line = source.position(comment.start)[0]
    begin = source.line_starts[line - 1]
    if source.text[begin : comment.start].strip():
        first = bisect_left(tokens, begin, key=lambda token: token.start)
    else:
        first = comment.before
    while first < len(tokens) and tokens[first].kind == SEPARATOR:
        first += 1
    if first >= len(tokens):
        return source.span(comment.start, comment.start)
    return source.span(tokens[first].start, _end(parsed, first))


def _end(parsed: Parsed, at: int) -> int:
    """Return the offset behind a statement, and behind its block."""
    depth, end = 0, parsed.tokens[at].end
    for token in parsed.tokens[at:]:
        if not depth and token.kind in (SEPARATOR, "RBRACE"):
            break
        depth += {"LBRACE": 1, "RBRACE": -1}.get(token.kind, 0)
        end = token.end
    return end


def _covers(one: _Allowed, finding: Diagnostic) -> bool:
    span = finding.span
    return (
        finding.severity is Severity.WARNING
        and finding.code == one.code
        and span.source is one.covers.source
        and one.covers.start <= span.start <= one.covers.end
    )


def _idle(one: _Allowed, findings: Sequence[Diagnostic]) -> Diagnostic:
    """Return the finding for a code that a comment allows for nothing."""
    from konductor.dsl.catalogue import ENTRIES  # noqa: PLC0415  # hardly any program allows anything

    message, helps = f"`{one.code}` is allowed here, but there is none", ("remove it",)
    entry = ENTRIES.get(one.code)
    if entry is None:
        similar = nearest(one.code, ENTRIES)
        message = f"there is no code `{one.code}`"
        helps = (f"write `{similar}`",) if similar else ("`koncli explain` lists the codes",)
    elif entry.severity == "error" or any(
        finding.code == one.code and finding.severity is Severity.ERROR for finding in findings
    ):
        message = f"`{one.code}` is an error, and only warnings can be allowed"
    return warning("K0901", one.place, message, helps=helps)
