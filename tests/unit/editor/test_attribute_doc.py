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


@pytest.mark.parametrize(("block", "one"), TABLES, ids=lambda one: getattr(one, "name", str(one)))
def test_attribute_has_a_sentence(block: str, one: Attribute) -> None:
    assert doc_of(block, one.name), f"write one sentence into dsl/attribute_doc.py: {block}"


@pytest.mark.parametrize("sentence", [doc for block in DOCS.values() for doc in block.values()])
def test_sentence_is_one(sentence: str) -> None:
    assert sentence.endswith(".")
    assert len(sentence) < 100


def test_what_is_no_attribute_has_no_sentence() -> None:
    assert doc_of("stage", "imgae") == ""
    assert doc_of("nothing", "image") == ""
