"""What each code looks like to a person: the catalogue's own example, as it is shown."""

from collections.abc import Callable
from pathlib import Path

import pytest

from konductor.dsl.catalogue import ENTRIES, Entry
from konductor.dsl.compile import compile_source
from konductor.dsl.render import Form, render

FOLDER = Path(__file__).parent / "codes"


@pytest.mark.parametrize("entry", ENTRIES.values(), ids=lambda entry: entry.code)
def test_code_is_shown(entry: Entry, golden: Callable[[Path, str], None]) -> None:
    def load(path: str) -> str:
        if path not in entry.files:
            raise FileNotFoundError(2, "No such file or directory")
        return entry.files[path]

    compiled = compile_source(
        entry.example, path="etl.kon", parameters=dict(entry.given), loader=load
    )
    shown = [one for one in compiled.diagnostics if one.code == entry.code]
    golden(FOLDER / f"{entry.code}.expected", render(shown, form=Form.FULL))


def test_no_picture_is_left_of_a_code_that_is_gone() -> None:
    assert {path.stem for path in FOLDER.iterdir()} == set(ENTRIES)
