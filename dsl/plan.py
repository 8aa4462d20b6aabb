"""The Plan: what a program asks of a cluster, with every name resolved and every number known.

It is all that leaves the language. ``dsl/emit`` turns it into manifests for a run's name; the
runner draws its graph from it. It holds frozen values only and no run's name, so the same program
with the same parameters is the same Plan, value for value.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum
from typing import TypeAlias

from konductor.api.barrier import IfSkipped, Require, Term
from konductor.api.run import OnFailure
from konductor.dsl.block import Approval, ConditionGate, OnTimeout, Probe, Semaphore
from konductor.dsl.provision import Files, Toleration, Variables

Pairs: TypeAlias = tuple[tuple[str, str], ...]
"""A map of texts, in the order of the program."""


class StageKind(StrEnum):
    """Which keyword declared a stage."""

    STAGE = "stage"
    MAP = "map"
    REDUCE = "reduce"
    FINALLY = "finally"


class EdgeKind(StrEnum):
    """How an edge is spelled (semantics.md, 2)."""

    OPENED = "a"
    OPTIONAL = "a?"
    DONE = "done"
    FAILED = "failed"
    ANY = "any"
    AT_LEAST = "atleast"
    EACH = "each"


class Hooks(StrEnum):
    """How a pod waits and arrives (semantics.md, 3)."""

    POD = "pod"
    JOB = "job"


class Gate(StrEnum):
    """What keeps a stage from starting early: its Job's ``suspend``, or the wait hook alone."""

    SUSPEND = "suspend"
    INIT = "init"


class Stragglers(StrEnum):
    """What becomes of pods that still run when the stage's barrier opens."""

    KEEP = "keep"
    CANCEL = "cancel"


class OnFail(StrEnum):
    """Whether a failure of this stage makes the run red."""

    FAIL = "fail"
    CONTINUE = "continue"


class Placeholder(StrEnum):
    """A value that only the run knows; inside a pod it is the environment variable of that name."""

    ITEM = "KON_ITEM"
    RUN_ID = "KON_RUN"
    RUN_STATUS = "KON_RUN_STATUS"
    FAILED_STAGE = "KON_FAILED_STAGE"


@dataclass(frozen=True, slots=True)
class Text:
    """Text of which some parts are known only inside a pod."""

    parts: tuple[str | Placeholder, ...] = ()

    @property
    def placeholders(self) -> tuple[Placeholder, ...]:
        """Return the parts that only the pod knows."""
        return tuple(part for part in self.parts if isinstance(part, Placeholder))


@dataclass(frozen=True, slots=True)
class SecretKey:
    """One key of a Secret; its value never passes through koncli."""

    name: str
    key: str


@dataclass(frozen=True, slots=True)
class Script:
    """A ``run`` text, executed by a shell or, if it starts with ``#!``, as a file."""

    text: str
    shell: tuple[str, ...]

    @property
    def is_file(self) -> bool:
        """Tell whether the script names its own interpreter."""
        return self.text.startswith("#!")


@dataclass(frozen=True, slots=True)
class Command:
    """A program and its arguments; an empty ``command`` leaves the image's own entry point."""

    command: tuple[Text, ...] = ()
    args: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True)
class Item:
    """One element of ``map … over LIST``, with what is different in its pod."""

    text: str
    env: Pairs = ()
    command: tuple[str, ...] = ()
    args: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Retries:
    """How often a participant is tried again, and after which exit codes."""

    limit: int = 0
    on_exit: tuple[int, ...] = ()
    """Only these codes are retried; empty: all."""
    not_on_exit: tuple[int, ...] = ()
    """These codes are final."""
    backoff: timedelta | None = None
    """The pause before the first retry, beside the Job's own."""
    factor: float = 2.0
    """By which each further pause is longer."""
    longest: timedelta | None = None
    """The most that a pause may become."""


@dataclass(frozen=True, slots=True)
class Resources:
    """What a pod's main container asks of its node."""

    cpu: Decimal | None = None
    memory: str = ""
    """As kubectl prints it, such as ``2Gi``."""
    gpu: int = 0


