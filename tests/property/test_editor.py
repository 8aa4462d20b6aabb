"""Whatever is typed and wherever the cursor is, the editor's questions have answers."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from konductor.dsl.editor.action import actions
from konductor.dsl.editor.completion import complete
from konductor.dsl.editor.hint import hints
from konductor.dsl.editor.hover import hover
from konductor.dsl.editor.navigate import definition, highlights, references
from konductor.dsl.editor.outline import around, folds, outline
from konductor.dsl.editor.rename import Edit, Refusal, renamable, rename
from konductor.dsl.editor.semantic import words
from konductor.dsl.editor.signature import signature_at
from konductor.dsl.editor.snapshot import Snapshot, take
from konductor.dsl.tokens import tokenize

ROOT = Path(__file__).parents[2]
PATHS = [
    *sorted((ROOT / "examples").glob("*.kon")),
    ROOT / "tests/unit/dsl/everything.kon",
    ROOT / "tests/unit/editor/etl.kon",
]
TEXTS = [path.read_text("utf-8") for path in PATHS]
SNAPSHOTS = [take(text, path.name) for text, path in zip(TEXTS, PATHS, strict=True)]
AT_A_PLACE: tuple[Callable[[Snapshot, int], object], ...] = (
    complete,
    hover,
    signature_at,
    definition,
    references,
    highlights,
    renamable,
    around,
)
OF_A_FILE: tuple[Callable[[Snapshot], object], ...] = (outline, folds, words)


def ask_everything(snapshot: Snapshot, offset: int) -> None:
    for at_a_place in AT_A_PLACE:
        at_a_place(snapshot, offset)
    rename(snapshot, offset, "other")


def ask_of_the_file(snapshot: Snapshot) -> None:
    for of_a_file in OF_A_FILE:
        of_a_file(snapshot)
    end = len(snapshot.source.text)
    hints(snapshot, 0, end)
    actions(snapshot, 0, end)


@given(st.sampled_from(SNAPSHOTS), st.integers(0, 1 << 16))
@settings(deadline=None)
def test_every_place_has_answers(snapshot: Snapshot, number: int) -> None:
    ask_everything(snapshot, number % (len(snapshot.source.text) + 1))


@given(st.sampled_from(TEXTS), st.integers(0, 1 << 16), st.integers(0, 30), st.text(max_size=5))
@settings(deadline=None, max_examples=60)
def test_half_typed_programs_have_answers(text: str, number: int, gone: int, typed: str) -> None:
    at = number % (len(text) + 1)
    snapshot = take(text[:at] + typed + text[at + gone :], "a.kon")
    ask_everything(snapshot, at + len(typed))
    ask_of_the_file(snapshot)


@given(st.text(st.characters(exclude_categories=())), st.integers(0, 100))
@settings(deadline=None)
def test_any_text_has_answers(text: str, number: int) -> None:
    snapshot = take(text, "a.kon")
    ask_everything(snapshot, number % (len(text) + 1))
    ask_of_the_file(snapshot)


PIECES = sorted(
    {
        one.text
        for text in TEXTS
        for one in tokenize(SNAPSHOTS[0].source.__class__("a", text)).tokens
    }
)


@given(st.lists(st.sampled_from([*PIECES, '"${', "<<SH\n", "."]), max_size=40).map(" ".join))
@settings(deadline=None)
def test_any_words_have_answers(text: str) -> None:
    snapshot = take(text, "a.kon")
    ask_everything(snapshot, len(text))
    ask_of_the_file(snapshot)


@pytest.mark.parametrize("snapshot", SNAPSHOTS, ids=[path.name for path in PATHS])
def test_each_use_is_among_the_references_of_its_declaration(snapshot: Snapshot) -> None:
    for use in snapshot.index.uses:
        if use.member:
            continue
        declared = definition(snapshot, use.span.start)
        assert declared is not None
        assert use.span in references(snapshot, declared.start)
        assert declared in references(snapshot, use.span.start)


def changed(snapshot: Snapshot, edits: tuple[Edit, ...]) -> str:
    text = snapshot.source.text
    for edit in sorted(edits, key=lambda one: -one.span.start):
        text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    return text


@pytest.mark.parametrize("snapshot", SNAPSHOTS, ids=[path.name for path in PATHS])
def test_what_is_renamed_and_renamed_back_is_as_before(snapshot: Snapshot) -> None:
    places = {use.symbol.span.start: use for use in snapshot.index.uses if not use.member}
    for start, use in places.items():
        edits = rename(snapshot, start, "zz9")
        assert not isinstance(edits, Refusal)
        other = take(changed(snapshot, edits), snapshot.source.path)
        assert [one.code for one in other.diagnostics] == [one.code for one in snapshot.diagnostics]
        moved = sum(len("zz9") - len(use.symbol.name) for one in edits if one.span.start < start)
        back = rename(other, start + moved, use.symbol.name)
        assert not isinstance(back, Refusal)
        assert changed(other, back) == snapshot.source.text


@pytest.mark.parametrize("snapshot", SNAPSHOTS, ids=[path.name for path in PATHS])
def test_words_neither_overlap_nor_cross_lines(snapshot: Snapshot) -> None:
    behind = 0
    for word in words(snapshot):
        assert behind <= word.start < word.end
        assert "\n" not in snapshot.source.text[word.start : word.end]
        behind = word.end
