from konductor.dsl.compile import compile_source
from konductor.dsl.diagnostics import has_errors
from konductor.dsl.valuefile import read_values

PROGRAM = (
    'pipeline p {{ param x: {} = {}\n stage s {{ image = "a:1", env = {{ X = "${{x}}" }} }} }}\n'
)


def given(declared: str, default: str, text: str) -> tuple[list[str], str]:
    values, found = read_values("night.kon", text.encode())
    assert not has_errors(found)
    compiled = compile_source(PROGRAM.format(declared, default), parameter_file=values)
    shown = [f"{one.code} {one.span}" for one in compiled.diagnostics]
    return shown, compiled.plan.parameters[0].value if compiled.plan else ""


def test_values_are_written_as_in_a_program() -> None:
    assert given("int", "1", "let two = 2\nlet x = 2 * two") == (
        ["K0605 --params:1:1"],
        "",
    )
    assert given("int", "1", "let x = 2 * 2") == ([], "4")
    assert given("duration", "1s", "let x = 90m") == ([], '"1h30m"')
    assert given('"fast" | "safe"', '"fast"', 'let x = "safe"') == ([], '"safe"')
    assert given("quantity", "1Gi", "let x = 2048Mi") == ([], '"2Gi"')


def test_value_that_does_not_fit_is_shown_where_it_was_written() -> None:
    assert given("int", "1", "# night\nlet x = 5m") == (["K0601 night.kon:2:9"], "")
    assert given('"fast" | "safe"', '"fast"', 'let x = "saef"') == (["K0602 night.kon:1:9"], "")


def test_file_of_values_holds_values_only() -> None:
    _, found = read_values("night.kon", b"param x: int\nlet y = nothing\nlet z == 5\n")
    assert [one.code for one in found] == ["K0101", "K0306", "K0301"]


def test_file_of_values_that_computes_for_ever_ends() -> None:
    many = "[[[z for z in 1..1000] for y in 1..1000] for w in 1..1000]"
    _, found = read_values("night.kon", f"let x = {many}\n".encode())
    assert [one.code for one in found] == ["K0418"]