@dataclass(frozen=True, slots=True)
class Edge:
    """One edge of the graph, after guards and skipped stages have been dealt with."""

    kind: EdgeKind
    upstream: tuple[str, ...]
    """Names of stages and barriers in the program."""
    downstream: str
    at_least: int | None = None
    """For ``any`` and ``atleast``: how many of the upstream."""
    pairs: tuple[tuple[int, int], ...] = ()
    """For ``each``: the ordinals of an upstream cell and of one that waits for it; each element of
    a map counts as a cell there."""

    @property
    def term(self) -> Term:
        """Return the term of ``after`` that this edge stands for, over names of the program."""
        require = {EdgeKind.DONE: Require.DONE, EdgeKind.FAILED: Require.FAILED}
        return Term(
            barriers=self.upstream,
            require=require.get(self.kind, Require.OPEN),
            at_least=self.at_least,
            if_skipped=(IfSkipped.PROCEED if self.kind is EdgeKind.OPTIONAL else IfSkipped.SKIP),
        )


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a stage's matrix, or all of a stage that has none: what its Job's pods are."""

    replicas: int
    """The number of its pods."""
    image: str
    program: Script | Command | None = None
    """None: the image's own entry point."""
    ordinal: int = 0
    """Its place among the cells of its stage."""
    axes: Pairs = ()
    """Each axis with the cell's value as text; empty without a matrix."""
    workdir: str = ""
    env: tuple[tuple[str, Text | SecretKey], ...] = ()
    items: tuple[Item, ...] = ()
    """For ``map … over LIST``: one an index."""
    retries: Retries = field(default_factory=Retries)
    attempt_timeout: timedelta | None = None
    resources: Resources = field(default_factory=Resources)
    env_from: tuple[Variables, ...] = ()
    mounts: "tuple[tuple[str, Mount], ...]" = ()
    """What lies at each path."""
    service_account: str = ""
    image_pull_secrets: tuple[str, ...] = ()
    node_selector: Pairs = ()
    tolerations: tuple[Toleration, ...] = ()
    priority: str = ""
    """The name of a priority class."""
    pod: str = ""
    """A merge patch of the pod's spec, as JSON."""
    labels: Pairs = ()
    annotations: Pairs = ()


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage, map, reduce or finally: a Barrier, and one Indexed Job a cell that arrives at it."""

    name: str
    kind: StageKind
    cells: tuple[Cell, ...]
    """At least one; exactly one without a matrix."""
    expected: int
    """The pods of all cells."""
    quorum: int
    parallelism: int
    """How many pods of all cells run at once, at most `expected`."""
    doc: str = ""
    source: str = ""
    """For a reduce: the map whose arrivals it reads."""
    timeout: timedelta | None = None
    stragglers: Stragglers = Stragglers.KEEP
    on_fail: OnFail = OnFail.FAIL
    on: tuple[str, ...] = ()
    """For a finally: the ends of the run that it follows; empty: all."""
    arrive: tuple[str, ...] = ()
    """Raw barriers at which its participants arrive too, when they finish."""
    barriers: tuple[str, ...] = ()
    """Raw barriers at which its program meets others mid-script."""
    acquire: tuple[str, ...] = ()
    """Semaphores of which each pod holds a permit."""
    daemon: bool = False
    ready: Probe | None = None
    """How a daemon is known to be ready."""
    queue: str = ""
    edges: tuple[Edge, ...] = ()

    @property
    def has_matrix(self) -> bool:
        """Tell whether its cells are told apart, so that their Jobs' names carry the ordinal."""
        return bool(self.cells[0].axes)

    def stem(self, cell: Cell) -> str:
        """Return what a cell is called: its Job's name, and its participants' to their index.

        The run's name comes before it.
        """
        return f"{self.name}-{cell.ordinal}" if self.has_matrix else self.name

    @property
    def items(self) -> tuple[Item, ...]:
        """Return the elements of ``map … over LIST``, which are the same in each cell."""
        return self.cells[0].items

    @property
    def tolerated(self) -> int:
        """Return how many participants may fail."""
        return self.expected - self.quorum

    @property
    def terms(self) -> tuple[Term, ...]:
        """Return ``after`` of its barrier, over names of the program."""
        return tuple(edge.term for edge in self.edges)


@dataclass(frozen=True, slots=True)
class RawBarrier:
    """A ``barrier`` block: processes meet there that koncli need not have started."""

    name: str
    expected: int
    quorum: int
    doc: str = ""
    object_name: str = ""
    """The object's name as written; empty: ``<run>-<name>``."""
    external: bool = False
    """Whether it is there already: the run neither creates nor owns it."""
    reuse: bool = False
    """Whether an external one may have ended already."""
    outsiders: bool = False
    """Whether processes outside the pipeline arrive too."""
    probes: tuple[Probe, ...] = ()
    """Each arrives for what it looks at."""
    timeout: timedelta | None = None
    on_timeout: OnTimeout = OnTimeout.FAIL
    edges: tuple[Edge, ...] = ()

    @property
    def terms(self) -> tuple[Term, ...]:
        """Return its ``after``, over names of the program."""
        return tuple(edge.term for edge in self.edges)


@dataclass(frozen=True, slots=True)
class Skipped:
    """A stage or barrier that the program leaves out with these parameters."""

    name: str
    kind: str
    reason: str
    because: tuple[str, ...] = ()
    """The chain of stages through which the skip came, nearest first."""
    edges: tuple[Edge, ...] = ()
    """As the program declares them; none of them exists."""


@dataclass(frozen=True, slots=True)
class ClaimedVolume:
    """A PersistentVolumeClaim that is there already: ``pvc(name)``."""

    claim: str


@dataclass(frozen=True, slots=True)
class EmptyVolume:
    """A new claim that goes with the run: ``empty(10Gi, class = "nfs")``."""

    size: str
    storage_class: str = ""


Workspace: TypeAlias = ClaimedVolume | EmptyVolume
Mount: TypeAlias = ClaimedVolume | EmptyVolume | Files


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter and the value that this plan was made with."""

    name: str
    type: str
    value: str
    """As JSON."""
    doc: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """One pipeline, ready for any number of runs."""

    pipeline: str
    source: str
    """The program's text, kept with each run."""
    path: str
    """The program's path, as it was given."""
    digest: str
    """``sha256:…`` of the source and the parameters."""
    doc: str = ""
    parameters: tuple[Parameter, ...] = ()
    namespace: str = ""
    hooks: Hooks = Hooks.POD
    gate: Gate = Gate.SUSPEND
    on_failure: OnFailure = OnFailure.DRAIN
    timeout: timedelta | None = None
    ttl: timedelta | None = None
    workspace: Workspace | None = None
    labels: Pairs = ()
    stages: tuple[Stage, ...] = ()
    """In the order of the program, ``finally`` stages among them."""
    barriers: tuple[RawBarrier, ...] = ()
    approvals: tuple[Approval, ...] = ()
    semaphores: tuple[Semaphore, ...] = ()
    gates: tuple[ConditionGate, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    modules: Pairs = ()
    """The imported files, path and text, kept with each run as the source is."""

    @property
    def edges(self) -> tuple[Edge, ...]:
        """Return every edge of the graph, in the order of the program."""
        return tuple(
            [edge for stage in self.stages for edge in stage.edges]
            + [edge for barrier in self.barriers for edge in barrier.edges]
            + [edge for approval in self.approvals for edge in approval.edges]
        )
