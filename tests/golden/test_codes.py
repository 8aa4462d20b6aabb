"""What each code looks like to a person: the catalogue's own example, as it is shown."""

from collections.abc import Callable
from pathlib import Path

import pytest

from konductor.dsl.catalogue import ENTRIES, Entry
from konductor.dsl.render import Form, render
from tests.entries import compiled

FOLDER = Path(__file__).parent / "codes"


@pytest.mark.parametrize("entry", ENTRIES.values(), ids=lambda entry: entry.code)
def test_code_is_shown(entry: Entry, golden: Callable[[Path, str], None]) -> None:
    found = compiled(entry, entry.example, entry.given).diagnostics
    shown = [one for one in found if one.code == entry.code]
    golden(FOLDER / f"{entry.code}.expected", render(shown, form=Form.FULL))


def test_no_picture_is_left_of_a_code_that_is_gone() -> None:
    assert {path.stem for path in FOLDER.iterdir()} == set(ENTRIES)
