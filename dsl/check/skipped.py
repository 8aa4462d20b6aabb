"""Stages that are left out, and stages that start at once because guards took their edges."""

from collections.abc import Iterator

from konductor.dsl.diagnostics import Diagnostic, error, warning
from konductor.dsl.expression import Var
from konductor.dsl.pipeline import Checked, CheckedPipeline
from konductor.dsl.recursion import walk


def check_skipped(pipeline: CheckedPipeline) -> Iterator[Diagnostic]:
    """Yield K0406, K0407 and K0419, and K0405 where too few are left for ``atleast``."""
    for one in pipeline.objects:
        if one.because:
            yield _spread(one, pipeline)
        elif one.skipped and not _names_anything(one):
            message = f"`{one.name}` never runs: its condition is always false"
            when = one.when
            assert when is not None  # noqa: S101  # it is what left the stage out
            yield warning("K0407", when.span, message, "always false")
        elif not one.skipped:
            yield from _left(one)


def _spread(one: Checked, pipeline: CheckedPipeline) -> Diagnostic:
    first = pipeline.by_name[one.because[-1]]
    way = " -> ".join((*reversed(one.because), one.name))
    link = next(link for link in one.declared if one.because[0] in link.upstream)
    return warning(
        "K0406",
        link.span,
        f"`{one.name}` is skipped, since `{one.because[0]}` is",
        "waits for a stage that is left out",
        notes=(f"{first.skipped}: {way}",),
        helps=(f"write `{one.because[0]}?` to run it all the same",),
    )


def _names_anything(one: Checked) -> bool:
    return any(isinstance(node, Var) for node in walk(one.when))


def _left(one: Checked) -> Iterator[Diagnostic]:
    if one.is_freed:
        message = f"nothing is left for `{one.name}` to wait for, so it starts at once"
        helps = ("add an edge without a guard, or a `when`",)
        yield warning("K0419", one.span, message, helps=helps)
    for link in one.links:
        if link.at_least is not None and link.at_least > len(link.upstream):
            left = len(link.upstream)
            message = f"`{one.name}` needs {link.at_least}, only {left} are left"
            notes = ("the others are skipped",)
            yield error("K0405", link.span, message, notes=notes)
