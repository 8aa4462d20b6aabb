"""The syntax tree: what a program says, before anybody asks whether it makes sense.

One class a construct of the grammar (``grammar.lark``); expressions and types have a module of
their own. Comments and layout are not in here; the parser hands them over beside the tree.
"""

from typing import TypeAlias

from konductor.dsl.expression import Argument, Expr, Name, Parameter, Ref, TypeExpr
from konductor.dsl.node import node
from konductor.dsl.source import Span

# ---- blocks ----


@node
class Let:
    """``let name: type = value``."""

    name: Name
    type: TypeExpr | None
    value: Expr
    span: Span
    doc: str = ""


@node
class Attr:
    """``key = value``."""

    key: Name
    value: Expr
    span: Span


@node
class Nested:
    """``name label { … }``, such as ``resources { … }`` or ``probe api { … }``."""

    name: Name
    label: Name | None
    block: "Block"
    span: Span


@node
class Block:
    """``{ … }``."""

    statements: "tuple[Let | Attr | Nested, ...]"
    span: Span


# ---- edges ----


@node
class OpenedEdge:
    """``a`` after ``after``: its barrier must open."""

    target: Ref
    guard: Expr | None
    span: Span


@node
class OptionalEdge:
    """``a?``: as ``a``, but a skipped one does not spread."""

    target: Ref
    guard: Expr | None
    span: Span


@node
class FunctionEdge:
    """``done(a)``, ``failed(a)``, ``any(a, b)``, ``atleast(2, a, b)``, ``each(a)``."""

    function: Ref
    arguments: tuple[Argument, ...]
    guard: Expr | None
    span: Span


Edge: TypeAlias = OpenedEdge | OptionalEdge | FunctionEdge


@node
class From:
    """``from lib.template(arguments)``."""

    template: Ref
    arguments: tuple[Argument, ...]
    span: Span


# ---- what a pipeline holds ----


@node
class Stage:
    """``stage name from … after … when … { … }``."""

    name: Name
    template: From | None
    after: tuple[Edge, ...]
    when: Expr | None
    block: Block | None
    span: Span
    doc: str = ""


@node
class MapStage:
    """``map name over … { … }``."""

    name: Name
    over: Expr
    template: From | None
    after: tuple[Edge, ...]
    when: Expr | None
    block: Block | None
    span: Span
    doc: str = ""


@node
class Reduce:
    """``reduce name of … { … }``."""

    name: Name
    of: Ref
    template: From | None
    after: tuple[Edge, ...]
    when: Expr | None
    block: Block | None
    span: Span
    doc: str = ""


@node
class Finally:
    """``finally name on … { … }``; ``on`` is empty where it follows every end."""

    name: Name
    on: tuple[Name, ...]
    template: From | None
    when: Expr | None
    block: Block | None
    span: Span
    doc: str = ""


@node
class Barrier:
    """``barrier name after … { … }``."""

    name: Name
    after: tuple[Edge, ...]
    when: Expr | None
    block: Block
    span: Span
    doc: str = ""


@node
class Approval:
    """``approval name after … { … }``."""

    name: Name
    after: tuple[Edge, ...]
    when: Expr | None
    block: Block
    span: Span
    doc: str = ""


@node
class Semaphore:
    """``semaphore name { … }``."""

    name: Name
    block: Block
    span: Span
    doc: str = ""


@node
class Gate:
    """``gate name { … }``; the grammar reads it as a block like any other, with a label."""

    name: Name
    block: Block
    span: Span
    doc: str = ""


# ---- what a file holds ----


@node
class Param:
    """``param name: type = default where condition``."""

    name: Name
    type: TypeExpr
    default: Expr | None
    where: Expr | None
    span: Span
    doc: str = ""


@node
class Import:
    """``import "path" as alias``."""

    path: Name
    alias: Name
    span: Span
    doc: str = ""


@node
class Fn:
    """``fn name(parameters) -> result = body``."""

    name: Name
    parameters: tuple[Parameter, ...]
    result: TypeExpr
    body: Expr
    span: Span
    doc: str = ""


@node
class Template:
    """``template name(parameters) { … }``."""

    name: Name
    parameters: tuple[Parameter, ...]
    block: Block
    span: Span
    doc: str = ""


StageLike: TypeAlias = Stage | MapStage | Reduce | Finally
"""What becomes a Job and a Barrier."""
PipelineStatement: TypeAlias = (
    Param
    | Let
    | Stage
    | MapStage
    | Reduce
    | Finally
    | Barrier
    | Approval
    | Semaphore
    | Attr
    | Nested
)


@node
class Pipeline:
    """``pipeline name { … }``."""

    name: Name
    statements: tuple[PipelineStatement, ...]
    span: Span
    doc: str = ""


FileStatement: TypeAlias = Import | Param | Let | Fn | Template | Pipeline


@node
class File:
    """A whole file.

    ``broken`` are names that statements with syntax errors would have declared: whoever looks
    for a name does not report it as unknown if it is one of these.
    """

    statements: tuple[FileStatement, ...]
    span: Span
    broken: frozenset[str] = frozenset()
