"""The languages inside heredocs, told by their tags."""

import re
from collections.abc import Iterator

from konductor.dsl.source import Span
from konductor.dsl.tokens import Token

LANGUAGES = {
    "SH": "shellscript",
    "BASH": "shellscript",
    "SHELL": "shellscript",
    "PYTHON": "python",
    "PY": "python",
    "JS": "javascript",
    "NODE": "javascript",
    "RUBY": "ruby",
    "PERL": "perl",
    "SQL": "sql",
    "YAML": "yaml",
    "JSON": "json",
    "R": "r",
}
_HEAD = re.compile(r"<<\$?([A-Z][A-Z0-9_]*)")
_VARIABLE = re.compile(r"\$(?:[A-Za-z_][A-Za-z0-9_]*|\{[A-Za-z_][A-Za-z0-9_]*)")


def language_of(heredoc: str) -> str:
    """Return the language of a heredoc's body, by an editor's name for it; empty: not known.

    >>> language_of("<<PYTHON")
    'python'
    """
    head = _HEAD.match(heredoc)
    return LANGUAGES.get(head[1], "") if head else ""


def tags(token: Token) -> tuple[tuple[int, int], ...]:
    """Return where the tag of a heredoc stands, at its head and at its end."""
    head = _HEAD.match(token.text)
    if head is None:
        return ()
    found = [(token.start, token.start + head.end())]
    last = token.text.rpartition("\n")[2]
    if last.strip() == head[1]:
        end = token.start + len(token.text.rstrip())
        found.append((end - len(head[1]), end))
    return tuple(found)


def variables(body: Span) -> Iterator[Span]:
    """Yield each use of a shell's variable in a script."""
    for found in _VARIABLE.finditer(body.text):
        yield body.source.span(body.start + found.start(), body.start + found.end())
