from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest

from konductor.dsl.expression import Bool, Duration, Expr, Float, Int, Null, Percent, Quantity


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1_000", 1000),
        ("9223372036854775807", 2**63 - 1),
        ("0.25", 0.25),
        ("12.5%", Decimal("12.5")),
        ("1d2h3m4s5ms", timedelta(days=1, hours=2, minutes=3, seconds=4, milliseconds=5)),
        ("1.5h", timedelta(minutes=90)),
        ("87600h", timedelta(hours=87600)),
        ("true", True),
        ("false", False),
    ],
)
def test_literal_has_its_value(text: str, value: object, expression: Callable[[str], Expr]) -> None:
    node = expression(text)
    assert isinstance(node, Int | Float | Percent | Duration | Bool)
    assert node.value == value
    assert node.span.text == text


def test_null_is_a_literal(expression: Callable[[str], Expr]) -> None:
    assert isinstance(expression("null"), Null)


@pytest.mark.parametrize(
    ("text", "value", "binary"),
    [
        ("4Ki", 4096, True),
        ("2k", 2000, False),
        ("1.5Gi", 1536 * 2**20, True),
        ("3E", 3 * 10**18, False),
    ],
)
def test_quantity_is_in_ones(
    text: str, value: int, *, binary: bool, expression: Callable[[str], Expr]
) -> None:
    node = expression(text)
    assert isinstance(node, Quantity)
    assert (int(node.value), node.binary) == (value, binary)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("9223372036854775808", "`9223372036854775808` is beyond 64 bits"),
        ("9" * 5000, "a number has at most 30 characters"),
        ("87601h", "`87601h` is longer than 87600h, the longest duration"),
    ],
)
def test_literal_beyond_its_type_is_reported(
    text: str, message: str, mistakes: Callable[[str], list[str]]
) -> None:
    assert mistakes(f"let x = {text}\n") == [f"K0100 1:9 {message}"]
