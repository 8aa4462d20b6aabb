"""What each block of the language takes: the attribute tables, found by the words of blocks."""

from collections.abc import Sequence

from konductor.dsl import attributes
from konductor.dsl.attribute_doc import doc_of
from konductor.dsl.attributes import Attribute, find

STAGES = ("stage", "map", "reduce", "finally", "template", "defaults")
"""Words of blocks that take a stage's attributes."""
_TABLES: dict[str, tuple[Attribute, ...]] = {
    "pipeline": attributes.PIPELINE,
    **{str(what): table for what, table in attributes.OBJECT_BLOCKS.items()},
    **dict.fromkeys(STAGES, attributes.STAGE),
    "map": tuple(one for one in attributes.STAGE if one.name != "replicas"),
    "defaults": tuple(
        one for one in attributes.STAGE if one.name not in attributes.NOT_IN_DEFAULTS
    ),
}


def table_of(blocks: Sequence[str]) -> tuple[Attribute, ...]:
    """Return the attributes of the innermost of some blocks, given by their words."""
    table: tuple[Attribute, ...] = ()
    for word in blocks:
        if word in _TABLES:
            table = _TABLES[word]
            continue
        attribute = find(table, word)
        table = attribute.fields if attribute is not None else ()
    return table


def explain(blocks: Sequence[str], name: str) -> str:
    """Return what an attribute of the innermost block is for; empty where there is no such."""
    word = blocks[-1] if blocks else ""
    return doc_of("stage" if word in STAGES else word, name)
