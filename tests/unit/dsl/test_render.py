import json

from konductor.dsl.compile import check_source
from konductor.dsl.diagnostics import Diagnostic, Label, error, has_errors, warning
from konductor.dsl.render import Form, Links, render
from konductor.dsl.snippet import WIDEST, Style, rows
from konductor.dsl.source import Source, Span

TEXT = """\
pipeline etl {
  stage extract { image = "acme/extract:1" }
  stage transform { image = "acme/transform:1" }

  # between
  stage load after transfrom { image = "acme/load:1" }
}
"""


def place(source: Source, text: str, nth: int = 0) -> Span:
    start = -1
    for _ in range(nth + 1):
        start = source.text.index(text, start + 1)
    return source.span(start, start + len(text))


def misspelt() -> Diagnostic:
    source = Source("examples/etl.kon", TEXT)
    return error(
        "K0301",
        place(source, "transfrom"),
        "no stage is named `transfrom`",
        "not declared in this pipeline",
        secondary=(Label(place(source, "transform"), "a similar name is declared here"),),
        notes=("names are found anywhere in the pipeline",),
        helps=("write `transform`",),
    )


def full(*diagnostics: Diagnostic) -> list[str]:
    return render(diagnostics, form=Form.FULL).split("\n")


def test_full_form_shows_the_places_the_reason_and_the_way_out() -> None:
    assert full(misspelt()) == [
        "error[K0301]: no stage is named `transfrom`",
        " --> examples/etl.kon:6:20",
        "  |",
        '3 |   stage transform { image = "acme/transform:1" }',
        "  |         --------- a similar name is declared here",
        "...",
        '6 |   stage load after transfrom { image = "acme/load:1" }',
        "  |                    ^^^^^^^^^ not declared in this pipeline",
        "  |",
        "  = note: names are found anywhere in the pipeline",
        "  = help: write `transform`",
        "",
    ]


def test_single_line_between_two_places_is_shown() -> None:
    source = Source("a.kon", "one\ntwo\nthree\n")
    found = error("K0302", place(source, "three"), "m", secondary=(Label(place(source, "one")),))
    assert full(found)[3:] == ["1 | one", "  | ---", "2 | two", "3 | three", "  | ^^^^^", ""]


def test_empty_line_between_two_places_is_shown_bare() -> None:
    source = Source("a.kon", "one\n\nthree\n")
    found = error("K0302", place(source, "three"), "m", secondary=(Label(place(source, "one")),))
    assert full(found)[5] == "2 |"


def test_labels_of_one_line_stand_below_each_other_where_there_is_no_room() -> None:
    source = Source("a.kon", "let x = aa + bb + cc\n")
    found = error(
        "K0201",
        place(source, "+"),
        "m",
        "this",
        secondary=(Label(place(source, "aa"), "an int"), Label(place(source, "bb"), "a string")),
    )
    assert full(found)[3:] == [
        "1 | let x = aa + bb + cc",
        "  |         -- ^ -- a string",
        "  |         |  this",
        "  |         an int",
        "",
    ]


def test_place_within_a_place_is_underlined_in_it() -> None:
    source = Source("a.kon", "let x = aa + bb\n")
    found = error(
        "K0201",
        place(source, "aa + bb"),
        "m",
        "the whole",
        secondary=(Label(place(source, "bb"), "a string"), Label(place(source, "aa"))),
    )
    assert full(found)[4:] == [
        "  |         ^^^^^^^",
        "  |         |    a string",
        "  |         the whole",
        "",
    ]


def test_two_labels_of_one_place_both_have_their_words() -> None:
    source = Source("a.kon", "aa\n")
    found = error(
        "K0201", place(source, "aa"), "m", "one", secondary=(Label(place(source, "aa"), "two"),)
    )
    assert full(found)[4:] == ["  | ^^", "  | one", "  | two", ""]


def test_place_without_width_is_shown_by_one_caret() -> None:
    source = Source("a.kon", "let x =\n")
    assert full(error("K0102", source.span(7, 7), "m", "here"))[4] == "  |        ^ here"


def test_place_of_several_lines_is_shown_on_its_first() -> None:
    source = Source("a.kon", "run = <<SH\n  x\nSH\n")
    assert full(error("K0100", source.span(6, 18), "m"))[3:] == [
        "1 | run = <<SH",
        "  |       ^^^^",
        "",
    ]


def test_wide_characters_and_tabs_keep_the_carets_in_place() -> None:
    source = Source("a.kon", "\tx = '日本e\u0301' bad\n")
    lines = full(error("K0101", place(source, "bad"), "m"))
    assert lines[3:5] == ["1 |     x = '日本e\u0301' bad", "  |                 ^^^"]


def test_characters_that_steer_a_terminal_are_not_shown() -> None:
    source = Source("a\x1b.kon", "x = \x1b[31m bad\udcff\n")
    lines = full(error("K0101", place(source, "bad"), "m\x07", "l\x1b", helps=("h\x1b",)))
    assert lines == [
        "error[K0101]: m\ufffd",
        " --> a\ufffd.kon:1:11",
        "  |",
        "1 | x = \ufffd[31m bad\ufffd",
        "  |           ^^^ l\ufffd",
        "  |",
        "  = help: h\ufffd",
        "",
    ]


