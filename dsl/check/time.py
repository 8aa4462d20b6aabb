"""Budgets add up: what is bound to time out is found before it runs (K0411)."""

from collections.abc import Iterator, Mapping
from datetime import timedelta

from konductor.dsl.check.schedule import schedule
from konductor.dsl.check.supply import Supply, supplies
from konductor.dsl.diagnostics import Diagnostic, Label, error, warning
from konductor.dsl.pipeline import Checked, CheckedPipeline
from konductor.dsl.schedule import Moment, Times, latest, rank
from konductor.duration import format_duration


def check_time(pipeline: CheckedPipeline) -> Iterator[Diagnostic]:
    """Yield K0411 for the pipeline's timeout and for those of its barrier blocks."""
    closed = [one for one in supplies(pipeline) if one.is_closed]
    if "timeout" not in pipeline.settings and not closed:
        return  # nothing to hold the times against, which take a while to reckon
    times = schedule(pipeline)
    yield from _pipeline(pipeline, times)
    for supply in closed:
        if supply.barrier.name in times:
            yield from _barrier(supply, times)


def _pipeline(pipeline: CheckedPipeline, times: Mapping[str, Times]) -> Iterator[Diagnostic]:
    setting = pipeline.settings.get("timeout")
    if setting is None or not isinstance(setting.value, timedelta):
        return
    slowest = latest([one.finish for one in times.values() if one.finish.at is not None])
    if slowest.at is None or slowest.at <= setting.value:
        return
    total = format_duration(slowest.at)
    yield warning(
        "K0411",
        setting.span,
        f"the pipeline may need {total}, its timeout is shorter",
        f"{format_duration(setting.value)} for all",
        notes=(f"slowest path: {slowest.way}",),
        helps=(f"set `timeout = {total}` or more",),
    )


# ---- barrier blocks ----

_Arrival = tuple[Moment, Checked, str]
"""When a participant arrives at the latest, of which stage, and what that is for the stage."""


def _barrier(supply: Supply, times: Mapping[str, Times]) -> Iterator[Diagnostic]:
    """Yield an error if the clock runs out before the quorum may have arrived."""
    barrier = supply.barrier
    setting, start = barrier.find("timeout"), times[barrier.name].start.at
    if setting is None or not isinstance(setting.value, timedelta) or start is None:
        return
    deciding = _deciding(supply, times)
    if deciding is None:
        return
    moment, stage, verb = deciding
    if moment.at is None or start + setting.value >= moment.at:
        return
    needed, given = format_duration(moment.at - start), format_duration(setting.value)
    since = "from the start of the run"
    if start:
        since = f"from its start, at {format_duration(start)} at the latest"
    yield error(
        "K0411",
        setting.span,
        f"barrier `{barrier.name}` times out before its arrivals may come",
        f"{given} {since}",
        secondary=(Label(stage.span, f"may {verb} as late as {format_duration(moment.at)}"),),
        notes=(f"slowest path: {moment.way}",),
        helps=(f"set `timeout = {needed}` or more", _later(barrier, stage, verb)),
    )


def _later(barrier: Checked, stage: Checked, verb: str) -> str:
    """Return the header with which the barrier's clock starts at the arrival."""
    before = (
        [up for link in stage.links for up in link.upstream] if verb == "start" else [stage.name]
    )
    own = [link.span.text for link in barrier.links]
    edges = ", ".join(dict.fromkeys((*own, *before)))
    return f"or start its clock later: `barrier {barrier.name} after {edges} {{`"


def _deciding(supply: Supply, times: Mapping[str, Times]) -> _Arrival | None:
    """Return the arrival that makes the quorum; None: nobody knows, or it never comes."""
    quorum = supply.barrier.quorum
    arrivals = sorted(_arrivals(supply, times), key=lambda one: rank(one[0]))
    left = 0 if quorum is None else quorum - supply.probes
    for one in arrivals:
        if left <= 0 or one[1].expected is None:
            return None
        left -= one[1].expected
        if left <= 0:
            return one
    return None


def _arrivals(supply: Supply, times: Mapping[str, Times]) -> Iterator[_Arrival]:
    meeting = {one.name for one in supply.meeting}
    for one in supply.meeting:
        if one.name in times:
            yield times[one.name].start, one, "start"
    for one in supply.finishing:
        if one.name in times and one.name not in meeting:
            yield times[one.name].finish, one, "finish"
