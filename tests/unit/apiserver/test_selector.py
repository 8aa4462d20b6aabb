"""Messages are those of kube-apiserver 1.37."""

from typing import Any

import pytest

from konductor.runner.local.apiserver.answer import Refusal
from konductor.runner.local.apiserver.selector import (
    field_selector,
    label_selector,
    selected_name,
)


def _labelled(**labels: str) -> dict[str, Any]:
    return {"metadata": {"name": "a", "namespace": "n", "labels": labels}}


@pytest.mark.parametrize(
    ("text", "fits", "misses"),
    [
        ("", {}, None),
        ("  ", {}, None),
        ("x=1", {"x": "1"}, {"x": "2"}),
        ("x==1", {"x": "1"}, {}),
        ("x!=1", {}, {"x": "1"}),
        ("x in (1,2)", {"x": "2"}, {"x": "3"}),
        ("x notin (1)", {"y": "1"}, {"x": "1"}),
        ("x notin ()", {"x": "1"}, {"x": ""}),
        ("x in (,a)", {"x": ""}, {"x": "b"}),
        ("x in (a,)", {"x": ""}, {"x": "b"}),
        ("x in (a,,b)", {"x": ""}, {"x": "c"}),
        ("x", {"x": ""}, {"y": ""}),
        ("!x", {"y": ""}, {"x": ""}),
        ("x,!y", {"x": "1"}, {"x": "1", "y": ""}),
        ("x=", {"x": ""}, {"x": "1"}),
        ("x>5", {"x": "6"}, {"x": "5"}),
        ("x<5", {"x": "-6"}, {"x": "many"}),
        ("x<5", {"x": "4"}, {}),
        ("in in (in)", {"in": "in"}, {"in": "out"}),
        ("example.com/x=1", {"example.com/x": "1"}, {"x": "1"}),
    ],
)
def test_label_selectors_select(
    text: str, fits: dict[str, str], misses: dict[str, str] | None
) -> None:
    select = label_selector(text)
    assert select(_labelled(**fits))
    assert misses is None or not select(_labelled(**misses))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a b", "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"),
        ("x in 1", "unable to parse requirement: found '1' expected: '('"),
        ("x=a b", "found 'b', expected: ',' or 'end of string'"),
        ("x in (a,b", "unable to parse requirement: found '', expected: ',' or ')'"),
        ("x in (", "unable to parse requirement: found '', expected: ',', or identifier"),
        ("!", "unable to parse requirement: found '', expected: identifier"),
        ("=a", "found '=', expected: !, identifier, or 'end of string'"),
        (",", "found ',', expected: !, identifier, or 'end of string'"),
        ("a,,b", "found ',', expected: identifier after ','"),
        ("x<1,", "found '', expected: identifier after ','"),
        ("x=!", "unable to parse requirement: found '!', expected: identifier"),
        ("a!b", "unable to parse requirement: found '!', expected: in, notin, =, ==, !=, gt, lt"),
        ("a in (b) c", "found 'c', expected: ',' or 'end of string'"),
    ],
)
def test_unreadable_label_selectors_are_told_where(text: str, told: str) -> None:
    with pytest.raises(Refusal) as refused:
        label_selector(text)
    assert (refused.value.code, refused.value.message) == (400, told)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("-a=b", '<nil>: Invalid value: "-a": name part must consist of'),
        ("a=-b", 'values[0][a]: Invalid value: "-b": a valid label must be'),
        ("x>a", "values[0]: Invalid value: \"a\": for 'Gt', 'Lt' operators, the value must be"),
        ("a in (-b,-c)", '[values[0][a]: Invalid value: "-b": a valid'),
    ],
)
def test_keys_and_values_must_be_those_of_labels(text: str, told: str) -> None:
    with pytest.raises(Refusal) as refused:
        label_selector(text)
    assert refused.value.message.startswith(f"unable to parse requirement: {told}")


def _phase(document: Any) -> dict[str, str]:
    return {"status.phase": document.get("status", {}).get("phase", "")}


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("", True),
        ("metadata.name=a", True),
        ("metadata.name==a,metadata.namespace=n", True),
        ("metadata.name!=a", False),
        ("status.phase=", True),
        ("metadata.name!=a\\,b,", True),
    ],
)
def test_field_selectors_select(text: str, *, fits: bool) -> None:
    assert field_selector(text, _phase, custom=False)(_labelled()) is fits


@pytest.mark.parametrize(
    ("text", "own", "custom", "told"),
    [
        ("a", True, False, "invalid selector: 'a'; can't understand 'a'"),
        (
            "metadata.name=a,b",
            True,
            False,
            "invalid selector: 'metadata.name=a,b'; can't understand 'b'",
        ),
        ("a=b", True, False, "field label not supported: a"),
        ("a=b", False, True, "field label not supported: a"),
        (
            "a=b",
            False,
            False,
            '"a" is not a known field selector: only "metadata.name", "metadata.namespace"',
        ),
    ],
)
def test_unreadable_field_selectors_are_told(
    text: str, told: str, *, own: bool, custom: bool
) -> None:
    with pytest.raises(Refusal) as refused:
        field_selector(text, _phase if own else lambda _: {}, custom=custom)
    assert refused.value.message == told


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("metadata.name=a", "a"),
        ("metadata.name!=a", ""),
        ("metadata.name=a,x=y", ""),
        ("spec.metadata.name=a", ""),
        ("", ""),
    ],
)
def test_one_selected_name_is_known(text: str, name: str) -> None:
    assert selected_name(text) == name
