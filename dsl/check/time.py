"""Budgets add up: what is bound to time out is found before it runs (K0411)."""

from collections.abc import Iterator
from datetime import timedelta

from konductor.dsl.diagnostics import Diagnostic, warning
from konductor.dsl.pipeline import Checked, CheckedPipeline
from konductor.dsl.scope import What
from konductor.duration import format_duration


def check_time(pipeline: CheckedPipeline) -> Iterator[Diagnostic]:
    """Yield K0411 where the slowest path may take longer than the pipeline's timeout."""
    setting = pipeline.settings.get("timeout")
    if setting is None or not isinstance(setting.value, timedelta):
        return
    finishes = _finishes(pipeline)
    known = [one for one in finishes.items() if one[1][0] is not None]
    slowest = max(known, key=lambda one: one[1][0] or timedelta(0), default=None)
    if slowest is None:
        return
    total, path = slowest[1]
    if total is None or total <= setting.value:
        return
    by_name = pipeline.by_name
    way = " -> ".join(f"{name} ({_budget(by_name[name])})" for name in path)
    yield warning(
        "K0411",
        setting.span,
        f"the pipeline may need {format_duration(total)}, its timeout is shorter",
        f"{format_duration(setting.value)} for all",
        notes=(f"slowest path: {way}",),
        helps=(f"set `timeout = {format_duration(total)}` or more",),
    )


def _budget(one: Checked) -> str:
    value = one.value("timeout")
    return format_duration(value) if isinstance(value, timedelta) else "no timeout"


_Finish = tuple[timedelta | None, tuple[str, ...]]


def _finishes(pipeline: CheckedPipeline) -> dict[str, _Finish]:
    """Return when each may finish at the latest, and by which path; None: whenever."""
    by_name = {one.name: one for one in pipeline.running if one.what is not What.FINALLY}
    finishes: dict[str, _Finish] = {}
    for root in by_name:
        stack = [root]
        entered: set[str] = set()
        while stack:
            name = stack[-1]
            upstream = _upstream(by_name[name])
            waiting = [up for up in upstream if up not in finishes and up in by_name]
            if waiting and name not in entered:
                entered.add(name)
                stack += [up for up in waiting if up not in entered]
                continue
            stack.pop()
            if name not in finishes:
                finishes[name] = _finish(by_name[name], [finishes.get(up) for up in upstream])
    return finishes


def _upstream(one: Checked) -> list[str]:
    return [up for link in one.links for up in link.upstream]


def _finish(one: Checked, upstream: list[_Finish | None]) -> _Finish:
    own = one.value("timeout")
    starts: list[_Finish] = [found for found in upstream if found is not None]
    if not isinstance(own, timedelta) or any(found[0] is None for found in starts):
        return None, (one.name,)
    latest = max(starts, key=lambda found: found[0] or timedelta(0), default=(timedelta(0), ()))
    return (latest[0] or timedelta(0)) + own, (*latest[1], one.name)
