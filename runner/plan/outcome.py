"""What each edge does, whichever way its upstream ends (semantics.md, 2). Pure."""

from dataclasses import dataclass

from konductor.dsl.plan import Edge, EdgeKind

_STARTS, _FAILS, _SKIPPED = "starts", "fails too", "is skipped"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What becomes of a stage when what one of its edges names ends so."""

    opens: str
    fails: str
    times_out: str
    skipped: str

    @property
    def sentence(self) -> str:
        """Return it in words, equal outcomes together."""
        ends = (
            ("opens", self.opens),
            ("fails", self.fails),
            ("times out", self.times_out),
            ("is skipped", self.skipped),
        )
        by_effect: dict[str, list[str]] = {}
        for end, effect in ends:
            by_effect.setdefault(effect, []).append(end)
        return "; ".join(f"{' or '.join(ends)}: {effect}" for effect, ends in by_effect.items())


_OUTCOMES = {
    EdgeKind.OPENED: Outcome(_STARTS, _FAILS, _FAILS, _SKIPPED),
    EdgeKind.OPTIONAL: Outcome(_STARTS, _FAILS, _FAILS, _STARTS),
    EdgeKind.DONE: Outcome(_STARTS, _STARTS, _STARTS, _STARTS),
    EdgeKind.FAILED: Outcome(_SKIPPED, _STARTS, _STARTS, _SKIPPED),
    EdgeKind.ANY: Outcome(
        "starts with the first",
        "fails once none can open",
        "fails once none can open",
        "is skipped once all are",
    ),
    EdgeKind.EACH: Outcome(
        "its cell starts",
        "its cell's participants count as failed",
        "its cell's participants count as failed",
        "its cell is skipped",
    ),
}


def outcome(edge: Edge) -> Outcome:
    """Return what an edge does, as long as the other edges of the stage hold."""
    if edge.kind is not EdgeKind.AT_LEAST:
        return _OUTCOMES[edge.kind]
    needed = edge.at_least
    lost = f"fails once {needed} are out of reach"
    return Outcome(f"starts with opening {needed}", lost, lost, "is left out of the count")
