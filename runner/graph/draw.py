"""A graph in characters: boxes and lines for a terminal, or a line a stage. Pure."""

from itertools import pairwise

from konductor.runner.graph.graph import Graph, Node
from konductor.runner.graph.layout import Box, Layout, Route

_UP, _DOWN, _LEFT, _RIGHT = 1, 2, 4, 8
_LINES = {
    _UP | _DOWN: "│",
    _LEFT | _RIGHT: "─",
    _DOWN | _RIGHT: "┌",
    _DOWN | _LEFT: "┐",
    _UP | _RIGHT: "└",
    _UP | _LEFT: "┘",
    _UP | _DOWN | _RIGHT: "├",
    _UP | _DOWN | _LEFT: "┤",
    _DOWN | _LEFT | _RIGHT: "┬",
    _UP | _LEFT | _RIGHT: "┴",
    _UP | _DOWN | _LEFT | _RIGHT: "┼",
}
_DASHED = {"│": "┆", "─": "┄"}
_FINALLY = " finally, once all else has ended "


def draw(graph: Graph, layout: Layout) -> tuple[str, ...]:
    """Return the drawing, a text a line."""
    grid = [[" "] * layout.width for _ in range(layout.height)]
    _draw_lines(grid, layout.routes)
    for route in layout.routes:
        x, y = route.points[-1]
        grid[y][x] = "▼"
    for node in graph.nodes:
        _draw_box(grid, layout.boxes[node.name], node)
    if layout.rule is not None:
        text = f"──{_FINALLY}"
        grid[layout.rule] = list(text.ljust(max(layout.width, len(text)), "─"))
    return tuple("".join(row).rstrip() for row in grid)


def _draw_lines(grid: list[list[str]], routes: tuple[Route, ...]) -> None:
    sides: dict[tuple[int, int], int] = {}
    solid: set[tuple[int, int]] = set()
    for route in routes:
        for start, end in pairwise(route.points):
            _walk(start, end, sides)
        x, y = route.points[0]
        sides[x, y] = sides.get((x, y), 0) | _UP
        if not route.arrow.dashed:
            solid |= _cells(route)
    for (x, y), found in sides.items():
        line = _LINES.get(found, "│")
        grid[y][x] = line if (x, y) in solid else _DASHED.get(line, line)


def _walk(start: tuple[int, int], end: tuple[int, int], sides: dict[tuple[int, int], int]) -> None:
    """Note for each cell between two corners on which sides the line leaves it."""
    (x, y), (right, bottom) = min(start, end), max(start, end)
    forth, back = (_RIGHT, _LEFT) if y == bottom else (_DOWN, _UP)
    cells = [(x + step, y) for step in range(right - x + 1)]
    if y != bottom:
        cells = [(x, y + step) for step in range(bottom - y + 1)]
    for upper, lower in pairwise(cells):
        sides[upper] = sides.get(upper, 0) | forth
        sides[lower] = sides.get(lower, 0) | back


def _cells(route: Route) -> set[tuple[int, int]]:
    sides: dict[tuple[int, int], int] = {}
    for start, end in pairwise(route.points):
        _walk(start, end, sides)
    return {*sides, *route.points}


def _draw_box(grid: list[list[str]], box: Box, node: Node) -> None:
    across, down = ("╌", "┆") if node.skipped else ("─", "│")
    inner = box.width - 2
    rows = [f"╭{across * inner}╮"]
    rows += [f"{down}{line.center(inner)}{down}" for line in node.lines]
    rows.append(f"╰{across * inner}╯")
    for number, row in enumerate(rows):
        grid[box.y + number][box.x : box.x + box.width] = list(row)


def rows(graph: Graph, after: dict[str, str]) -> tuple[str, ...]:
    """Return a line a stage, by layers, for graphs that no terminal is wide enough for.

    Args:
        graph: What to show.
        after: How each stage's edges are spelled.
    """
    nodes = {one.name: one for one in graph.nodes}
    name_width = max((len(one.name) for one in graph.nodes), default=0)
    word_width = max((len(one.words) for one in graph.nodes), default=0)
    lines = []
    layers = [(str(number), names) for number, names in enumerate(graph.layers, start=1)]
    for title, names in (*layers, ("finally", graph.finals)):
        for at, name in enumerate(names):
            head = title if not at else ""
            line = f"{head:>7}  {name:{name_width}}  {nodes[name].words:{word_width}}"
            told = f"  after {after[name]}" if after.get(name) else ""
            lines.append((line + told).rstrip())
    return tuple(lines)
