"""What a terminal shows of a run, and the picture of it."""

import re
import termios
from xml.etree import ElementTree as ET

import pytest

from .conftest import COLUMNS, EXAMPLES, Home

pytestmark = pytest.mark.xdist_group("e2e")
STAGES = ("tokenize", "merge", "publish")
_REDRAWN = re.compile(r"\r\x1b\[2K(?:\x1b\[1A\x1b\[2K)*")
"""How a frame is wiped before the next one is drawn in its place."""
_CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def frames(said: str) -> list[str]:
    """Return the pictures that the terminal has shown one after the other, as plain text."""
    return [_CONTROL.sub("", one).replace("\r", "") for one in _REDRAWN.split(said)]


def test_live_view_shows_the_whole_graph_from_the_start(home: Home) -> None:
    run = home.start_on_terminal("run", str(EXAMPLES / "wordcount.kon"))
    assert run.terminal is not None
    before = termios.tcgetattr(run.terminal)
    assert run.end() == 0, run.said
    first, *_, last = (one for one in frames(run.said)[1:] if "tokenize" in one)
    for name, count in zip(STAGES, ("0/20", "0/4", "0/1"), strict=True):
        assert re.search(rf"{name} .* {count} ", first), first
    for name, count in zip(STAGES, ("18/20", "4/4", "1/1"), strict=True):
        assert re.search(rf"✔ {name} .* {count}  open", last), last
    assert "after tokenize" in first
    assert "┃" in first, "the quorum is marked"
    assert any(re.search(r"tokenize .* [1-9]\d?/20  .*running", one) for one in frames(run.said))
    assert all(len(line) <= COLUMNS for line in first.splitlines())
    assert termios.tcgetattr(run.terminal) == before
    assert run.said.rindex("\x1b[?25h") > run.said.rindex("\x1b[?25l"), "the cursor is hidden"


def test_picture_shows_the_stages(home: Home) -> None:
    program = str(EXAMPLES / "cascade.kon")
    home.koncli("run", program, "--svg", "run.svg", "--view", "plain")
    picture = ET.parse(home.path / "run.svg")  # noqa: S314  # our own
    words = "".join(picture.getroot().itertext())
    for name in ("build", "probe", "deploy", "rollback", "settled", "enough", "report"):
        assert name in words
