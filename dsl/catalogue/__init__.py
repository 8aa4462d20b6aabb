"""One entry for each diagnostic code."""

from konductor.dsl.catalogue.entry import Entry
from konductor.dsl.catalogue.graph import GRAPH
from konductor.dsl.catalogue.module import FILES
from konductor.dsl.catalogue.name import NAMES
from konductor.dsl.catalogue.object import OBJECTS
from konductor.dsl.catalogue.parameter import PARAMETERS
from konductor.dsl.catalogue.script import SCRIPTS
from konductor.dsl.catalogue.syntax import SYNTAX
from konductor.dsl.catalogue.value import VALUES

__all__ = ["ENTRIES", "Entry", "find"]

ENTRIES: dict[str, Entry] = {
    entry.code: entry
    for family in (SYNTAX, VALUES, NAMES, GRAPH, OBJECTS, PARAMETERS, SCRIPTS, FILES)
    for entry in family
}
"""Every entry by its code, in the order of the codes."""


def find(code: str) -> Entry | None:
    """Return the entry of a code, however it is written: ``K0301``, ``k301`` or ``301``."""
    digits = code.strip().upper().removeprefix("K")
    return ENTRIES.get(f"K{digits.zfill(4)}")
