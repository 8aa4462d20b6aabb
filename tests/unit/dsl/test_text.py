from collections.abc import Callable

import pytest

from konductor.dsl.expression import Binary, Expr, Fragment, Interpolation, Text, TextForm, Var


@pytest.fixture
def text(expression: Callable[[str], Expr]) -> Callable[[str], Text]:
    def read(written: str) -> Text:
        node = expression(written)
        assert isinstance(node, Text)
        return node

    return read


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ('"plain"', "plain"),
        ('""', ""),
        ("''", ""),
        (r"'raw \n ${x}'", r"raw \n ${x}"),
        (r'"\n\t\\\"\$\u{1F600}"', '\n\t\\"$😀'),
        ('"$5 $${x} $$"', "$5 ${x} $$"),
        ("<<SH\n    a\n      b\n\n    c\n    SH", "a\n  b\n\nc\n"),
        ("<<SH\n\ta\n\t\tb\n  SH", "a\n\tb\n"),
        ("<<SH\n  a\n\tb\nSH", "  a\n\tb\n"),
        ("<<SH\r\n  a\r\n  b\r\nSH", "a\nb\n"),
        ("<<SH\nSH", ""),
        ("<<SH\n   \nSH", "\n"),
        ("<<SH\n  ${x} $y\nSH", "${x} $y\n"),
        ("<<$SH\n  $${x} $y $$\n  z\nSH", "${x} $y $$\nz\n"),
    ],
)
def test_text_has_its_value(written: str, value: str, text: Callable[[str], Text]) -> None:
    assert text(written).plain == value


def test_text_knows_how_it_is_written(text: Callable[[str], Text]) -> None:
    written = {
        '"a"': TextForm.QUOTED,
        "'a'": TextForm.RAW,
        "<<A\nA": TextForm.HEREDOC,
        "<<$A\nA": TextForm.TEMPLATE,
    }
    assert {one: text(one).form for one in written} == written


def test_interpolation_is_parsed_in_place(text: Callable[[str], Text]) -> None:
    node = text('"a${ x + 1 }b${y}"')
    assert node.plain is None
    first, second = (part for part in node.parts if isinstance(part, Interpolation))
    assert isinstance(first.value, Binary)
    assert (first.span.text, first.value.span.text) == ("${ x + 1 }", "x + 1")
    assert isinstance(second.value, Var)
    assert (second.span.text, second.value.span.text) == ("${y}", "y")


def test_each_character_of_a_verbatim_part_has_its_place(text: Callable[[str], Text]) -> None:
    node = text("<<$SH\n    one ${x} two\n      three\n  SH")
    fragments = [part for part in node.parts if isinstance(part, Fragment)]
    assert [part.text for part in fragments] == ["one ", " two", "\n", "  three\n"]
    assert all(part.span.text == part.text for part in fragments)


@pytest.mark.parametrize(
    ("written", "found"),
    [
        (r'"a\qb"', r"K0100 1:11 `\q` is no escape"),
        (r'"\u{D800}"', r"K0100 1:10 `\u{D800}` is no escape"),
        (r'"\u{}"', r"K0100 1:10 `\u{}` is no escape"),
        (r'"\u{1"', r"K0100 1:10 `\u{1` is no escape"),
        ('"a', 'K0100 1:9 the text has no closing " on its line'),
        ('"a\\', 'K0100 1:9 the text has no closing " on its line'),
        ('"a\\"', 'K0100 1:9 the text has no closing " on its line'),
        ("'a", "K0100 1:9 the text has no closing ' on its line"),
        ('"', 'K0100 1:9 the text has no closing " on its line'),
        ('"${x"', "K0105 1:10 `${` is not closed within its text"),
        ('"${}"', "K0102 1:10 `${ }` holds no value"),
        ('"${1 +}"', "K0102 1:15 `}` is no value, as there must be behind `+`"),
        ('"${a ; b}"', "K0100 1:14 `;` means nothing here"),
        ("<<$SH\n  ${x\nSH", "K0105 2:3 `${` is not closed on its line"),
        ("<<$SH\n  ${x:-y}\nSH", "K0101 2:6 `:` does not fit here"),
        ("<<SH\n x\n", "K0104 1:9 the heredoc `<<SH` is never closed"),
        ("<<SH x\nSH", "K0104 1:9 a heredoc begins on the line behind `<<SH`"),
        ("<<SH", "K0104 1:9 the heredoc `<<SH` is never closed"),
    ],
)
def test_text_that_cannot_be_read_is_one_mistake(
    written: str, found: str, mistakes: Callable[[str], list[str]]
) -> None:
    assert [one.replace("\\\\", "\\") for one in mistakes(f"let x = {written}\n")] == [found]
