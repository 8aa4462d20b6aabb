"""Every block and attribute of the language: where it stands, what it takes, whether it runs yet.

The checker, the compiler and the editor read these tables, and so does the test that holds each
attribute to its promise: it changes the manifests, or it is K0999.
"""

from dataclasses import dataclass
from enum import StrEnum

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
    """A list of names of stages, barriers or semaphores."""


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

    @property
    def wants(self) -> str:
        """Return what it takes, in words."""
        if self.shape is Shape.FIELDS:
            return f"a block of {', '.join(f'`{one.name}`' for one in self.fields)}"
        if self.choices:
            return " or ".join(f'`"{choice}"`' for choice in self.choices)
        one = " or ".join(sorted(_WORDS.get(kind, str(kind)) for kind in self.kinds))
        if self.kinds >= SCALARS:
            one = "text" if Kind.SECRET not in self.kinds else "text or secret"
        return {
            Shape.VALUE: f"{_article(one)} {one}" if one != "text" else one,
            Shape.LIST: f"a list of {one}",
            Shape.MAP: f"a map of {one}",
            Shape.OBJECTS: "a list of names",
        }[self.shape]


def _article(noun: str) -> str:
    return "an" if noun[0] in "aeiou" else "a"


_WORDS = {Kind.BOOL: "true or false", Kind.ENUM: "string"}
_TEXT = SCALARS
_STRING = frozenset({Kind.STRING, Kind.ENUM})
_INT = frozenset({Kind.INT})
_BOOL = frozenset({Kind.BOOL})
_DURATION = frozenset({Kind.DURATION})
_SHARE = frozenset({Kind.INT, Kind.PERCENT})
_NUMBER = frozenset({Kind.INT, Kind.FLOAT})
_VOLUME = frozenset({Kind.VOLUME})


def _string(name: str, *choices: str, runs: bool = True, per_stage: bool = False) -> Attribute:
    return Attribute(name, _STRING, choices=choices, runs=runs, per_stage=per_stage)


def _texts(name: str) -> Attribute:
    return Attribute(name, _TEXT, Shape.MAP)


def _later(name: str, shape: Shape = Shape.VALUE) -> Attribute:
    """Return an attribute that this version does not run, whatever its value."""
    return Attribute(name, frozenset(), shape, runs=False)


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
    _later("backoff"),
    _later("factor"),
    _later("max"),
    Attribute("on_exit", _INT, Shape.LIST),
    Attribute("not_on_exit", _INT, Shape.LIST),
)
RESOURCES = (
    Attribute("cpu", _NUMBER),
    Attribute("memory", frozenset({Kind.QUANTITY, Kind.INT})),
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
    _later("env_from", Shape.LIST),
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
    _later("acquire", Shape.OBJECTS),
    _later("arrive", Shape.OBJECTS),
    _later("barriers", Shape.OBJECTS),
    _later("daemon"),
    _later("ready", Shape.FIELDS),
    Attribute("resources", frozenset(), Shape.FIELDS, fields=RESOURCES),
    _later("mounts", Shape.MAP),
    _later("matrix", Shape.FIELDS),
    _later("service_account"),
    _later("image_pull_secrets", Shape.LIST),
    _later("node_selector", Shape.MAP),
    _later("tolerations", Shape.LIST),
    _later("priority"),
    _texts("labels"),
    _texts("annotations"),
    _later("pod", Shape.MAP),
    _later("queue"),
)
NOT_IN_DEFAULTS = frozenset({"matrix", "replicas"})
BARRIER = (
    _string("name"),
    Attribute("external", _BOOL, runs=False),
    Attribute("outsiders", _BOOL),
    Attribute("reuse", _BOOL, runs=False),
    Attribute("expected", _INT),
    Attribute("quorum", _SHARE),
    Attribute("timeout", _DURATION),
    _string("on_timeout", "fail", "skip", runs=False),
    _later("probe", Shape.FIELDS),
)
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
    return next((one for one in table if one.name == name), None)
