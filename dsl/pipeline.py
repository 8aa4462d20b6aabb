"""The checked pipeline: names resolved, attributes evaluated, edges settled.

It still knows where everything was written, so the rules in ``check/`` can point at it. A number
that ``koncli check`` cannot know is None, and the rules stay silent about it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from konductor.dsl.edges import Link
from konductor.dsl.evaluation import Evaluation
from konductor.dsl.expression import Expr
from konductor.dsl.matrix import Matrix
from konductor.dsl.scope import STAGES, Scope, What
from konductor.dsl.settings import Setting, Settings
from konductor.dsl.source import Source, Span
from konductor.dsl.syntax import (
    Approval,
    Barrier,
    FileStatement,
    Finally,
    Gate,
    MapStage,
    Param,
    Pipeline,
    Reduce,
    Semaphore,
    Stage,
)
from konductor.dsl.values import MapValue, Value

CheckedNode = Stage | MapStage | Reduce | Finally | Barrier | Approval | Semaphore | Gate
Waiting = Stage | MapStage | Reduce | Barrier | Approval
"""What may have edges after its name."""
_MAY_BE_LEFT_OUT = (Stage, MapStage, Reduce, Barrier, Approval, Finally)


def condition(node: CheckedNode) -> Expr | None:
    """Return what leaves a block out, if it says so: ``when``."""
    return node.when if isinstance(node, _MAY_BE_LEFT_OUT) else None


@dataclass(frozen=True, slots=True)
class Element:
    """One element of ``map … over LIST``, with what its pod is given."""

    value: Value
    settings: Settings


@dataclass(frozen=True, slots=True)
class CheckedCell:
    """One cell of a stage's matrix."""

    values: MapValue
    """What ``matrix`` is in it."""
    settings: Settings
    elements: tuple[Element, ...] = ()
    axes: tuple[str, ...] = ()
    replicas: int | None = None
    """None: nobody knows yet."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A block that declares an object of the pipeline."""

    node: CheckedNode
    what: What
    settings: Settings = field(default_factory=dict)
    expected: int | None = None
    quorum: int | None = None
    links: tuple[Link, ...] = ()
    """What is left of its edges."""
    declared: tuple[Link, ...] = ()
    """Its edges before any was dropped with a skipped stage."""
    is_freed: bool = False
    """Whether guards have removed all its edges."""
    source: str = ""
    """For a reduce: its map."""
    elements: tuple[Element, ...] = ()
    matrix: Matrix | None = None
    cells: tuple[CheckedCell, ...] = ()
    """Of its matrix, as far as they are known; `settings` and `elements` are the first one's."""
    skipped: str = ""
    because: tuple[str, ...] = ()
    """The chain of stages through which a skip came, nearest first."""
    own: frozenset[str] = frozenset()
    """The attributes that its own block writes, not a layer below."""

    @property
    def name(self) -> str:
        """Return its name in the program."""
        return self.node.name.text

    @property
    def span(self) -> Span:
        """Return where its name stands."""
        return self.node.name.span

    @property
    def when(self) -> Expr | None:
        """Return the condition that leaves it out, if it has one."""
        return condition(self.node)

    @property
    def is_stage(self) -> bool:
        """Tell whether it becomes a Job."""
        return self.what in STAGES

    @property
    def counts(self) -> tuple[int | None, ...]:
        """Return how many participants each of its cells has; None: nobody knows yet."""
        return tuple(one.replicas for one in self.cells) or (self.expected,)

    @property
    def by_cell(self) -> "Iterator[Checked]":
        """Yield it as each of its cells sees it; without a matrix, itself."""
        if not self.cells:
            yield self
        for one in self.cells:
            yield replace(
                self,
                settings=one.settings,
                elements=one.elements,
                expected=one.replicas,
                cells=(),
            )

    def find(self, name: str) -> Setting | None:
        """Return an attribute, if it is set."""
        return self.settings.get(name)

    def names(self, name: str) -> tuple[str, ...]:
        """Return the objects that an attribute such as ``arrive`` names."""
        setting = self.settings.get(name)
        return () if setting is None else tuple(setting.members)

    def blocks(self, name: str) -> Mapping[str, Setting]:
        """Return the blocks such as ``probe NAME``, by their names."""
        start = f"{name} "
        return {
            key.removeprefix(start): one
            for key, one in self.settings.items()
            if key.startswith(start)
        }

    def value(self, name: str) -> Value:
        """Return an attribute's value, or null if it is not set."""
        setting = self.settings.get(name)
        return None if setting is None else setting.value


@dataclass(frozen=True, slots=True)
class CheckedPipeline:
    """One pipeline and all it declares, in the order of the program."""

    source: Source
    node: Pipeline
    params: tuple[Param, ...]
    scope: Scope
    settings: Settings
    objects: tuple[Checked, ...]
    evaluation: Evaluation
    file_statements: tuple[FileStatement, ...] = ()
    """What stands beside the pipeline."""
    pods: tuple[Checked, ...] = field(init=False, default=(), repr=False)
    """The objects that are not skipped, a stage with a matrix once a cell.

    For rules about what shapes pods; what is the same in all cells is reported once.
    """

    @property
    def by_name(self) -> Mapping[str, Checked]:
        """Return the objects by their names."""
        return {one.name: one for one in self.objects}

    @property
    def running(self) -> tuple[Checked, ...]:
        """Return the objects that are not skipped."""
        return tuple(one for one in self.objects if not one.skipped)

    def __post_init__(self) -> None:
        """Make the views of all cells once: every rule about pods looks at them."""
        pods = tuple(cell for one in self.running for cell in one.by_cell)
        object.__setattr__(self, "pods", pods)
