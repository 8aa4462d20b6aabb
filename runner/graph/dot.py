"""A graph as Graphviz' DOT. Pure."""

from konductor.runner.graph.graph import Arrow, Graph, Node

_SHAPES = {"map": "box3d", "reduce": "trapezium", "barrier": "hexagon"}


def dot(graph: Graph) -> str:
    """Return the digraph."""
    lines = [f"digraph {_quoted(graph.pipeline)} {{", "  rankdir=TB;"]
    lines.append('  node [shape=box, fontname="sans-serif"];')
    lines += [f"  {_node(one)}" for one in graph.nodes if not one.is_final]
    lines += [f"  {_arrow(one)}" for one in graph.arrows]
    if graph.finals:
        lines += ["  subgraph cluster_finally {", '    label="finally, once all else has ended";']
        lines += [f"    {_node(one)}" for one in graph.nodes if one.is_final]
        lines.append("  }")
    return "\n".join([*lines, "}", ""])


def _node(node: Node) -> str:
    label = "\\n".join(_quoted(line)[1:-1] for line in node.lines)
    attributes = [f'label="{label}"']
    if node.kind in _SHAPES:
        attributes.append(f"shape={_SHAPES[node.kind]}")
    if node.skipped:
        attributes.append('style="dashed", color="gray60", fontcolor="gray60"')
    return f"{_quoted(node.name)} [{', '.join(attributes)}];"


def _arrow(arrow: Arrow) -> str:
    attributes = [f"label={_quoted(arrow.label)}"] if arrow.label else []
    if arrow.dashed or arrow.is_skipped:
        attributes.append("style=dashed")
    if arrow.is_skipped:
        attributes.append("color=gray60")
    tail = f" [{', '.join(attributes)}]" if attributes else ""
    return f"{_quoted(arrow.source)} -> {_quoted(arrow.target)}{tail};"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
