"""The local API server answers as the real one did: each recorded step is a test.

What differs and may is listed, with its reason, in tests/recordings/known.py. That list may only
shrink: a step on it that comes out equal fails here until it is taken off.
"""

import json
from pathlib import Path
from typing import Any, Protocol

import pytest

from tests.recordings import cases, normal
from tests.recordings.known import KNOWN, VARIES

RECORDED = Path(cases.__file__).parent.parent / "recorded"
STEPS = [(group.name, step.label) for group in cases.GROUPS for step in group.steps]


class Answers(Protocol):
    def of(self, group: str) -> dict[str, Any]: ...


def _recorded(group: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((RECORDED / f"{group}.json").read_text(encoding="utf-8"))
    return found


def _in_any_order(answer: dict[str, Any]) -> dict[str, Any]:
    """Return an answer with its errors sorted: the real server has them in a Go map's order."""
    return answer | {"errors": sorted(answer["errors"])} if "errors" in answer else answer


@pytest.mark.xdist_group("recordings")
@pytest.mark.parametrize(
    ("group", "label"), STEPS, ids=[f"{group}: {label}" for group, label in STEPS]
)
def test_answers_are_those_of_the_real_server(
    group: str, label: str, answers: Answers, request: pytest.FixtureRequest
) -> None:
    found, expected = answers.of(group)[label], _recorded(group)[label]
    is_real, step = request.config.getoption("--real-cluster"), f"{group}: {label}"
    if is_real:
        found, expected = _in_any_order(found), _in_any_order(expected)
    if is_real and step in VARIES:
        assert found["code"] == expected["code"], VARIES[step]
    elif not is_real and (reason := KNOWN.get(step)):
        assert found != expected, f"equal now, take it off the list of differences: {reason}"
    else:
        assert found == expected


def test_every_known_difference_names_a_step_and_gives_a_reason() -> None:
    known = KNOWN | VARIES
    assert set(known) <= {f"{group}: {label}" for group, label in STEPS}
    assert all(known.values())


@pytest.mark.parametrize("group", [group.name for group in cases.GROUPS])
def test_every_step_is_recorded_and_nothing_else(group: str) -> None:
    steps = [label for name, label in STEPS if name == group]
    assert list(_recorded(group)) == steps


@pytest.mark.parametrize("age", ["5s", "12m", "3m7s", "2d3h", "328d", "1y", "1y27d"])
def test_no_age_makes_a_difference_on_another_day(age: str) -> None:
    assert normal.text(f"{age}  Normal  Arrived", "default") == "<age>  Normal  Arrived"


@pytest.mark.parametrize("word", ["v1.37d", "a-3d", "p7d1"])
def test_what_only_looks_like_an_age_stays(word: str) -> None:
    assert normal.text(f"{word}  Arrived", "default") == f"{word}  Arrived"
