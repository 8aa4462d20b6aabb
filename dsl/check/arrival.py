"""Something arrives at every barrier (K0414)."""

from collections.abc import Iterator

from konductor.dsl.diagnostics import Diagnostic, warning
from konductor.dsl.pipeline import CheckedPipeline
from konductor.dsl.scope import What


def check_arrival(pipeline: CheckedPipeline) -> Iterator[Diagnostic]:
    """Yield a warning for a barrier at which only outsiders could arrive, and none are told of."""
    for one in pipeline.running:
        if one.what is not What.BARRIER or one.value("outsiders") is not None:
            continue
        if pipeline.arrivals_unknown:
            continue
        message = f"nothing in this pipeline arrives at `{one.name}`"
        notes = ("a script that calls `koncli barrier arrive` counts as an outsider",)
        helps = ("write `outsiders = true` if processes arrive there by themselves",)
        yield warning("K0414", one.span, message, notes=notes, helps=helps)
