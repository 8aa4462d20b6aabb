from collections.abc import Callable
from pathlib import Path

import pytest

from konductor.dsl import syntax
from konductor.dsl.expression import (
    Binary,
    Call,
    Compare,
    Comprehension,
    Conditional,
    EnumType,
    Expr,
    In,
    Index,
    Int,
    List,
    Map,
    Member,
    Name,
    NamedType,
    Operator,
    Range,
    Unary,
    Var,
)

Program = Callable[[str], syntax.File]
Expression = Callable[[str], Expr]

EVERYTHING = Path(__file__).with_name("everything.kon").read_text("utf-8")


def test_every_construct_has_its_node(program: Program) -> None:
    file = program(EVERYTHING)
    kinds = [type(one) for one in file.statements]
    assert kinds == [
        *(syntax.Import, syntax.Param, syntax.Let, syntax.Fn, syntax.Template),
        syntax.Pipeline,
    ]
    pipeline = file.statements[-1]
    assert isinstance(pipeline, syntax.Pipeline)
    assert [type(one) for one in pipeline.statements] == [
        *(syntax.Attr, syntax.Param, syntax.Param, syntax.Let, syntax.Nested),
        *(syntax.Stage, syntax.Stage, syntax.MapStage, syntax.Reduce),
        *(syntax.Barrier, syntax.Approval, syntax.Semaphore, syntax.Finally, syntax.Finally),
    ]


def test_statement_ends_before_its_line_end(program: Program) -> None:
    spans = [one.span.text for one in program(EVERYTHING).statements]
    assert spans[0] == 'import "lib/spark.kon" as lib'
    assert spans[1] == "param most: int = 5 where most > 0"
    assert spans[-1].startswith("pipeline all {")
    assert spans[-1].endswith("}")


def test_comments_before_a_statement_are_its_documentation(program: Program) -> None:
    docs = [one.doc for one in program(EVERYTHING).statements]
    assert docs == ["", "How many, at the most.\nPer region.", "", "", "", "Everything there is."]
    assert program("let x = 1\n## Belongs to nothing.\n").statements[0].doc == ""


def _stage(file: syntax.File, number: int) -> syntax.PipelineStatement:
    pipeline = file.statements[-1]
    assert isinstance(pipeline, syntax.Pipeline)
    return pipeline.statements[number]


def test_stage_knows_its_template_edges_and_condition(program: Program) -> None:
    stage = _stage(program(EVERYTHING), 5)
    assert isinstance(stage, syntax.Stage)
    assert stage.name.text == stage.name.span.text == "one"
    assert stage.template is not None
    assert stage.template.template.text == "lib.job"
    assert [type(edge) for edge in stage.after] == [
        *(syntax.OpenedEdge, syntax.OptionalEdge, syntax.FunctionEdge)
    ]
    assert [edge.span.text for edge in stage.after] == [
        *("two", "three? if most > 1", "any(two, three)")
    ]
    assert stage.when is not None
    assert stage.when.span.text == "most > 2"
    assert stage.block is not None


def test_stage_may_have_no_block(program: Program) -> None:
    stage = _stage(program(EVERYTHING), 6)
    assert isinstance(stage, syntax.Stage)
    assert (stage.block, stage.after, stage.template, stage.when) == (None, (), None, None)


def test_block_holds_attributes_and_blocks_with_their_names(program: Program) -> None:
    stage = _stage(program(EVERYTHING), 5)
    assert isinstance(stage, syntax.Stage)
    assert stage.block is not None
    probe, mounts, keyword = stage.block.statements
    assert isinstance(probe, syntax.Nested)
    assert (probe.name.text, probe.label and probe.label.text) == ("probe", "api")
    assert isinstance(mounts, syntax.Nested)
    (data,) = mounts.block.statements
    assert isinstance(data, syntax.Attr)
    assert (data.key.text, data.key.quoted) == ("/data", True)
    assert isinstance(keyword, syntax.Attr)
    assert keyword.key.text == "from"


