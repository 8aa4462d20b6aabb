"""A barrier played through by hand: facts and time go in, and an operator obeys each decision.

What `konductor.operator` does with a cluster, this does with values; tests of barriers are written
with it, and it shows in a few lines what is expected of whoever calls `decide`.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from konductor.api.arrival import Outcome
from konductor.api.barrier import Barrier, BarrierSpec, ConditionType, Upstream
from konductor.api.meta import Metadata
from konductor.semantics.barrier import decide
from konductor.semantics.decision import (
    Decision,
    DeleteJob,
    Effect,
    EmitEvent,
    PublishArrivals,
    ReleaseJob,
    SuspendJob,
)
from konductor.semantics.observation import FreshRead, Gate, JobFact, Observed
from konductor.semantics.tally import ArrivalFact, Tally

BEGINNING = datetime(2026, 11, 24, 8, tzinfo=UTC)
"""When a rehearsed barrier is created."""


@dataclass(slots=True)
class Rehearsal:
    """One barrier, everything around it, and what came of it so far."""

    barrier: Barrier
    now: datetime = BEGINNING
    arrivals: list[ArrivalFact] = field(default_factory=list)
    jobs: dict[str, JobFact] = field(default_factory=dict)
    upstreams: dict[str, Upstream] = field(default_factory=dict)
    cycle: tuple[str, ...] = ()
    gate: Gate = field(default_factory=Gate)
    tally: Tally = field(default_factory=Tally)
    effects: list[Effect] = field(default_factory=list)
    published: list[PublishArrivals] = field(default_factory=list)

    @staticmethod
    def of(spec: BarrierSpec, metadata: Metadata | None = None) -> "Rehearsal":
        """Return a barrier just created."""
        metadata = metadata or Metadata("b", uid="uid-1", generation=1, created=BEGINNING)
        one = Rehearsal(Barrier(metadata, spec))
        one.restart()
        return one

    @property
    def message(self) -> str:
        """Return what the condition Open says."""
        condition = self.barrier.status.condition(ConditionType.OPEN)
        return condition.message if condition else ""

    def standing(self, kind: ConditionType = ConditionType.OPEN) -> tuple[str, str]:
        """Return status and reason of a condition."""
        condition = self.barrier.status.condition(kind)
        return (condition.status, condition.reason) if condition else ("", "")

    @property
    def events(self) -> list[str]:
        """Return the reasons of all Events so far."""
        return [one.reason for one in self.effects if isinstance(one, EmitEvent)]

    @property
    def on_jobs(self) -> list[Effect]:
        """Return what has been done to Jobs so far."""
        return [one for one in self.effects if not isinstance(one, EmitEvent)]

    def arrive(self, *participants: str, seconds: float = 0) -> None:
        """Let participants arrive so long after the beginning."""
        self.post(participants, Outcome.ARRIVED, seconds)

    def fail(self, *participants: str, seconds: float = 0) -> None:
        """Let Arrivals record that participants failed."""
        self.post(participants, Outcome.FAILED, seconds)

    def post(
        self, participants: Iterable[str], outcome: Outcome, seconds: float, message: str = ""
    ) -> None:
        """Post Arrivals, which are stamped in whole seconds."""
        at = (BEGINNING + timedelta(seconds=seconds)).replace(microsecond=0)
        for name in participants:
            fact = ArrivalFact(name, outcome, at, message)
            self.arrivals.append(fact)
            self.tally.add(fact)

    def patch(self, **changes: object) -> None:
        """Change the spec, as ``kubectl patch`` does."""
        metadata = self.barrier.metadata._replace(generation=self.barrier.metadata.generation + 1)
        spec = replace(self.barrier.spec, **changes)  # type: ignore[arg-type]  # fields of the spec
        self.barrier = replace(self.barrier, metadata=metadata, spec=spec)

    def restart(self) -> None:
        """Let the operator begin anew, from what the API server has."""
        self.tally = Tally.of(self.barrier)
        for fact in self.arrivals:
            self.tally.add(fact)

    def observe(self, *, read: bool = False) -> Observed:
        """Return what is known now, with a fresh read or without."""
        return Observed(
            barrier=self.barrier,
            tally=self.tally,
            upstreams=self.upstreams,
            jobs=tuple(self.jobs.values()),
            cycle=self.cycle,
            gate=self.gate,
            read=FreshRead(self.now) if read else None,
        )

    def step(self, *, seconds: float | None = None) -> Decision:
        """Decide, so long after the beginning, with a fresh read if one is asked for, and obey."""
        if seconds is not None:
            self.now = BEGINNING + timedelta(seconds=seconds)
        decision = decide(self.observe(), self.now)
        if decision.needs_read:
            decision = decide(self.observe(read=True), self.now)
        self.obey(decision)
        return decision

    def obey(self, decision: Decision) -> None:
        """Do what was decided."""
        if decision.publish:
            self.published.append(decision.publish)
        self.barrier = replace(self.barrier, status=decision.status)
        for effect in decision.effects:
            self.effects.append(effect)
            self._act(effect)

    def _act(self, effect: Effect) -> None:
        if isinstance(effect, DeleteJob):
            del self.jobs[effect.name]
        elif isinstance(effect, ReleaseJob):
            lifted = replace(self.jobs[effect.name], suspended=False, released=True)
            self.jobs[effect.name] = lifted
        elif isinstance(effect, SuspendJob):
            self.jobs[effect.name] = replace(self.jobs[effect.name], suspended=True)
