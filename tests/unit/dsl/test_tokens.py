import pytest

from konductor.dsl.source import Source
from konductor.dsl.tokens import tokenize


def kinds(text: str) -> list[str]:
    return [token.kind for token in tokenize(Source("a.kon", text)).tokens]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("a-b", "NAME"),
        ("stage", "STAGE"),
        ("map", "TMAP"),
        ("1_000", "INT"),
        ("0.5", "FLOAT"),
        ("90%", "PERCENT"),
        ("1h30m", "DURATION"),
        ("1.5h", "DURATION"),
        ("4Gi", "QUANTITY"),
        ("2k", "QUANTITY"),
        ('"a\\"b"', "STRING"),
        ("'a\"b'", "RAWSTRING"),
        ("<<SH\n x\nSH", "HEREDOC"),
        ("<<$SH\r\n x\r\n SH ", "HEREDOC"),
        ("->", "ARROW"),
        ("..", "RANGE"),
        ("<=", "CMP"),
    ],
)
def test_each_literal_is_one_token(text: str, kind: str) -> None:
    assert kinds(text) == [kind, "_SEP"]


def test_hyphen_joins_names_and_needs_spaces_to_subtract() -> None:
    assert kinds("a-b a - b") == ["NAME", "NAME", "MINUS", "NAME", "_SEP"]


def test_range_between_numbers_is_no_fraction() -> None:
    assert kinds("1..200") == ["INT", "RANGE", "INT", "_SEP"]


def test_line_end_separates_in_braces_and_not_in_brackets() -> None:
    assert kinds("{ a\nb }") == ["LBRACE", "NAME", "_SEP", "NAME", "_SEP", "RBRACE", "_SEP"]
    assert kinds("[ a\nb ]") == ["LSQB", "NAME", "NAME", "RSQB", "_SEP"]
    assert kinds("( a\nb )") == ["LPAR", "NAME", "NAME", "RPAR", "_SEP"]


def test_line_end_counts_again_in_braces_within_brackets() -> None:
    assert kinds("[{ a\nb }]").count("_SEP") == 3


def test_empty_lines_and_line_ends_after_a_comma_separate_nothing() -> None:
    assert kinds("\n\na,\n\nb\n\n") == ["NAME", "COMMA", "NAME", "_SEP"]


def test_closing_brace_closes_the_brackets_within() -> None:
    assert kinds("{ ( }\na\nb") == [
        *("LBRACE", "LPAR", "_SEP", "RBRACE", "_SEP"),
        *("NAME", "_SEP", "NAME", "_SEP"),
    ]


def test_bracket_that_closes_nothing_leaves_line_ends_alone() -> None:
    assert kinds(") a\nb") == ["RPAR", "NAME", "_SEP", "NAME", "_SEP"]
    assert kinds("} a\nb") == ["RBRACE", "NAME", "_SEP", "NAME", "_SEP"]


def test_comment_is_kept_with_the_token_it_stands_before() -> None:
    lexed = tokenize(Source("a.kon", "a # one\n## two\nb"))
    assert [(one.text, one.before) for one in lexed.trivia] == [("# one", 1), ("## two", 2)]


def test_tokens_of_a_part_end_at_its_brace() -> None:
    lexed = tokenize(Source("a.kon", "${ {a = 1} } rest"), 2, to_brace=True)
    assert lexed.closed == 12
    assert [token.text for token in lexed.tokens if token.text] == ["{", "a", "=", "1", "}"]


def test_heredoc_ends_at_its_tag_alone() -> None:
    (token, _) = tokenize(Source("a.kon", "<<SH\n SH x\n XSH\n SH\n")).tokens
    assert token.text == "<<SH\n SH x\n XSH\n SH"
