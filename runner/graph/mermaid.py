"""A graph as Mermaid's flowchart, for Markdown pages. Pure.

Names become ids of their own (``n0``): a program may call a stage ``end``, which Mermaid reserves.
"""

from konductor.runner.graph.graph import Arrow, Graph, Node

_SHAPES = {"map": ("[[", "]]"), "reduce": ("[/", "\\]"), "barrier": ("{{", "}}")}


def mermaid(graph: Graph) -> str:
    """Return the flowchart."""
    ids = {one.name: f"n{number}" for number, one in enumerate(graph.nodes)}
    lines = ["flowchart TD"]
    lines += [f"  {_node(one, ids)}" for one in graph.nodes if not one.is_final]
    lines += [f"  {_arrow(one, ids)}" for one in graph.arrows]
    if graph.finals:
        lines.append('  subgraph finally_group["finally, once all else has ended"]')
        lines += [f"    {_node(one, ids)}" for one in graph.nodes if one.is_final]
        lines.append("  end")
    lines.append("  classDef skipped stroke-dasharray:4 4,opacity:0.5")
    if skipped := [ids[one.name] for one in graph.nodes if one.skipped]:
        lines.append(f"  class {','.join(skipped)} skipped")
    return "\n".join([*lines, ""])


def _node(node: Node, ids: dict[str, str]) -> str:
    opening, closing = _SHAPES.get(node.kind, ("[", "]"))
    text = "<br/>".join(map(_escaped, node.lines))
    return f'{ids[node.name]}{opening}"{text}"{closing}'


def _arrow(arrow: Arrow, ids: dict[str, str]) -> str:
    line = "-.->" if arrow.dashed or arrow.is_skipped else "-->"
    label = f'|"{_escaped(arrow.label)}"|' if arrow.label else ""
    return f"{ids[arrow.source]} {line}{label} {ids[arrow.target]}"


def _escaped(text: str) -> str:
    """Return text as it may stand between quotes: Mermaid's entities are ``#quot;``."""
    for character, entity in (("#", "#35;"), ("&", "#amp;"), ('"', "#quot;")):
        text = text.replace(character, entity)
    return text.replace("<", "#lt;").replace(">", "#gt;")
