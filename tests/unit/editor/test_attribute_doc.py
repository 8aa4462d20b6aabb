"""Each attribute that the language has can be explained."""

import pytest

from konductor.dsl import attributes
from konductor.dsl.attribute_doc import DOCS, doc_of
from konductor.dsl.attributes import Attribute

TABLES = [
    (name.lower(), one)
    for name, table in vars(attributes).items()
    if name.isupper() and isinstance(table, tuple) and table and isinstance(table[0], Attribute)
    for one in table
]


@pytest.mark.parametrize(
    ("block", "one"), TABLES, ids=[f"{block}-{one.name}" for block, one in TABLES]
)
def test_attribute_has_a_sentence(block: str, one: Attribute) -> None:
    assert doc_of(block, one.name), f"write one sentence into dsl/attribute_doc.py: {block}"


def test_each_is_one_short_sentence() -> None:
    for sentence in (doc for block in DOCS.values() for doc in block.values()):
        assert sentence.endswith("."), sentence
        assert len(sentence) < 100, sentence


def test_what_is_no_attribute_has_no_sentence() -> None:
    assert doc_of("stage", "imgae") == ""
    assert doc_of("nothing", "image") == ""
