"""A preview as a person reads it. Pure."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from rich.text import Text

from konductor.dsl.plan import EdgeKind, Hooks, Skipped
from konductor.duration import format_duration
from konductor.runner.plan.outcome import outcome
from konductor.runner.plan.preview import Preview, Row
from konductor.runner.state import spell

_DIM = "bright_black"
_PLAIN = "opens: starts; fails or times out: fails too; is skipped: is skipped too"
_LONGEST_VALUE = 60
_NAMED = 5
"""Stages without a timeout that are named."""


def page(shown: Preview, *, most: int | None, verbose: bool = False) -> list[Text]:
    """Return the lines of a preview.

    Args:
        shown: What would run.
        most: How many stages, edges and skips are shown of each; None: all.
        verbose: Whether every object is named.
    """
    return [
        _title(shown),
        *_section("parameters", list(_values(shown)), most),
        *_stages(shown, most),
        *_section("left out", [_skip(one) for one in shown.skipped], most),
        *_section("edges", list(_edges(shown)), most),
        *_section("time", list(_time(shown)), None),
        *_section("on the local cluster", list(_images(shown)), most),
        *_section("objects", list(_objects(shown, verbose=verbose)), None),
    ]


def _title(shown: Preview) -> Text:
    hooks = "" if shown.plan.hooks is Hooks.POD else f"  hooks {shown.plan.hooks}"
    return Text.assemble("plan of ", (shown.plan.pipeline, "bold"), f"  run {shown.run}{hooks}")


def _section(title: str, lines: Sequence[Text], most: int | None) -> Iterator[Text]:
    if not lines:
        return
    yield Text()
    yield Text(title, "bold")
    for line in lines[:most]:
        yield Text("  ").append_text(line)
    if most is not None and len(lines) > most:
        yield _more(len(lines) - most)


def _more(left: int) -> Text:
    return Text(f"  … and {left:,} more: `--all` shows them, `-o json` has them", _DIM)


def _values(shown: Preview) -> Iterator[Text]:
    name = max((len(one.name) for one in shown.values), default=0)
    kind = max((len(one.type) for one in shown.values), default=0)
    for one in shown.values:
        value = one.value
        if len(value) > _LONGEST_VALUE:
            value = f"{value[: _LONGEST_VALUE - 1]}…"
        line = Text(f"{one.name:{name}}  {one.type:{kind}}  {value}")
        yield line.append(f"  from {one.origin}", _DIM)


def _stages(shown: Preview, most: int | None) -> Iterator[Text]:
    """Yield a line a stage by level; each begins where those before it may be over."""
    rows = [(f"level {at}", row) for at, names in enumerate(shown.levels, 1) for row in names]
    rows += [("finally", row) for row in shown.finals]
    kept = rows[:most]
    width = [
        max((len(cell(row)) for _, row in kept), default=0)
        for cell in (lambda row: row.name, lambda row: row.kind, lambda row: row.count, _window)
    ]
    before = ""
    for title, row in kept:
        if title != before:
            yield Text()
            yield Text(title, "bold")
            before = title
        line = Text(f"  {row.name:{width[0]}}", "cyan")
        line.append(f"  {row.kind:{width[1]}}  {row.count:>{width[2]}}", "default")
        line.append(f"  {_window(row):{width[3]}}", _DIM)
        line.append(_tail(row), _DIM)
        line.rstrip()
        yield line
    if len(rows) > len(kept):
        yield _more(len(rows) - len(kept))


def _tail(row: Row) -> str:
    words = [f"after {row.after}"] if row.after else []
    on = getattr(row.one, "on", ())
    words += [f"on {', '.join(on)}"] if on else []
    return f"  {'  '.join(words)}" if words else ""


def _window(row: Row) -> str:
    if row.kind == "finally":
        return _span(row.timeout)
    return f"{_span(row.start)} to {_span(row.finish)}"


def _span(span: timedelta | None) -> str:
    return "?" if span is None else format_duration(span)


def _skip(one: Skipped) -> Text:
    way = f" (through {' <- '.join(one.because)})" if len(one.because) > 1 else ""
    return Text.assemble((one.name, _DIM), f"  {one.kind}: {one.reason}{way}")


def _edges(shown: Preview) -> Iterator[Text]:
    """Yield what each edge does that is no plain name, and once what those do."""
    if any(edge.kind is EdgeKind.OPENED for edge in shown.edges):
        yield Text.assemble(("after a", "cyan"), f"  {_PLAIN}")
    for edge in shown.edges:
        if edge.kind is not EdgeKind.OPENED:
            head = f"{edge.downstream} after {spell(edge)}"
            yield Text.assemble((head, "cyan"), f"  {outcome(edge).sentence}")


def _time(shown: Preview) -> Iterator[Text]:
    if shown.slowest.at:
        yield Text(f"at the latest {_span(shown.slowest.at)}: {shown.slowest.way}")
    if shown.plan.timeout is not None:
        yield Text(f"the pipeline's own timeout is {_span(shown.plan.timeout)}")
    if shown.unbounded:
        names, left = ", ".join(shown.unbounded[:_NAMED]), len(shown.unbounded) - _NAMED
        more = f" and {left:,} more" if left > 0 else ""
        yield Text(f"no timeout, so no latest end: {names}{more}")


def _images(shown: Preview) -> Iterator[Text]:
    width = max(map(len, shown.images), default=0)
    for image, what in shown.images.items():
        yield Text(f"{image:{width}}  {what}")


def _objects(shown: Preview, *, verbose: bool) -> Iterator[Text]:
    if verbose:
        for one in shown.objects:
            yield Text(f"{one.kind} {one.name}")
    else:
        counts = (f"{count:,} {kind}{'s' * (count > 1)}" for kind, count in shown.counts.items())
        yield Text(", ".join(counts))
