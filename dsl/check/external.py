"""The clock of a barrier of others is theirs, and only such a one can be reused (K0404)."""

from collections.abc import Iterator

from konductor.dsl.diagnostics import Diagnostic, Label, error
from konductor.dsl.pipeline import Checked, CheckedPipeline
from konductor.dsl.scope import What


def check_external(pipeline: CheckedPipeline) -> Iterator[Diagnostic]:
    """Yield an error for what does not go together in a barrier block."""
    names: dict[str, Checked] = {}
    for one in pipeline.running:
        if one.what is not What.BARRIER:
            continue
        yield from _alone(one)
        name = one.value("name") or (one.name if one.value("external") is True else None)
        if isinstance(name, str) and name in names:
            yield _twins(one, names[name], name)
        elif isinstance(name, str):
            names[name] = one


def _alone(one: Checked) -> Iterator[Diagnostic]:
    external, reuse = one.find("external"), one.find("reuse")
    if external is not None and external.value is True:
        edges = [link.span for link in one.links]
        if edges:
            message = f"the clock of external barrier `{one.name}` is not this run's to start"
            helps = ("leave out `after`",)
            yield error("K0404", edges[0], message, "an edge of its own", helps=helps)
    elif reuse is not None and reuse.value is True and external is None:
        message = f"`reuse` of `{one.name}` is for an external barrier, this one is made anew"
        helps = ("write `external = true` or leave out `reuse`",)
        yield error("K0404", reuse.span, message, helps=helps)


def _twins(one: Checked, first: Checked, name: str) -> Diagnostic:
    message = f"`{one.name}` and `{first.name}` are both the object `{name}`"
    return error(
        "K0302", one.span, message, "again here", secondary=(Label(first.span, "first here"),)
    )
