"""What a barrier expects and needs can be had (K0309, K0402, K0403)."""

from collections.abc import Iterator

from konductor.dsl.diagnostics import Diagnostic, Label, error
from konductor.dsl.pipeline import Checked, CheckedPipeline
from konductor.dsl.scope import What
from konductor.dsl.source import Span
from konductor.dsl.syntax import MapStage

_MOST_EXPECTED = 1_000_000


def check_counts(pipeline: CheckedPipeline) -> Iterator[Diagnostic]:
    """Yield an error for each number of participants that makes no sense."""
    for one in pipeline.running:
        if _expects_nobody(one):
            helps = ("write `expected = N`: how many processes meet there",)
            yield error("K0309", one.span, f"barrier `{one.name}` expects nobody", helps=helps)
        elif one.expected is not None:
            yield from _expected(one, one.expected)
        yield from _spanning(one)
    for one in pipeline.pods:
        yield from _positive(one)


def _expects_nobody(one: Checked) -> bool:
    return one.what is What.BARRIER and not (one.find("expected") or one.blocks("probe"))


def _expected(one: Checked, expected: int) -> Iterator[Diagnostic]:
    span = _expected_span(one)
    least = min(count or 0 for count in one.counts)
    if least < 1:
        of = "a cell of " if one.cells else ""
        message = f"{of}`{one.name}` has {least} participants, so its barrier could never open"
        yield error("K0402", span, message, f"is {least}", helps=("make it 1 or more",))
    elif expected > _MOST_EXPECTED:
        message = f"`{one.name}` has {expected:,} participants, a barrier takes 1,000,000"
        yield error("K0402", span, message)
    elif one.quorum is not None:
        yield from _quorum(one, expected, one.quorum, span)


def _expected_span(one: Checked) -> Span:
    if isinstance(one.node, MapStage):
        return one.node.over.span
    setting = one.find("replicas") or one.find("expected")
    return one.span if setting is None else setting.span


def _quorum(one: Checked, expected: int, quorum: int, span: Span) -> Iterator[Diagnostic]:
    if 1 <= quorum <= expected:
        return
    setting = one.find("quorum") or one.settings["allow_failures"]
    secondary = (Label(span, f"expects {expected}"),) if span != one.span else ()
    if quorum > expected:
        what = f"needs {quorum} arrivals of {expected}"
        helps = (f"write `quorum = {expected}` or less",)
        if setting.key.text == "allow_failures":
            what = "tolerates fewer than 0 failures"
            helps = ("write `allow_failures = 0` or more",)
        message = f"`{one.name}` {what}, so it could never open"
    elif setting.key.text == "allow_failures":
        message = f"all {expected} participants of `{one.name}` may fail"
        helps = (f"write `allow_failures = {expected - 1}` or less",)
    else:
        message = f"`{one.name}` needs {quorum} arrivals, so it would open with nobody there"
        helps = ("write `quorum = 1` or more",)
    yield error("K0403", setting.span, message, secondary=secondary, helps=helps)


def _spanning(one: Checked) -> Iterator[Diagnostic]:
    """Yield an error for a `parallelism` that cannot span the cells of a matrix."""
    setting = one.find("parallelism")
    if setting is None or not isinstance(setting.value, int) or not one.cells:
        return
    if 1 <= setting.value < len(one.cells):
        message = f"`parallelism` of `{one.name}` is {setting.value}, its matrix has more cells"
        notes = ("each cell is a Job of its own, and runs one pod at least",)
        helps = (f"write `parallelism = {len(one.cells)}` or more",)
        label = f"for {len(one.cells)} cells"
        yield error("K0402", setting.span, message, label, notes=notes, helps=helps)


_AT_LEAST = (("parallelism", 1), ("retries", 0), ("required", 1))


def _positive(one: Checked) -> Iterator[Diagnostic]:
    for name, least in _AT_LEAST:
        setting = one.find(name)
        if setting and isinstance(setting.value, int) and setting.value < least:
            message = f"`{name}` of `{one.name}` is {setting.value}"
            yield error("K0402", setting.span, message, helps=(f"make it {least} or more",))
