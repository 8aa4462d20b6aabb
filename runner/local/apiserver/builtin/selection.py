"""Label selectors in objects: what they match, and what they must be."""

from collections.abc import Iterator, Mapping
from typing import Any

from konductor.runner.local.apiserver.builtin import naming
from konductor.runner.local.apiserver.builtin.field import (
    FieldError,
    forbidden,
    invalid,
    required,
)

Object = Mapping[str, Any]


def matches(selector: Object, labels: Mapping[str, str]) -> bool:
    """Tell whether a label selector matches labels.

    >>> matches({"matchExpressions": [{"key": "a", "operator": "NotIn", "values": ["b"]}]}, {})
    True
    """
    plain = selector.get("matchLabels", {}).items()
    return all(labels.get(key) == value for key, value in plain) and all(
        _fits(expression, labels) for expression in selector.get("matchExpressions", ())
    )


def selector_errors(selector: Object, path: str) -> Iterator[FieldError]:
    """Yield what is wrong with a label selector."""
    for key, value in sorted(selector.get("matchLabels", {}).items()):
        yield from _named(f"{path}.matchLabels", key, naming.qualified_name(key))
        yield from _named(f"{path}.matchLabels", value, naming.label_value(value))
    for index, expression in enumerate(selector.get("matchExpressions", ())):
        yield from _expression(expression, f"{path}.matchExpressions[{index}]")


def _fits(expression: Object, labels: Mapping[str, str]) -> bool:
    value, values = labels.get(expression["key"]), expression.get("values", ())
    match expression["operator"]:
        case "In":
            return value in values
        case "NotIn":
            return value not in values
        case "Exists":
            return value is not None
        case _:
            return value is None


def _expression(expression: Object, path: str) -> Iterator[FieldError]:
    operator, values = expression.get("operator", ""), expression.get("values", ())
    match operator:
        case "In" | "NotIn":
            if not values:
                detail = "must be specified when `operator` is 'In' or 'NotIn'"
                yield required(f"{path}.values", detail)
        case "Exists" | "DoesNotExist":
            if values:
                detail = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"
                yield forbidden(f"{path}.values", detail)
        case _:
            yield invalid(f"{path}.operator", operator, "not a valid selector operator")
    key = expression.get("key", "")
    yield from _named(f"{path}.key", key, naming.qualified_name(key))
    for index, value in enumerate(values):
        yield from _named(f"{path}.values[{index}]", value, naming.label_value(value))


def _named(path: str, value: str, sentences: list[str]) -> Iterator[FieldError]:
    for sentence in sentences:
        yield invalid(path, value, sentence)
