"""Whatever the program says, compiling it ends in values, and always in the same ones."""

from hypothesis import given, settings
from hypothesis import strategies as st

from konductor.dsl.compile import check_source, compile_source
from konductor.dsl.diagnostics import has_errors
from konductor.dsl.emit import emit, write_yaml

ATOMS = st.sampled_from(
    [
        "1", "0", "-3", "1.5", "true", "null", "90%", "1h", "4Gi", "3k", '"a"', "'b'", "[1, 2]",
        "[]", "{ a = 1 }", "n", "s", "l", "o", "item", "run.status", "nothing", "1..3", "matrix.a",
        'secret("a", "b")', 'pvc("a")', "empty(1Gi)", '"${n} ${s}"', '"${item}"',
    ]
)  # fmt: skip
OPERATORS = st.sampled_from(
    ["+", "-", "*", "/", "==", "!=", "<", "<=", "and", "or", "in", "not in"]
)
FUNCTIONS = st.sampled_from(
    ["len", "lower", "min", "max", "ceil", "keys", "sh", "join", "f", "zip", "contains", "nope"]
)


def expressions() -> st.SearchStrategy[str]:
    return st.recursive(
        ATOMS,
        lambda inner: st.one_of(
            st.tuples(inner, OPERATORS, inner).map(lambda one: f"({one[0]} {one[1]} {one[2]})"),
            st.tuples(FUNCTIONS, st.lists(inner, max_size=3)).map(
                lambda one: f"{one[0]}({', '.join(one[1])})"
            ),
            st.tuples(inner, inner, inner).map(
                lambda one: f"(if {one[0]} then {one[1]} else {one[2]})"
            ),
            st.tuples(inner, inner).map(lambda one: f"{one[0]}[{one[1]}]"),
            inner.map(lambda one: f"[x for x in {one} if x != 1]"),
            inner.map(lambda one: f"(not {one})"),
            inner.map(lambda one: f"({one}).a"),
        ),
        max_leaves=8,
    )


NAMES = st.sampled_from(["a", "b", "c", "d"])
EDGES = st.one_of(
    NAMES,
    NAMES.map(lambda name: f"{name}?"),
    NAMES.map(lambda name: f"each({name})"),
    st.tuples(st.sampled_from(["done", "failed", "any"]), st.lists(NAMES, max_size=3)).map(
        lambda one: f"{one[0]}({', '.join(one[1])})"
    ),
    st.lists(NAMES, max_size=3).map(lambda names: f"atleast({', '.join(['2', *names])})"),
    st.tuples(NAMES, st.sampled_from(["n > 2", "false", "true"])).map(
        lambda one: f"{one[0]} if {one[1]}"
    ),
)
WHEN = st.sampled_from(["", " when true", " when n > 2", " when n > 9"])
ATTRIBUTES = st.sampled_from(
    [
        "image", "run", "command", "args", "shell", "env", "replicas", "parallelism", "quorum",
        "allow_failures", "timeout", "retries", "retry", "stragglers", "resources", "labels",
        "workdir", "matrix", "arrive", "nope",
    ]
)  # fmt: skip
MATRICES = st.tuples(expressions(), expressions(), expressions()).map(
    lambda one: [
        f"matrix {{ a = {one[0]}, b = [1, 2], exclude {{ b = {one[1]} }}, include = {one[2]} }}"
    ]
)


@st.composite
def programs(draw: st.DrawFn) -> str:
    """Return a program of four objects with any edges and any attributes."""
    lines = ["fn f(n: int) -> int = n + 1", "pipeline p {", "  param n: int = 3"]
    lines += ['  param s: string = "x"', "  param l: list(int) = [1]", "  param o: int?"]
    for name in "abcd":
        keyword = draw(st.sampled_from(["stage", "map", "reduce", "barrier", "finally"]))
        head = f"  {keyword} {name}"
        head += f" over {draw(expressions())}" if keyword == "map" else ""
        head += f" of {draw(NAMES)}" if keyword == "reduce" else ""
        edges = draw(st.lists(EDGES, max_size=2))
        head += f" after {', '.join(edges)}" if edges and keyword != "finally" else ""
        head += draw(WHEN)
        attributes = draw(st.lists(st.tuples(ATTRIBUTES, expressions()), max_size=3))
        body = ['image = "a:1"'] if draw(st.booleans()) else []
        body += [f"{key} = {value}" for key, value in attributes]
        body += draw(st.just([]) | MATRICES)
        lines.append(f"{head} {{ {', '.join(body)} }}")
    return "\n".join([*lines, "}", ""])


@settings(deadline=None, max_examples=50)
@given(programs())
def test_a_program_becomes_a_plan_or_errors(text: str) -> None:
    compiled = compile_source(text)
    assert (compiled.plan is None) == has_errors(compiled.diagnostics)
    check_source(text)
    if compiled.plan is not None:
        once = write_yaml(emit(compiled.plan, "p-00000"))
        again = compile_source(text).plan
        assert again == compiled.plan
        assert again is not None
        assert write_yaml(emit(again, "p-00000")) == once


@settings(deadline=None, max_examples=50)
@given(st.binary(max_size=300))
def test_any_bytes_give_diagnostics_and_never_an_exception(data: bytes) -> None:
    assert compile_source(data).plan is None


@st.composite
def graphs(draw: st.DrawFn) -> str:
    """Return a valid program: edges only point back."""
    lines = ["pipeline p {", "  param n: int = 3", '  defaults { image = "a:1" }']
    for number in range(draw(st.integers(1, 8))):
        earlier = [f"s{one}" for one in range(number)]
        some = (
            st.lists(st.sampled_from(earlier), max_size=3, unique=True) if earlier else st.just([])
        )
        names = draw(some)
        kinds = st.sampled_from(["{}", "{}?", "done({})", "failed({})", "any({})"])
        edges = [draw(kinds).format(name) for name in names]
        after = f" after {', '.join(edges)}" if edges else ""
        lines.append(f"  stage s{number}{after}{draw(WHEN)}")
    return "\n".join([*lines, "}", ""])


@settings(deadline=None, max_examples=50)
@given(graphs())
def test_no_edge_names_a_stage_that_is_left_out(text: str) -> None:
    plan = compile_source(text).plan
    assert plan is not None
    there = {stage.name for stage in plan.stages}
    assert there.isdisjoint(one.name for one in plan.skipped)
    assert all(set(edge.upstream) <= there for edge in plan.edges)
