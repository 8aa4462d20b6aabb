"""The table is what lark makes of the grammar today, and the machine reads it as lark does."""

import json
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from random import Random
from typing import Any

import pytest
from lark import Lark, Tree
from lark.exceptions import LarkError

from konductor.dsl import table
from konductor.dsl.machine import Machine, Reduction
from konductor.dsl.source import Source, Span
from konductor.dsl.tokens import tokenize
from tests.separators import Separators

ROOT = Path(__file__).parents[3]
EVERYTHING = Path(__file__).with_name("everything.kon")
PROGRAMS = sorted([EVERYTHING, *ROOT.glob("examples/*.kon"), *ROOT.glob("tests/golden/emit/*.kon")])


@cache
def oracle() -> Lark:
    return table.oracle(Separators())


def of_lark(text: str) -> object:
    """Return lark's tree as nested tuples, or None if it refuses the text."""
    try:
        return _plain(oracle().parse(text, start=table.START))
    except LarkError:
        return None


def _plain(node: Any) -> object:
    if isinstance(node, Tree):
        return (str(node.data), tuple(_plain(child) for child in node.children))
    return None if node is None else (node.type, str(node))


def of_machine(text: str) -> object:
    """Return the machine's tree as nested tuples, or None if it refuses the text."""
    source = Source("a.kon", text)
    lexed = tokenize(source)
    if lexed.diagnostics:
        return None
    loaded = table.load()
    actions = {rule.action: _node(rule.action) for rule in loaded.rules if rule.action}
    reductions = Reduction.of_all(loaded.rules, actions)
    machine = Machine(loaded, table.START, source, lexed.tokens, len(text))
    return machine.run(reductions, lambda _: False)


def _node(name: str) -> Any:
    def build(kept: Sequence[Any], _: Span) -> object:
        return (name, tuple(one[:2] if len(one or ()) == 3 else one for one in kept))

    return build


def test_table_is_made_of_the_grammar() -> None:
    shipped = json.loads(files("konductor.dsl").joinpath("table.json").read_text("utf-8"))
    assert table.encode() == shipped, "run `make table`"


def test_grammar_has_no_conflict() -> None:
    assert len(table.load().rows) == 497
    oracle()


def test_writing_the_table_is_reproducible(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(table, "__file__", str(tmp_path / "table.py"))
    table.main()
    written = (tmp_path / "table.json").read_text("utf-8")
    assert written == files("konductor.dsl").joinpath("table.json").read_text("utf-8")


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_tree_of_a_program_is_that_of_lark(program: Path) -> None:
    text = program.read_text("utf-8")
    assert of_lark(text) is not None
    assert of_machine(text) == of_lark(text)


def test_edited_programs_are_read_or_refused_as_by_lark() -> None:
    random, accepted = Random(1), 0  # noqa: S311  # the same edits every time
    source = Source("a.kon", EVERYTHING.read_text("utf-8"))
    words = [token.text for token in tokenize(source).tokens]
    for text in (path.read_text("utf-8") for path in PROGRAMS):
        tokens = [token for token in tokenize(Source("a.kon", text)).tokens if token.text]
        for token in random.sample(tokens, min(60, len(tokens))):
            instead = random.choice(["", f" {random.choice(words)} "])
            edited = text[: token.start] + instead + text[token.end :]
            expected = of_lark(edited)
            assert of_machine(edited) == expected, edited
            accepted += expected is not None
    assert accepted > 20
