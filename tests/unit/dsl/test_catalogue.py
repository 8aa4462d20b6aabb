"""Each code that is reported is explained, by a program that shows it and one that does not."""

import re
from pathlib import Path

import pytest

from konductor.dsl.catalogue import ENTRIES, Entry, find
from tests.entries import compiled

FOLDER = Path(__file__).parents[3] / "dsl"
LATER = "K0999"
"""That this version cannot run it is no mistake of a program."""


def test_every_code_that_is_reported_has_an_entry_and_no_other() -> None:
    reported = set()
    for path in FOLDER.rglob("*.py"):
        if "catalogue" not in path.relative_to(FOLDER).parts:
            reported |= set(re.findall(r'"(K\d{4})"', path.read_text("utf-8")))
    assert set(ENTRIES) == reported


def test_entries_stand_in_the_order_of_their_codes() -> None:
    assert list(ENTRIES) == sorted(ENTRIES)


def test_entry_is_found_however_its_code_is_written() -> None:
    assert find("K0301") is find("k301") is find(" 301 ") is ENTRIES["K0301"]
    assert find("K0000") is None
    assert find("nonsense") is None


def codes(entry: Entry, text: str, given: dict[str, str]) -> set[str]:
    found = {one.code for one in compiled(entry, text, given).diagnostics}
    return found if entry.code == LATER else found - {LATER}


@pytest.mark.parametrize("entry", ENTRIES.values(), ids=lambda entry: entry.code)
def test_example_shows_just_its_code_and_the_other_program_nothing(entry: Entry) -> None:
    assert codes(entry, entry.example, dict(entry.given)) == {entry.code}
    assert codes(entry, entry.instead, dict(entry.given_instead)) == set()


@pytest.mark.parametrize("entry", ENTRIES.values(), ids=lambda entry: entry.code)
def test_example_is_as_bad_as_the_entry_says(entry: Entry) -> None:
    found = compiled(entry, entry.example, dict(entry.given)).diagnostics
    severities = {str(one.severity) for one in found if one.code == entry.code}
    assert severities <= set(entry.severity.split(" or "))


@pytest.mark.parametrize("entry", ENTRIES.values(), ids=lambda entry: entry.code)
def test_entry_is_written_in_sentences(entry: Entry) -> None:
    assert not entry.title.endswith(".")
    assert entry.title[0] == entry.title[0].lower() or entry.title.startswith("`")
    for text in (entry.what, entry.why):
        assert text.endswith(".")
        assert text[0].isupper() or text[0] == "`"
