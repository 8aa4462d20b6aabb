"""The syntax tree's inner half: names, expressions and types.

Every node knows its place, every name its own.
"""

from datetime import timedelta
from decimal import Decimal
from enum import StrEnum
from typing import TypeAlias

from konductor.dsl.node import node
from konductor.dsl.source import Span

# ---- names ----


@node
class Name:
    """A name as it stands; ``quoted`` if it is a string, as in ``mounts { "/data" = … }``."""

    text: str
    span: Span
    quoted: bool = False


@node
class Ref:
    """A dotted name, such as ``extract`` or ``lib.spark``."""

    names: tuple[Name, ...]
    span: Span

    @property
    def text(self) -> str:
        """Return it as it is written."""
        return ".".join(name.text for name in self.names)


# ---- expressions ----


@node
class Int:
    """``5`` or ``1_000``."""

    value: int
    span: Span


@node
class Float:
    """``0.5``."""

    value: float
    span: Span


@node
class Percent:
    """``90%``; the value is 90."""

    value: Decimal
    span: Span


@node
class Duration:
    """``1h30m``."""

    value: timedelta
    span: Span


@node
class Quantity:
    """``4Gi``; the value is in ones, ``binary`` tells Gi from G."""

    value: Decimal
    binary: bool
    span: Span


@node
class Bool:
    """``true`` or ``false``."""

    value: bool
    span: Span


@node
class Null:
    """``null``."""

    span: Span


class TextForm(StrEnum):
    """How a text is written."""

    QUOTED = '"…"'
    RAW = "'…'"
    HEREDOC = "<<TAG"
    TEMPLATE = "<<$TAG"


@node
class Fragment:
    """Literal text: either verbatim, so that each character has its place, or one escape."""

    text: str
    span: Span


@node
class Interpolation:
    """``${value}``; the span covers the braces."""

    value: "Expr"
    span: Span


@node
class Text:
    """A text of any form; a heredoc is dedented already and has a fragment a line."""

    parts: tuple[Fragment | Interpolation, ...]
    form: TextForm
    span: Span

    @property
    def plain(self) -> str | None:
        """Return the text if nothing is interpolated, else None."""
        texts = [part.text for part in self.parts if isinstance(part, Fragment)]
        return "".join(texts) if len(texts) == len(self.parts) else None


@node
class Var:
    """The value that a name stands for."""

    name: str
    span: Span


@node
class Member:
    """``target.name``."""

    target: "Expr"
    name: Name
    span: Span


@node
class Index:
    """``target[index]``."""

    target: "Expr"
    index: "Expr"
    span: Span


@node
class Argument:
    """``value`` or ``name = value`` in a call."""

    name: Name | None
    value: "Expr"
    span: Span


@node
class Call:
    """``function(arguments)``."""

    function: "Expr"
    arguments: tuple[Argument, ...]
    span: Span


@node
class List:
    """``[a, b]``."""

    items: "tuple[Expr, ...]"
    span: Span


@node
class Comprehension:
    """``[element for name in values if condition]``; two names: index or key, and element."""

    element: "Expr"
    names: tuple[Name, ...]
    values: "Expr"
    condition: "Expr | None"
    span: Span


@node
class Pair:
    """``key = value`` in a map."""

    key: Name
    value: "Expr"
    span: Span


@node
class Map:
    """``{ key = value }``."""

    pairs: tuple[Pair, ...]
    span: Span


@node
class Range:
    """``low..high``, both included."""

    low: "Expr"
    high: "Expr"
    span: Span


class Operator(StrEnum):
    """An operator as it is written."""

    OR = "or"
    AND = "and"
    NOT = "not"
    EQUAL = "=="
    UNEQUAL = "!="
    AT_MOST = "<="
    AT_LEAST = ">="
    LESS = "<"
    MORE = ">"
    IN = "in"
    NOT_IN = "not in"
    ADD = "+"
    SUBTRACT = "-"
    MULTIPLY = "*"
    DIVIDE = "/"


@node
class Unary:
    """``not operand`` or ``-operand``."""

    operator: Operator
    operand: "Expr"
    span: Span


@node
class Binary:
    """``left operator right``: arithmetic, ``and`` and ``or``."""

    operator: Operator
    left: "Expr"
    right: "Expr"
    span: Span


@node
class Compare:
    """``left operator right`` with one of ``== != <= >= < >``."""

    operator: Operator
    left: "Expr"
    right: "Expr"
    span: Span


@node
class In:
    """``item in values``; ``negated``: ``item not in values``."""

    item: "Expr"
    values: "Expr"
    negated: bool
    span: Span


@node
class Conditional:
    """``if condition then consequence else alternative``."""

    condition: "Expr"
    consequence: "Expr"
    alternative: "Expr"
    span: Span


@node
class Broken:
    """An expression that could not be read and has been reported; a value nobody knows."""

    span: Span


Expr: TypeAlias = (
    Int
    | Float
    | Percent
    | Duration
    | Quantity
    | Bool
    | Null
    | Text
    | Var
    | Member
    | Index
    | Call
    | List
    | Comprehension
    | Map
    | Range
    | Unary
    | Binary
    | Compare
    | In
    | Conditional
    | Broken
)

# ---- types ----


@node
class NamedType:
    """``int``, ``list(string)``, ``duration?``."""

    name: Name
    arguments: "tuple[TypeExpr, ...]"
    optional: bool
    span: Span


@node
class EnumType:
    """``"fast" | "safe"``."""

    members: tuple[Name, ...]
    span: Span


TypeExpr: TypeAlias = NamedType | EnumType


@node
class Parameter:
    """``name: type = default`` of a function or template."""

    name: Name
    type: TypeExpr
    default: Expr | None
    span: Span
