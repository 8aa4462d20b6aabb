"""The nodes of the syntax tree: values that nobody changes."""

from dataclasses import dataclass
from typing import TypeVar, dataclass_transform

Node = TypeVar("Node")


@dataclass_transform(frozen_default=True)
def node(cls: type[Node]) -> type[Node]:
    """Make a class a frozen, slotted dataclass.

    That nothing assigns to a field is held by the type checker alone: at run time it would make
    the reading of a program a tenth slower, as every field of every node would be set by a call.
    """
    return dataclass(slots=True, unsafe_hash=True)(cls)
