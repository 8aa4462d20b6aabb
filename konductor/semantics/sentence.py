"""What conditions and Events of a barrier say, with the names of those concerned."""

from collections.abc import Iterator, Sequence

from konductor.api.barrier import BarrierStatus, Reason
from konductor.api.meta import time_text
from konductor.semantics.cascade import Outlook, Verdict
from konductor.semantics.count import failed_stems, missing_stems
from konductor.semantics.observation import Observed
from konductor.semantics.participants import Stems, fold_stems
from konductor.semantics.tally import ArrivalFact

_LONGEST = 1_000
"""Bytes of names in one sentence."""
_MOST = 20
"""Barriers or Jobs named in one sentence."""


def waiting(observed: Observed, status: BarrierStatus) -> str:
    """Say who has arrived, who is missing and who failed."""
    needed = observed.barrier.spec.needed
    more = f"; {needed - status.arrived} more will open it"
    return _arrived(observed, status) + more + _names(observed, status)


def opened(observed: Observed, status: BarrierStatus) -> str:
    """Say how it opened."""
    if status.arrived >= observed.barrier.spec.expected:
        return f"all {status.arrived} have arrived"
    return _arrived(observed, status) + ", the quorum" + _names(observed, status)


def timed_out(observed: Observed, status: BarrierStatus) -> str:
    """Say how many were there in time, and who was not."""
    needed = observed.barrier.spec.needed
    by = f" by {time_text(status.deadline)}, and {needed} were needed"
    return _arrived(observed, status) + by + _names(observed, status)


def out_of_reach(observed: Observed, status: BarrierStatus) -> str:
    """Say who failed, and what that leaves."""
    spec = observed.barrier.spec
    left = max(0, spec.expected - status.failed)
    return (
        f"{status.failed} of {spec.expected} failed: {shown(failed_stems(observed, status))}; "
        f"at most {left} can arrive, and {spec.needed} are needed"
    )


def jobs_ended(observed: Observed, status: BarrierStatus) -> str:
    """Say what became of the Jobs, and who is missing."""
    needed = observed.barrier.spec.needed
    fates = _some(list(_job_fates(observed, status)), "; ")
    count = f"; {_arrived(observed, status)}, and {needed} were needed"
    return fates + count + _names(observed, status)


def upstream_ended(verdict: Verdict) -> str:
    """Say which upstream keeps it from starting, and where that began."""
    cause = verdict.cause
    assert cause  # noqa: S101  # no barrier ends through its upstreams but for one of them
    if verdict.outlook is Outlook.SKIP and cause.reason is not Reason.SKIPPED:
        return f"`{cause.name}` opened, and this was to run only if it failed"
    fate = _FATES.get(cause.reason, f"failed ({cause.reason})")
    began = f"; it began with `{cause.root}`" if cause.root else ""
    return f"`{cause.name}` {fate}{began}"


def cycle(path: Sequence[str]) -> str:
    """Say which barriers wait for each other."""
    return "waits for itself: " + _some(path, " -> ")


def aborted(abort: ArrivalFact) -> str:
    """Say who ended it, and why."""
    return f"ended by {abort.participant}" + (f": {abort.message}" if abort.message else "")


def waiting_for_upstream(names: Sequence[str], absent: Sequence[str]) -> str:
    """Say which barriers it waits for, and which of them are not there."""
    waits = f"waits for {_quoted(names)}"
    verb = "is" if len(absent) == 1 else "are"
    return waits + (f"; {_quoted(absent)} {verb} not there yet" if absent else "")


def shown(stems: Stems) -> str:
    """Return names in no more space than a sentence has."""
    return ", ".join(fold_stems(stems, size=_LONGEST))


_FATES = {
    Reason.TIMED_OUT: "timed out",
    Reason.SKIPPED: "was skipped",
    Reason.ABORTED: "was aborted",
}


def _arrived(observed: Observed, status: BarrierStatus) -> str:
    return f"{status.arrived} of {observed.barrier.spec.expected} arrived"


def _names(observed: Observed, status: BarrierStatus) -> str:
    lists = (
        ("missing", missing_stems(observed, status)),
        ("failed", failed_stems(observed, status)),
    )
    return "".join(f"; {title}: {shown(stems)}" for title, stems in lists if stems)


def _job_fates(observed: Observed, status: BarrierStatus) -> Iterator[str]:
    living = {one.name: one for one in observed.jobs}
    for name in (one.name for one in status.jobs):
        job = living.get(name)
        if job is None:
            yield f"Job {name} was deleted"
        elif job.failure:
            yield f"Job {name} failed: {job.failure}"
        else:
            yield f"Job {name} has ended"


def _quoted(names: Sequence[str]) -> str:
    return _some([f"`{name}`" for name in names], ", ")


def _some(words: Sequence[str], separator: str) -> str:
    """Join the words, or as many as one sentence bears."""
    rest = len(words) - _MOST
    shown_words = [*words[:_MOST], f"… and {rest} more"] if rest > 0 else words
    return separator.join(shown_words)
