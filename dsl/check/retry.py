"""A back-off has something to do, and its numbers make sense (K0402, K0404)."""

from collections.abc import Iterator
from datetime import timedelta

from konductor.dsl.diagnostics import Diagnostic, error
from konductor.dsl.pipeline import Checked, CheckedPipeline
from konductor.dsl.values import Value

_OF_BACKOFF = ("factor", "max")
_CODES = ("on_exit", "not_on_exit")
_NEEDING_A_LIMIT = ("backoff", *_CODES)
_FAILING = range(1, 256)
"""The exit codes of a program that failed."""


def check_retry(pipeline: CheckedPipeline) -> Iterator[Diagnostic]:
    """Yield what is wrong with ``retry`` blocks."""
    for one in pipeline.pods:
        if one.find("retry"):
            yield from _missing(one)
            yield from _numbers(one)


def _missing(one: Checked) -> Iterator[Diagnostic]:
    members = one.settings["retry"].members
    for name in (name for name in members if name in _OF_BACKOFF and "backoff" not in members):
        message = f"`{name}` of `{one.name}` has no `backoff` to act on"
        helps = ("write `backoff = 10s`",)
        yield error("K0404", members[name].key, message, helps=helps)
    idle = next((name for name in _NEEDING_A_LIMIT if name in members), None)
    if idle and "limit" not in members:
        message = f"`{idle}` of `{one.name}` has no `limit`, so nothing is tried again"
        helps = ("write `limit = N`: how often",)
        yield error("K0404", members[idle].key, message, helps=helps)


def _numbers(one: Checked) -> Iterator[Diagnostic]:
    members = one.settings["retry"].members
    for name, member in members.items():
        remedy = _remedy(name, member.value)
        if remedy:
            message = f"`{name}` of `{one.name}` is {member.span.text}"
            yield error("K0402", member.span, message, helps=(remedy,))
    if "backoff" in members and "max" in members:
        first, longest = members["backoff"].value, members["max"].value
        if isinstance(first, timedelta) and isinstance(longest, timedelta) and longest < first:
            message = f"`max` of `{one.name}` is less than its `backoff`"
            yield error("K0402", members["max"].span, message)


def _remedy(name: str, value: Value) -> str:
    if name == "limit" and isinstance(value, int) and value < 0:
        return "make it 0 or more"
    if name == "factor" and isinstance(value, int | float) and value < 1:
        return "make it 1 or more"
    if name in ("backoff", "max") and isinstance(value, timedelta) and value <= timedelta(0):
        return "make it more than nothing"
    if name in _CODES and isinstance(value, list | tuple) and set(value).difference(_FAILING):
        return "a program that fails ends with a code from 1 to 255"
    return ""
