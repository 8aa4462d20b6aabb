"""The one way to lay out a program: indentation, spacing and alignment, from its tokens.

What the author decides stays: line breaks (of several blank lines, one), comments, and every word
of a script. A result that would say anything else than the program is never handed out.
"""

from collections.abc import Iterator, Sequence

from konductor.dsl.align import align
from konductor.dsl.layout import lay_out
from konductor.dsl.parser import Parsed, parse
from konductor.dsl.source import Source
from konductor.dsl.text import indentation
from konductor.dsl.tokens import Token, Trivia, tokenize
from konductor.garbage import no_garbage_collection


def format_source(source: Source) -> str | None:
    """Return a program's text laid out, or None if it has syntax errors.

    Raises:
        AssertionError: the result would not say the same: a bug.
    """
    return format_parsed(parse(source))


@no_garbage_collection()
def format_parsed(parsed: Parsed) -> str | None:
    """Return the text of a program that was read, laid out; as `format_source`."""
    if parsed.diagnostics:
        return None
    source = parsed.source
    lines = "\n".join(align(lay_out(source.text, parsed.tokens, parsed.trivia)))
    formatted = Source(source.path, f"{lines}\n" if lines else "")
    _hold_to(parsed, formatted)
    return formatted.text.replace("\n", "\r\n") if _is_crlf(source.text) else formatted.text


def _is_crlf(text: str) -> bool:
    """Tell whether most lines end as on Windows."""
    return text.count("\r\n") * 2 > text.count("\n")


def _hold_to(parsed: Parsed, formatted: Source) -> None:
    """Hold a result to the program that it comes from.

    The tree is made of nothing but the tokens and the places of the doc comments among them, so
    the same tokens are the same tree; making and comparing two trees takes four times as long.
    """
    lexed = tokenize(formatted)
    before = _said(parsed.source, parsed.tokens, parsed.trivia)
    after = _said(formatted, lexed.tokens, lexed.trivia)
    assert list(before) == list(after), "formatting changes the program; please report this"  # noqa: S101  # a bug, not a wrong program


def _said(
    source: Source, tokens: Sequence[Token], trivia: Sequence[Trivia]
) -> Iterator[tuple[object, ...]]:
    """Yield all that a program says, without its layout."""
    for kind, text, _ in tokens:
        if kind == "HEREDOC":
            yield kind, *_script(text)
        else:
            yield kind, text.strip()
    for text, start, before in trivia:
        line = source.text[source.text.rfind("\n", 0, start) + 1 : start]
        yield before, text.rstrip(), not line.strip()


def _script(heredoc: str) -> tuple[str, ...]:
    """Return the lines of a heredoc as a program gets them, its head and its tag."""
    head, *body, tag = heredoc.split("\n")
    common = indentation("\n".join(body))
    lines = (line.rstrip("\r")[common:] if line.strip() else "" for line in body)
    return head.rstrip(), *lines, tag.strip()
