"""The graph that is drawn: nodes with the few words they show, arrows with their spelling. Pure."""

from dataclasses import dataclass

from konductor.dsl.order import generations
from konductor.dsl.plan import Edge, EdgeKind, Plan, RawBarrier, Skipped, Stage
from konductor.runner.state import kind_of, spell

_PLAIN = (EdgeKind.OPENED, EdgeKind.EACH)
_DASHED = (EdgeKind.DONE, EdgeKind.FAILED, EdgeKind.OPTIONAL)


@dataclass(frozen=True, slots=True)
class Node:
    """A stage or barrier of the drawing."""

    name: str
    kind: str
    words: str
    """Its kind and numbers, such as ``map · 18/20``."""
    after: str = ""
    """Its edges as spelled, where one of them is no plain name."""
    skipped: str = ""
    """Why it is left out; empty: it runs."""

    @property
    def lines(self) -> tuple[str, ...]:
        """Return what stands in its box."""
        return tuple(line for line in (self.name, self.words, self.after) if line)

    @property
    def is_final(self) -> bool:
        """Tell whether it runs once all else has ended."""
        return self.kind == "finally" and not self.skipped


@dataclass(frozen=True, slots=True)
class Arrow:
    """One line from an upstream to what waits for it."""

    source: str
    target: str
    label: str = ""
    """How the edge is spelled, if it is no plain name."""
    dashed: bool = False
    is_skipped: bool = False


@dataclass(frozen=True, slots=True)
class Graph:
    """Everything that is drawn, in the order of the program."""

    pipeline: str
    nodes: tuple[Node, ...]
    arrows: tuple[Arrow, ...]

    @property
    def layers(self) -> tuple[tuple[str, ...], ...]:
        """Return names by the length of the longest path to them, without ``finally``.

        What waits in a cycle, as left-out stages may, stands in the first.
        """
        waits: dict[str, list[str]] = {one.name: [] for one in self.nodes if not one.is_final}
        for arrow in self.arrows:
            waits[arrow.target].append(arrow.source)
        found = generations(waits)
        placed = {name for names in found for name in names}
        lost = tuple(name for name in waits if name not in placed)
        return ((*found[0], *lost), *found[1:]) if found else ((lost,) if lost else ())

    @property
    def finals(self) -> tuple[str, ...]:
        """Return the ``finally`` stages."""
        return tuple(one.name for one in self.nodes if one.is_final)


def graph_of(plan: Plan) -> Graph:
    """Return the graph of a plan, with what it leaves out."""
    running: tuple[Stage | RawBarrier, ...] = (*plan.stages, *plan.barriers)
    nodes = [_node(one) for one in running] + [_left_out(one) for one in plan.skipped]
    known = {one.name for one in nodes}
    arrows = [arrow for edge in plan.edges for arrow in _arrows(edge, is_skipped=False)]
    for skipped in plan.skipped:
        arrows += [arrow for edge in skipped.edges for arrow in _arrows(edge, is_skipped=True)]
    return Graph(
        plan.pipeline,
        tuple(nodes),
        tuple(one for one in arrows if {one.source, one.target} <= known),
    )


def count_of(one: Stage | RawBarrier) -> str:
    """Return quorum and expected, and the cells of a matrix: ``3 cells · 5/6``."""
    count = f"{one.quorum}/{one.expected}"
    if isinstance(one, Stage) and one.has_matrix:
        return f"{len(one.cells)} cells · {count}"
    return count


def _node(one: Stage | RawBarrier) -> Node:
    kind = kind_of(one)
    words = f"{kind} · {count_of(one)}"
    if isinstance(one, Stage) and one.on:
        words += f" · on {', '.join(one.on)}"
    after = "" if all(edge.kind in _PLAIN for edge in one.edges) else _special(one.edges)
    return Node(one.name, kind, words, after)


def _special(edges: tuple[Edge, ...]) -> str:
    return ", ".join(spell(edge) for edge in edges if edge.kind not in _PLAIN)


def _left_out(one: Skipped) -> Node:
    return Node(one.name, one.kind, f"{one.kind} · skipped", skipped=one.reason)


def _arrows(edge: Edge, *, is_skipped: bool) -> list[Arrow]:
    label = "" if edge.kind is EdgeKind.OPENED else _label(edge)
    dashed = edge.kind in _DASHED
    return [Arrow(up, edge.downstream, label, dashed, is_skipped) for up in edge.upstream]


def _label(edge: Edge) -> str:
    if edge.kind is EdgeKind.OPTIONAL:
        return "?"
    if edge.kind is EdgeKind.AT_LEAST:
        return f"atleast {edge.at_least}"
    return str(edge.kind)
