"""What ``kubectl get`` shows of built-in kinds: columns, and the cells of one object.

A cell is computed from the object and from now, as the real server does it. Descriptions are those
of the field that a column shows, taken from the published schema.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from konductor.runner.local.apiserver.builtin.schema import schemas

Object = Mapping[str, Any]
Cells = Callable[[Object, datetime], list[Any]]

NONE = "<none>"
_UNKNOWN = "<unknown>"
_ENUM, _NEWER = "\n\nPossible enum values", " This field is immutable."
"""What the schema says of a field and a column does not: a Table's text is of an older day."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column; priority above zero is shown by ``-o wide`` only."""

    name: str
    described: str = ""
    """A sentence, or ``component#field`` for the description of that field."""
    type: str = "string"
    format: str = ""
    priority: int = 0

    def definition(self) -> dict[str, Any]:
        """Return the column as a Table has it."""
        component, _, field = self.described.partition("#")
        described = self.described
        if field:
            text = schemas()[f"io.k8s.{component}"]["properties"][field]["description"]
            described = text.partition(_ENUM)[0].removesuffix(_NEWER)
        return {
            "name": self.name,
            "type": self.type,
            "format": self.format,
            "description": described,
            "priority": self.priority,
        }


@dataclass(frozen=True, slots=True)
class View:
    """How a kind is shown."""

    columns: tuple[Column, ...]
    cells: Cells
    conditions: Callable[[Object], list[dict[str, str]]] = lambda _: []
    """Of a row: kubectl's old ``--show-all`` goes by them."""


_META = "apimachinery.pkg.apis.meta.v1.ObjectMeta"
NAME = Column("Name", f"{_META}#name", format="name")
AGE = Column("Age", f"{_META}#creationTimestamp")
CREATED = Column("Created At", f"{_META}#creationTimestamp", type="date")


def wide(name: str, described: str, *, column_format: str = "") -> Column:
    """Return a column that only ``-o wide`` shows."""
    return Column(name, described, format=column_format, priority=1)


def created(found: Object) -> str | None:
    """Return when an object was created, for a column of type date."""
    stamp: str | None = found["metadata"].get("creationTimestamp")
    return stamp


def age(found: Object, now: datetime) -> str:
    """Return how long ago an object was created."""
    return since(created(found), now)


def since(stamp: str | None, now: datetime) -> str:
    """Return how long ago a time was, as people say it."""
    return human(now - moment(stamp)) if stamp else _UNKNOWN


def moment(stamp: str) -> datetime:
    """Return a canonical time as a datetime."""
    return datetime.fromisoformat(stamp).astimezone(UTC)


_DAY, _YEAR = 86_400, 86_400 * 365
_STEPS = (
    (120, 1, "s", 0, ""),
    (600, 60, "m", 1, "s"),
    (10_800, 60, "m", 0, ""),
    (28_800, 3_600, "h", 60, "m"),
    (2 * _DAY, 3_600, "h", 0, ""),
    (8 * _DAY, _DAY, "d", 3_600, "h"),
    (2 * _YEAR, _DAY, "d", 0, ""),
    (8 * _YEAR, _YEAR, "y", _DAY, "d"),
)
"""Below this many seconds: the unit, its letter, and the smaller unit that is told along."""


def human(span: timedelta) -> str:
    """Return a span of time in one or two units, rounded down.

    >>> [human(timedelta(seconds=n)) for n in (0, 119, 120, 301, 3600, 90_000, 700_000)]
    ['0s', '119s', '2m', '5m1s', '60m', '25h', '8d']
    """
    seconds = int(span.total_seconds())
    if seconds < 0:
        return "0s" if seconds >= -1 else "<invalid>"
    for limit, unit, letter, small, small_letter in _STEPS:
        if seconds < limit:
            rest = seconds % unit // small if small else 0
            return f"{seconds // unit}{letter}" + (f"{rest}{small_letter}" if rest else "")
    return f"{seconds // _YEAR}y"
