"""A time is more than nothing, and nobody asks for less than nothing (K0402)."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

from konductor.dsl.diagnostics import Diagnostic, error
from konductor.dsl.pipeline import Checked, CheckedPipeline
from konductor.dsl.settings import Settings
from konductor.dsl.values import Quantity

_TIMES = ("timeout", "attempt_timeout")


def check_amount(pipeline: CheckedPipeline) -> Iterator[Diagnostic]:
    """Yield an error for each time that is over at once, and each resource below 0."""
    yield from _times(pipeline.node.name.text, pipeline.settings)
    for one in pipeline.running:
        yield from _times(one.name, one.settings)
    for one in pipeline.pods:
        yield from _resources(one)


def _times(of: str, settings: Settings) -> Iterator[Diagnostic]:
    for name in _TIMES:
        setting = settings.get(name)
        if setting and isinstance(setting.value, timedelta) and setting.value <= timedelta(0):
            message = f"`{name}` of `{of}` is over at once"
            helps = ("make it more than nothing, or leave it out",)
            yield error("K0402", setting.span, message, helps=helps)


def _resources(one: Checked) -> Iterator[Diagnostic]:
    setting = one.find("resources")
    for name, member in setting.members.items() if setting else ():
        value = member.value.amount if isinstance(member.value, Quantity) else member.value
        if isinstance(value, int | float | Decimal) and value < 0:
            message = f"`{name}` of `{one.name}` is less than nothing"
            yield error("K0402", member.span, message, helps=("make it 0 or more",))
