"""What follows from a mistake that has been reported is not reported again."""

from konductor.dsl.compile import check_source

STAGE = 'image = "a:1"'


def found(text: str) -> list[str]:
    compiled = check_source(text, path="a.kon")
    return [
        f"{one.code} {one.span.source.position(one.span.start)[0]}" for one in compiled.diagnostics
    ]


def test_statement_that_cannot_be_read_has_no_second_error() -> None:
    assert found(
        f"pipeline p {{\n stage a {{ {STAGE} }}\n stage b after a) missing {{}}\n}}\n"
    ) == ["K0101 3"]


def test_what_a_broken_statement_may_have_declared_is_not_unknown() -> None:
    text = f"pipeline p {{\n let n == 5 5\n stage a {{ {STAGE}, replicas = n }}\n}}\n"
    assert found(text) == ["K0101 2"]


def test_nameless_declaration_may_have_any_name() -> None:
    text = f"pipeline p {{\n stage {{ {STAGE} }}\n stage b after extract {{ {STAGE} }}\n}}\n"
    assert found(text) == ["K0101 2"]


def test_key_that_is_a_word_of_the_language_declares_nothing() -> None:
    text = (
        "pipeline p {\n"
        f" stage a {{ {STAGE}, env = {{ stage = nothing }} }}\n"
        f" stage b {{ {STAGE}, timeout = 5m 5m }}\n"
        "}\n"
    )
    assert found(text) == ["K0301 2", "K0101 3"]


def test_stage_next_to_a_broken_one_is_checked() -> None:
    text = f"pipeline p {{\n stage a after 5 {{ {STAGE} }}\n stage b {{ {STAGE}, qorum = 5 }}\n}}\n"
    assert found(text) == ["K0101 2", "K0306 3"]


def test_attribute_next_to_a_broken_one_is_checked() -> None:
    text = f"pipeline p {{\n stage b {{\n  {STAGE}\n  env = = 5\n  qorum = 5\n }}\n}}\n"
    assert found(text) == ["K0101 4", "K0306 5"]


def test_stage_with_a_broken_attribute_is_not_judged_as_a_whole() -> None:
    text = f"pipeline p {{\n stage b {{\n  {STAGE}\n  replicas 5\n  quorum = 3\n }}\n}}\n"
    assert found(text) == ["K0101 4"]


def test_image_that_a_broken_line_gives_is_not_missing() -> None:
    text = "pipeline p {\n defaults {\n  image : 'a:1' 5\n }\n stage a {}\n stage b {}\n}\n"
    assert found(text) == ["K0101 3"]


def test_no_membership_is_judged_where_braces_do_not_match() -> None:
    text = f"pipeline p {{\n stage a {{\n  {STAGE}\n }} \n  timeout = 5m\n  run = 'x'\n }}\n}}\n"
    assert [one.split()[0] for one in found(text)] == ["K0101"]


def test_unknown_attribute_is_not_an_unknown_name_too() -> None:
    text = f"pipeline p {{\n mappers = 20\n stage a {{ {STAGE}, replicas = mappers }}\n}}\n"
    assert found(text) == ["K0306 2"]


def test_unknown_name_is_reported_once_with_its_places() -> None:
    uses = "\n".join(f" stage s{n} {{ {STAGE}, replicas = many }}" for n in range(6))
    (one,) = check_source(f"pipeline p {{\n{uses}\n}}\n").diagnostics
    assert [label.text for label in one.secondary] == ["and here"] * 3
    assert one.notes == ("and in 2 more places",)


def test_image_that_all_stages_lack_is_missing_once() -> None:
    (one,) = check_source("pipeline p {\n stage a {}\n stage b {}\n}\n").diagnostics
    assert one.code == "K0308"
    assert [label.span.text for label in one.secondary] == ["b"]


def test_brace_that_only_a_repair_opens_is_not_missing() -> None:
    text = f"pipeline p {{\n extract let n = 5\n stage a {{ {STAGE}, replicas = n }}\n}}\n"
    assert found(text) == ["K0101 2"]


def test_numbers_that_are_out_of_range_are_two_mistakes_on_one_line() -> None:
    text = (
        f"pipeline p {{\n stage a {{ {STAGE}, timeout = 99999d, attempt_timeout = 99999d }}\n}}\n"
    )
    assert found(text) == ["K0100 2", "K0100 2"]


def test_word_that_no_keyword_stands_before_is_told_which() -> None:
    (one,) = check_source(
        f"pipeline p {{\n stage a {{ {STAGE} }}\n b after a {{ {STAGE} }}\n}}\n"
    ).diagnostics
    assert one.message == "nothing says what `b` is"
    assert one.helps == ("write `stage b`",)


def test_name_that_is_forgotten_is_asked_for() -> None:
    (one,) = check_source(
        f"pipeline p {{\n stage after b {{ {STAGE} }}\n stage b {{ {STAGE} }}\n}}\n"
    ).diagnostics
    assert one.message == "`stage` has no name"
