"""How the scenario ends without any fault: what each fault is held to."""

from dataclasses import dataclass
from typing import Any, Final

from konductor.api.barrier import Phase, Reason
from konductor.api.meta import Json
from konductor.api.run import RunPhase


@dataclass(frozen=True)
class Met:
    """How a barrier ended."""

    phase: Phase
    reason: Reason
    arrived: tuple[str, ...] = ()
    """Who was counted, in natural order."""
    failed: tuple[str, ...] = ()
    root: str = ""


@dataclass(frozen=True)
class Ended:
    """How everything ended; times are left out."""

    barriers: dict[str, Met]
    jobs: dict[str, tuple[bool, bool]]
    """Whether each was ever lifted, and whether it is suspended in the end."""
    run: tuple[RunPhase, str, tuple[tuple[str, str], ...]]
    """Its phase, the reason, and stages that failed with their reasons."""
    told: dict[str, Json]
    """What the ConfigMaps say that its pods read."""


ORACLE: Final = Ended(
    barriers={
        "r-extract": Met(
            Phase.OPEN, Reason.QUORUM_REACHED, ("r-extract-0", "r-extract-1", "r-extract-2")
        ),
        "r-transform": Met(Phase.OPEN, Reason.ALL_ARRIVED, ("r-transform-0", "r-transform-1")),
        "r-check": Met(Phase.TIMEOUT, Reason.TIMED_OUT, ("r-check-0",)),
        "r-load": Met(Phase.FAILED, Reason.UPSTREAM_FAILED, root="r-check"),
        "r-repair": Met(Phase.OPEN, Reason.ALL_ARRIVED, ("r-repair-0",)),
        "r-alarm": Met(Phase.FAILED, Reason.SKIPPED, root="r-transform"),
        "r-cleanup": Met(Phase.OPEN, Reason.ALL_ARRIVED, ("r-cleanup-0",)),
        "survey": Met(Phase.FAILED, Reason.QUORUM_UNREACHABLE, ("x",), ("y",)),
        "report": Met(Phase.OPEN, Reason.ALL_ARRIVED, ("z",)),
    },
    jobs={
        "r-extract": (True, False),
        "r-transform": (True, False),
        "r-check": (True, True),
        "r-load": (False, True),
        "r-repair": (True, False),
        "r-alarm": (False, True),
        "r-cleanup": (True, False),
    },
    run=(RunPhase.TIMEOUT, "Timeout", (("check", "TimedOut"),)),
    told={
        "r-extract-arrivals": {"participants": "extract-0\nextract-2\n"},
        "r-transform-arrivals": {"participants": "transform-0\ntransform-1\n"},
        "r-repair-arrivals": {"participants": "repair-0\n"},
        "r-cleanup-arrivals": {"participants": "cleanup-0\n"},
        "r-result": {"status": "Timeout", "failedStage": "check", "failedReason": "TimedOut"},
    },
)
"""What semantics.md asks for; a run without a fault is held to it, too."""


def differences(ended: Ended) -> dict[str, tuple[Any, Any]]:
    """Return what ended otherwise than it should have: as it is, as it should be."""
    found: dict[str, tuple[Any, Any]] = {}
    for part in ("barriers", "jobs", "told"):
        ours, wanted = getattr(ended, part), getattr(ORACLE, part)
        for name in sorted(ours.keys() | wanted.keys()):
            if ours.get(name) != wanted.get(name):
                found[f"{part}: {name}"] = ours.get(name), wanted.get(name)
    if ended.run != ORACLE.run:
        found["run"] = ended.run, ORACLE.run
    return found
