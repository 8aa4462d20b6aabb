"""Pods that are there before their turn have a hook that holds them (K0404)."""

from collections.abc import Iterator

from konductor.dsl.diagnostics import Diagnostic, Label, error
from konductor.dsl.pipeline import CheckedPipeline


def check_gate(pipeline: CheckedPipeline) -> Iterator[Diagnostic]:
    """Yield an error for ``gate = "init"`` without hooks in the pods."""
    gate, hooks = pipeline.settings.get("gate"), pipeline.settings.get("hooks")
    if gate is None or hooks is None or (gate.value, hooks.value) != ("init", "job"):
        return
    yield error(
        "K0404",
        gate.span,
        '`gate = "init"` leaves nothing that could hold a pod back',
        "needs the wait hook",
        secondary=(Label(hooks.span, "no hook in the pod"),),
        helps=('write `gate = "suspend"`', 'or write `hooks = "pod"`'),
    )
