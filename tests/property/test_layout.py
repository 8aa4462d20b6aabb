"""Laws of a drawing, whatever the graph."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from konductor.runner.graph.draw import draw
from konductor.runner.graph.graph import Arrow, Graph, Node
from konductor.runner.graph.layout import Layout, lay_out
from konductor.runner.graph.svg import svg


@st.composite
def graphs(draw_from: st.DrawFn) -> Graph:
    count = draw_from(st.integers(1, 14))
    names = [f"s{number}" for number in range(count)]
    kinds = draw_from(
        st.lists(st.sampled_from(["stage", "finally"]), min_size=count, max_size=count)
    )
    nodes = [
        Node(name, kind, "w" * draw_from(st.integers(1, 30)))
        for name, kind in zip(names, kinds, strict=True)
    ]
    running = [one.name for one in nodes if not one.is_final]
    pairs = list(itertools.combinations(running, 2))
    chosen = draw_from(st.lists(st.sampled_from(pairs), unique=True)) if pairs else []
    arrows = [Arrow(up, down, dashed=draw_from(st.booleans())) for up, down in chosen]
    return Graph("p", tuple(nodes), tuple(arrows))


@given(graphs())
def test_no_two_boxes_overlap_and_all_lie_within(graph: Graph) -> None:
    layout = lay_out(graph)
    assert set(layout.boxes) == {one.name for one in graph.nodes}
    for one, other in itertools.combinations(layout.boxes.values(), 2):
        assert not one.overlaps(other)
    for box in layout.boxes.values():
        assert box.x >= 0
        assert box.x + box.width <= layout.width
        assert box.y + box.height <= layout.height


@given(graphs())
def test_every_line_goes_down_from_its_source_to_its_target_through_no_box(graph: Graph) -> None:
    layout = lay_out(graph)
    assert [route.arrow for route in layout.routes] == list(graph.arrows)
    for route in layout.routes:
        source, target = layout.boxes[route.arrow.source], layout.boxes[route.arrow.target]
        assert source.layer < target.layer
        assert route.points[0][1] == source.y + source.height
        assert route.points[-1][1] == target.y - 1
        assert all(one[1] <= other[1] for one, other in itertools.pairwise(route.points))
        for x, y in cells(layout, route.arrow):
            assert not any(
                box.x <= x < box.x + box.width and box.y <= y < box.y + box.height
                for box in layout.boxes.values()
            )


@given(graphs())
def test_lines_of_two_sources_share_a_stretch_only_into_one_target(graph: Graph) -> None:
    layout = lay_out(graph)
    for one, other in itertools.combinations(layout.routes, 2):
        if one.arrow.source == other.arrow.source:
            continue
        shared = steps(layout, one.arrow) & steps(layout, other.arrow)
        if one.arrow.target != other.arrow.target:
            assert not shared, (one, other)


@given(graphs())
def test_the_same_graph_is_the_same_drawing(graph: Graph) -> None:
    layout = lay_out(graph)
    assert lay_out(graph) == layout
    lines = draw(graph, layout)
    assert draw(graph, lay_out(graph)) == lines
    assert all(any(one.name in line for line in lines) for one in graph.nodes)
    assert svg(graph, layout) == svg(graph, lay_out(graph))


def steps(layout: Layout, arrow: Arrow) -> set[tuple[tuple[int, int], tuple[int, int]]]:
    """Return the steps from cell to cell of an arrow's way."""
    way = cells(layout, arrow)
    return {(one, other) if one < other else (other, one) for one, other in itertools.pairwise(way)}


def cells(layout: Layout, arrow: Arrow) -> list[tuple[int, int]]:
    route = next(one for one in layout.routes if one.arrow == arrow)
    way = [route.points[0]]
    for (x, y), (right, bottom) in itertools.pairwise(route.points):
        across, down = (right > x) - (right < x), (bottom > y) - (bottom < y)
        while way[-1] != (right, bottom):
            way.append((way[-1][0] + across, way[-1][1] + down))
    return way
