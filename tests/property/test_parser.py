"""Any text gives a tree and findings, never an exception."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from konductor.dsl.parser import Parsed, parse
from konductor.dsl.render import Form, render
from konductor.dsl.source import Source
from konductor.dsl.tokens import tokenize

ROOT = Path(__file__).parents[2]
PROGRAMS = [
    path.read_text("utf-8")
    for path in sorted([*ROOT.glob("examples/*.kon"), *ROOT.glob("tests/golden/emit/*.kon")])
]
PIECES = sorted({token.text for one in PROGRAMS for token in tokenize(Source("a.kon", one)).tokens})
ODD = ['"', "'", "<<SH\n", "<<$A", "SH\n", "${", "}", "(", "[", "\\", "$x", "##", "\r", "\t", "ä"]


def read(text: str) -> Parsed:
    """Parse, and show what was found: neither may fail, whatever the text."""
    parsed = parse(Source("a.kon", text))
    for form in Form:
        render(parsed.diagnostics, form=form)
    return parsed


@given(st.text(st.characters(exclude_categories=())))
def test_any_text_gives_findings_and_no_exception(text: str) -> None:
    read(text)


@given(st.binary())
def test_any_bytes_give_findings_and_no_exception(data: bytes) -> None:
    parse(Source.decode("a.kon", data))


@given(st.lists(st.sampled_from([*PIECES, *ODD]), max_size=60).map(" ".join))
def test_any_words_give_findings_and_no_exception(text: str) -> None:
    read(text)


@given(st.lists(st.sampled_from([*PIECES, *ODD]), max_size=60).map(" ".join))
def test_tokens_trivia_and_gaps_are_the_source(text: str) -> None:
    parsed = read(text)
    pieces = [(one.start, one.text) for one in parsed.tokens]
    pieces += [(one.start, one.text) for one in parsed.trivia]
    whole, at = "", 0
    for start, piece in sorted(pieces):
        gap = text[at:start]
        assert not gap.strip()
        whole += gap + piece
        at = start + len(piece)
    assert not text[at:].strip()
    assert whole + text[at:] == text


@given(st.lists(st.sampled_from([*PIECES, *ODD]), max_size=60).map(" ".join))
def test_every_place_is_in_the_text_and_in_order(text: str) -> None:
    starts = [one.span.start for one in read(text).diagnostics]
    assert starts == sorted(starts)
    for one in read(text).diagnostics:
        for label in (one.primary, *one.secondary):
            assert 0 <= label.span.start <= label.span.end <= len(text)


def test_deep_nesting_is_read() -> None:
    for text in ("[" * 20_000, "let x = " + "(" * 20_000, "let x = " + "-" * 20_000 + "1\n"):
        assert read(text).file is not None
