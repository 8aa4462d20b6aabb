"""Which name stands for what, and where: file > pipeline > stage block > comprehension."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from konductor.dsl import syntax
from konductor.dsl.source import Span
from konductor.dsl.syntax import Fn, Template
from konductor.dsl.types import ANY, Type
from konductor.dsl.values import Unknown, Value


class What(StrEnum):
    """What a name stands for."""

    PARAM = "parameter"
    LET = "let"
    FN = "function"
    ARGUMENT = "argument"
    VARIABLE = "variable"
    ITEM = "item"
    MATRIX = "matrix"
    RUN = "run"
    STAGE = "stage"
    MAP = "map"
    REDUCE = "reduce"
    FINALLY = "finally"
    BARRIER = "barrier"
    APPROVAL = "approval"
    SEMAPHORE = "semaphore"
    GATE = "gate"
    TEMPLATE = "template"
    IMPORT = "import"


OBJECTS = frozenset(
    {
        What.STAGE,
        What.MAP,
        What.REDUCE,
        What.FINALLY,
        What.BARRIER,
        What.APPROVAL,
        What.SEMAPHORE,
        What.GATE,
    }
)
"""What share one name space: the objects of a pipeline."""
STAGES = frozenset({What.STAGE, What.MAP, What.REDUCE, What.FINALLY})
"""What becomes a Job."""
WAITED_FOR = OBJECTS - {What.FINALLY, What.SEMAPHORE}
"""What an edge may name."""


OBJECT_WHATS: Mapping[type, What] = {
    syntax.Stage: What.STAGE,
    syntax.MapStage: What.MAP,
    syntax.Reduce: What.REDUCE,
    syntax.Finally: What.FINALLY,
    syntax.Barrier: What.BARRIER,
    syntax.Approval: What.APPROVAL,
    syntax.Semaphore: What.SEMAPHORE,
    syntax.Gate: What.GATE,
}
"""What each statement declares, of those that declare an object."""


@dataclass(frozen=True, slots=True)
class Binding:
    """A name, what it stands for and where it was declared."""

    name: str
    what: What
    span: Span | None = None
    """None: the language itself provides it."""
    value: Value = field(default_factory=Unknown)
    type: Type = ANY
    fn: Fn | None = None
    template: Template | None = None
    home: "Scope | None" = None
    """The names of the file that a function or template is of; of an import: what it brings.
    None there: it could not be read, which has been reported."""


@dataclass(slots=True)
class Scope:
    """Names of one block, within those of the blocks around it."""

    parent: "Scope | None" = None
    names: dict[str, Binding] = field(default_factory=dict)

    def find(self, name: str) -> Binding | None:
        """Return what a name stands for here."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.names:
                return scope.names[name]
            scope = scope.parent
        return None

    def declare(self, binding: Binding) -> Binding | None:
        """Add a name, unless it is taken here or further out: then return what has it."""
        taken = self.find(binding.name)
        if taken is None:
            self.names[binding.name] = binding
        return taken

    def child(self, *bindings: Binding) -> "Scope":
        """Return a scope within this one that starts with these names."""
        return Scope(self, {binding.name: binding for binding in bindings})

    def visible(self) -> Iterator[Binding]:
        """Return every name that can be used here."""
        scope: Scope | None = self
        while scope is not None:
            yield from scope.names.values()
            scope = scope.parent
