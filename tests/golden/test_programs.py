"""Whole programs with mistakes, and all that a person is shown of them."""

from collections.abc import Callable
from pathlib import Path

import pytest

from konductor.dsl.compile import check_source
from konductor.dsl.diagnostics import Severity
from konductor.dsl.render import Form, render

FOLDER = Path(__file__).parent / "programs"
PROGRAMS = sorted(FOLDER.glob("*.kon"))


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda path: path.stem)
def test_mistakes_are_shown(program: Path, golden: Callable[[Path, str], None]) -> None:
    found = check_source(program.read_bytes(), path=program.name).diagnostics
    golden(program.with_suffix(".expected"), render(found, form=Form.FULL))


def test_twenty_mistakes_are_twenty_errors() -> None:
    found = check_source((FOLDER / "twenty.kon").read_bytes()).diagnostics
    errors = [one for one in found if one.severity is Severity.ERROR]
    assert len(errors) == 20
    assert len({one.message for one in errors}) == 20


@pytest.mark.parametrize(
    "program", sorted(FOLDER.glob("newcomer-*.kon")), ids=lambda path: path.stem
)
def test_newcomer_is_told_what_to_write(program: Path) -> None:
    for one in check_source(program.read_bytes()).diagnostics:
        assert one.helps or one.primary.text.startswith("write"), one.message
