from konductor.dsl.parser import parse
from konductor.dsl.source import Piece, Source


def test_position_counts_characters_from_one() -> None:
    source = Source("a.kon", "日本\nzwei")
    assert [source.position(offset) for offset in (0, 1, 2, 3, 7)] == [
        (1, 1),
        (1, 2),
        (1, 3),
        (2, 1),
        (2, 5),
    ]


def test_line_comes_without_its_end() -> None:
    source = Source("a.kon", "one\r\ntwo")
    assert [source.line(1), source.line(2)] == ["one", "two"]


def test_two_sources_of_one_text_are_two() -> None:
    assert Source("a.kon", "x") != Source("a.kon", "x")


def test_byte_order_mark_is_no_text() -> None:
    assert Source.decode("a.kon", b"\xef\xbb\xbflet x = 1\n").text == "let x = 1\n"


def test_byte_that_is_not_utf8_is_reported_at_its_place() -> None:
    parsed = parse(Source.decode("a.kon", b"let x = 1\nlet y = 'a\xffb\xfe'\n"))
    assert [(one.code, str(one.span), one.message) for one in parsed.diagnostics] == [
        ("K0100", "a.kon:2:11", "the byte 0xFF is not UTF-8")
    ]


def test_byte_that_is_not_utf8_outside_of_texts_is_reported_once() -> None:
    parsed = parse(Source.decode("a.kon", b"let x = 1 \xff\n"))
    assert [one.message for one in parsed.diagnostics] == ["the byte 0xFF is not UTF-8"]


def test_place_in_a_piece_moves_with_it() -> None:
    source, other = Source("a.kon", "one\ntwo\n"), Source("a.kon", "one\nand\ntwo\n")
    piece = Piece(source, 4, 7)
    place = piece.span(1, 3)
    assert (place.source, place.start, place.end, place.text) == (source, 5, 7, "wo")
    piece.move(other, 8)
    assert (place.source, place.start, place.end, place.text) == (other, 9, 11, "wo")
    assert str(place) == "a.kon:3:2"
