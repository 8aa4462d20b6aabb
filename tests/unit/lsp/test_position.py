"""Lines and columns are the protocol's, not Python's."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from konductor.cli.lsp.position import UTF8, UTF16, UTF32, Positions

TEXT = "aé😀b\r\nc\rd\x0ce\u2028f\n"


@pytest.mark.parametrize(
    ("encoding", "column"), [(UTF8, 7), (UTF16, 4), (UTF32, 3)], ids=["8", "16", "32"]
)
def test_columns_are_units_of_the_encoding(encoding: str, column: int) -> None:
    positions = Positions(TEXT, encoding)
    assert positions.position(3) == (0, column)
    assert positions.offset(0, column) == 3


def test_lines_end_at_line_feed_and_carriage_return_alone() -> None:
    positions = Positions(TEXT)
    assert [positions.offset(line, 0) for line in range(4)] == [0, 6, 8, 14]
    assert positions.end == (3, 0)


def test_places_that_there_are_not_are_moved() -> None:
    positions = Positions(TEXT)
    assert positions.offset(-1, 5) == 0
    assert positions.offset(99, 0) == len(TEXT)
    assert positions.offset(0, 99) == 4
    assert positions.offset(0, -5) == 0
    assert positions.offset(0, 3) == 2
    assert positions.position(-5) == (0, 0)
    assert positions.position(5) == (0, 5)
    assert positions.position(999) == positions.end
    assert Positions("plain").offset(0, -1) == 0


@given(st.text(), st.sampled_from([UTF8, UTF16, UTF32]))
def test_each_offset_comes_back(text: str, encoding: str) -> None:
    positions = Positions(text, encoding)
    for offset in range(len(text) + 1):
        if text[offset - 1 : offset + 1] != "\r\n":
            assert positions.offset(*positions.position(offset)) == offset
