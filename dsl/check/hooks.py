"""What hooks in the pod are needed for is not asked of a pipeline without them (K0404)."""

from collections.abc import Iterator

from konductor.dsl.diagnostics import Diagnostic, Label, error
from konductor.dsl.pipeline import CheckedPipeline
from konductor.dsl.settings import Setting

_NEEDS = {
    "arrive": "nobody in the pod who could arrive there",
    "barriers": "nobody in the pod who could arrive there",
    "daemon": "nobody in the pod who could say that it is ready",
}
"""Attributes of a stage, and what ``hooks = "job"`` leaves them with."""


def check_hooks(pipeline: CheckedPipeline) -> Iterator[Diagnostic]:
    """Yield an error for each attribute that only a hook in the pod could keep."""
    hooks = pipeline.settings.get("hooks")
    if hooks is None or hooks.value != "job":
        return
    gate = pipeline.settings.get("gate")
    if gate is not None and gate.value == "init":
        message = '`gate = "init"` leaves nothing that could hold a pod back'
        yield _without(gate, message, hooks, 'write `gate = "suspend"`')
    for one in pipeline.pods:
        retry = one.find("retry")
        if retry is not None and "backoff" in retry.members:
            message = f"`backoff` of `{one.name}` has nobody in the pod who could wait"
            yield _without(retry.members["backoff"], message, hooks, "leave out `backoff`")
    for one in pipeline.running:
        for name, what in _NEEDS.items():
            setting = one.find(name)
            if setting is not None and (setting.members or setting.value is True):
                message = f"`{name}` of `{one.name}` has {what}"
                yield _without(setting, message, hooks, f"leave out `{name}`")


def _without(setting: Setting, message: str, hooks: Setting, remedy: str) -> Diagnostic:
    return error(
        "K0404",
        setting.span,
        message,
        "needs a hook",
        secondary=(Label(hooks.span, "no hook in the pod"),),
        helps=(remedy, 'or write `hooks = "pod"`'),
    )
