"""What waits for people or for other programs says for how long (K0415)."""

from collections.abc import Iterator

from konductor.dsl.diagnostics import Diagnostic, warning
from konductor.dsl.pipeline import CheckedPipeline
from konductor.dsl.scope import What


def check_waiting(pipeline: CheckedPipeline) -> Iterator[Diagnostic]:
    """Yield a warning for an approval or an external barrier without a timeout."""
    for one in pipeline.running:
        is_external = one.what is What.BARRIER and one.value("external") is True
        if one.find("timeout") or not (is_external or one.what is What.APPROVAL):
            continue
        what = "external barrier" if is_external else "approval"
        message = f"{what} `{one.name}` has no timeout, so the run may wait for ever"
        helps = ("write `timeout = 8h`, or as long as is right",)
        yield warning("K0415", one.span, message, helps=helps)
