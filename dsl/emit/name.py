"""Names and labels of the objects of one run."""

from dataclasses import dataclass
from hashlib import sha256

from konductor.api.barrier import Term
from konductor.api.meta import Metadata
from konductor.api.names import Label, Role, job_name
from konductor.dsl.plan import Cell, Plan, RawBarrier, Stage, StageKind

_DIGITS = 10
"""Of the digest that tells apart what the cells of one stage hold."""


@dataclass(frozen=True, slots=True)
class RunNames:
    """What the objects of one run of a plan are called."""

    plan: Plan
    run: str

    def barrier(self, name: str) -> str:
        """Return the Barrier's name for a stage or barrier of the program."""
        verbatim = {one.name: one.object_name for one in self.plan.barriers if one.object_name}
        return verbatim.get(name) or job_name(self.run, name)

    def job(self, stage: Stage, cell: Cell) -> str:
        """Return the name of a cell's Job, which is the stem of its participants' names."""
        return job_name(self.run, stage.stem(cell))

    def script(self, stage: Stage, cell: Cell) -> str:
        """Return the name of the ConfigMap that holds a cell's script as a file."""
        return self._shared(stage, "script", cell.program)

    def items(self, stage: Stage, cell: Cell) -> str:
        """Return the name of the ConfigMap that holds the elements of a map."""
        return self._shared(stage, "items", cell.items)

    def _shared(self, stage: Stage, what: str, content: object) -> str:
        """Return the name of a ConfigMap, the same for all cells in which it holds the same."""
        name = f"{job_name(self.run, stage.name)}-{what}"
        if not stage.has_matrix:
            return name
        return f"{name}-{sha256(repr(content).encode()).hexdigest()[:_DIGITS]}"

    @property
    def workspace(self) -> str:
        """Return the name of the run's own PersistentVolumeClaim."""
        return f"{self.run}-workspace"

    @property
    def program(self) -> str:
        """Return the stem of the names of the ConfigMaps that hold source and plan."""
        return f"{self.run}-program"

    def labels(self) -> dict[str, str]:
        """Return the labels of every object of the run."""
        own = {Label.RUN: self.run, Label.PIPELINE: self.plan.pipeline}
        return dict(self.plan.labels) | {str(key): value for key, value in own.items()}

    def cell_labels(self, stage: Stage, cell: Cell) -> dict[str, str]:
        """Return the labels of a cell's Job and of its pods."""
        own = {Label.STAGE: stage.name, Label.BARRIER: self.barrier(stage.name)}
        return dict(cell.labels) | self.labels() | {str(key): value for key, value in own.items()}

    def barrier_labels(self, one: Stage | RawBarrier) -> dict[str, str]:
        """Return the labels of a Barrier of the run."""
        role = Role.BARRIER
        if isinstance(one, Stage):
            role = Role.FINALLY if one.kind is StageKind.FINALLY else Role.STAGE
        return self.labels() | {str(Label.STAGE): one.name, str(Label.ROLE): str(role)}

    def metadata(self, name: str, labels: dict[str, str] | None = None) -> Metadata:
        """Return the metadata of an object of the run."""
        return Metadata(
            name=name,
            namespace=self.plan.namespace,
            labels=self.labels() if labels is None else labels,
        )

    def terms(self, terms: tuple[Term, ...]) -> tuple[Term, ...]:
        """Return terms over the names of Barriers for terms over names of the program."""
        return tuple(
            Term(
                barriers=tuple(self.barrier(name) for name in term.barriers),
                require=term.require,
                at_least=term.at_least,
                if_skipped=term.if_skipped,
            )
            for term in terms
        )
