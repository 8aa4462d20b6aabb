"""A graph as Graphviz' DOT. Pure."""

from konductor.runner.graph.graph import Arrow, Graph, Node

_FONT = 'fontname="sans-serif"'
_COLOURS = {"map": "#ddf4ff", "reduce": "#fff8c5", "barrier": "#fbefff", "finally": "#dafbe1"}
"""Those of the SVG on a light page."""


def dot(graph: Graph) -> str:
    """Return the digraph."""
    lines = [f"digraph {_quoted(graph.pipeline)} {{", f"  graph [rankdir=TB, {_FONT}];"]
    lines += [f'  node [shape=box, style="rounded,filled", fillcolor="#f6f8fa", {_FONT}];']
    lines += [f"  edge [fontsize=11, {_FONT}];"]
    lines += [f"  {_node(one)}" for one in graph.nodes if not one.is_final]
    lines += [f"  {_arrow(one)}" for one in graph.arrows]
    if graph.finals:
        lines += ["  subgraph cluster_finally {", '    label="finally, once all else has ended";']
        lines += [f"    {_node(one)}" for one in graph.nodes if one.is_final]
        lines += ["    rank=same;", "  }"]
        lowest = graph.layers[-1][:1] if graph.layers else ()  # what `finally` stands below
        lines += [
            f"  {_quoted(one)} -> {_quoted(graph.finals[0])} [style=invis];" for one in lowest
        ]
    return "\n".join([*lines, "}", ""])


def _node(node: Node) -> str:
    label = "\\n".join(_quoted(line)[1:-1] for line in node.lines)
    attributes = [f'label="{label}"']
    if node.skipped:
        attributes.append('style="rounded,dashed", color="gray60", fontcolor="gray60"')
    elif node.kind in _COLOURS:
        attributes.append(f'fillcolor="{_COLOURS[node.kind]}"')
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
