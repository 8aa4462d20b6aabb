"""Enough arrives at every barrier block (K0405, K0413, K0414)."""

from collections.abc import Iterator

from konductor.dsl.check.progress import stuck
from konductor.dsl.check.supply import Supply, supplies, together
from konductor.dsl.diagnostics import Diagnostic, Label, error, warning
from konductor.dsl.pipeline import Checked, CheckedPipeline

_MOST_NAMED = 5


def check_arrival(pipeline: CheckedPipeline) -> Iterator[Diagnostic]:
    """Yield what keeps a barrier from its quorum, where only this pipeline arrives."""
    found = [one for one in supplies(pipeline) if one.is_closed]
    short = set()
    for supply in found:
        for diagnostic in _too_few(supply):
            short.add(supply.barrier.name)
            yield diagnostic
    waiting = [one for one in found if one.barrier.name not in short]
    if not waiting:
        return  # most programs have no barrier blocks, and the run takes a while to play
    for supply, blocked in stuck(pipeline, waiting):
        yield _behind_itself(supply, blocked)


def _too_few(supply: Supply) -> Iterator[Diagnostic]:
    barrier, quorum = supply.barrier, supply.barrier.quorum
    participants, at_once = supply.participants, supply.at_once
    if participants == 0:
        yield _nobody(barrier)
    elif quorum is None or participants is None or barrier.expected is None:
        return
    elif participants < min(quorum, barrier.expected):
        yield _unreachable(supply, participants, quorum)
    elif at_once is not None and at_once < quorum:
        yield _never_together(supply, at_once, quorum)


def _nobody(barrier: Checked) -> Diagnostic:
    message = f"nothing in this pipeline arrives at `{barrier.name}`"
    notes = ("a script that calls `koncli barrier arrive` counts as an outsider",)
    helps = (
        f"write `arrive = [{barrier.name}]` in a stage",
        "or `outsiders = true` if processes arrive there by themselves",
    )
    return warning("K0414", barrier.span, message, notes=notes, helps=helps)


def _unreachable(supply: Supply, participants: int, quorum: int) -> Diagnostic:
    barrier = supply.barrier
    setting = barrier.find("quorum") or barrier.find("allow_failures") or barrier.find("expected")
    message = f"barrier `{barrier.name}` needs {quorum} arrivals, only {participants} can come"
    helps = (
        f"write `quorum = {participants}` or less, or let more stages arrive",
        "or `outsiders = true` if others arrive there by themselves",
    )
    place = barrier.span if setting is None else setting.span
    secondary = _arrivals(supply)
    return error("K0405", place, message, f"needs {quorum}", secondary=secondary, helps=helps)


def _arrivals(supply: Supply) -> tuple[Label, ...]:
    users = {one.name: one for one in (*supply.finishing, *supply.meeting)}
    return tuple(
        Label(one.span, f"{one.expected} {'arrives' if one.expected == 1 else 'arrive'}")
        for one in list(users.values())[:_MOST_NAMED]
    )


def _never_together(supply: Supply, at_once: int, quorum: int) -> Diagnostic:
    """Report the stage whose pods can't all be there: those that meet hold the others' places."""
    name = supply.barrier.name
    one, limit = next(
        (one, limit)
        for one in supply.meeting
        if (limit := together(one)) is not None and limit != one.expected
    )
    needed = limit + quorum - at_once
    is_partial = one.expected is not None and needed < one.expected
    return error(
        "K0413",
        one.settings["parallelism"].span,
        f"`{one.name}` runs {limit} at a time, so `{name}` never has its {quorum} arrivals",
        f"{limit} of {one.expected} at a time",
        secondary=(Label(supply.barrier.span, f"opens at {quorum}"),),
        notes=("those that wait there keep their places, so the others never start",),
        helps=(
            f"write `parallelism = {needed}` or more" if is_partial else "leave `parallelism` out",
        ),
    )


def _behind_itself(supply: Supply, blocked: tuple[Checked, ...]) -> Diagnostic:
    barrier = supply.barrier
    names = ", ".join(f"`{one.name}`" for one in blocked[:_MOST_NAMED])
    verb = "waits" if len(blocked) == 1 else "wait"
    return error(
        "K0405",
        barrier.span,
        f"barrier `{barrier.name}` waits for arrivals that come only after it",
        f"needs {barrier.quorum}",
        secondary=tuple(Label(one.span, "starts only after it") for one in blocked[:_MOST_NAMED]),
        notes=(f"{names} {verb} for `{barrier.name}` before arriving there",),
        helps=("take the edge away, or let another stage arrive",),
    )
