"""Each cell that waits for ``each(a)`` has a counterpart in ``a`` (K0410, K0418)."""

from collections.abc import Iterator

from konductor.dsl.diagnostics import Diagnostic, Label, error
from konductor.dsl.edges import Link
from konductor.dsl.join import Join, axes_of, join, part_count
from konductor.dsl.pipeline import Checked, CheckedPipeline
from konductor.dsl.plan import EdgeKind
from konductor.dsl.scope import What

_MOST_ELEMENTS = 1_000
_MOST_NAMED = 8


def check_each(pipeline: CheckedPipeline) -> Iterator[Diagnostic]:
    """Yield an error for each edge on which cells do not go together."""
    by_name = {one.name: one for one in pipeline.running}
    for one in by_name.values():
        for link in one.links:
            upstream = by_name.get(link.upstream[0]) if link.kind is EdgeKind.EACH else None
            if upstream is not None:
                yield from _edge(one, upstream, link)


def _edge(one: Checked, upstream: Checked, link: Link) -> Iterator[Diagnostic]:
    large = [end for end in (upstream, one) if _is_too_large(end)]
    for end in large:
        message = f"map `{end.name}` has {part_count(end):,} elements, `each` takes 1,000"
        notes = ("each element is a Job of its own there",)
        yield error("K0418", link.span, message, notes=notes)
    joined = None if large else join(upstream, one)
    if joined is None:
        return
    if not joined.axes:
        yield _nothing_in_common(one, upstream, link)
    elif joined.alone:
        yield _alone(one, upstream, link, joined)


def _is_too_large(one: Checked) -> bool:
    return one.what is What.MAP and (part_count(one) or 0) > _MOST_ELEMENTS


def _nothing_in_common(one: Checked, upstream: Checked, link: Link) -> Diagnostic:
    notes = tuple(f"`{end.name}` has {_described(end)}" for end in (upstream, one))
    message = f"`{one.name}` and `{upstream.name}` have no axis in common"
    helps = (f"write `after {upstream.name}` to wait for all of it",)
    return error("K0410", link.span, message, "no cells to join", notes=notes, helps=helps)


def _described(one: Checked) -> str:
    names = ", ".join(f"`{name}`" for name in axes_of(one))
    return f"the axes {names}" if names else "no matrix"


def _alone(one: Checked, upstream: Checked, link: Link, joined: Join) -> Diagnostic:
    count = len(joined.alone)
    cells = "cell has" if count == 1 else "cells have"
    more = f" and {count - _MOST_NAMED:,} more" if count > _MOST_NAMED else ""
    message = f"{count:,} {cells} no counterpart in `{upstream.name}`"
    notes = (f"of `{one.name}`: {'; '.join(joined.alone[:_MOST_NAMED])}{more}",)
    secondary = (Label(one.matrix.span, "the cells come from here"),) if one.matrix else ()
    helps = (f"`exclude` them here, or add them to `{upstream.name}`",)
    return error(
        "K0410",
        link.span,
        message,
        "would wait for nothing",
        secondary=secondary,
        notes=notes,
        helps=helps,
    )
