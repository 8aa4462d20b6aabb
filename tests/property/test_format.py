"""However a program is spaced, it is laid out once and for all, and says the same."""

from dataclasses import fields, is_dataclass

from hypothesis import given
from hypothesis import strategies as st

from konductor.dsl.format import format_source
from konductor.dsl.parser import Parsed, parse
from konductor.dsl.source import Source, Span
from tests.property.programs import PROGRAMS

SPACES = st.sampled_from([" ", "  ", "\t", " \t ", "      "])
INDENTATIONS = st.sampled_from(["", " ", "   ", "\t", "        "])
BREAKS = st.sampled_from(["\n", "\n", "\n\n", "\n \n\n\t\n", "  \n", "\r\n"])
COMMENTS = st.sampled_from(["", "", "", "# one", "## two  ", "#", "#{ ( <<SH"])
MOVES = st.sampled_from(["", "  ", "\t", "      "])


@st.composite
def scrambled(draw: st.DrawFn) -> str:
    """Return a program of ours with other white space, and with more comments."""
    parsed = parse(Source("a.kon", draw(st.sampled_from(PROGRAMS))))
    text, out, end = parsed.source.text, list[str](), 0
    pieces = [(one.start, one.text, False) for one in parsed.tokens if one.text.strip()]
    pieces += [(one.start, one.text, True) for one in parsed.trivia]
    may_comment = True
    for start, piece, is_comment in sorted(pieces):
        gap = text[end:start]
        if "\n" in gap:
            comment = draw(COMMENTS) if may_comment else ""
            out += [f" {comment}" if comment else "", draw(BREAKS), draw(INDENTATIONS)]
        elif gap:
            out.append(draw(SPACES))
        out.append(_moved(piece, draw(MOVES)) if piece.startswith("<<") else piece)
        end, may_comment = start + len(piece), not (is_comment or piece.startswith("<<"))
    return "".join(out) + draw(BREAKS)


def _moved(heredoc: str, by: str) -> str:
    head, *body, tag = heredoc.split("\n")
    return "\n".join([head, *(by + line for line in body), by + tag])


def tree(node: object) -> object:
    """Return a syntax tree without its places."""
    if isinstance(node, Span):
        return None
    if isinstance(node, tuple):
        return tuple(map(tree, node))
    if is_dataclass(node):
        members = (tree(getattr(node, field.name)) for field in fields(node))
        return type(node).__name__, *members
    return node


def comments(parsed: Parsed) -> list[str]:
    return [one.text.rstrip() for one in parsed.trivia]


@given(scrambled())
def test_formatting_is_done_once_and_changes_nothing_that_is_said(text: str) -> None:
    before = parse(Source("a.kon", text))
    assert before.diagnostics == ()
    result = format_source(before.source)
    assert result is not None
    after = parse(Source("a.kon", result))
    assert format_source(after.source) == result
    assert after.diagnostics == ()
    assert tree(after.file) == tree(before.file)
    assert comments(after) == comments(before)


@given(scrambled())
def test_no_line_ends_with_white_space_outside_a_heredoc(text: str) -> None:
    result = format_source(Source("a.kon", text))
    assert result is not None
    parsed = parse(Source("a.kon", result))
    ends = [parsed.source.text.find("\n", one.end) for one in parsed.tokens if one.text.strip()]
    assert all(result[end - 1 : end].strip() for end in ends)
    assert "\n\n\n" not in result.replace("\r", "")


@given(st.text(st.characters(exclude_categories=())))
def test_any_text_is_formatted_or_not_and_raises_nothing(text: str) -> None:
    result = format_source(Source("a.kon", text))
    assert (result is None) == bool(parse(Source("a.kon", text)).diagnostics)
