from decimal import Decimal

import pytest

from konductor.api.quantity import parse_quantity, whole


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("2", Decimal(2)),
        ("500m", Decimal("0.5")),
        ("1.5Ki", Decimal(1536)),
        ("1k", Decimal(1000)),
        ("1e3", Decimal(1000)),
        ("2E", Decimal(2) * 10**18),
        (".5", Decimal("0.5")),
        ("-1u", Decimal("-0.000001")),
    ],
)
def test_quantities_are_numbers(text: str, number: Decimal) -> None:
    assert parse_quantity(text) == number


@pytest.mark.parametrize("text", ["", "two", "1 Gi", "1gi", "Gi"])
def test_other_texts_are_none(text: str) -> None:
    with pytest.raises(ValueError, match="no quantity"):
        parse_quantity(text)


def test_parts_of_a_unit_round_up() -> None:
    assert whole("1500m") == 2
    assert whole("1Gi", "1Mi") == 1024
    assert whole("3", "0") == 3
