"""What a run has to say to each of its barriers."""

from collections.abc import Iterable, Mapping, Sequence

from konductor.api.barrier import Barrier, Phase, Reason, Upstream
from konductor.api.names import Annotation
from konductor.api.run import OnFailure, RunPhase
from konductor.semantics.cascade import Outlook, awaited, resolve, upstream_of
from konductor.semantics.observation import Gate, GateState

_FILTERS = {
    RunPhase.SUCCEEDED: "success",
    RunPhase.FAILED: "failure",
    RunPhase.TIMEOUT: "timeout",
    RunPhase.CANCELLED: "cancel",
}
"""What ``konductor.io/on`` of a finally barrier calls the ends of a run."""
_DOOMED = {
    Outlook.FAIL: Reason.UPSTREAM_FAILED,
    Outlook.ABORT: Reason.ABORTED,
    Outlook.SKIP: Reason.SKIPPED,
}

Gates = Mapping[str, Gate]


def same(barriers: Iterable[Barrier], gate: Gate) -> Gates:
    """Return one word for all."""
    return {one.metadata.name: gate for one in barriers}


def after_failure(
    barriers: Sequence[Barrier], failed: Barrier | None, on_failure: OnFailure
) -> Gates:
    """Return the word to the barriers before finally, given the first unhandled failure."""
    if failed is None or on_failure is OnFailure.CONTINUE:
        return same(barriers, Gate())
    name = failed.metadata.name
    why = f'`{name}` ended as {failed.status.reason}, and on_failure = "{on_failure}"'
    if on_failure is OnFailure.ABORT:
        message = f"{why} ends what runs"
        return same(barriers, Gate(GateState.END, message=message, root=name, deletes_jobs=True))
    refuse = Gate(GateState.REFUSE, message=f"{why} starts nothing new", root=name)
    doomed = _doomed(barriers)
    left = Gate(GateState.HOLD, message=f"{why} starts nothing new; its upstream will end it")
    return {one.metadata.name: left if one.metadata.name in doomed else refuse for one in barriers}


def to_finally(finals: Iterable[Barrier], outcome: RunPhase, *, published: bool) -> Gates:
    """Return the word to finally barriers once all others are terminal.

    One whose filter leaves this outcome out ends Skipped; the others start as soon as their pods
    can read how the run ended.
    """
    go = Gate() if published else Gate(GateState.HOLD, message="the run's result is not out yet")
    return {one.metadata.name: _by_filter(one, outcome, go) for one in finals}


def _by_filter(barrier: Barrier, outcome: RunPhase, go: Gate) -> Gate:
    wanted = barrier.metadata.annotations.get(Annotation.ON, "")
    names = [name.strip() for name in wanted.split(",") if name.strip()]
    word = _FILTERS[outcome]
    if not names or word in names:
        return go
    message = f"the run ended in {word}, and this runs on {', '.join(names)}"
    return Gate(GateState.REFUSE, Reason.SKIPPED, message)


def _doomed(barriers: Iterable[Barrier]) -> frozenset[str]:
    """Return the barriers that those which have ended will end, at once or one after another.

    They are left to the cascade, so that how they end does not hang on who is quicker.
    """
    waiting = {one.metadata.name: one for one in barriers if awaited(one)}
    named_by: dict[str, list[str]] = {}
    for name, one in waiting.items():
        for upstream in awaited(one):
            named_by.setdefault(upstream, []).append(name)
    known = {one.metadata.name: upstream_of(one) for one in barriers}
    pending, doomed = sorted(waiting), set[str]()
    while pending:
        name = pending.pop()
        one = waiting[name]
        seen = known | {upstream.name: upstream for upstream in one.status.upstreams}
        reason = _DOOMED.get(resolve(one.spec.after, seen).outlook)
        if reason and name not in doomed:
            doomed.add(name)
            known[name] = Upstream(name, one.metadata.uid, Phase.FAILED, reason)
            pending += named_by.get(name, ())
    return frozenset(doomed)