def test_long_line_is_shown_around_its_place() -> None:
    source = Source("a.kon", "x" * 5000 + "bad" + "y" * 5000)
    shown, under = full(error("K0101", place(source, "bad"), "m"))[3:5]
    assert len(shown) == WIDEST + len("1 | ")
    assert shown[under.index("^") :].startswith("bad")
    assert under.endswith("^^^")


def test_place_beyond_a_long_line_ends_with_it() -> None:
    source = Source("a.kon", "x" * 5000)
    under = full(error("K0101", source.span(0, 5000), "m"))[4]
    assert under == "  | " + "^" * WIDEST


def test_wide_gutter_fits_the_largest_number() -> None:
    source = Source("a.kon", "x\n" * 120)
    lines = full(error("K0101", source.span(202, 203), "m", secondary=(Label(source.span(0, 1)),)))
    assert lines[1:5] == ["   --> a.kon:102:1", "    |", "  1 | x", "    | -"]


def test_places_in_two_files_stand_apart() -> None:
    source, other = Source("a.kon", "bad\n"), Source("-p n", "5\n")
    found = error("K0601", other.span(0, 1), "m", secondary=(Label(source.span(0, 3), "declared"),))
    assert full(found)[1:] == [
        *(" --> -p n:1:1", "  |", "1 | 5", "  | ^"),
        *(" ::: a.kon:1:1", "  |", "1 | bad", "  | --- declared", ""),
    ]


def test_note_of_several_lines_is_indented() -> None:
    source = Source("a.kon", "x\n")
    assert full(error("K0101", source.span(0, 1), "m", notes=("one\ntwo",)))[-3:] == [
        "  = note: one",
        "          two",
        "",
    ]


def test_diagnostics_stand_apart_by_an_empty_line() -> None:
    assert full(misspelt(), misspelt()).count("") == 2


def test_colour_changes_nothing_but_colour() -> None:
    painted = render([misspelt()], form=Form.FULL, colour=True)
    assert "\x1b[1;31merror[K0301]\x1b[0m" in painted
    plain = painted
    for code in ("\x1b[0m", "\x1b[1m", "\x1b[34m", "\x1b[1;31m", "\x1b[1;34m", "\x1b[1;33m"):
        plain = plain.replace(code, "")
    assert plain == render([misspelt()], form=Form.FULL)


def test_warning_has_its_own_style() -> None:
    source = Source("a.kon", "x\n")
    found = warning("K0501", source.span(0, 1), "m")
    assert rows(found)[0][0] == ("warning[K0501]", Style.WARNING)
    assert not has_errors([found])
    assert has_errors([found, misspelt()])


def test_concise_form_is_one_line() -> None:
    assert render([misspelt()], form=Form.CONCISE) == (
        "examples/etl.kon:6:20: error[K0301]: no stage is named `transfrom`\n"
    )


def test_json_form_is_one_object_a_line() -> None:
    lines = render([misspelt(), misspelt()], form=Form.JSON).splitlines()
    assert len(lines) == 2
    document = json.loads(lines[0])
    assert document["code"] == "K0301"
    assert document["severity"] == "error"
    assert (document["line"], document["column"]) == (6, 20)
    assert (document["end_line"], document["end_column"]) == (6, 29)
    assert document["secondary"][0]["label"] == "a similar name is declared here"
    assert document["helps"] == ["write `transform`"]


def test_github_form_is_a_workflow_command() -> None:
    source = Source("a,b:c.kon", "x\n")
    found = warning("K0501", source.span(0, 1), "100%\nm", helps=("h",))
    assert render([found], form=Form.GITHUB) == (
        "::warning file=a%2Cb%3Ac.kon,line=1,endLine=1,col=1,endColumn=2,title=K0501"
        "::100%25%0Am%0Ahelp: h\n"
    )


def test_nothing_found_is_no_text_but_a_document_where_one_is_asked_for() -> None:
    lines = set(Form) - {Form.SARIF}
    assert [render([], form=form) for form in lines] == [""] * 4


def test_place_leads_to_its_line_and_code_to_its_page_where_the_terminal_can() -> None:
    (one,) = check_source("pipeline p { stage a { } }\n", path="a.kon").diagnostics
    links = Links(lambda path, line: f"file:///jobs/{path}#{line}", lambda code: f"file:///{code}")
    linked = render([one], form=Form.FULL, colour=True, links=links)
    assert "\x1b]8;;file:///jobs/a.kon#1\x1b\\a.kon:1:20\x1b]8;;\x1b\\" in linked
    heading = "\x1b[1;31merror[K0308]\x1b[0m"
    assert f"\x1b]8;;file:///K0308\x1b\\{heading}\x1b]8;;\x1b\\" in linked
    for plain in (
        render([one], form=Form.FULL, colour=True),
        render([one], form=Form.FULL, colour=True, links=Links(lambda *_: "", lambda _: "")),
        render([one], form=Form.FULL, links=links),
    ):
        assert "]8;;" not in plain
