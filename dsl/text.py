"""Texts from their tokens: escapes, interpolation, heredocs; each part knows its place."""

import re
from collections.abc import Callable

from konductor.dsl.diagnostics import Diagnostic, error
from konductor.dsl.expression import Expr, Fragment, Interpolation, Text, TextForm
from konductor.dsl.source import Source, Span
from konductor.dsl.tokens import Token

_RAW, _PLAIN = TextForm.RAW, TextForm.QUOTED  # an enum's member takes long to look up
Parts = list[Fragment | Interpolation]
_QUOTED = re.compile(
    r"(?P<plain>[^\\$]+|\$(?!\{|\$\{))|(?P<escape>\\u\{[^}\n]*\}?|\\.?|\$\$)|(?P<open>\$\{)"
)
_TEMPLATE = re.compile(r"(?P<plain>[^$]+|\$(?!\{|\$\{))|(?P<escape>\$\$)|(?P<open>\$\{)")
_ESCAPES = {r"\n": "\n", r"\t": "\t", r"\\": "\\", r"\"": '"', r"\$": "$", "$$": "$"}
_HEAD = re.compile(r"<<(\$?)([A-Z0-9_]+)[^\n]*\n?")
_LINE = re.compile(r"[^\n]*\n|[^\n]+\Z")
_LARGEST_CHARACTER = 0x10FFFF
_SURROGATES = range(0xD800, 0xE000)


class TextReader:
    """Reads the texts of one source."""

    def __init__(
        self,
        source: Source,
        report: Callable[[Diagnostic], None],
        interpolate: Callable[[int, int, TextForm], tuple[Expr, int]],
    ) -> None:
        """Take where findings go, and how an expression is read.

        `interpolate` reads from behind ``${`` up to an offset at the most; it returns what it
        read and the offset behind the closing brace.
        """
        self._source = source
        self._report = report
        self._interpolate = interpolate

    def read(self, token: Token) -> Text:
        """Return the text that a STRING, RAWSTRING or HEREDOC stands for."""
        kind, text, start = token
        span = Span(self._source, start, start + len(text))
        if kind == "HEREDOC":
            return self._heredoc(token, span)
        closed = len(text) > 1 and text[-1] == text[0] and text[-2] != "\\"
        end = span.end - 1 if closed else _inner_end(token)
        form = _RAW if kind == "RAWSTRING" else _PLAIN
        if kind == "STRING" and ("\\" in text or "$" in text):
            return Text(tuple(self._pieces(_QUOTED, start + 1, end, form)), form, span)
        if end == start + 1:
            return Text((), form, span)
        inner = text[1 : end - start]
        return Text((Fragment(inner, Span(self._source, start + 1, end)),), form, span)

    def _pieces(self, pattern: re.Pattern[str], start: int, end: int, form: TextForm) -> Parts:
        """Return the parts between two offsets, of a text that escapes and interpolates."""
        parts: Parts = []
        while found := pattern.match(self._source.text, start, end):
            span = Span(self._source, start, found.end())
            start = found.end()
            if found.lastgroup == "plain":
                parts.append(Fragment(found[0], span))
            elif found.lastgroup == "escape":
                parts.append(Fragment(self._escape(found[0], span), span))
            else:
                value, start = self._interpolate(start, end, form)
                parts.append(Interpolation(value, span._replace(last=start)))
        return parts

    def _escape(self, text: str, span: Span) -> str:
        known = _ESCAPES.get(text)
        if known is not None or text == "\\":  # alone only where the text is not closed
            return known or ""
        if text.startswith("\\u"):
            code = re.fullmatch(r"\\u\{([0-9A-Fa-f]{1,6})\}", text)
            number = int(code[1], 16) if code else -1
            if number in range(_LARGEST_CHARACTER + 1) and number not in _SURROGATES:
                return chr(number)
        self._report(
            error(
                "K0100",
                span,
                f"`{text}` is no escape",
                helps=(r"the escapes are \n \t \\ \" \$ and \u{…}; a text in '…' has none at all",),
            )
        )
        return ""

    def _heredoc(self, token: Token, span: Span) -> Text:
        head = _HEAD.match(token.text)
        assert head is not None, "the lexer makes no other heredoc; please report this"  # noqa: S101  # a bug, not a wrong program
        form = TextForm.TEMPLATE if head[1] else TextForm.HEREDOC
        body, line_end, last = token.text[head.end() :].rpartition("\n")
        body += line_end
        if last.strip() != head[2]:  # nothing closes it
            body += last
        indent = indentation(body)
        parts: Parts = []
        start = token.start + head.end()
        for line in _LINE.findall(body):
            parts += self._line(line, start, indent, form)
            start += len(line)
        return Text(tuple(parts), form, span)

    def _line(self, line: str, start: int, indent: int, form: TextForm) -> Parts:
        """Return one line of a heredoc without its indentation."""
        end = start + len(line)
        bare = line.rstrip("\r\n")
        skipped = min(indent, len(bare)) if bare.strip() else len(bare)
        if form is TextForm.TEMPLATE and "$" in bare:
            inner = start + len(bare)
            parts = self._pieces(_TEMPLATE, start + skipped, inner, form)
            return [*parts, Fragment("\n", Span(self._source, inner, end))]
        return [Fragment(f"{bare[skipped:]}\n", Span(self._source, start + skipped, end))]


def _inner_end(token: Token) -> int:
    """Return the offset of the closing quote, or of the end where it is missing."""
    text = token.text
    closed = len(text) > 1 and text[-1] == text[0]
    if closed and text[-2] == "\\" and text[0] == '"':
        backslashes = len(text) - 1 - len(text[:-1].rstrip("\\"))
        closed = backslashes % 2 == 0
    return token.end - 1 if closed else token.end


def indentation(body: str) -> int:
    """Return how many characters of white space all lines of a text begin with alike."""
    lines = [line for line in body.split("\n") if line.strip()]
    leads = [line[: len(line) - len(line.lstrip(" \t"))] for line in lines]
    shortest, longest = min(leads, default=""), max(leads, default="")
    return next((at for at, one in enumerate(shortest) if one != longest[at]), len(shortest))
