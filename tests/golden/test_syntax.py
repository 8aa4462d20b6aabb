"""Each kind of syntax error has a sentence of its own, shown where it is."""

from collections.abc import Callable
from pathlib import Path

import pytest

from konductor.dsl.parser import parse
from konductor.dsl.render import Form, render
from konductor.dsl.source import Source

PROGRAMS = sorted(Path(__file__).parent.joinpath("syntax").glob("*.kon"))


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda path: path.stem)
def test_syntax_error_is_shown(program: Path, golden: Callable[[Path, str], None]) -> None:
    source = Source.decode(program.name, program.read_bytes())
    shown = render(parse(source).diagnostics, form=Form.FULL)
    assert shown
    golden(program.with_suffix(".expected"), shown)