def test_map_reduce_and_finally_know_what_they_follow(program: Program) -> None:
    file = program(EVERYTHING)
    mapped, reduced, last = (_stage(file, number) for number in (7, 8, 12))
    assert isinstance(mapped, syntax.MapStage)
    assert isinstance(mapped.over, Int)
    assert isinstance(reduced, syntax.Reduce)
    assert reduced.of.text == "three"
    assert isinstance(last, syntax.Finally)
    assert [name.text for name in last.on] == ["failure", "timeout"]


def test_types_are_named_or_a_choice(program: Program) -> None:
    file = program(EVERYTHING)
    mode, limit, sizes = (_stage(file, number) for number in (1, 2, 3))
    assert isinstance(mode, syntax.Param)
    assert isinstance(mode.type, EnumType)
    assert [member.text for member in mode.type.members] == ["fast", "safe"]
    assert isinstance(limit, syntax.Param)
    assert isinstance(limit.type, NamedType)
    assert (limit.type.name.text, limit.type.optional) == ("duration", True)
    assert isinstance(sizes, syntax.Let)
    assert isinstance(sizes.type, NamedType)
    assert sizes.type.span.text == "map(int)"
    assert [one.span.text for one in sizes.type.arguments] == ["int"]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("if a then b else c", Conditional),
        ("a or b", Binary),
        ("a and b", Binary),
        ("not a", Unary),
        ("a <= b", Compare),
        ("a in b", In),
        ("a not in b", In),
        ("1..3", Range),
        ("a + b", Binary),
        ("a - b", Binary),
        ("a * b", Binary),
        ("a / b", Binary),
        ("-a", Unary),
        ("a.b", Member),
        ("a[0]", Index),
        ("f()", Call),
        ("f(a, b = 1)", Call),
        ("a", Var),
        ("[]", List),
        ("[a, b,]", List),
        ("[x for x in a]", Comprehension),
        ("[x for i, x in a if i > 0]", Comprehension),
        ("{}", Map),
        ("{ a = 1, b = 2 }", Map),
    ],
)
def test_every_expression_has_its_node(text: str, kind: type, expression: Expression) -> None:
    node = expression(text)
    assert type(node) is kind
    assert node.span.text == text


def test_operators_bind_as_in_arithmetic(expression: Expression) -> None:
    node = expression("a or b and not c == 1 + 2 * -d")
    shape = []
    while isinstance(node, Binary | Compare | Unary):
        shape.append(node.operator)
        node = node.operand if isinstance(node, Unary) else node.right
    assert shape == ["or", "and", "not", "==", "+", "*", "-"]
    left = expression("1 - 2 - 3")
    assert isinstance(left, Binary)
    assert left.left.span.text == "1 - 2"
    assert left.operator is Operator.SUBTRACT


def test_brackets_group_and_leave_no_node(expression: Expression) -> None:
    node = expression("(1 + 2) * 3")
    assert isinstance(node, Binary)
    assert node.operator is Operator.MULTIPLY


def test_expression_in_brackets_may_go_over_lines(expression: Expression) -> None:
    node = expression("(if a then b\n  else c)")
    assert isinstance(node, Conditional)


def test_comprehension_names_its_variables(expression: Expression) -> None:
    node = expression("[x for i, x in a]")
    assert isinstance(node, Comprehension)
    assert [name.text for name in node.names] == ["i", "x"]
    assert node.condition is None


def test_argument_may_have_a_name(expression: Expression) -> None:
    node = expression("f(1, b = 2)")
    assert isinstance(node, Call)
    names = [argument.name for argument in node.arguments]
    assert names[0] is None
    assert isinstance(names[1], Name)
    assert names[1].text == "b"


def test_empty_text_is_an_empty_file(program: Program) -> None:
    assert program("").statements == ()
    assert program("\n# nothing\n").statements == ()
