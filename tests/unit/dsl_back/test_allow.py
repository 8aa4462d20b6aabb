import pytest

from konductor.dsl.compile import check_source

LATEST = 'image = "a:latest"'


def found(text: str) -> list[str]:
    return [
        f"{one.code} {one.span.source.position(one.span.start)[0]}: {one.message}"
        for one in check_source(text).diagnostics
    ]


def codes(text: str) -> list[str]:
    return [one[:5] for one in found(text)]


def test_comment_before_a_statement_covers_its_block() -> None:
    program = f"pipeline p {{\n  # kon: allow(K0502)\n  stage a {{\n    {LATEST}\n  }}\n}}\n"
    assert codes(program) == []


def test_comment_at_the_end_of_a_line_covers_its_statement() -> None:
    program = f"pipeline p {{\n  stage a {{\n    {LATEST}  # kon: allow(K0502)\n  }}\n}}\n"
    assert codes(program) == []


def test_comment_covers_no_other_statement() -> None:
    program = (
        f"pipeline p {{\n  # kon: allow(K0502)\n  stage a {{ {LATEST} }}\n"
        f"  stage b {{ {LATEST} }}\n}}\n"
    )
    assert codes(program) == ["K0502"]


def test_comment_before_the_pipeline_covers_all_of_it() -> None:
    program = (
        "# kon: allow(K0502, K0604)\n"
        f"pipeline p {{\n param n: int = 1\n stage a {{ {LATEST} }}\n stage b {{ {LATEST} }}\n}}\n"
    )
    assert codes(program) == []


@pytest.mark.parametrize("place", [0, 3, 6])
def test_comment_for_the_file_covers_all_of_it_wherever_it_stands(place: int) -> None:
    lines = [
        "let unused = 1",
        "",
        "pipeline p {",
        "  param n: int = 1",
        f"  stage a {{ {LATEST} }}",
        f"  stage b {{ {LATEST} }}",
        "}",
    ]
    assert set(codes("\n".join(lines))) == {"K0502", "K0604"}
    lines.insert(place, "# kon: allow-file(K0502, K0604)")
    assert codes("\n".join(lines)) == []


def test_comment_for_the_file_that_allows_nothing_is_said_to() -> None:
    program = '# kon: allow-file(K0502)\npipeline p {\n  stage a { image = "a:1" }\n}\n'
    assert found(program) == ["K0901 1: `K0502` is allowed here, but there is none"]


def test_comment_that_allows_nothing_is_said_to() -> None:
    program = (
        'pipeline p {\n  # kon: allow(K0502)\n  stage a { image = "a:1" }\n}\n# kon: allow(K0502)'
    )
    assert found(program) == [
        "K0901 2: `K0502` is allowed here, but there is none",
        "K0901 5: `K0502` is allowed here, but there is none",
    ]


def test_error_cannot_be_allowed() -> None:
    program = "pipeline p {\n  # kon: allow(K0308)\n  stage a {\n  }\n}\n"
    assert found(program) == [
        "K0901 2: `K0308` is an error, and only warnings can be allowed",
        "K0308 3: stage `a` has no image",
    ]


def test_code_that_does_not_exist_is_told_which_does() -> None:
    (one, other) = check_source(
        "# kon: allow(K052, nonsense)\npipeline p { stage a { image = 'a:1' } }\n"
    ).diagnostics
    assert one.message == "there is no code `K052`"
    assert one.helps == ("write `K0502`",)
    assert other.helps == ("`koncli explain` lists the codes",)


def test_warnings_of_an_import_are_allowed_in_its_own_file() -> None:
    lib = f'# kon: allow(K0803)\nimport "none.kon" as none\ntemplate t() {{ {LATEST} }}\n'
    files = {"lib.kon": lib, "none.kon": "let x = 1\n"}
    text = 'import "lib.kon" as lib\npipeline p { stage a from lib.t()\n }\n'
    diagnostics = check_source(text, loader=files.__getitem__).diagnostics
    assert [one.code for one in diagnostics] == ["K0502"]
