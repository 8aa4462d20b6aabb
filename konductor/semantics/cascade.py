"""How barriers follow from barriers: the edge table of semantics.md, 2, and cycles."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from konductor.api.barrier import Barrier, Term, Upstream


class Outlook(StrEnum):
    """What the upstreams say to a barrier that has not started."""

    GO = "go"
    WAIT = "wait"
    SKIP = "skip"
    ABORT = "abort"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the upstreams say, and which of them decided it."""

    outlook: Outlook
    cause: Upstream | None = None
    """With SKIP, ABORT and FAIL: the upstream that decided it."""


def upstream_of(barrier: Barrier) -> Upstream:
    """Return what a barrier that names this one in ``after`` needs to know of it."""
    raise NotImplementedError


def resolve(after: Iterable[Term], upstreams: Mapping[str, Upstream]) -> Verdict:
    """Return what the upstreams say; fail beats abort beats skip beats wait beats go."""
    raise NotImplementedError


def awaited(barrier: Barrier) -> frozenset[str]:
    """Return the names whose terminal phase must wake this barrier; none once it has started."""
    raise NotImplementedError


def find_cycles(barriers: Iterable[Barrier]) -> Mapping[str, tuple[str, ...]]:
    """Return the barriers of one namespace that can never start, each with the path of its cycle.

    Such a barrier could not start even if every barrier outside its cycle opened.
    """
    raise NotImplementedError
