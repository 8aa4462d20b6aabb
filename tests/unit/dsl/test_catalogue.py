"""Each code that is reported is explained, by a program that shows it and one that does not."""

import re
from pathlib import Path

import pytest

from konductor.dsl.catalogue import ENTRIES, Entry, find
from konductor.dsl.compile import compile_source
from konductor.dsl.diagnostics import Diagnostic

FOLDER = Path(__file__).parents[3] / "dsl"
PROGRAMS = [one for one in ENTRIES.values() if not one.example.startswith(("koncli", "import"))]


def test_every_code_that_is_reported_has_an_entry_and_no_other() -> None:
    reported = set()
    for path in FOLDER.rglob("*.py"):
        if "catalogue" not in path.parts:
            text = re.sub(
                r"^UNCHECKED = \(.*?\)$",
                "",
                path.read_text("utf-8"),
                flags=re.MULTILINE | re.DOTALL,
            )
            reported |= set(re.findall(r'"(K\d{4})"', text))
    assert set(ENTRIES) == reported


def test_entries_stand_in_the_order_of_their_codes() -> None:
    assert list(ENTRIES) == sorted(ENTRIES)


def test_entry_is_found_however_its_code_is_written() -> None:
    assert find("K0301") is find("k301") is find(" 301 ") is ENTRIES["K0301"]
    assert find("K0000") is None
    assert find("nonsense") is None


@pytest.mark.parametrize("entry", PROGRAMS, ids=lambda entry: entry.code)
def test_example_shows_its_code_and_the_other_program_nothing(entry: Entry) -> None:
    found = [one for one in compile_source(entry.example).diagnostics if _counts(one, entry)]
    assert {one.code for one in found} == {entry.code}
    assert {str(one.severity) for one in found} <= set(entry.severity.split(" or "))
    assert not [one for one in compile_source(entry.instead).diagnostics if _counts(one, entry)]


def _counts(found: Diagnostic, entry: Entry) -> bool:
    """Leave out that this version cannot run it, which is no mistake of the program."""
    return found.code == entry.code or found.code != "K0999"


@pytest.mark.parametrize("entry", ENTRIES.values(), ids=lambda entry: entry.code)
def test_entry_is_written_in_sentences(entry: Entry) -> None:
    assert not entry.title.endswith(".")
    assert entry.title[0] == entry.title[0].lower() or entry.title.startswith("`")
    for text in (entry.what, entry.why):
        assert text.endswith(".")
        assert text[0].isupper() or text[0] == "`"
