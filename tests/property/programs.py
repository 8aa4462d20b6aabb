"""Programs without a syntax error, to be played with."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
PLACES = ("examples/*.kon", "tests/golden/emit/*.kon", "tests/unit/dsl/everything.kon")
PROGRAMS = [path.read_text("utf-8") for place in PLACES for path in sorted(ROOT.glob(place))]
