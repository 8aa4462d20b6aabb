import logging

import pytest

from konductor.errors import Forbidden
from konductor.operator.refusal import PAUSES, Refusals


def cannot(name: str) -> Forbidden:
    words = (
        f'barriers.konductor.io "{name}" is forbidden: User "x" cannot patch resource '
        '"barriers/status" in API group "konductor.io" in the namespace "etl"'
    )
    return Forbidden(words, code=403)


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_what_is_forbidden_is_left_ever_longer() -> None:
    clock = Clock()
    refusals = Refusals(clock)
    assert [refusals.note("a", cannot("a")) for _ in range(6)] == [*PAUSES, 30.0, 30.0]
    assert refusals.left("a") == 30.0
    clock.now = 29.0
    assert refusals.left("a") == 1.0
    clock.now = 31.0
    assert refusals.left("a") == 0.0


def test_what_was_done_begins_anew() -> None:
    refusals = Refusals(Clock())
    refusals.note("a", cannot("a"))
    refusals.forget("a")
    assert refusals.left("a") == 0.0
    assert refusals.note("a", cannot("a")) == PAUSES[0]


def test_right_is_told_once_a_minute_however_many_ask(caplog: pytest.LogCaptureFixture) -> None:
    clock = Clock()
    refusals = Refusals(clock)
    with caplog.at_level(logging.ERROR):
        for name in ("a", "b", "c", "a", "b", "c"):
            refusals.note(name, cannot(name))
        assert len(caplog.messages) == 1
        assert "lacks the right `patch barriers.konductor.io/status`" in caplog.messages[0]
        clock.now = 61.0
        refusals.note("a", cannot("a"))
        assert len(caplog.messages) == 2


def test_other_refusals_are_told_in_the_words_of_the_cluster(
    caplog: pytest.LogCaptureFixture,
) -> None:
    refusals = Refusals(Clock())
    with caplog.at_level(logging.ERROR):
        for _ in range(2):
            refusals.note("a", Forbidden("the namespace is being terminated", code=403))
    assert caplog.messages == ["the cluster forbids it: the namespace is being terminated"]
