"""A semaphore has permits, an approval people who can give it (K0402, K0405, K0412)."""

from collections.abc import Iterator

from konductor.dsl.diagnostics import Diagnostic, error
from konductor.dsl.pipeline import Checked, CheckedPipeline
from konductor.dsl.scope import What

_GROUP = "group:"


def check_permits(pipeline: CheckedPipeline) -> Iterator[Diagnostic]:
    """Yield an error for a semaphore that nobody gets, and an approval that nobody can give."""
    for one in pipeline.running:
        if one.what is What.SEMAPHORE:
            yield from _semaphore(one)
        elif one.what is What.APPROVAL:
            yield from _approval(one)


def _semaphore(one: Checked) -> Iterator[Diagnostic]:
    setting = one.find("permits")
    if setting is None:
        helps = ("write `permits = N`: how many may hold it at a time",)
        message = f"semaphore `{one.name}` has no permits"
        yield error("K0412", one.span, message, "nobody ever gets one", helps=helps)
    elif isinstance(setting.value, int) and setting.value < 1:
        message = f"semaphore `{one.name}` has {setting.value} permits, so nobody ever gets one"
        yield error("K0412", setting.span, message, helps=("make it 1 or more",))


def _approval(one: Checked) -> Iterator[Diagnostic]:
    setting, required = one.find("approvers"), one.value("required") or 1
    names = setting.value if setting else None
    if setting is None or not isinstance(names, tuple) or not isinstance(required, int):
        return
    known = {name for name in names if isinstance(name, str)}
    if len(known) < required and not any(name.startswith(_GROUP) for name in known):
        message = f"approval `{one.name}` needs {required}, only {len(known)} may approve"
        helps = (f"write `required = {len(known)}` or name more",) if known else ("name who may",)
        yield error("K0405", setting.span, message, helps=helps)
