"""Every block and attribute of the language: where it stands, what it takes, whether it runs yet.

The checker, the compiler and the editor read these tables, and so does the test that holds each
attribute to its promise: it changes the manifests, or it is K0999.
"""

from dataclasses import dataclass
from enum import StrEnum

from konductor.dsl.scope import What
from konductor.dsl.types import SCALARS, Kind


class Shape(StrEnum):
    """What an attribute takes, beside a plain value."""

    VALUE = "value"
    LIST = "list"
    MAP = "map"
    """Merged by key through the layers; ``X = {}`` and ``X {}`` are the same."""
    FIELDS = "fields"
    """A block with fields of its own."""
    OBJECTS = "objects"
    """A list of names of barriers or semaphores."""
    NAMED = "named"
    """A block with a name, which may be there more than once."""


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute."""

    name: str
    kinds: frozenset[Kind]
    """Of the value, or of the elements of a list or map."""
    shape: Shape = Shape.VALUE
    choices: tuple[str, ...] = ()
    """The only strings it takes; empty: any."""
    fields: "tuple[Attribute, ...]" = ()
    runs: bool = True
    """Whether this version runs it; else it is K0999."""
    per_stage: bool = False
    """Whether it belongs to the stage as a whole, so that ``matrix`` and ``item`` have no place."""
    of: What | None = None
    """Of a list of names: what the names stand for."""

    @property
    def wants(self) -> str:
        """Return what it takes, in words."""
        if self.shape in (Shape.FIELDS, Shape.NAMED):
            return f"a block of {', '.join(f'`{one.name}`' for one in self.fields)}"
        if self.choices:
            return " or ".join(f'`"{choice}"`' for choice in self.choices)
        if self.shape is Shape.OBJECTS:
            return f"a list of names of {self.of}s"
        one = " or ".join(sorted({_WORDS.get(kind, str(kind)) for kind in self.kinds}))
        if self.kinds >= SCALARS:
            one = "text" if Kind.SECRET not in self.kinds else "text or secret"
        return {
            Shape.VALUE: one if one == "text" or one[0] == "`" else f"{_article(one)} {one}",
            Shape.LIST: f"a list of {one}",
            Shape.MAP: f"a map of {one}",
        }[self.shape]


def _article(noun: str) -> str:
    return "an" if noun[0] in "aeiou" else "a"


_WORDS = {
    Kind.BOOL: "true or false",
    Kind.ENUM: "string",
    Kind.FILES: "`secret_files(…)` or `config_files(…)`",
    Kind.VARIABLES: "`secret_env(…)` or `config_env(…)`",
}
_TEXT = SCALARS
_STRING = frozenset({Kind.STRING, Kind.ENUM})
_INT = frozenset({Kind.INT})
_BOOL = frozenset({Kind.BOOL})
_DURATION = frozenset({Kind.DURATION})
_SHARE = frozenset({Kind.INT, Kind.PERCENT})
_NUMBER = frozenset({Kind.INT, Kind.FLOAT})
_VOLUME = frozenset({Kind.VOLUME})
_MAP = frozenset({Kind.MAP})


def _string(name: str, *choices: str, runs: bool = True, per_stage: bool = False) -> Attribute:
    return Attribute(name, _STRING, choices=choices, runs=runs, per_stage=per_stage)


def _texts(name: str) -> Attribute:
    return Attribute(name, _TEXT, Shape.MAP)


def _objects(name: str, of: What, *, runs: bool = True) -> Attribute:
    return Attribute(name, frozenset(), Shape.OBJECTS, runs=runs, per_stage=True, of=of)


PIPELINE = (
    _string("namespace"),
    Attribute("workspace", _VOLUME),
    _string("hooks", "pod", "job"),
    _string("gate", "suspend", "init"),
    Attribute("timeout", _DURATION),
    _string("on_failure", "drain", "abort", "continue"),
    _string("cleanup", "always", "success", "never", runs=False),
    Attribute("ttl", _DURATION),
    _texts("labels"),
)
RETRY = (
    Attribute("limit", _INT),
    Attribute("backoff", _DURATION),
    Attribute("factor", _NUMBER),
    Attribute("max", _DURATION),
    Attribute("on_exit", _INT, Shape.LIST),
    Attribute("not_on_exit", _INT, Shape.LIST),
)
READY = (
    Attribute("tcp", _INT),
    _string("http"),
    Attribute("exec", _TEXT, Shape.LIST),
    Attribute("every", _DURATION),
)
PROBE = (
    _string("http"),
    _string("tcp"),
    Attribute("exec", _TEXT, Shape.LIST),
    _string("ready"),
    Attribute("every", _DURATION),
)
RESOURCES = (
    Attribute("cpu", _NUMBER),
    Attribute("memory", frozenset({Kind.QUANTITY})),
    Attribute("gpu", _INT),
)
STAGE = (
    _string("image"),
    _string("run"),
    Attribute("command", _TEXT, Shape.LIST),
    Attribute("args", _TEXT, Shape.LIST),
    Attribute("shell", _STRING, Shape.LIST),
    _string("workdir"),
    Attribute("env", _TEXT | {Kind.SECRET}, Shape.MAP),
    Attribute("env_from", frozenset({Kind.VARIABLES}), Shape.LIST),
    Attribute("replicas", _INT),
    Attribute("parallelism", _INT, per_stage=True),
    Attribute("quorum", _SHARE, per_stage=True),
    Attribute("allow_failures", _SHARE, per_stage=True),
    Attribute("timeout", _DURATION, per_stage=True),
    Attribute("attempt_timeout", _DURATION),
    Attribute("retries", _INT),
    Attribute("retry", frozenset(), Shape.FIELDS, fields=RETRY),
    _string("stragglers", "keep", "cancel", per_stage=True),
    _string("on_fail", "fail", "continue", per_stage=True),
    _objects("acquire", What.SEMAPHORE, runs=False),
    _objects("arrive", What.BARRIER),
    _objects("barriers", What.BARRIER, runs=False),
    Attribute("daemon", _BOOL, runs=False),
    Attribute("ready", frozenset(), Shape.FIELDS, fields=READY, runs=False),
    Attribute("resources", frozenset(), Shape.FIELDS, fields=RESOURCES),
    Attribute("mounts", _VOLUME | {Kind.FILES}, Shape.MAP),
    Attribute("matrix", frozenset({Kind.LIST}), Shape.MAP),
    _string("service_account"),
    Attribute("image_pull_secrets", _STRING, Shape.LIST),
    _texts("node_selector"),
    Attribute("tolerations", _MAP, Shape.LIST),
    _string("priority"),
    _texts("labels"),
    _texts("annotations"),
    Attribute("pod", _MAP | _STRING),
    _string("queue", runs=False, per_stage=True),
)
NOT_IN_DEFAULTS = frozenset({"matrix", "replicas"})
BARRIER = (
    _string("name"),
    Attribute("external", _BOOL),
    Attribute("outsiders", _BOOL),
    Attribute("reuse", _BOOL),
    Attribute("expected", _INT),
    Attribute("quorum", _SHARE),
    Attribute("timeout", _DURATION),
    _string("on_timeout", "fail", "skip", runs=False),
    Attribute("probe", frozenset(), Shape.NAMED, fields=PROBE, runs=False),
)
APPROVAL = (
    _string("message"),
    Attribute("approvers", _STRING, Shape.LIST),
    Attribute("required", _INT),
    Attribute("timeout", _DURATION),
    _string("on_timeout", "fail", "skip"),
)
SEMAPHORE = (
    Attribute("permits", _INT),
    _string("name"),
    Attribute("lease", _DURATION),
)
GATE = (
    Attribute("conditions", _MAP, Shape.LIST),
    Attribute("timeout", _DURATION),
    Attribute("latch", _BOOL),
)
OBJECT_BLOCKS = {
    What.BARRIER: BARRIER,
    What.APPROVAL: APPROVAL,
    What.SEMAPHORE: SEMAPHORE,
    What.GATE: GATE,
}
"""What the blocks of a pipeline take that become no Job."""
EXCLUSIVE = (
    (frozenset({"run"}), frozenset({"command", "args"})),
    (frozenset({"quorum"}), frozenset({"allow_failures"})),
    (frozenset({"retries"}), frozenset({"retry"})),
)
"""One side in a higher layer removes the other from lower ones."""
FINALLY_FILTERS = ("success", "failure", "timeout", "cancel")
DEFAULT_SHELL = ("/bin/sh", "-ec")


def find(table: tuple[Attribute, ...], name: str) -> Attribute | None:
    """Return the attribute of that name."""
    for one in table:  # a loop, which is twice as fast as a generator: a call an attribute
        if one.name == name:
            return one
    return None
