"""Laws of a matrix: which cells there are, and how its parallelism is shared."""

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from konductor.dsl.compile import compile_source
from konductor.dsl.emit.job import shares
from konductor.dsl.plan import Cell, Stage, StageKind

AXES = ("a", "b", "c")
NUMBERS = st.lists(st.integers(0, 4), min_size=1, max_size=4, unique=True)
MATRICES = st.lists(NUMBERS, min_size=1, max_size=3)
CHOICES = st.dictionaries(st.sampled_from(AXES), st.integers(0, 4), min_size=1)


@given(MATRICES, st.lists(CHOICES, max_size=3))
def test_cells_are_the_product_less_what_is_left_out(
    axes: list[list[int]], left_out: list[dict[str, int]]
) -> None:
    names = AXES[: len(axes)]
    excludes = [one for one in left_out if one.keys() <= set(names)]
    lines = [f"{name} = {values}" for name, values in zip(names, axes, strict=True)]
    lines += [
        f"exclude {{ {', '.join(f'{key} = {one[key]}' for key in one)} }}" for one in excludes
    ]
    block = "\n".join(lines)
    compiled = compile_source(
        f'pipeline p {{\nstage s {{\nimage = "a:1"\nmatrix {{\n{block}\n}}\n}}\n}}'
    )
    expected = [
        cell
        for cell in (dict(zip(names, values, strict=True)) for values in product(*axes))
        if not any(one.items() <= cell.items() for one in excludes)
    ]
    if not expected:
        assert "K0409" in {one.code for one in compiled.diagnostics}
        return
    assert compiled.plan is not None
    (stage,) = compiled.plan.stages
    found = [{name: int(value) for name, value in cell.axes} for cell in stage.cells]
    assert found == expected
    assert stage.expected == len(expected)


@given(st.data(), st.lists(st.integers(1, 50), min_size=1, max_size=20))
def test_parallelism_is_used_up_and_never_exceeded(
    data: st.DataObject, replicas: list[int]
) -> None:
    parallelism = data.draw(st.integers(len(replicas), sum(replicas)))
    cells = tuple(Cell(count, "a:1", None, place) for place, count in enumerate(replicas))
    stage = Stage("s", StageKind.STAGE, cells, sum(replicas), 1, parallelism)
    found = shares(stage)
    assert sum(found) == parallelism
    assert all(1 <= share <= count for share, count in zip(found, replicas, strict=True))
