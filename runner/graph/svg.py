"""A graph as one SVG file that needs nothing else, for light and dark pages. Pure."""

from html import escape

from konductor.runner.graph.graph import Graph, Node
from konductor.runner.graph.layout import Box, Layout, Route

_ACROSS, _DOWN = 8, 18
"""Pixels of a cell."""
_MARGIN = 16
_STYLE = """
  svg { color-scheme: light dark; }
  text { font: 13px ui-monospace, monospace; fill: #1f2328; }
  .name { font-weight: bold; }
  .words { fill: #59636e; }
  rect { fill: #f6f8fa; stroke: #59636e; stroke-width: 1.5; }
  .map rect { fill: #ddf4ff; }
  .reduce rect { fill: #fff8c5; }
  .barrier rect { fill: #fbefff; }
  .finally rect { fill: #dafbe1; }
  path { fill: none; stroke: #59636e; stroke-width: 1.5; }
  .tip { fill: #59636e; stroke: none; }
  .dashed { stroke-dasharray: 5 4; }
  .skipped { opacity: 0.6; }
  .skipped rect { stroke-dasharray: 5 4; fill: none; }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc; }
    .words { fill: #9198a1; }
    rect { fill: #151b23; stroke: #9198a1; }
    .map rect { fill: #0c2d6b; }
    .reduce rect { fill: #4b2900; }
    .barrier rect { fill: #3c1e70; }
    .finally rect { fill: #033a16; }
    path { stroke: #9198a1; }
    .tip { fill: #9198a1; }
  }
"""


def svg(graph: Graph, layout: Layout) -> str:
    """Return the picture; every name in it is escaped."""
    width = layout.width * _ACROSS + 2 * _MARGIN
    height = layout.height * _DOWN + 2 * _MARGIN
    many = f"{len(graph.nodes)} stages and barriers, {len(graph.arrows)} edges"
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}"',
        f' viewBox="{-_MARGIN} {-_MARGIN} {width} {height}" role="img"',
        ' aria-labelledby="title description">',
        f'<title id="title">pipeline {escape(graph.pipeline)}</title>',
        f'<desc id="description">{many}, from top to bottom</desc>',
        f"<style>{_STYLE}</style>",
        *(_route(one) for one in layout.routes),
        *(_node(one, layout.boxes[one.name]) for one in graph.nodes),
    ]
    if layout.rule is not None:
        y = layout.rule * _DOWN
        lines.append(f'<path class="dashed" d="M0 {y}H{layout.width * _ACROSS}"/>')
        text = "finally, once all else has ended"
        lines.append(f'<text class="words" x="0" y="{y + 14}">{text}</text>')
    return "\n".join([*lines, "</svg>", ""])


def _route(route: Route) -> str:
    """Return an arrow: its line, and a tip that stands on its target's border."""
    points = [(x * _ACROSS + _ACROSS // 2, y * _DOWN) for x, y in route.points]
    x, y = points[-1]
    points[-1] = (x, y + _DOWN - 6)
    way = "L".join(f"{x} {y}" for x, y in points)
    dashed = " dashed" if route.arrow.dashed or route.arrow.is_skipped else ""
    skipped = " skipped" if route.arrow.is_skipped else ""
    label = f" {route.arrow.label}" if route.arrow.label else ""
    told = escape(f"{route.arrow.target} after {route.arrow.source}{label and ':'}{label}")
    tip = f"M{x - 4} {y + _DOWN - 7}h8l-4 7z"
    return (
        f'<g class="edge{skipped}"><title>{told}</title>'
        f'<path class="line{dashed}" d="M{way}"/><path class="tip" d="{tip}"/></g>'
    )


def _node(node: Node, box: Box) -> str:
    x, y = box.x * _ACROSS, box.y * _DOWN
    width, height = box.width * _ACROSS, box.height * _DOWN
    middle = x + width // 2
    skipped = " skipped" if node.skipped else ""
    told = f"{node.name}: {node.words}" + (f", {node.skipped}" if node.skipped else "")
    texts = "".join(
        f'<text class="{"words" if number else "name"}" x="{middle}" text-anchor="middle"'
        f' y="{y + 30 + number * _DOWN}">{escape(line)}</text>'
        for number, line in enumerate(node.lines)
    )
    return (
        f'<g class="{escape(node.kind)}{skipped}"><title>{escape(told)}</title>'
        f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="8"/>{texts}</g>'
    )
