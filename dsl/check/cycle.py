"""No stage waits for itself, through however many others (K0401)."""

from collections.abc import Iterator

from konductor.dsl.diagnostics import Diagnostic, Label, error
from konductor.dsl.edges import Link
from konductor.dsl.pipeline import CheckedPipeline
from konductor.dsl.source import Span


def check_cycle(pipeline: CheckedPipeline) -> Iterator[Diagnostic]:
    """Yield one error a circle, every edge of it labelled, its path printed once."""
    links = {one.name: one.declared for one in pipeline.objects}
    waits_for = {
        name: tuple(dict.fromkeys(up for link in found for up in link.upstream if up in links))
        for name, found in links.items()
    }
    if _has_order(waits_for):
        return
    import networkx as nx  # noqa: PLC0415  # 0.2 s that only a broken program pays

    graph: nx.DiGraph[str] = nx.DiGraph(
        [(name, up) for name, found in waits_for.items() for up in found]
    )
    positions = {name: number for number, name in enumerate(links)}
    for component in nx.strongly_connected_components(graph):
        circle = sorted(component, key=positions.__getitem__)
        if len(circle) > 1 or graph.has_edge(circle[0], circle[0]):
            path = _shortest_circle(circle[0], waits_for, set(circle))
            yield _report(path, links)


def _has_order(waits_for: dict[str, tuple[str, ...]]) -> bool:
    """Tell whether all can start, by Kahn's count: without a graph library in the usual case."""
    waiting = {name: len(found) for name, found in waits_for.items()}
    followers: dict[str, list[str]] = {name: [] for name in waits_for}
    for name, found in waits_for.items():
        for up in found:
            followers[up].append(name)
    ready = [name for name, count in waiting.items() if not count]
    for name in ready:
        for follower in followers[name]:
            waiting[follower] -= 1
            if not waiting[follower]:
                ready.append(follower)
    return len(ready) == len(waits_for)


def _shortest_circle(
    start: str, waits_for: dict[str, tuple[str, ...]], within: set[str]
) -> tuple[str, ...]:
    paths: list[tuple[str, ...]] = [(start,)]
    seen: set[str] = set()
    for path in paths:
        for up in waits_for[path[-1]]:
            if up == start:
                return path
            if up in within and up not in seen:
                seen.add(up)
                paths.append((*path, up))
    raise AssertionError("a strongly connected component has a circle through each of its nodes")


def _report(path: tuple[str, ...], links: dict[str, tuple[Link, ...]]) -> Diagnostic:
    """Return the error; the primary place is the edge that closes the circle."""
    edges = [
        Label(_place(name, up, links), f"`{name}` waits for `{up}`")
        for name, up in zip(path, (*path[1:], path[0]), strict=True)
    ]
    primary = edges[-1]
    message = "these stages wait for each other, so none can start"
    if len(path) == 1:
        message = f"`{path[0]}` waits for itself, so it can never start"
    way = " -> ".join((*path, path[0]))
    return error(
        "K0401",
        primary.span,
        message,
        primary.text,
        secondary=tuple(edge for edge in edges if edge is not primary),
        notes=(f"cycle: {way}",) if len(path) > 1 else (),
    )


def _place(name: str, up: str, links: dict[str, tuple[Link, ...]]) -> Span:
    link = next(link for link in links[name] if up in link.upstream)
    return dict(zip(link.upstream, link.spans, strict=True))[up]
