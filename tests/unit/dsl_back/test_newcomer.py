"""What other tools call things is told by what it is called here, once."""

import pytest

from konductor.dsl.compile import check_source

IMAGE = 'image = "a:1"'


def helps(line: str) -> list[tuple[str, tuple[str, ...]]]:
    text = f"pipeline p {{\n  stage a {{ {IMAGE} }}\n  stage b {{ {IMAGE} }}\n  {line}\n}}\n"
    return [(one.code, one.helps) for one in check_source(text).diagnostics]


@pytest.mark.parametrize("key", ["container", "imge"])
def test_image_by_another_name_is_not_missing_too(key: str) -> None:
    assert [code for code, _ in helps(f'stage c {{ {key} = "a:1" }}')] == ["K0306"]


def test_image_is_missing_beside_another_unknown_attribute() -> None:
    assert [code for code, _ in helps("stage c { colour = 1, replicas = 1 }")] == ["K0308", "K0306"]


def test_type_of_a_let_that_there_is_not_is_an_error() -> None:
    assert helps('let x: strin = "x"') == [("K0301", ("write `string`",))]


def test_text_behind_a_condition_is_not_taken_for_a_name() -> None:
    ((_, found),) = helps(f'stage c after a if true, "b" {{ {IMAGE} }}')
    assert found in ((), ("write `b`",))


def test_operator_with_a_space_in_it_is_no_operator_of_elsewhere() -> None:
    assert helps(f"stage c when 1 == = 1 {{ {IMAGE} }}") == [("K0101", ())]


def test_text_without_quotes_is_quoted_whole() -> None:
    assert helps("stage c { image = ghcr.io/acme/load:1.4-rc, replicas = 2 }") == [
        ("K0101", ('write `"ghcr.io/acme/load:1.4-rc"`',))
    ]


def test_key_of_yaml_is_shown_without_what_stands_behind_it() -> None:
    assert helps("stage c { image: acme, replicas = 2 }") == [
        ("K0101", ('write `image = "acme"`: a program is no YAML',))
    ]


def test_names_joined_by_and_are_separated_by_the_fix() -> None:
    text = (
        f"pipeline p {{\n stage a {{ {IMAGE} }}\n stage b {{ {IMAGE} }}\n"
        f" stage c after a and b {{ {IMAGE} }}\n}}\n"
    )
    (found,) = check_source(text).diagnostics
    assert found.fix is not None
    assert "after a, b {" in found.fix.applied(text)
    assert check_source(found.fix.applied(text)).diagnostics == ()


def test_for_as_a_key_is_no_loop() -> None:
    text = f"pipeline p {{\n stage c {{ {IMAGE}, env = {{ for = 1 }} }}\n}}\n"
    assert check_source(text).diagnostics == ()


@pytest.mark.parametrize("value", ["1 / / 2", "[for x in 1]"])
def test_what_only_resembles_a_habit_is_an_error_like_any_other(value: str) -> None:
    ((code, found),) = helps(f"stage c {{ {IMAGE}, replicas = {value} }}")
    assert code in ("K0101", "K0102")
    assert not any("comment" in one or "map NAME" in one for one in found)
