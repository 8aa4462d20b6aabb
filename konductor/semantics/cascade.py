"""How barriers follow from barriers: the edge table of semantics.md, 2, and cycles."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from konductor.api.barrier import Barrier, IfSkipped, Phase, Reason, Require, Term, Upstream

if TYPE_CHECKING:
    from networkx import DiGraph


class Outlook(StrEnum):
    """What the upstreams say to a barrier that has not started; a later one beats an earlier."""

    GO = "go"
    WAIT = "wait"
    SKIP = "skip"
    ABORT = "abort"
    FAIL = "fail"


_RANK = {outlook: rank for rank, outlook in enumerate(Outlook)}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the upstreams say, and which of them decided it."""

    outlook: Outlook
    cause: Upstream | None = None
    """With SKIP, ABORT and FAIL: the upstream that decided it."""

    @property
    def root(self) -> str:
        """Return the barrier where the cause began."""
        return (self.cause.root or self.cause.name) if self.cause else ""


def upstream_of(barrier: Barrier) -> Upstream:
    """Return what a barrier that names this one in ``after`` needs to know of it."""
    status = barrier.status
    return Upstream(
        name=barrier.metadata.name,
        uid=barrier.metadata.uid,
        phase=status.phase,
        reason=status.reason or Reason.WAITING_FOR_ARRIVALS,
        root=status.root_cause,
    )


def resolve(after: Iterable[Term], upstreams: Mapping[str, Upstream]) -> Verdict:
    """Return what the upstreams say; fail beats abort beats skip beats wait beats go."""
    verdicts = [Verdict(Outlook.GO), *(_resolve_term(term, upstreams) for term in after)]
    return max(verdicts, key=lambda verdict: _RANK[verdict.outlook])


def _resolve_term(term: Term, upstreams: Mapping[str, Upstream]) -> Verdict:
    """Count those that satisfy the term; if too few ever can, the worst of the others decides."""
    outlooks = [_bearing(term, upstreams.get(name)) for name in term.barriers]
    needed = _needed(term)
    satisfied = outlooks.count(Outlook.GO)
    if satisfied >= needed:
        return Verdict(Outlook.GO)
    if satisfied + outlooks.count(Outlook.WAIT) >= needed:
        return Verdict(Outlook.WAIT)
    worst = max(outlooks, key=_RANK.__getitem__)
    return Verdict(worst, upstreams[term.barriers[outlooks.index(worst)]])


def _bearing(term: Term, upstream: Upstream | None) -> Outlook:
    """Return what one upstream, taken alone, means to a term."""
    if upstream is None or not upstream.phase.is_terminal:
        return Outlook.WAIT
    if term.require is Require.DONE:
        return Outlook.GO
    if upstream.reason is Reason.SKIPPED:
        passes = term.require is Require.OPEN and term.if_skipped is IfSkipped.PROCEED
        return Outlook.GO if passes else Outlook.SKIP
    if upstream.reason is Reason.ABORTED:
        return Outlook.ABORT
    if term.require is Require.FAILED:
        return Outlook.SKIP if upstream.phase is Phase.OPEN else Outlook.GO
    return Outlook.GO if upstream.phase is Phase.OPEN else Outlook.FAIL


def awaited(barrier: Barrier) -> frozenset[str]:
    """Return the names whose terminal phase must wake this barrier; none once it has started."""
    status = barrier.status
    if status.started_at or status.phase.is_terminal:
        return frozenset()
    named = frozenset(name for term in barrier.spec.after for name in term.barriers)
    return named - {one.name for one in status.upstreams}


def find_cycles(barriers: Iterable[Barrier]) -> Mapping[str, tuple[str, ...]]:
    """Return the barriers of one namespace that can never start, each with the path of its cycle.

    Such a barrier could not start even if every barrier outside its cycle opened. The path goes
    from the barrier to one that it waits for, and so on, back to itself.
    """
    waiting = {one.metadata.name: tuple(_terms_left(one)) for one in barriers if awaited(one)}
    stuck = _stuck(waiting)
    if not stuck:
        return {}
    return {name: path for knot in _knots(stuck) for name, path in _paths(knot)}


_Graph = Mapping[str, tuple[Term, ...]]
"""What each barrier still waits for."""


def _terms_left(barrier: Barrier) -> Iterator[Term]:
    """Yield the terms not satisfied yet, without the barriers that have been seen ended."""
    seen = {one.name: one for one in barrier.status.upstreams}
    for term in barrier.spec.after:
        left = tuple(name for name in term.barriers if name not in seen)
        satisfied = (
            _bearing(term, seen[name]) is Outlook.GO for name in term.barriers if name in seen
        )
        needed = _needed(term) - sum(satisfied)
        if needed > 0:
            yield Term(left, at_least=needed)


def _needed(term: Term) -> int:
    return len(term.barriers) if term.at_least is None else term.at_least


def _stuck(waiting: _Graph) -> _Graph:
    """Return those that cannot start even if every barrier outside this graph opened.

    Linear in the edges: a barrier that can start satisfies what names it, and so on.
    """
    lacking = {
        (name, place): _needed(term)
        for name, after in waiting.items()
        for place, term in enumerate(after)
    }
    terms_left = {name: len(after) for name, after in waiting.items()}
    named_by: dict[str, list[tuple[str, int]]] = {}
    for name, after in waiting.items():
        for place, term in enumerate(after):
            for upstream in term.barriers:
                named_by.setdefault(upstream, []).append((name, place))
    satisfied = [name for name in named_by if name not in waiting]
    while satisfied:
        for name, place in named_by.get(satisfied.pop(), ()):
            lacking[name, place] -= 1
            if lacking[name, place] == 0:
                terms_left[name] -= 1
                if terms_left[name] == 0:
                    satisfied.append(name)
    return {name: after for name, after in waiting.items() if terms_left[name]}


def _knots(stuck: _Graph) -> Iterator[_Graph]:
    """Yield each set of barriers that wait for each other and cannot start by any help outside."""
    from networkx import strongly_connected_components  # noqa: PLC0415  # 0.2 s, rarely needed

    pending = [stuck]
    while pending:
        graph = pending.pop()
        for component in strongly_connected_components(_digraph(graph)):
            members = {name: graph[name] for name in sorted(component)}
            left = _stuck(members)
            if len(left) == len(members):
                yield members
            elif left:
                pending.append(left)


def _paths(knot: _Graph) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield each member of a knot with the shortest cycle found through it."""
    from networkx import shortest_path  # noqa: PLC0415  # as above

    graph, pending = _digraph(knot), dict.fromkeys(knot)
    while pending:
        start = next(iter(pending))
        ways = (shortest_path(graph, after, start) for after in sorted(graph[start]))
        ring = min(ways, key=len)
        for place, name in enumerate(ring):
            if name in pending:
                del pending[name]
                yield name, (*ring[place:], *ring[: place + 1])


def _digraph(graph: _Graph) -> "DiGraph[str]":
    from networkx import DiGraph  # noqa: PLC0415  # as above

    edges: DiGraph[str] = DiGraph()
    edges.add_nodes_from(graph)
    edges.add_edges_from(
        (name, upstream)
        for name, after in graph.items()
        for term in after
        for upstream in term.barriers
        if upstream in graph
    )
    return edges
