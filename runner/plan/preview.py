"""A Plan as it would run: levels, times, edges and objects. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from konductor.dsl.emit import emit
from konductor.dsl.order import generations
from konductor.dsl.plan import Edge, Plan, RawBarrier, Skipped, Stage
from konductor.dsl.schedule import Budget, Moment, Times, latest, rank, reckon
from konductor.runner.graph.graph import count_of
from konductor.runner.state import kind_of, spelled, waits_for


@dataclass(frozen=True, slots=True)
class Row:
    """One stage or barrier."""

    name: str
    kind: str
    count: str
    """Quorum of expected, such as ``18/20``."""
    after: str
    timeout: timedelta | None
    start: timedelta | None
    """At the latest, from the start of the run; None: whenever."""
    finish: timedelta | None
    images: tuple[str, ...]
    one: Stage | RawBarrier


@dataclass(frozen=True, slots=True)
class Value:
    """A parameter, its value as JSON, and where that is from."""

    name: str
    type: str
    value: str
    origin: str


@dataclass(frozen=True, slots=True)
class Created:
    """An object that the run creates."""

    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class Preview:
    """What a run would do."""

    plan: Plan
    run: str
    values: tuple[Value, ...]
    levels: tuple[tuple[Row, ...], ...]
    finals: tuple[Row, ...]
    slowest: Moment
    """When the last stage ends at the latest, and by which way."""
    unbounded: tuple[str, ...]
    """What has no timeout, so that nobody can say when it ends."""
    objects: tuple[Created, ...]
    images: Mapping[str, str]
    """What the local cluster runs for each image."""

    @property
    def edges(self) -> tuple[Edge, ...]:
        """Return every edge that exists."""
        return self.plan.edges

    @property
    def skipped(self) -> tuple[Skipped, ...]:
        """Return what is left out."""
        return self.plan.skipped

    @property
    def counts(self) -> dict[str, int]:
        """Return how many objects of each kind are created, in the order of their creation."""
        found: dict[str, int] = {}
        for one in self.objects:
            found[one.kind] = found.get(one.kind, 0) + 1
        return found


def preview(
    plan: Plan, run: str, *, origins: Mapping[str, str], images: Mapping[str, str]
) -> Preview:
    """Return what a run of that name would do.

    Args:
        plan: What would run.
        run: The run's name.
        origins: Where the value of each parameter is from.
        images: What the local cluster runs for each image.
    """
    finals = tuple(one for one in plan.stages if kind_of(one) == "finally")
    everything: tuple[Stage | RawBarrier, ...] = (*plan.stages, *plan.barriers)
    running = {one.name: one for one in everything if kind_of(one) != "finally"}
    times = reckon(Budget(one.name, one.timeout, waits_for(one)) for one in running.values())
    levels = generations({name: waits_for(one) for name, one in running.items()})
    ends = [one.finish for one in times.values() if one.finish.at is not None]
    return Preview(
        plan=plan,
        run=run,
        values=tuple(
            Value(one.name, one.type, one.value, origins.get(one.name, "default"))
            for one in plan.parameters
        ),
        levels=tuple(tuple(_row(running[name], times[name]) for name in one) for one in levels),
        finals=tuple(_row(one, None) for one in finals),
        slowest=max(ends, key=rank, default=latest([])),
        unbounded=tuple(name for name, one in running.items() if one.timeout is None),
        objects=tuple(Created(one["kind"], one["metadata"]["name"]) for one in emit(plan, run)),
        images=images,
    )


def _row(one: Stage | RawBarrier, times: Times | None) -> Row:
    cells = one.cells if isinstance(one, Stage) else ()
    images = dict.fromkeys(cell.image for cell in cells)
    return Row(
        name=one.name,
        kind=kind_of(one),
        count=count_of(one),
        after=spelled(one.edges),
        timeout=one.timeout,
        start=times.start.at if times else None,
        finish=times.finish.at if times else None,
        images=tuple(images),
        one=one,
    )
