from datetime import timedelta

import pytest

from konductor.duration import LONGEST, format_duration, parse_duration


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("90s", timedelta(seconds=90)),
        ("1h30m", timedelta(minutes=90)),
        ("1.5h", timedelta(minutes=90)),
        (".5s", timedelta(milliseconds=500)),
        ("2.s", timedelta(seconds=2)),
        ("1m1m", timedelta(minutes=2)),
        ("1500ms", timedelta(milliseconds=1500)),
        ("3µs", timedelta(microseconds=3)),
        ("3μs", timedelta(microseconds=3)),
        ("3us", timedelta(microseconds=3)),
        ("1400ns", timedelta(microseconds=1)),
        ("1ns", timedelta(microseconds=1)),
        ("0s", timedelta(0)),
        ("87600h", LONGEST),
    ],
)
def test_a_duration_is_read(text: str, span: timedelta) -> None:
    assert parse_duration(text) == span


@pytest.mark.parametrize("text", ["", "5", "1d", "s", "-1s", "1h ", "1,5h", "1h30", "\uff11s", "."])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no duration such as 90s, 15m or 1h30m"):
        parse_duration(text)


def test_more_than_ten_years_is_refused() -> None:
    with pytest.raises(ValueError, match="longer than 87600h"):
        parse_duration("87600h1s")


@pytest.mark.parametrize(
    ("span", "text"),
    [
        (timedelta(0), "0s"),
        (timedelta(hours=25, seconds=5), "25h5s"),
        (timedelta(milliseconds=1, microseconds=1), "1ms1us"),
        (timedelta(minutes=-5), "-5m"),
    ],
)
def test_a_duration_is_written_without_zeros(span: timedelta, text: str) -> None:
    assert format_duration(span) == text
