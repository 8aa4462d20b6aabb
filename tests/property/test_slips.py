"""One slip of the hand is one message: 4,000 tokens left out, and 4,000 put in (language.md, 3)."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from konductor.dsl.compile import check_source
from konductor.dsl.diagnostics import Severity
from konductor.dsl.source import Source
from konductor.dsl.tokens import Token, tokenize

ROOT = Path(__file__).parents[2]
PROGRAMS = [
    path.read_text("utf-8")
    for path in sorted([*ROOT.glob("examples/*.kon"), *ROOT.glob("tests/golden/emit/*.kon")])
]
PLACES: list[tuple[str, Token]] = [
    (text, token)
    for text in PROGRAMS
    for token in tokenize(Source("a.kon", text)).tokens
    if token.text
]
PIECES = [token.text for _, token in PLACES if token.kind != "HEREDOC"]
EDITS = 4_000
MOST = 5
SHARE_OF_ONE = 0.98


def beside_the_examples(path: str) -> str:
    return (ROOT / "examples" / path).read_text("utf-8")


def errors(text: str) -> int:
    compiled = check_source(text, path="a.kon", loader=beside_the_examples)
    return sum(one.severity is Severity.ERROR for one in compiled.diagnostics)


def without(random: Random) -> str:
    text, token = random.choice(PLACES)
    return text[: token.start] + text[token.end :]


def with_one_more(random: Random) -> str:
    text, token = random.choice(PLACES)
    return f"{text[: token.start]}{random.choice(PIECES)} {text[token.start :]}"


@pytest.mark.parametrize("edit", [without, with_one_more])
def test_one_slip_is_one_message(edit: Callable[[Random], str]) -> None:
    random = Random(1)  # noqa: S311  # the same edits every time
    counts = Counter(errors(edit(random)) for _ in range(EDITS))
    assert max(counts) <= MOST
    assert counts[1] >= SHARE_OF_ONE * (counts.total() - counts[0])
