"""Figures: what was measured, beside its limit and the floor of the same minutes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

MILLISECOND: Final = 1000


@dataclass(frozen=True, slots=True)
class Figure:
    """One number."""

    name: str
    value: float
    unit: str
    limit: float | None = None
    """What it must not exceed; None: it is told for what it is worth."""
    floor: float | None = None
    """What the server itself took for a PATCH that sets the phase, at the same time."""

    @property
    def holds(self) -> bool:
        """Tell whether the limit holds."""
        return self.limit is None or self.value <= self.limit

    def document(self) -> dict[str, object]:
        """Return it as JSON."""
        out: dict[str, object] = {"name": self.name, "value": self.value, "unit": self.unit}
        if self.limit is not None:
            out |= {"limit": self.limit, "holds": self.holds}
        if self.floor:
            out |= {"floor": self.floor, "ratio": round(self.value / self.floor, 2)}
        return out


@dataclass(frozen=True, slots=True)
class Line:
    """What one benchmark found."""

    what: str
    how: str
    figures: tuple[Figure, ...]

    @property
    def holds(self) -> bool:
        """Tell whether all limits hold."""
        return all(one.holds for one in self.figures)


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that at least that share of all does not exceed.

    >>> percentile([3, 1, 2, 4], 0.5)
    2
    """
    ordered = sorted(values)
    at = -int(-share * len(ordered) // 1)  # rounded up
    return ordered[max(at, 1) - 1]


def spread(
    spans: Iterable[float],
    *,
    limits: tuple[float | None, float | None],
    floor: Iterable[float] = (),
    prefix: str = "",
) -> tuple[Figure, ...]:
    """Return p50, p99 and the longest of some spans in seconds, as milliseconds.

    Args:
        spans: what was measured.
        limits: of p50 and of p99.
        floor: what the server took itself, in seconds; empty: not measured.
        prefix: what was measured, if the line measures several things.
    """
    taken, least = sorted(spans), sorted(floor)
    rows = (("p50", 0.5, limits[0]), ("p99", 0.99, limits[1]), ("longest", 1.0, None))
    return tuple(
        Figure(
            f"{prefix}{name}",
            _milliseconds(percentile(taken, share)),
            "ms",
            limit,
            _milliseconds(percentile(least, share)) if least else None,
        )
        for name, share, limit in rows
    )


def _milliseconds(seconds: float) -> float:
    return round(seconds * MILLISECOND, 1)
