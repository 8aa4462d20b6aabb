"""What the lexer says of text that is no token, and what it takes it for.

Taking it for something keeps one mistake one message: a value that cannot be read is still a
value, so the parser goes on behind it.
"""

import re
from dataclasses import dataclass

from konductor.dsl.diagnostics import Diagnostic, Fix, Label, error
from konductor.dsl.source import Source, Span

UNREADABLE = "NULL"
"""The kind of a value that was no value; its text is anything but ``null``."""
_STANDS_FOR = {"&&": "AND", "&": "AND", "!": "NOT", ";": "_SEP"}


@dataclass(frozen=True, slots=True)
class Stray:
    """A finding, and the kind of token that its text stands for (empty: none)."""

    diagnostic: Diagnostic
    stands_for: str


def describe(source: Source, kind: str, start: int, end: int) -> Stray:
    """Return what is wrong with the piece of text that the lexer found."""
    span = Span(source, start, end)
    return _KINDS[kind](span)


def _open(span: Span) -> Stray:
    if span.text.startswith("<<"):
        return Stray(_open_heredoc(span), "HEREDOC")
    quote = span.text[0]
    kind = "STRING" if quote == '"' else "RAWSTRING"
    return Stray(
        error(
            "K0100",
            span,
            f"the text has no closing {quote} on its line",
            "it is read as text up to here",
            helps=(f"close it with {quote}; text of several lines is a heredoc: <<TEXT",),
        ),
        kind,
    )


def _open_heredoc(span: Span) -> Diagnostic:
    text = span.text
    head = text.split("\n", 1)[0].rstrip()
    tag = re.findall(r"[A-Z][A-Z0-9_]*", head)[0]
    opener = Span(span.source, span.start, span.start + len(head))
    near = re.search(rf"^[ \t]*({tag}\b.*)$", text[len(head) :], re.MULTILINE)
    secondary: tuple[Label, ...] = ()
    if re.fullmatch(rf"<<\$?{tag}", head) is None:
        message = f"a heredoc begins on the line behind `<<{tag}`"
        helps: tuple[str, ...] = (f"write nothing behind `<<{tag}` on its line",)
    else:
        message = f"the heredoc `{head}` is never closed"
        helps = (f"write `{tag}` alone on the line behind the text",)
    if near is not None:
        at = span.start + len(head) + near.start(1)
        place = Span(span.source, at, at + len(near[1].rstrip()))
        secondary = (Label(place, f"this line is not `{tag}` alone"),)
    return error("K0104", opener, message, "opened here", secondary=secondary, helps=helps)


def _foreign(span: Span) -> Stray:
    mark = Span(span.source, span.start, span.start + 2)
    helps = ("write `# …`, up to the end of the line",)
    return Stray(error("K0101", mark, f"`{mark.text}` begins no comment", helps=helps), "")


def _curly(span: Span) -> Stray:
    found = error(
        "K0100",
        span,
        "text stands between straight quotes",
        "these are typographic quotes",
        helps=('write "…"',),
    )
    return Stray(found, UNREADABLE)


def _dollar(span: Span) -> Stray:
    name = span.text.strip("${}")
    found = error(
        "K0100",
        span,
        f"`{span.text}` stands outside of a text",
        "`$` means something only inside a text",
        helps=(f"the value of a name is the name alone: `{name}`",) if name else (),
        fix=Fix(span, name) if name else None,
    )
    return Stray(found, UNREADABLE)


def _bad(span: Span) -> Stray:
    text = span.text
    if text.startswith("<<"):
        opener = span._replace(last=span.start + len(text.partition("\n")[0].rstrip()))
        found = error(
            "K0100",
            opener,
            "a heredoc begins with `<<` and a tag in upper case",
            "no such tag",
            helps=("write `<<SH` for text as it stands, `<<$SH` to interpolate",),
        )
        return Stray(found, UNREADABLE if text[2:] else "PLUS")
    help_text = _REMEDIES.get(text)
    found = error(
        "K0100",
        span,
        f"{_named(text)} means nothing here",
        helps=(help_text,) if help_text else (),
        fix=Fix(span, _WORDS[text]) if text in _WORDS else None,
    )
    return Stray(found, _STANDS_FOR.get(text, ""))


def _join(span: Span) -> Stray:
    return _bad(Span(span.source, span.start, span.start + 1))


def not_utf8(span: Span) -> Diagnostic:
    """Return the finding for a byte that is no UTF-8, which `Source.decode` left a trace of."""
    byte = ord(span.text[0]) - 0xDC00
    return error(
        "K0100",
        Span(span.source, span.start, span.start + 1),
        f"the byte 0x{byte:02X} is not UTF-8",
        helps=("save the file as UTF-8",),
    )


_KINDS = {
    "OPEN": _open,
    "FOREIGN": _foreign,
    "CURLY": _curly,
    "DOLLAR": _dollar,
    "JOIN": _join,
    "BAD": _bad,
}
_WORDS = {"&&": "and", "&": "and", "!": "not "}
_REMEDIES = {
    "&&": "write `and`",
    "&": "write `and`",
    "!": "write `not`",
    ";": "a statement ends with its line, or with `,` inside `{ }`",
    "%": "a percentage has no space: `90%`; a remainder is `mod(a, b)`",
    "`": "text stands between \" or '",
    "\\": "a line goes on inside `( )` or `[ ]`, and behind a comma",
    "@": '`-p name=@file` is of the command line; in a program it is `file("path")`',
}


def _named(text: str) -> str:
    first = text[0]
    if first.isprintable():
        return f"`{text}`"
    return f"the character U+{ord(first):04X}"
