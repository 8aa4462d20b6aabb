"""Who arrives at a barrier block, as far as the program says."""

from dataclasses import dataclass

from konductor.dsl.pipeline import Checked, CheckedPipeline
from konductor.dsl.scope import What


@dataclass(frozen=True, slots=True)
class Supply:
    """What arrives at one barrier block."""

    barrier: Checked
    finishing: tuple[Checked, ...]
    """Stages whose participants arrive as they finish: ``arrive``."""
    meeting: tuple[Checked, ...]
    """Stages whose programs arrive mid-script: ``barriers``; they may be among the others too."""
    probes: int

    @property
    def is_closed(self) -> bool:
        """Tell whether nobody else arrives: no outsiders, and the barrier is the run's own."""
        return not any(self.barrier.value(name) for name in ("outsiders", "external"))

    @property
    def participants(self) -> int | None:
        """Return how many may arrive, whenever that is; None: nobody knows yet."""
        names = {one.name: one for one in (*self.finishing, *self.meeting)}
        return self._total([one.expected for one in names.values()])

    @property
    def at_once(self) -> int | None:
        """Return how many may arrive while those that meet mid-script all still run.

        None: nobody knows yet.
        """
        meeting = {one.name for one in self.meeting}
        others = [one.expected for one in self.finishing if one.name not in meeting]
        return self._total([*others, *(together(one) for one in self.meeting)])

    def _total(self, counts: list[int | None]) -> int | None:
        known = [one for one in counts if one is not None]
        return sum(known) + self.probes if len(known) == len(counts) else None


def together(stage: Checked) -> int | None:
    """Return how many pods of a stage may run at once; None: nobody knows yet."""
    parallelism = stage.value("parallelism")
    if stage.expected is None or parallelism is None:
        return stage.expected
    if not isinstance(parallelism, int):
        return None
    return min(stage.expected, parallelism)


def supplies(pipeline: CheckedPipeline) -> tuple[Supply, ...]:
    """Return the supply of every barrier block that is not skipped.

    A ``finally`` runs once all barriers have ended, so it brings nothing.
    """
    finishing: dict[str, list[Checked]] = {}
    meeting: dict[str, list[Checked]] = {}
    for one in pipeline.running:
        if one.is_stage and one.what is not What.FINALLY:
            for name, users in (("arrive", finishing), ("barriers", meeting)):
                for barrier in one.names(name):
                    users.setdefault(barrier, []).append(one)
    return tuple(
        Supply(
            one,
            tuple(finishing.get(one.name, ())),
            tuple(meeting.get(one.name, ())),
            len(one.blocks("probe")),
        )
        for one in pipeline.running
        if one.what is What.BARRIER
    )
